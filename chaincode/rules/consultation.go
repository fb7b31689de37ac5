package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// openReads foresees the keys of a consultation's opening.
func openReads(signer traceability.PartyID, say *traceability.ConsultationOpen) []string {
	keys := []string{traceability.ConsultationKey(consultationOf(signer, say))}
	for _, id := range say.Notices {
		keys = append(keys, traceability.NoticeKey(id))
	}
	for _, id := range say.Reports {
		keys = append(keys, traceability.ReportKey(id))
	}
	for _, id := range say.Recalls {
		keys = append(keys, traceability.RecallKey(id))
	}
	return keys
}

// consultationOf names the consultation that a regulator opens.
func consultationOf(signer traceability.PartyID, say *traceability.ConsultationOpen) traceability.ConsultationID {
	return traceability.NewConsultationID(traceability.ProvinceCode(signer.Number()), say.Ref)
}

// consultationReads foresees the keys of an act.
func consultationReads(say *traceability.ConsultationAct) []string {
	keys := []string{traceability.ConsultationKey(say.Consultation)}
	if say.Act == traceability.ActResolve {
		keys = append(keys, traceability.QuorumKey(traceability.MatterConsultation))
	}
	return keys
}

// consultationDocument returns this very document of a consultation, if it is
// there.
func (s *statement) consultationDocument(id traceability.ConsultationID) (string, []traceability.Entry) {
	key := traceability.ConsultationKey(id)
	state := get[traceability.ConsultationState](s.view, key)
	if state == nil {
		return "", nil
	}
	for i, done := range state.Consultation.Done {
		if done.Document == s.document.ID {
			return key, state.Documents[i : i+1]
		}
	}
	return key, nil
}

// openConsultation keeps a province's question to the others. What it rests on
// must be there; a proposal is the read model's and is not looked up.
func (s *statement) openConsultation(say *traceability.ConsultationOpen) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	if problem := s.timely("at", say.At); problem != nil {
		return problem
	}
	id := consultationOf(s.signer, say)
	key := traceability.ConsultationKey(id)
	if state := get[traceability.ConsultationState](s.view, key); state != nil {
		return s.conflict(key, state.Consultation.Done[0].Document, "ref",
			"该编号的会商已经发起；请另用编号", "a consultation with this number is on the ledger; open yours under another")
	}
	for i, notice := range say.Notices {
		if get[traceability.NoticeState](s.view, traceability.NoticeKey(notice)) == nil {
			return refuse(traceability.CodeUnknownNotice, fmt.Sprintf("notices[%d]", i), string(notice), "a notice on the ledger",
				"账本上没有此通报："+string(notice), "the ledger has no notice "+string(notice))
		}
	}
	for i, report := range say.Reports {
		if get[traceability.ReportState](s.view, traceability.ReportKey(report)) == nil {
			return refuse(traceability.CodeUnknownReport, fmt.Sprintf("reports[%d]", i), string(report), "a report on the ledger",
				"账本上没有此报告："+string(report), "the ledger has no report "+string(report))
		}
	}
	for i, recall := range say.Recalls {
		if get[traceability.RecallState](s.view, traceability.RecallKey(recall)) == nil {
			return refuse(traceability.CodeUnknownRecall, fmt.Sprintf("recalls[%d]", i), string(recall), "a recall on the ledger",
				"账本上没有此召回："+string(recall), "the ledger has no recall "+string(recall))
		}
	}
	at := traceability.Instant(say.At)
	state := &traceability.ConsultationState{
		Documents: []traceability.Entry{s.entry},
		Consultation: traceability.Consultation{
			ID: id, Phase: traceability.ConsultationRunning, Initiator: s.author.Province, Title: say.Title, Parameters: say.Parameters, Products: say.Products,
			Opened: at, RespondBy: say.RespondBy, Proposal: say.Proposal,
			Done: []traceability.Done{{Document: s.document.ID, By: s.signer, At: at, Recorded: s.tx.Time}}, Remarks: s.remarks(),
		},
	}
	put(s.view, key, state)
	s.outcome.Record = key
	return nil
}

// deliberation is one move of a consultation on its way through the table.
type deliberation struct {
	*statement
	consultation *traceability.Consultation
	say          *traceability.ConsultationAct
	move         traceability.ConsultationMove
	at           time.Time
}

