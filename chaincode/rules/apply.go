package rules

import (
	"slices"
	"time"

	"deltatrace/traceability"
)

// State is what the rules read: the ledger's state before the transaction.
type State interface {
	// Get returns the value of each key, nil where there is none, in the order
	// of the keys. One call may be one round trip to a peer, so the rules ask
	// for all that they can foresee at once.
	Get(keys []string) ([][]byte, error)
}

// Tx is the transaction that the documents come in.
type Tx struct {
	ID   traceability.TxID
	Time time.Time // the ledger's clock: UTC, whole seconds
}

// Apply judges the documents in their order and returns an outcome for each and
// the writes of the accepted ones, each key once, in ascending order of the
// keys. A document sees what the ones before it in the batch wrote. An error is the state's, never a document's;
// then nothing may be written.
func Apply(state State, tx Tx, documents []*Prepared) ([]traceability.Outcome, []traceability.Write, error) {
	return apply(newView(state, nil), tx, documents)
}

func apply(v *view, tx Tx, documents []*Prepared) ([]traceability.Outcome, []traceability.Write, error) {
	var keys []string
	for _, p := range documents {
		keys = append(keys, p.reads()...)
	}
	v.fetch(keys)

	outcomes := make([]traceability.Outcome, len(documents))
	accepted := 0
	for i, p := range documents {
		outcomes[i] = judge(v, tx, accepted, p)
		if v.err != nil {
			return nil, nil, v.err
		}
		if outcomes[i].Status == traceability.StatusAccepted {
			accepted++
			v.keep()
		} else {
			v.drop()
		}
	}
	return outcomes, v.writes(), nil
}

// reads foresees the keys that judging the document will read.
func (p *Prepared) reads() []string {
	if p.document == nil {
		return nil
	}
	signer := p.document.Party()
	keys := []string{traceability.PartyKey(signer)}
	switch say := p.payload.(type) {
	case *traceability.Admission:
		keys = append(keys, traceability.PartyKey(say.Party))
	case *traceability.Suspension:
		keys = append(keys, traceability.PartyKey(say.Party))
	case *traceability.Rotation:
		keys = append(keys, traceability.PartyKey(say.Party))
	case *traceability.Lot:
		keys = append(keys, traceability.LotKey(say.ID))
		keys = append(keys, gtinReads(say.ID)...)
	case *traceability.GTINAssignment:
		keys = append(keys, traceability.GTINKey(say.GTIN), traceability.PartyKey(say.To))
	case *traceability.Event:
		keys = append(keys, eventReads(signer, say)...)
	case *traceability.Report:
		keys = append(keys, reportReads(signer, say)...)
		keys = append(keys, slices.Concat(p.limits...)...)
	case *traceability.RecognitionRule:
		keys = append(keys, ruleReads(say)...)
	case *traceability.RecognitionDecision:
		keys = append(keys, traceability.RecognitionKey(say.Report, say.Parameter, say.Accepting, p.document.ID))
		keys = append(keys, decideReads(say)...)
	case *traceability.Webhook:
		keys = append(keys, traceability.WebhookKey(signer, say.Ref))
	case *traceability.NoticeIssue:
		keys = append(keys, noticeReads(say)...)
	case *traceability.NoticeAct:
		keys = append(keys, actReads(say)...)
	case *traceability.Licence:
		keys = append(keys, traceability.LicenceKey(say.ID))
	case *traceability.LicenceChange:
		keys = append(keys, traceability.LicenceKey(say.ID))
	case *traceability.Verification:
		keys = append(keys, verificationReads(signer, say)...)
	case *traceability.Listing:
		keys = append(keys, listingReads(signer, say)...)
	case *traceability.CreditEnter:
		keys = append(keys, creditReads(signer, say)...)
	case *traceability.CreditAct:
		keys = append(keys, creditActReads(say)...)
	case *traceability.ConsultationOpen:
		keys = append(keys, openReads(signer, say)...)
	case *traceability.ConsultationAct:
		keys = append(keys, consultationReads(say)...)
	case *traceability.RecallOpen:
		keys = append(keys, recallReads(say)...)
		keys = append(keys, traceability.OwnRecallsKey(signer))
	case *traceability.RecallAct:
		keys = append(keys, recallActReads(say)...)
	case traceability.Agreed:
		keys = append(keys, say.Record())
	}
	return keys
}

