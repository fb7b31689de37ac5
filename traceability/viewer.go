package traceability

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Viewer is who asks. It is the one field policy: what each reader of the
// ledger may see. The zero value is the public.
//
// The public sees a failed sample only once its notice is published, that revision
// of the report and no other, and no more when that is withdrawn or overturned; all
// else is for the regulators and for those whom the notice concerns. The public never sees risk monitoring, commissioned or unstated results (they
// are no published finding), natural persons' names, addresses of individual
// businesses below the street, or business amounts. A party sees its own
// records whole; a regulator sees everything.
type Viewer struct{ As PartyID }

// All reports whether the viewer sees everything that the party signed.
func (v Viewer) All(signer PartyID) bool {
	return v.As != "" && (v.As == signer || v.As.Kind() == KindRegulator)
}

// Report redacts a report; false means that it does not exist for the viewer.
func (v Viewer) Report(r ReportRecord) (ReportRecord, bool) {
	if v.All(r.Lab) {
		return r, true
	}
	concerned := v.As != "" && r.Notice != nil && slices.Contains(r.Notice.Parties, v.As)
	if r.Task != TaskSupervision && r.Task != TaskEvaluative || !concerned && !r.open() {
		return ReportRecord{}, false
	}
	if !concerned {
		if r.published() {
			r.SupersededBy = "" // what a laboratory says later does not take it back
		}
		r.Notice = r.Notice.shown()
	}
	r.Client = ""
	r.Remark = ""
	r.Sample.SampledUnit = maskFirm(r.Sample.SampledUnit)
	r.Sample.ClaimedProducer = maskFirm(r.Sample.ClaimedProducer)
	return r, true
}

// Notice redacts a notice; false means that it does not exist for the viewer.
func (v Viewer) Notice(n NoticeRecord) (NoticeRecord, bool) {
	switch {
	case v.As.Kind() == KindRegulator:
		return n, true
	case v.As != "" && slices.Contains(n.Parties(), v.As):
		return n.forParty(v.As), true
	case n.WasPublic():
		return NoticeRecord{Notice: n.shown()}, true
	}
	return NoticeRecord{}, false
}

// Audience is whose signals the viewer reads.
func (v Viewer) Audience() Audience {
	if v.As == "" {
		return AudiencePublic
	}
	return To(v.As)
}

// NoticeAudiences returns who is told that a notice has another document: those
// whom it concerns, but a business only of what it may read, and the public of
// what it sees change.
func NoticeAudiences(n *Notice, e *NoticeEntry) []Audience {
	var told []Audience
	for _, party := range n.Parties() {
		if party.Kind() == KindRegulator || !e.hiddenFrom(party) && !n.anothersObjection(e.Act, party) {
			told = append(told, To(party))
		}
	}
	if n.publishes(e.Act) {
		told = append(told, AudiencePublic)
	}
	return told
}

// Row returns the row of a notice for a table of failed samples: the one that
// stands published; false when none does.
func (v Viewer) Row(n NoticeRecord) (PublicRow, bool) {
	shown, ok := v.Notice(n)
	if !ok || !n.Public() {
		return PublicRow{}, false
	}
	return *shown.Publication[len(shown.Publication)-1].Row, true
}

// Drafts reports whether the viewer may have the row of a failed sample that is
// not published: the regulator that organised the sampling, unless the result was
// overturned.
func (v Viewer) Drafts(n NoticeRecord) bool {
	return v.As == Regulator(n.Organiser) && !n.Public() && n.Outcome != Overturned
}

// Webhook tells a party of its own webhooks, and its province's regulator; for
// all others there is none.
func (v Viewer) Webhook(w WebhookRecord) (WebhookRecord, bool) {
	if v.As == "" || v.As != w.Party && v.As != Regulator(w.Province) {
		return WebhookRecord{}, false
	}
	return w, true
}