// actOnConsultation makes a move: it must be in the table, its signer must have the
// role, the consultation must stand where the row says, and what the row cannot say
// must hold. Only then is anything changed.
func (s *statement) actOnConsultation(say *traceability.ConsultationAct) *traceability.Error {
	if problem := s.role(traceability.KindRegulator); problem != nil {
		return problem
	}
	key := traceability.ConsultationKey(say.Consultation)
	state := get[traceability.ConsultationState](s.view, key)
	if state == nil {
		return refuse(traceability.CodeUnknownConsultation, "consultation", string(say.Consultation), "a consultation on the ledger",
			"没有此会商", "there is no such consultation")
	}
	move, _ := traceability.ConsultationMoveOf(say.Act) // Check has found it
	d := &deliberation{statement: s, consultation: &state.Consultation, say: say, move: move, at: traceability.Instant(say.At)}
	switch {
	case say.At.After(s.tx.Time.Add(traceability.ClockSkew)):
		return s.future("at", say.At.Format(time.RFC3339))
	case say.At.Before(state.Consultation.Opened):
		return refuse(traceability.CodeInvalid, "at", say.At.Format(time.RFC3339), "not before the opening, "+state.Consultation.Opened.Format(time.RFC3339),
			"早于会商的发起时间", "this is before the consultation was opened")
	}
	for _, step := range []func() *traceability.Error{d.allowed, d.stands, d.effect()} {
		if problem := step(); problem != nil || s.err != nil {
			return problem
		}
	}
	if len(move.To) == 1 {
		d.consultation.Phase = move.To[0]
	}
	state.Documents = append(state.Documents, s.entry)
	d.consultation.Done = append(d.consultation.Done, traceability.Done{Document: s.document.ID, Act: say.Act, By: s.signer, At: d.at, Recorded: s.tx.Time})
	put(s.view, key, state)
	s.outcome.Record = key
	return nil
}

// allowed checks the signer's role: every regulator is one of the four provinces.
func (d *deliberation) allowed() *traceability.Error {
	if d.move.By == traceability.RoleProvince || d.author.Province == d.consultation.Initiator {
		return nil
	}
	zh, en := d.move.By.Words()
	return refuse(traceability.CodeNotAllowed, "kid", string(d.signer), en,
		fmt.Sprintf("“%s”须由%s提交", d.move.ZH, zh), fmt.Sprintf("to %s is for %s", d.move.EN, en))
}

// stands checks where the consultation stands.
func (d *deliberation) stands() *traceability.Error {
	phase := d.consultation.Phase
	if slices.Contains(d.move.From, phase) {
		return nil
	}
	var names, possibleZH, possibleEN []string
	for _, m := range traceability.ConsultationMoves() {
		if slices.Contains(m.From, phase) {
			names, possibleZH, possibleEN = append(names, string(m.Act)), append(possibleZH, m.ZH), append(possibleEN, m.EN)
		}
	}
	if len(names) == 0 {
		names, possibleZH, possibleEN = []string{"nothing"}, []string{"没有可进行的操作"}, []string{"nothing"}
	}
	zh, en := phase.Words()
	return refuse(traceability.CodeWrongState, "act", "state "+string(phase), strings.Join(names, ", "),
		fmt.Sprintf("会商处于“%s”状态，不能%s。此时可以：%s", zh, d.move.ZH, strings.Join(possibleZH, "、")),
		fmt.Sprintf("the consultation is %s: one cannot %s now. What can be done: %s", en, d.move.EN, strings.Join(possibleEN, "; ")))
}

// effect returns the rule of the act, which checks its guard and makes the change.
func (d *deliberation) effect() func() *traceability.Error {
	switch d.say.Act {
	case traceability.ActOpine:
		return d.opine
	case traceability.ActDraft:
		return d.draft
	case traceability.ActVote:
		return d.vote
	case traceability.ActResolve:
		return d.resolve
	case traceability.ActReview:
		return d.review
	case traceability.ActPublish:
		return d.publish
	case traceability.ActWithdraw:
		return func() *traceability.Error { return nil }
	case traceability.ActClose:
		return d.close
	}
	return func() *traceability.Error { return d.not("act", "此操作没有规则", "this act has no rule") }
}

// not refuses an act where its guard does not hold.
func (d *deliberation) not(field, zh, en string) *traceability.Error {
	expected := ""
	for _, g := range traceability.ConsultationGuards() {
		if g.Act == d.say.Act {
			expected = g.EN
		}
	}
	return refuse(traceability.CodeWrongState, field, "state "+string(d.consultation.Phase), expected, zh, en)
}

// late tells whether an opinion or a vote comes after the day that was asked for,
// and warns of it. In a review there is no such day.
func (d *deliberation) late() bool {
	by := d.consultation.RespondBy
	if d.consultation.Phase != traceability.ConsultationRunning || traceability.DateOf(d.at) <= by {
		return false
	}
	d.warn(refuse(traceability.CodeLate, "at", string(traceability.DateOf(d.at)), "not after "+string(by),
		"晚于要求答复的日期 "+string(by)+"，予以接受并标明逾期", "after the day by which an answer was asked for, "+string(by)+"; it is accepted and marked as late"))
	return true
}

func (d *deliberation) opine() *traceability.Error {
	c := d.consultation
	c.Opinions = append(c.Opinions, traceability.Opinion{Province: d.author.Province, At: d.at, Level: d.say.Level, Late: d.late()})
	return nil
}

// draft proposes a resolution, in the place of the one before.
func (d *deliberation) draft() *traceability.Error {
	if problem := d.ahead("resolution.review_on", d.say.Resolution.ReviewOn); problem != nil {
		return problem
	}
	d.propose("", d.say.Resolution)
	return nil
}