// statement is one document on its way through the rules.
type statement struct {
	*view
	tx       Tx
	document *traceability.Document
	signer   traceability.PartyID
	author   *party             // the signer's record
	entry    traceability.Entry // how a record keeps the document
	outcome  *traceability.Outcome
	limits   [][]string // of a report; see traceability.LimitKeys
}

// judge decides on one document. Authenticity comes first, and until it is found
// nothing else is looked at; then what it says by itself; then whether it is known
// already, so that resubmitting is always answered the same way; then whether the
// signer may say it now, and then what it says.
func judge(v *view, tx Tx, accepted int, p *Prepared) traceability.Outcome {
	outcome := traceability.Outcome{Status: traceability.StatusRejected}
	if p.document == nil {
		return rejected(outcome, p.problems...)
	}
	outcome.Type = p.document.Type
	s := &statement{
		view: v, tx: tx, document: p.document, signer: p.document.Party(), outcome: &outcome,
		entry: traceability.Entry{JWS: p.document.JWS, Tx: tx.ID, N: accepted},
	}
	if problem := s.authenticate(p); problem != nil {
		return rejected(outcome, problem)
	}
	p.read()
	outcome.ID = p.document.ID
	if len(p.problems) > 0 {
		return rejected(outcome, p.problems...)
	}
	s.limits = p.limits
	outcome.Warnings = slices.Clip(p.warnings) // the prepared document stays as it is
	if s.author = s.party(s.signer); s.author == nil || s.known(p.payload) {
		outcome.Warnings = nil
		return outcome
	}
	problem := s.permit()
	if problem == nil {
		problem = s.decide(p.payload)
	}
	if problem == nil {
		problem = v.unfit()
	}
	if problem != nil {
		return rejected(outcome, problem)
	}
	outcome.Status = traceability.StatusAccepted
	return outcome
}

// rejected completes the outcome of a document that is rejected.
func rejected(outcome traceability.Outcome, problems ...*traceability.Error) traceability.Outcome {
	outcome.Code, outcome.Warnings = problems[0].Code, nil
	for _, problem := range problems {
		outcome.Problems = append(outcome.Problems, problem.Brief())
	}
	return outcome
}

// authenticate checks that the named key made the signature. Of the signer's
// record only the keys are read, since anybody may name any party.
func (s *statement) authenticate(p *Prepared) *traceability.Error {
	keys, found := s.keys(s.signer)
	if !found {
		return refuse(traceability.CodeUnknownParty, "kid", string(s.signer), "a party admitted to the ledger",
			"签名方 "+string(s.signer)+" 尚未获准入", string(s.signer)+" is not on the ledger")
	}
	for _, period := range keys {
		if period.Key.ID(s.signer) == s.document.Key {
			return p.signedBy(period.Key)
		}
	}
	return refuse(traceability.CodeUnknownKey, "kid", s.document.Key.Thumbprint(), "a key of "+string(s.signer),
		"账本上没有签名方的此密钥", string(s.signer)+" has no such key on the ledger")
}

// known looks the content up under its natural key and fills the outcome when
// it is there: replayed for the same bytes, duplicate for the same content
// signed anew.
func (s *statement) known(payload traceability.Payload) bool {
	key, entries := s.existing(payload)
	for _, entry := range entries {
		same := entry.JWS == s.document.JWS
		if !same {
			document := s.read(entry)
			if document == nil || document.ID != s.document.ID {
				continue
			}
		}
		s.outcome.Status, s.outcome.Code = traceability.StatusDuplicate, traceability.CodeDuplicate
		if same {
			s.outcome.Code = traceability.CodeReplayed
		}
		s.outcome.Record, s.outcome.First = key, entry.Tx
		return true
	}
	return false
}

