package rules

import (
	"slices"

	"deltatrace/traceability"
)

// openCase begins a link's handling case. An urgent one may begin before the
// provinces were told.
func (a *act) openCase() *traceability.Error {
	if a.notice.Phase == traceability.PhaseIssued && !a.notice.Urgent {
		return a.not("act", "尚未通报；只有限时报告可先行启动核查处置", "the notice has not been dispatched; only an urgent case is opened before")
	}
	a.notice.Cases = append(a.notice.Cases, traceability.HandlingCase{
		Link: a.say.Link, Province: a.notice.Handler(a.say.Link), Progress: traceability.Arranged, Opened: a.at,
	})
	return nil
}

// recordStep keeps what was done in one of the seven steps. A step may be said
// again: the later word stands, the earlier stays on the ledger.
func (a *act) recordStep() *traceability.Error {
	h := a.notice.Case(a.say.Link)
	if a.say.Cause != "" {
		h.Cause = a.say.Cause
	}
	var recorded []traceability.Step
	for _, step := range traceability.Steps() {
		if step == a.say.Step || slices.Contains(h.Steps, step) {
			recorded = append(recorded, step)
		}
	}
	h.Steps = recorded
	return nil
}

func (a *act) submitCase() *traceability.Error {
	steps := a.notice.Case(a.say.Link).Steps
	for _, step := range []traceability.Step{traceability.StepStart, traceability.StepProductControl, traceability.StepCause, traceability.StepRectification} {
		if !slices.Contains(steps, step) {
			return a.not("link", "尚未填报："+string(step), "this step is not recorded yet: "+string(step))
		}
	}
	if slices.Contains(steps, traceability.StepPenalty) == slices.Contains(steps, traceability.StepNoPenalty) {
		return a.not("link", "行政处罚与未处罚理由须有且只有其一", "there must be either a penalty or the reason for none")
	}
	return a.advanceCase()
}

func (a *act) advanceCase() *traceability.Error {
	a.notice.Case(a.say.Link).Progress = a.move.After[0]
	return nil
}

// returnCase sends a case back; its period runs on as if it had not been
// submitted.
func (a *act) returnCase() *traceability.Error {
	a.resume("T21", string(a.say.Link))
	a.resume("T22a", string(a.say.Link))
	return a.advanceCase()
}

func (a *act) escalate() *traceability.Error {
	a.notice.Case(a.say.Link).Escalated = true
	return nil
}