// ahead checks that a day of review lies ahead of the act.
func (d *deliberation) ahead(field string, review traceability.Date) *traceability.Error {
	if review == "" || review > traceability.DateOf(d.at) {
		return nil
	}
	return refuse(traceability.CodeInvalid, field, string(review), "after "+string(traceability.DateOf(d.at)),
		"复核日期须晚于提出之日", "the day of review must come after the day of the draft")
}

func (d *deliberation) propose(decision traceability.ReviewDecision, resolution *traceability.Resolution) {
	c := d.consultation
	c.Drafts = append(c.Drafts, traceability.Draft{N: len(c.Drafts) + 1, At: d.at, Decision: decision, Resolution: resolution})
}

// current returns the draft that the act names, which must be the one that is
// being voted on.
func (d *deliberation) current() (*traceability.Draft, *traceability.Error) {
	draft := d.consultation.Current()
	switch {
	case draft == nil:
		return nil, d.not("draft", "尚无决议草案", "no resolution has been proposed yet")
	case draft.N != d.say.Draft:
		return nil, d.not("draft", fmt.Sprintf("现行草案为第 %d 号", draft.N), fmt.Sprintf("the current draft is number %d", draft.N))
	}
	return draft, nil
}

func (d *deliberation) vote() *traceability.Error {
	draft, problem := d.current()
	if problem != nil {
		return problem
	}
	draft.Ballots = append(draft.Ballots, traceability.Ballot{Province: d.author.Province, Vote: d.say.Vote, At: d.at, Late: d.late()})
	return nil
}

// resolve makes the draft the resolution, once its votes reach the quorum that is
// in force on the ledger's day.
func (d *deliberation) resolve() *traceability.Error {
	draft, problem := d.current()
	if problem != nil {
		return problem
	}
	today := traceability.DateOf(d.tx.Time)
	quorum := traceability.EditionOn(agreed[*traceability.Quorum](d.view, traceability.QuorumKey(traceability.MatterConsultation)), today)
	if d.err != nil {
		return nil
	}
	if quorum == nil {
		return refuse(traceability.CodeQuorumMissing, "draft", "", "a quorum.set of consultation, signed by three provinces",
			"账本上没有生效的会商表决法定数", "the ledger has no quorum in force for consultations")
	}
	tally := draft.Tally()
	if !quorum.Reached(tally) {
		return refuse(traceability.CodeQuorumNotReached, "draft",
			fmt.Sprintf("yes %d, no %d, abstain %d", tally.Yes, tally.No, tally.Abstain), fmt.Sprintf("%d votes, %d of them yes (revision %d of %s)", quorum.Voting, quorum.Approving, quorum.Revision, quorum.Record()),
			fmt.Sprintf("同意 %d、反对 %d、弃权 %d，未达到法定数：%d 个省份表决，其中 %d 个同意", tally.Yes, tally.No, tally.Abstain, quorum.Voting, quorum.Approving),
			fmt.Sprintf("yes %d, no %d, abstain %d: the quorum is %d votes, %d of them yes", tally.Yes, tally.No, tally.Abstain, quorum.Voting, quorum.Approving))
	}
	draft.Settled = &traceability.Settled{At: d.at, Quorum: quorum.Revision, Tally: tally}
	c := d.consultation
	c.Resolved = d.at
	c.Resolution, c.Phase = draft.Resolution, traceability.ConsultationResolved
	if draft.Decision == traceability.ReviewLift {
		c.Phase = traceability.ConsultationLifted
	}
	return nil
}

// review proposes what becomes of the resolution.
func (d *deliberation) review() *traceability.Error {
	now := d.consultation.Resolution
	if len(d.say.Evidence) == 0 && (now.ReviewOn == "" || traceability.DateOf(d.at) < now.ReviewOn) {
		return d.not("at", "复核日期未到，提前复核须附依据", "the day of review has not come, and no evidence says why it is reviewed before")
	}
	next := d.say.Resolution
	field := "resolution.review_on"
	switch d.say.Decision {
	case traceability.ReviewKeep:
		if now.Level == traceability.LevelNone {
			return d.not("decision", "决议不含预警，无须继续", "the resolution does not warn, so there is nothing to keep")
		}
		kept := *now
		kept.ReviewOn = d.say.ReviewOn
		next, field = &kept, "review_on"
	case traceability.ReviewLift:
		d.propose(d.say.Decision, nil)
		return nil
	}
	if problem := d.ahead(field, next.ReviewOn); problem != nil {
		return problem
	}
	d.propose(d.say.Decision, next)
	return nil
}

// publish makes a summary of the resolution public; a later one takes its place.
func (d *deliberation) publish() *traceability.Error {
	c := d.consultation
	c.Published = append(c.Published, traceability.Published{At: d.at, Advice: *d.say.Advice, Resolution: c.Resolution})
	return nil
}

func (d *deliberation) close() *traceability.Error {
	c := d.consultation
	if c.Phase == traceability.ConsultationResolved && c.Resolution.Level != traceability.LevelNone {
		return d.not("act", "决议仍在预警，须先经复核解除", "the resolution warns still; lift it first, by a review")
	}
	return nil
}
