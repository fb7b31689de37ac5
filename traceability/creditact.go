package traceability

import (
	"regexp"
	"slices"
	"time"
)

var topicSyntax = regexp.MustCompile(`^[a-z][a-z_]{1,39}$`)

// CreditProgress is where an entry of a credit record stands.
type CreditProgress string

// Where an entry stands. That it has expired follows from its last day.
const (
	CreditInForce   CreditProgress = "in_force"
	CreditRepairing CreditProgress = "repair_applied" // in force, and the company has asked for its repair
	CreditRepaired  CreditProgress = "repaired"       // 信用修复
	CreditRemoved   CreditProgress = "removed"        // 移出: annulled, or what it was for is mended
	CreditWithdrawn CreditProgress = "revoked"        // a commitment or honour that holds no more
)

// CreditActKind names what is done with an entry.
type CreditActKind string

// The acts.
const (
	CreditApply    CreditActKind = "repair_apply"
	CreditAccept   CreditActKind = "repair_accept"
	CreditRefuse   CreditActKind = "repair_refuse"
	CreditRemove   CreditActKind = "remove"
	CreditRevoke   CreditActKind = "revoke"
	CreditMeasured CreditActKind = "measure"
)

// CreditRole is what a party is to an entry.
type CreditRole string

// The roles.
const (
	CreditByEnterer   CreditRole = "enterer"   // who made the entry
	CreditByCompany   CreditRole = "company"   // the company itself
	CreditByRegulator CreditRole = "regulator" // of any of the four provinces
)

// CreditMove is a row of the table of what may be done with an entry.
type CreditMove struct {
	Act    CreditActKind
	By     []CreditRole
	Kinds  []CreditKind     // on entries of these kinds
	From   []CreditProgress // that stand here
	To     CreditProgress   // where it stands afterwards; where it stood, when empty
	Needs  []string
	ZH, EN string
}

// CreditMoves is the table: who may do what with which entry. The rules refuse
// what is not in it.
func CreditMoves() []CreditMove {
	adverse, good := []CreditKind{CreditAbnormal, CreditSerious}, []CreditKind{CreditCommitment, CreditHonour}
	holds := []CreditProgress{CreditInForce, CreditRepairing}
	return []CreditMove{
		{CreditApply, []CreditRole{CreditByCompany}, adverse, []CreditProgress{CreditInForce}, CreditRepairing, []string{"reason", "evidence"}, "申请信用修复", "apply for repair"},
		{CreditAccept, []CreditRole{CreditByEnterer}, adverse, []CreditProgress{CreditRepairing}, CreditRepaired, []string{"reason"}, "准予信用修复", "grant the repair"},
		{CreditRefuse, []CreditRole{CreditByEnterer}, adverse, []CreditProgress{CreditRepairing}, CreditInForce, []string{"reason"}, "不予信用修复", "refuse the repair"},
		{CreditRemove, []CreditRole{CreditByEnterer}, adverse, holds, CreditRemoved, []string{"reason"}, "移出", "remove the entry"},
		{CreditRevoke, []CreditRole{CreditByEnterer, CreditByRegulator}, good, []CreditProgress{CreditInForce}, CreditWithdrawn, []string{"reason"}, "撤销承诺或称号", "revoke a commitment or honour"},
		{CreditMeasured, []CreditRole{CreditByRegulator}, adverse, holds, "", []string{"measure", "reason"}, "采取联合惩戒措施", "take a joint measure in one's own province"},
	}
}

// CreditMoveOf returns an act's row.
func CreditMoveOf(act CreditActKind) (CreditMove, bool) {
	moves := CreditMoves()
	i := slices.IndexFunc(moves, func(m CreditMove) bool { return m.Act == act })
	if i < 0 {
		return CreditMove{}, false
	}
	return moves[i], true
}

// CreditAct is the payload of credit.act.
type CreditAct struct {
	Entry    CreditID       `json:"entry"`
	Act      CreditActKind  `json:"act"`
	At       time.Time      `json:"at"`
	Reason   string         `json:"reason,omitzero"`
	Decision string         `json:"decision,omitzero"` // 决定书文号
	Measure  *CreditMeasure `json:"measure,omitzero"`  // taken in the signer's province, from the day that the ledger learns of it, or later
	Evidence []Evidence     `json:"evidence,omitempty"`
}

// Check implements Payload.
func (a *CreditAct) Check() (problems, warnings []*Error) {
	var c checker
	if a.Entry == "" {
		c.missing("entry", "an entry of a credit record")
	} else {
		parsed, err := ParseCreditID(string(a.Entry))
		canonical(&c, "entry", a.Entry, parsed, err)
	}
	c.instant("at", a.At)
	move, ok := CreditMoveOf(a.Act)
	if !ok {
		c.problems = append(c.problems, Invalid("act", string(a.Act), "repair_apply, repair_accept, repair_refuse, remove, revoke or measure"))
	}
	for _, field := range move.Needs {
		if absent := map[string]bool{"reason": a.Reason == "", "evidence": len(a.Evidence) == 0, "measure": a.Measure == nil}[field]; absent {
			c.missing(field, "required with "+string(a.Act))
		}
	}
	c.text("reason", a.Reason, 2000)
	c.text("decision", a.Decision, 200)
	if m := a.Measure; m != nil {
		c.topic("measure.measure", m.Measure)
		c.measureTerm("measure", *m)
		c.count("measure.provinces", len(m.Provinces), 0, 0) // it is the signer's own
		if ok && a.Act != CreditMeasured {
			c.problems = append(c.problems, Invalid("measure", m.Measure, "only with measure"))
		}
	}
	c.evidence("evidence", a.Evidence)
	return c.result()
}