// existing returns the documents under the payload's natural key.
func (s *statement) existing(payload traceability.Payload) (string, []traceability.Entry) {
	switch say := payload.(type) {
	case *traceability.Admission:
		return s.partyDocuments(say.Party)
	case *traceability.Suspension:
		return s.partyDocuments(say.Party)
	case *traceability.Rotation:
		if say.Party.Kind() == traceability.KindRegulator {
			key := traceability.RotationKey(say.Key.ID(say.Party), s.signer)
			if vote := get[traceability.Vote](s.view, key); vote != nil {
				return key, []traceability.Entry{vote.Document}
			}
			return key, nil
		}
		return s.partyDocuments(say.Party)
	case *traceability.Lot:
		key := traceability.LotKey(say.ID)
		if lot := get[traceability.LotState](s.view, key); lot != nil {
			return key, append(lot.Former, lot.Document)
		}
	case *traceability.GTINAssignment:
		key := traceability.GTINKey(say.GTIN)
		if gtin := get[traceability.GTINState](s.view, key); gtin != nil {
			return key, gtin.Documents
		}
	case *traceability.Event:
		key := traceability.EventKey(traceability.NewEventID(s.signer, say.Ref))
		if event := get[traceability.EventState](s.view, key); event != nil {
			return key, []traceability.Entry{event.Document}
		}
	case *traceability.Report:
		key := traceability.ReportKey(traceability.NewReportID(s.signer, say.No, say.Revision))
		if report := get[traceability.ReportState](s.view, key); report != nil {
			return key, []traceability.Entry{report.Document}
		}
	case *traceability.RecognitionRule:
		key := traceability.RecognitionRuleKey(say.Accepting, say.Rule, say.Version)
		if rule := get[traceability.RecognitionRuleState](s.view, key); rule != nil {
			return key, []traceability.Entry{rule.Document}
		}
	case *traceability.RecognitionDecision:
		key := traceability.RecognitionKey(say.Report, say.Parameter, say.Accepting, s.document.ID)
		if decision := get[traceability.RecognitionState](s.view, key); decision != nil {
			return key, []traceability.Entry{decision.Document}
		}
	case *traceability.Webhook:
		key := traceability.WebhookKey(s.signer, say.Ref)
		if webhook := get[traceability.WebhookState](s.view, key); webhook != nil {
			return key, webhook.Documents
		}
	case *traceability.NoticeIssue:
		if _, _, id := s.issuedFor(say); id != "" {
			return s.noticeDocument(id)
		}
	case *traceability.NoticeAct:
		return s.noticeDocument(say.Notice)
	case *traceability.Licence:
		return s.licenceDocuments(say.ID)
	case *traceability.LicenceChange:
		return s.licenceDocuments(say.ID)
	case *traceability.Verification:
		key := traceability.VerificationKey(s.signer, say.Ref)
		if record := get[traceability.VerificationState](s.view, key); record != nil {
			return key, []traceability.Entry{record.Document}
		}
	case *traceability.Listing:
		key := traceability.DeclarationKey(s.signer, say.Ref)
		if declaration := get[traceability.DeclarationState](s.view, key); declaration != nil {
			return key, []traceability.Entry{declaration.Document}
		}
	case *traceability.CreditEnter:
		return s.creditDocument(traceability.NewCreditID(say.Company, s.signer, say.Ref))
	case *traceability.CreditAct:
		return s.creditDocument(say.Entry)
	case *traceability.ConsultationOpen:
		return s.consultationDocument(consultationOf(s.signer, say))
	case *traceability.ConsultationAct:
		return s.consultationDocument(say.Consultation)
	case *traceability.RecallOpen:
		return s.recallDocument(say.ID())
	case *traceability.RecallAct:
		return s.recallDocument(say.Recall)
	case traceability.Agreed:
		if state := get[traceability.AgreementState](s.view, say.Record()); state != nil {
			return say.Record(), state.Documents
		}
	}
	return "", nil
}

func (s *statement) partyDocuments(id traceability.PartyID) (string, []traceability.Entry) {
	if p := s.party(id); p != nil {
		return traceability.PartyKey(id), p.Documents
	}
	return "", nil
}

// permit checks that the signer may say anything now.
func (s *statement) permit() *traceability.Error {
	if s.document.IssuedAt.After(s.tx.Time.Add(traceability.ClockSkew)) {
		return s.future("iat", s.document.IssuedAt.Format(time.RFC3339))
	}
	for _, period := range s.author.Keys {
		// A key that has an end has ended: transactions come in order, while on a
		// network of several clocks the time of this one may be slightly earlier.
		if period.Key.ID(s.signer) == s.document.Key && !period.To.IsZero() {
			return refuse(traceability.CodeKeyNotValid, "kid", s.document.Key.Thumbprint(), "the party's current key",
				"密钥已于 "+period.To.Format(time.RFC3339)+" 被替换", "the key was replaced at "+period.To.Format(time.RFC3339))
		}
	}
	if s.author.Status == traceability.PartySuspended {
		return refuse(traceability.CodePartySuspended, "kid", string(s.signer), "an active party",
			"签名方已被暂停", string(s.signer)+" is suspended")
	}
	if a := s.author.admission; a != nil && !traceability.DateOf(s.tx.Time).Within(a.ValidFrom, a.ValidTo) {
		return refuse(traceability.CodePartyExpired, "kid", string(a.ValidFrom)+"～"+string(a.ValidTo), "an admission valid on "+string(traceability.DateOf(s.tx.Time)),
			"签名方的准入不在有效期内", "the admission of "+string(s.signer)+" is not valid today")
	}
	return nil
}