// Recall redacts a recall; false means that it does not exist for the viewer.
// Regulators and its producer see all of it, everybody else what was announced.
func (v Viewer) Recall(r RecallRecord) (RecallRecord, bool) {
	switch {
	case v.All(r.Producer):
		return r, true
	case r.Public():
		return RecallRecord{Recall: r.shown(), Announcement: r.Announcement}, true
	}
	return RecallRecord{}, false
}

// RecallAudiences returns who is told of an act of a recall, or, with an empty
// act, of its opening: those whom it concerns, and of what it sees the public.
func RecallAudiences(r *Recall, act Act) []Audience {
	var told []Audience
	for _, party := range r.Parties() {
		told = append(told, To(party))
	}
	if r.Public() && (act == ActAnnounce || act == ActWithdraw || act == ActClose) {
		told = append(told, AudiencePublic)
	}
	return told
}

// LotRecall redacts a recall as a lot meets it: an announced one, always.
func (v Viewer) LotRecall(r LotRecall) LotRecall {
	if !v.All(r.Producer) {
		r.Recall = r.shown()
	}
	return r
}

// ScopeLot redacts a lot that a recall covers. Who made, received and sold how
// much of it is for the regulators; a business sees its own part. Of a recall that
// is not announced only its producer and the regulators see lots at all.
func (v Viewer) ScopeLot(r *Recall, l ScopeLot) (ScopeLot, bool) {
	switch {
	case v.As.Kind() == KindRegulator:
		return l, true
	case !r.Public() && v.As != r.Producer:
		return ScopeLot{}, false
	}
	var own []ScopeHolder
	for _, h := range l.Holders {
		if v.As != "" && h.Party == v.As {
			own = append(own, h)
		}
	}
	l.Holders = own
	return l, true
}

// Alerts reports whose alerts the viewer may list: a regulator anybody's, a party
// its own, the public none.
func (v Viewer) Alerts(of PartyID) bool {
	return v.As.Kind() == KindRegulator || v.As != "" && v.As == of
}

// Findings redacts what a rule found of a laboratory's report: the sentences are
// for all, what stands in the report and the papers for those who see it whole.
func (v Viewer) Findings(lab PartyID, findings []RecognitionFinding) []RecognitionFinding {
	if v.All(lab) {
		return findings
	}
	bare := make([]RecognitionFinding, 0, len(findings))
	for _, f := range findings {
		f.Found, f.Expected, f.Evidence = "", "", nil
		bare = append(bare, f)
	}
	return bare
}

// Recognition redacts a province's decision on a report that the viewer may see:
// its reasons and papers, and whether the report was contested then, are for the
// regulators and the laboratory.
func (v Viewer) Recognition(r RecognitionRecord) RecognitionRecord {
	if v.All(r.Report.Lab()) {
		return r
	}
	disputed := func(c Condition) bool { return c == ConditionUndisputed }
	r.Dissent, r.Evidence = "", nil
	r.Failed = slices.DeleteFunc(slices.Clone(r.Failed), disputed)
	r.Evaluation.Failed = slices.DeleteFunc(slices.Clone(r.Evaluation.Failed), disputed)
	r.Evaluation.Unknown = slices.DeleteFunc(slices.Clone(r.Evaluation.Unknown), disputed)
	r.Evaluation.Findings = slices.DeleteFunc(v.Findings(r.Report.Lab(), r.Evaluation.Findings), func(f RecognitionFinding) bool { return disputed(f.Condition) })
	return r
}

// Disputes reports whether the viewer may know that a laboratory's findings are
// being contested; the public learns how it ended.
func (v Viewer) Disputes(lab PartyID) bool { return v.All(lab) }

// Consultation redacts a consultation; false means that it does not exist for the
// viewer. It is the regulators' own until a summary is published; then that is all
// that others see.
func (v Viewer) Consultation(c ConsultationRecord) (ConsultationRecord, bool) {
	switch {
	case v.As.Kind() == KindRegulator:
		return c, true
	case c.Public():
		return ConsultationRecord{Consultation: c.shown()}, true
	}
	return ConsultationRecord{}, false
}

// Agreement tells whether a revision of an agreement exists for the viewer: what is
// in force binds all, what is only proposed is the regulators' matter.
func (v Viewer) Agreement(a AgreementRecord) (AgreementRecord, bool) {
	return a, !a.InForce.IsZero() || v.Pending()
}

// Pending reports whether the viewer may see agreements that are not in force yet.
func (v Viewer) Pending() bool { return v.As.Kind() == KindRegulator }

// Proposals reports whether the viewer may see what rules of recurrence propose:
// they count the findings of risk monitoring too.
func (v Viewer) Proposals() bool { return v.As.Kind() == KindRegulator }

// Lot redacts a lot.
func (v Viewer) Lot(l LotRecord) LotRecord {
	if !v.All(l.Registrant) {
		l.Producer = maskFirm(l.Producer)
	}
	return l
}

// Event redacts an event: amounts and notes are for those concerned.
func (v Viewer) Event(e EventRecord) EventRecord {
	if v.All(e.Party) || (e.To != "" && v.As == e.To) {
		return e
	}
	e.Note = ""
	e.Inputs, e.Outputs, e.Lots = withoutAmounts(e.Inputs), withoutAmounts(e.Outputs), withoutAmounts(e.Lots)
	return e
}

func withoutAmounts(list []LotQuantity) []LotQuantity {
	var bare []LotQuantity
	for _, entry := range list {
		bare = append(bare, LotQuantity{Lot: entry.Lot})
	}
	return bare
}

// Step redacts a step of a trace.
func (v Viewer) Step(s TraceStep) TraceStep {
	if s.Event != nil && !v.All(s.Event.ID.Party()) {
		event := *s.Event
		event.From, event.To = withoutAmounts(event.From), withoutAmounts(event.To)
		s.Event = &event
	}
	return s
}

// Party redacts a party: an individual business's address below the street.
func (v Viewer) Party(p PartyRecord) PartyRecord {
	if v.All(p.ID) || p.Admission == nil {
		return p
	}
	a := *p.Admission
	if code, ok := a.Party.USCC(); ok && code.IndividualBusiness() {
		a.Address = maskAddress(a.Address)
	}
	p.Admission = &a
	return p
}

// Document redacts a document: its JWS is for those who see all of it.
func (v Viewer) Document(d DocumentRecord) DocumentRecord {
	if !v.All(d.Party) {
		d.JWS = ""
	}
	return d
}

// maskFirm hides a natural person behind a firm: without a USCC the name may be
// a person's, and an individual business's address is somebody's home.
func maskFirm(f Firm) Firm {
	if f.USCC == "" {
		f.Name = maskName(f.Name)
	}
	if f.USCC == "" || f.USCC.IndividualBusiness() {
		f.Address = maskAddress(f.Address)
	}
	return f
}

// maskName hides the middle of a name, unless it is plainly a company's.
func maskName(name string) string {
	for _, company := range []string{"有限公司", "股份公司", "有限责任", "集团", "合作社", "大学", "医院", "学校"} {
		if strings.Contains(name, company) {
			return name
		}
	}
	runes := []rune(name)
	switch len(runes) {
	case 0, 1:
		return name
	case 2:
		return string(runes[:1]) + "＊"
	default:
		return string(runes[:1]) + strings.Repeat("＊", len(runes)-2) + string(runes[len(runes)-1:])
	}
}

// maskAddress cuts an address after its street.
func maskAddress(address string) string {
	for _, street := range []string{"路", "街", "道", "巷", "弄", "村", "镇", "乡"} {
		if i := strings.Index(address, street); i >= 0 {
			return address[:i+len(street)] + "＊＊"
		}
	}
	if utf8.RuneCountInString(address) <= 2 {
		return address
	}
	runes := []rune(address)
	return string(runes[:len(runes)/2]) + "＊＊"
}