// decide hands the payload to the rule of its type.
func (s *statement) decide(payload traceability.Payload) *traceability.Error {
	switch say := payload.(type) {
	case *traceability.Admission:
		return s.admit(say)
	case *traceability.Suspension:
		return s.suspend(say)
	case *traceability.Rotation:
		return s.rotate(say)
	case *traceability.Lot:
		return s.registerLot(say)
	case *traceability.GTINAssignment:
		return s.assignGTIN(say)
	case *traceability.Event:
		return s.recordEvent(say)
	case *traceability.Report:
		return s.submitReport(say)
	case *traceability.RecognitionRule:
		return s.setRule(say)
	case *traceability.RecognitionDecision:
		return s.decideRecognition(say)
	case *traceability.Webhook:
		return s.setWebhook(say)
	case *traceability.NoticeIssue:
		return s.issueNotice(say)
	case *traceability.NoticeAct:
		return s.actOnNotice(say)
	case *traceability.Licence:
		return s.grantLicence(say)
	case *traceability.LicenceChange:
		return s.changeLicence(say)
	case *traceability.Verification:
		return s.recordVerification(say)
	case *traceability.Listing:
		return s.declareListing(say)
	case *traceability.CreditEnter:
		return s.enterCredit(say)
	case *traceability.CreditAct:
		return s.actOnCredit(say)
	case *traceability.ConsultationOpen:
		return s.openConsultation(say)
	case *traceability.ConsultationAct:
		return s.actOnConsultation(say)
	case *traceability.RecallOpen:
		return s.openRecall(say)
	case *traceability.RecallAct:
		return s.actOnRecall(say)
	case traceability.Agreed:
		return s.agree(say)
	}
	return refuse(traceability.CodeUnknownType, "typ", string(s.document.Type), "a document type of this ledger", "未知的文档类型", "unknown document type")
}

// role refuses a signer whose kind may not say this.
func (s *statement) role(kinds ...traceability.PartyKind) *traceability.Error {
	expected := ""
	for _, kind := range kinds {
		if s.signer.Kind() == kind {
			return nil
		}
		expected += " " + string(kind)
	}
	return refuse(traceability.CodeNotAllowed, "kid", string(s.signer), "a signer of kind"+expected,
		"此类主体无权提交 "+string(s.document.Type), "this kind of party may not submit "+string(s.document.Type))
}

func (s *statement) warn(w *traceability.Error) {
	s.outcome.Warnings = append(s.outcome.Warnings, w)
}

// remarks returns the warnings so far, as a record keeps them.
func (s *statement) remarks() []traceability.Remark {
	return traceability.Remarks(s.outcome.Warnings)
}

// timely refuses a claimed time that lies in the future, or so far back that nobody
// could still mean to record it: a claim decides nothing that the ledger's own clock
// has to say.
func (s *statement) timely(field string, at time.Time) *traceability.Error {
	if at.After(s.tx.Time.Add(traceability.ClockSkew)) {
		return s.future(field, at.Format(time.RFC3339))
	}
	if first := s.tx.Time.Add(-traceability.LongestDelay); at.Before(first) {
		return refuse(traceability.CodeInvalid, field, at.Format(time.RFC3339), "not before "+first.Format(time.RFC3339),
			"距账本时间过久", "this is too long before the ledger's clock")
	}
	return nil
}

func (s *statement) future(field, found string) *traceability.Error {
	return refuse(traceability.CodeFutureDated, field, found, "not after "+s.tx.Time.Format(time.RFC3339)+", the ledger's clock",
		"日期晚于账本时间 "+s.tx.Time.Format(time.RFC3339), "dated after the ledger's clock, "+s.tx.Time.Format(time.RFC3339))
}

// conflict says that other content stands under the natural key, and what to
// do.
func (s *statement) conflict(key string, existing traceability.DocumentID, field, zh, en string) *traceability.Error {
	s.outcome.Record, s.outcome.Existing = key, existing
	return refuse(traceability.CodeConflict, field, "", "", zh, en)
}

func refuse(code traceability.Code, field, found, expected, zh, en string) *traceability.Error {
	return &traceability.Error{Code: code, Field: field, Found: found, Expected: expected, ZH: zh, EN: en}
}
