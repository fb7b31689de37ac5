package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

var update = flag.Bool("update", false, "write the golden files")

// TestErrorsPageIsCurrent keeps traceability/docs/errors.md equal to the table of
// codes.
func TestErrorsPageIsCurrent(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# Error codes\n\nMade from `traceability.CodeTable` by `go test ./api -run TestErrorsPageIsCurrent -update`; change it there. " +
		"The server shows the same at `/docs/errors`. Codes are never renamed or reused.\n")
	kind := ""
	for _, info := range traceability.CodeTable() {
		if info.Kind != kind {
			kind = info.Kind
			fmt.Fprintf(&b, "\n## %s\n\n| code | what causes it | what to do | 原因 |\n|---|---|---|---|\n", strings.ToUpper(kind[:1])+kind[1:])
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", info.Code, info.Cause, info.Do, info.ZH)
	}
	const path = "../traceability/docs/errors.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("run with -update (-file +table):\n%s", diff)
	}
}

// TestEveryCode brings about every code at the door of the real program, or,
// for those that a sound program does not give, of a server with a broken
// ledger, and holds the status of each.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	seen := map[traceability.Code]bool{traceability.CodeRepeats: true} // labs-adapter's, which has a test of it
	w := newPopulatedWorld(t)
	w.singleDocuments(seen)
	w.warnings(seen)
	w.requests(seen)
	brokenRequests(t, seen)
	unfitMachines(t, seen)
	for _, info := range traceability.CodeTable() {
		if !seen[info.Code] {
			t.Errorf("no request of this test leads to %s", info.Code)
		}
	}
}

// oneRecallTooMany opens as many recalls as a producer may have, and returns another.
func (w *world) oneRecallTooMany() string {
	w.Helper()
	var lots, recalls []string
	for n := range traceability.MaxOwnRecalls + 1 {
		id := traceability.LotID(fmt.Sprintf("cn/93330424MA1FPX121R/QC-900/%d", n))
		lots = append(lots, w.sign(farm, traceability.TypeLotRegister, traceability.Lot{ID: id, Product: "黄瓜", Unit: "KGM"}))
		recalls = append(recalls, w.sign(farm, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{id}, At: w.at(2), Hazard: "农药残留超标", Reason: "自查"}))
	}
	w.accept(lots...)
	w.accept(recalls[:traceability.MaxOwnRecalls]...)
	return recalls[traceability.MaxOwnRecalls]
}

// lotInUse has a GTIN assigned to the factory of which the shop has a lot with goods,
// and returns the factory's registration of that lot.
func (w *world) lotInUse() string {
	w.Helper()
	lot := w.picklesLot("01/06901234560015/10/A01")
	w.accept(w.sign(shop, traceability.TypeLotRegister, lot),
		w.sign(shop, traceability.TypeEventRecord, traceability.Event{Ref: "U-1", Type: traceability.EventCommission, Time: w.at(1), Outputs: amounts(lot.ID, "1", "XBO")}))
	w.accept(w.sign(zhejiang, traceability.TypeGTINAssign, traceability.GTINAssignment{GTIN: "06901234560015", To: factory, At: w.at(1), Reason: "系统成员证书"}))
	answer := w.get("/v1/lots/" + string(lot.ID))
	shown := mustDecode[traceability.LotRecord](w, answer.body)
	if shown.Registrant != shop || shown.GTINOwner != factory || shown.GTINAssigned == "" {
		w.Errorf("the lot does not say whose its GTIN is: %s", answer.body)
	}
	if page := w.get("/" + string(lot.ID) + "?lang=zh"); !strings.Contains(string(page.body), "登记方不是该商品条码现在的使用方") {
		w.Errorf("the page does not say that the registrant is not whose the GTIN is: %d", page.status)
	}
	return w.sign(factory, traceability.TypeLotRegister, lot)
}

// singleDocuments sends each document by itself and holds status and code.
func (w *world) singleDocuments(seen map[traceability.Code]bool) {
	w.Helper()
	report := func(change func(*traceability.Report)) string {
		r := w.report("ERR-1")
		change(&r)
		return w.sign(lab, traceability.TypeReportSubmit, r)
	}
	event := func(party traceability.PartyID, e traceability.Event) string {
		e.Time = w.at(1)
		return w.sign(party, traceability.TypeEventRecord, e)
	}
	good := w.sign(lab, traceability.TypeReportSubmit, w.report("GOOD-1"))
	again := w.sign(lab, traceability.TypeReportSubmit, w.report("GOOD-1"))
	parts := strings.Split(good, ".")
	stranger := mustKey(w, "lab:999912340001")
	other := mustKey(w, lab)
	future, err := traceability.Sign(w.key(lab), traceability.TypeReportSubmit, w.report("FUTURE-1"), time.Now().Add(time.Hour))
	if err != nil {
		w.Fatal(err)
	}
	decide := func(change func(*traceability.RecognitionDecision)) string {
		d := w.decision("GOOD-1")
		change(&d)
		return w.sign(shanghai, traceability.TypeRecognitionDecide, d)
	}
	w.accept(w.sign(shanghai, traceability.TypeRecognitionRule, recognitionRule(traceability.Shanghai)))
	rotated, suspended, expired := traceability.PartyID("lab:230912340002"), traceability.PartyID("lab:230912340003"), traceability.PartyID("lab:230912340004")
	w.rotateSuspendExpire(rotated, suspended, expired)

	for _, tt := range []struct {
		name   string
		body   string
		status int
		code   traceability.Code
	}{
		{"accepted", good, http.StatusCreated, ""},
		{"replayed", good, http.StatusOK, traceability.CodeReplayed},
		{"duplicate", w.later(again, good), http.StatusOK, traceability.CodeDuplicate},
		{"malformed", "not a JWS", http.StatusBadRequest, traceability.CodeMalformed},
		{"oversized", strings.Repeat("a", traceability.MaxDocumentBytes+1), http.StatusRequestEntityTooLarge, traceability.CodeOversized},
		{"unsigned", parts[0] + "." + parts[1] + ".", http.StatusUnauthorized, traceability.CodeUnsigned},
		{"wrongly signed", w.forge(good), http.StatusUnauthorized, traceability.CodeBadSignature},
		{"RSA", w.rsaSigned(), http.StatusUnprocessableEntity, traceability.CodeAlgorithm},
		{"future-dated", future, http.StatusUnprocessableEntity, traceability.CodeFutureDated},
		{"unknown type", w.sign(lab, "report.burn", map[string]string{}), http.StatusUnprocessableEntity, traceability.CodeUnknownType},
		{"unknown party", mustSign(w, stranger, traceability.TypeReportSubmit, w.report("X")), http.StatusUnauthorized, traceability.CodeUnknownParty},
		{"unknown key", mustSign(w, other, traceability.TypeReportSubmit, w.report("X")), http.StatusUnauthorized, traceability.CodeUnknownKey},
		{"key replaced", w.sign(rotated, traceability.TypeReportSubmit, w.report("X")), http.StatusUnauthorized, traceability.CodeKeyNotValid},
		{"suspended", w.sign(suspended, traceability.TypeReportSubmit, w.report("X")), http.StatusForbidden, traceability.CodePartySuspended},
		{"expired", w.sign(expired, traceability.TypeReportSubmit, w.report("X")), http.StatusForbidden, traceability.CodePartyExpired},
		{"not allowed", w.sign(shop, traceability.TypeReportSubmit, w.report("X")), http.StatusForbidden, traceability.CodeNotAllowed},
		{"invalid", report(func(r *traceability.Report) { r.Verdict = "great" }), http.StatusUnprocessableEntity, traceability.CodeInvalid},
		{"missing", report(func(r *traceability.Report) { r.No = "" }), http.StatusUnprocessableEntity, traceability.CodeMissing},
		{"unknown field", w.sign(lab, traceability.TypeReportSubmit, map[string]any{"report_no": "X", "colour": "red"}), http.StatusUnprocessableEntity, traceability.CodeUnknownField},
		{"too many", report(func(r *traceability.Report) {
			r.Items = make([]traceability.Item, traceability.MaxReportItems+1)
			for i := range r.Items {
				r.Items[i] = traceability.Item{Seq: i + 1, Parameter: "x", Result: "1", Verdict: traceability.VerdictPass}
			}
		}), http.StatusUnprocessableEntity, traceability.CodeTooMany},
		{"hidden character", report(func(r *traceability.Report) { r.Conclusion = "合\u202e格" }), http.StatusUnprocessableEntity, traceability.CodeHiddenCharacter},
		{"conflict", w.sign(lab, traceability.TypeReportSubmit, func() traceability.Report { r := w.report("GOOD-1"); r.Conclusion = "另一结论"; return r }()), http.StatusConflict, traceability.CodeConflict},
		{"supersedes wrong", report(func(r *traceability.Report) {
			r.No, r.Revision, r.Supersedes = "GOOD-1", 2, traceability.DocumentID(strings.Repeat("0", 64))
		}), http.StatusConflict, traceability.CodeSupersedes},
		{"unknown lot", event(factory, traceability.Event{Ref: "E-0", Type: traceability.EventSell, Lots: amounts("01/06901234567892/10/NONE", "1", "XBO")}), http.StatusUnprocessableEntity, traceability.CodeUnknownLot},
		{"unknown shipment", event(shop, traceability.Event{Ref: "E-1", Type: traceability.EventReceive, Lots: amounts(pickles, "1", "XBO"), Shipment: traceability.NewEventID(farm, "NONE")}), http.StatusUnprocessableEntity, traceability.CodeUnknownShipment},
		{"not yours", event(shop, traceability.Event{Ref: "E-2", Type: traceability.EventCommission, Outputs: amounts(pickles, "1", "XBO")}), http.StatusForbidden, traceability.CodeNotYours},
		{"insufficient", event(factory, traceability.Event{Ref: "E-3", Type: traceability.EventSell, Lots: amounts(pickles, "401", "XBO")}), http.StatusUnprocessableEntity, traceability.CodeInsufficient},
		{"unfit amount", event(factory, traceability.Event{Ref: "E-6", Type: traceability.EventCommission, Outputs: amounts(pickles, "999999999999999", "XBO")}), http.StatusUnprocessableEntity, traceability.CodeUnfitAmount},
		{"unit mismatch", event(factory, traceability.Event{Ref: "E-4", Type: traceability.EventSell, Lots: amounts(pickles, "1", "KGM")}), http.StatusUnprocessableEntity, traceability.CodeUnitMismatch},
		{"unknown notice", w.act(lab, w.failing("NONE", "铅"), traceability.NoticeAct{Act: traceability.ActDispatch}), http.StatusUnprocessableEntity, traceability.CodeUnknownNotice},
		{"unknown licence", w.change(traceability.LicenceSuspended, "2026-01-01"), http.StatusUnprocessableEntity, traceability.CodeUnknownLicence},
		{"unknown entry", w.sign(zhejiang, traceability.TypeCreditAct, traceability.CreditAct{Entry: traceability.NewCreditID("91310101MA1FPX121X", zhejiang, "NONE"),
			Act: traceability.CreditRemove, At: w.at(1), Reason: "示例"}), http.StatusUnprocessableEntity, traceability.CodeUnknownEntry},
		{"unknown recall", w.sign(shop, traceability.TypeRecallAct, traceability.RecallAct{Recall: traceability.RecallID(pickles), Act: traceability.ActProgress, At: w.at(1), Unit: "XBO",
			Amounts: []traceability.RecallAmount{{Region: "310000", Made: "1"}}}), http.StatusUnprocessableEntity, traceability.CodeUnknownRecall},
		{"one recall too many", w.oneRecallTooMany(), http.StatusUnprocessableEntity, traceability.CodeTooManyRecalls},
		{"GTIN taken", w.sign(shop, traceability.TypeLotRegister, w.picklesLot("01/06901234567892/10/X01")), http.StatusForbidden, traceability.CodeGTINTaken},
		{"lot in use", w.lotInUse(), http.StatusConflict, traceability.CodeLotInUse},
		{"self reference", event(factory, traceability.Event{Ref: "E-5", Type: traceability.EventTransform, Inputs: amounts(pickles, "1", "XBO"), Outputs: amounts(pickles, "1", "XBO")}), http.StatusUnprocessableEntity, traceability.CodeSelfReference},
		{"unknown report", decide(func(d *traceability.RecognitionDecision) { d.Report = "lab:230912340001/NONE/1" }), http.StatusUnprocessableEntity, traceability.CodeUnknownReport},
		{"rule not in force", decide(func(d *traceability.RecognitionDecision) { d.Version = 2 }), http.StatusUnprocessableEntity, traceability.CodeRuleNotInForce},
		{"dissent unstated", decide(func(d *traceability.RecognitionDecision) { d.Outcome = traceability.NotRecognised }), http.StatusUnprocessableEntity, traceability.CodeDissent},
	} {
		answer := w.postOne(tt.body)
		code := mustDecode[struct {
			Code     traceability.Code      `json:"code"`
			Outcomes []traceability.Outcome `json:"outcomes"`
		}](w, answer.body)
		if len(code.Outcomes) == 1 {
			code.Code = code.Outcomes[0].Code
		}
		if answer.status != tt.status || code.Code != tt.code {
			w.Errorf("%s: status %d code %q, want %d %q: %.300s", tt.name, answer.status, code.Code, tt.status, tt.code, answer.body)
		}
		if tt.status < 300 && answer.header.Get("Location") == "" {
			w.Errorf("%s: no Location", tt.name)
		}
		seen[code.Code] = true
	}
	conflict := mustDecode[Problem](w, w.postOne(w.sign(lab, traceability.TypeReportSubmit, func() traceability.Report { r := w.report("GOOD-1"); r.Conclusion = "另一结论"; return r }())).body)
	if conflict.Outcome == nil || conflict.Outcome.Existing == "" || w.get("/v1/documents/"+string(conflict.Outcome.Existing)).status != http.StatusOK {
		w.Errorf("a conflict does not lead to the document that stands in the way: %+v", conflict)
	}
}

// later signs content again with another second in iat, if the two are the same.
func (w *world) later(again, first string) string {
	w.Helper()
	if again != first {
		return again
	}
	compact, err := traceability.Sign(w.key(lab), traceability.TypeReportSubmit, w.report("GOOD-1"), time.Now().Add(-time.Minute))
	if err != nil {
		w.Fatal(err)
	}
	return compact
}

// forge replaces a signature by another of the right length.
func (w *world) forge(compact string) string {
	signature := make([]byte, 64)
	rand.Read(signature)
	return compact[:strings.LastIndex(compact, ".")+1] + base64.RawURLEncoding.EncodeToString(signature)
}

func (w *world) rsaSigned() string {
	w.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		w.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("report.submit").WithHeader("iat", time.Now().Unix()).WithHeader("kid", string(w.key(lab).ID())))
	if err != nil {
		w.Fatal(err)
	}
	signed, err := signer.Sign([]byte("{}"))
	if err != nil {
		w.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		w.Fatal(err)
	}
	return compact
}

func (w *world) rotateSuspendExpire(rotated, suspended, expired traceability.PartyID) {
	w.Helper()
	past := w.admission(expired)
	past.ValidFrom, past.ValidTo = "2020-01-01", "2020-12-31"
	w.accept(
		w.sign(zhejiang, traceability.TypePartyAdmit, w.admission(rotated)),
		w.sign(zhejiang, traceability.TypePartyAdmit, w.admission(suspended)),
		w.sign(zhejiang, traceability.TypePartyAdmit, past),
	)
	w.accept(
		w.sign(rotated, traceability.TypePartyRotateKey, traceability.Rotation{Party: rotated, Key: mustKey(w, rotated).Public()}),
		w.sign(zhejiang, traceability.TypePartySuspend, traceability.Suspension{Party: suspended, Reason: "演示", On: traceability.DateOf(w.began)}),
	)
}

// warnings submits what is accepted with a remark.
func (w *world) warnings(seen map[traceability.Code]bool) {
	w.Helper()
	odd := w.report("WARN-1")
	odd.Task = ""
	odd.Verdict = traceability.VerdictFail
	odd.Items[0].Method = "GB 1-1900"
	odd.Sample.ClaimedProducer = traceability.Firm{Name: "x有限公司", USCC: "91330106MA1FPX121F"}
	lot := w.picklesLot("01/06901234567892/10/W01")
	lot.Origin = traceability.Place{Division: "999999"}
	outcomes := w.accept(
		w.sign(lab, traceability.TypeReportSubmit, odd),
		w.sign(factory, traceability.TypeLotRegister, lot),
		w.sign(shanghai, traceability.TypePartyRotateKey, traceability.Rotation{Party: shanghai, Key: mustKey(w, shanghai).Public()}),
	)
	outcomes = append(outcomes, w.lateNotices(seen)...)
	outcomes = append(outcomes, w.accept(w.sign(lab, traceability.TypeReportSubmit, w.revised(w.failing("LATE-1", "铅"), func(*traceability.Report) {})))...)
	outcomes = append(outcomes, w.verifications(seen)...)
	w.unresolved(seen)
	recall := func(act traceability.Act, level traceability.RecallLevel, measures string) string {
		return w.sign(factory, traceability.TypeRecallAct, traceability.RecallAct{Recall: traceability.RecallID(lot.ID), Act: act, At: w.at(1), Level: level, Measures: measures})
	}
	outcomes = append(outcomes, w.accept(
		w.sign(factory, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{lot.ID}, At: w.at(2), Hazard: "标签", Reason: "标签瑕疵"}),
		recall(traceability.ActPlan, traceability.RecallFlaw, "退货"), recall(traceability.ActAnnounce, "", ""),
		w.sign(factory, traceability.TypeEventRecord, traceability.Event{Ref: "W-1", Type: traceability.EventCommission, Time: w.at(1), Outputs: amounts(lot.ID, "1", "XBO")}),
	)...)
	for _, o := range outcomes {
		for _, warning := range o.Warnings {
			seen[warning.Code] = true
		}
	}
}

// lateNotices has notices of which periods cannot be counted, or are not kept.
func (w *world) lateNotices(seen map[traceability.Code]bool) []traceability.Outcome {
	w.Helper()
	for _, province := range traceability.Provinces()[:3] {
		for _, timer := range []traceability.Timer{{ID: "T5", Unit: traceability.WorkingDays}, {ID: "T5c", Unit: traceability.Hours}} {
			timer.Revision, timer.Amount, timer.Trigger, timer.Act, timer.Actor, timer.Basis, timer.EffectiveFrom = 1, 5, "x", "x", "x", "x", "2020-01-01"
			w.accept(w.sign(traceability.Regulator(province), traceability.TypeTimerSet, timer))
		}
	}
	usual, urgent := w.failing("LATE-1", "铅"), w.failing("LATE-2", "铅")
	soon := w.issue(urgent)
	soon.Urgent, soon.At = true, w.at(10)
	outcomes := w.accept(
		w.sign(lab, traceability.TypeReportSubmit, usual), w.sign(lab, traceability.TypeReportSubmit, urgent),
		w.sign(zhejiang, traceability.TypeNoticeIssue, w.issue(usual)), // no calendar
		w.sign(zhejiang, traceability.TypeNoticeIssue, soon),
		w.act(zhejiang, urgent, traceability.NoticeAct{Act: traceability.ActDispatch}), // 9 hours later; and no rules for what begins
	)
	again := w.postOne(w.act(zhejiang, urgent, traceability.NoticeAct{Act: traceability.ActDispatch, Reason: "再次通报"}))
	problem := mustDecode[Problem](w, again.body)
	if again.status != http.StatusConflict || problem.Code != traceability.CodeWrongState || !strings.Contains(problem.Expected, "serve") {
		w.Errorf("a second dispatch: %d %s", again.status, again.body)
	}
	seen[problem.Code] = true
	return outcomes
}

// unresolved has a consultation that cannot be resolved: without a quorum, and with
// one that its votes do not reach.
func (w *world) unresolved(seen map[traceability.Code]bool) {
	w.Helper()
	id := traceability.NewConsultationID(traceability.Zhejiang, "HS-1")
	act := func(a traceability.ConsultationAct) string {
		a.Consultation, a.At = id, w.began
		return w.sign(zhejiang, traceability.TypeConsultationAct, a)
	}
	refused := func(document string, status int) {
		w.Helper()
		answer := w.postOne(document)
		if answer.status != status {
			w.Errorf("%d, not %d: %s", answer.status, status, answer.body)
		}
		seen[mustDecode[Problem](w, answer.body).Code] = true
	}
	resolve := traceability.ConsultationAct{Act: traceability.ActResolve, Draft: 1}
	refused(act(resolve), http.StatusUnprocessableEntity)
	w.accept(
		w.sign(zhejiang, traceability.TypeConsultationOpen, traceability.ConsultationOpen{Ref: "HS-1", At: w.began, Title: "x", Parameters: []string{"铅"}, Products: []string{"蔬菜"}, Question: "x",
			RespondBy: traceability.DateOf(w.began), Evidence: []traceability.Evidence{{Name: "x"}}}),
		act(traceability.ConsultationAct{Act: traceability.ActDraft, Resolution: &traceability.Resolution{Level: traceability.LevelNone}}),
	)
	refused(act(resolve), http.StatusUnprocessableEntity)
	for _, province := range traceability.Provinces()[:3] {
		w.accept(w.sign(traceability.Regulator(province), traceability.TypeQuorumSet, traceability.Quorum{Matter: traceability.MatterConsultation, Revision: 1, Voting: 1, Approving: 1, Basis: "x", EffectiveFrom: "2020-01-01"}))
	}
	resolve.Reason = "再次提交"
	refused(act(resolve), http.StatusConflict)
}

// requests makes the mistakes that are of the request, not of a document.
func (w *world) requests(seen map[traceability.Code]bool) {
	w.Helper()
	many := make([]string, traceability.MaxBatchDocuments+1)
	for i := range many {
		many[i] = "x"
	}
	post := func(contentType, body string) reply {
		return w.do(http.MethodPost, "/v1/documents", []byte(body), "Content-Type: "+contentType)
	}
	for _, tt := range []struct {
		name   string
		answer reply
		status int
		code   traceability.Code
		field  string
	}{
		{"unknown address", w.get("/v1/nothing"), http.StatusNotFound, traceability.CodeNotFound, ""},
		{"unknown record", w.get("/v1/lots/01/06901234567892/10/NONE"), http.StatusNotFound, traceability.CodeNotFound, ""},
		{"wrong token", w.get("/v1/ledger", "Authorization: Bearer x"), http.StatusUnauthorized, traceability.CodeUnauthorized, ""},
		{"basic", w.get("/v1/ledger", "Authorization: Basic eDp5"), http.StatusUnauthorized, traceability.CodeUnauthorized, ""},
		{"too many documents", w.postBatch(many...), http.StatusRequestEntityTooLarge, traceability.CodeBatchTooBig, "documents"},
		{"too many bytes", post(mediaJSON, strings.Repeat(" ", maxBody+1)), http.StatusRequestEntityTooLarge, traceability.CodeBatchTooBig, ""},
		{"too many bytes of documents", w.postBatch(strings.Repeat("a", traceability.MaxBatchBytes+1)), http.StatusRequestEntityTooLarge, traceability.CodeBatchTooBig, ""},
		{"no documents", post(mediaJSON, `{"documents":[]}`), http.StatusBadRequest, traceability.CodeMissing, "documents"},
		{"documents are no list", post(mediaJSON, `{"documents":"x"}`), http.StatusBadRequest, traceability.CodeInvalid, "documents"},
		{"a document is no text", post(mediaJSON, `{"documents":[1]}`), http.StatusBadRequest, traceability.CodeMalformed, "documents.0"},
		{"unknown member", post(mediaJSON, `{"document":[]}`), http.StatusBadRequest, traceability.CodeMalformed, "document"},
		{"broken JSON", post(mediaJSON, `{"documents":[`), http.StatusBadRequest, traceability.CodeMalformed, "body"},
		{"no body", post(mediaJSON, ""), http.StatusBadRequest, traceability.CodeMalformed, "body"},
		{"form", post("application/x-www-form-urlencoded", "a=b"), http.StatusUnsupportedMediaType, traceability.CodeMediaType, "Content-Type"},
		{"no content type", post("", "{}"), http.StatusUnsupportedMediaType, traceability.CodeMediaType, "Content-Type"},
		{"XML wanted", w.get("/v1/lots/"+string(pickles)+"/trace", "Accept: application/xml"), http.StatusNotAcceptable, traceability.CodeMediaType, "Accept"},
		{"PUT", w.do(http.MethodPut, "/v1/documents", nil), http.StatusMethodNotAllowed, traceability.CodeMethod, ""},
		{"unknown parameter", w.get("/v1/reports?sampling-no=1"), http.StatusBadRequest, traceability.CodeUnknownField, "sampling-no"},
		{"parameter twice", w.get("/v1/reports?current=true&current=false"), http.StatusBadRequest, traceability.CodeInvalid, "current"},
		{"limit", w.get("/v1/reports?limit=1001"), http.StatusBadRequest, traceability.CodeInvalid, "limit"},
		{"cursor", w.get("/v1/reports?after=x"), http.StatusBadRequest, traceability.CodeInvalid, "after"},
		{"flag", w.get("/v1/reports?current=yes"), http.StatusBadRequest, traceability.CodeInvalid, "current"},
		{"filter", w.get("/v1/reports?lab=x"), http.StatusBadRequest, traceability.CodeInvalid, "lab"},
		{"direction", w.get("/v1/lots/" + string(pickles) + "/trace?direction=sideways"), http.StatusBadRequest, traceability.CodeInvalid, "direction"},
		{"trace too large for one object", w.get("/v1/lots/" + string(pickles) + "/trace?limit=10001"), http.StatusBadRequest, traceability.CodeInvalid, "limit"},
	} {
		problem := mustDecode[Problem](w, tt.answer.body)
		if tt.answer.status != tt.status || problem.Code != tt.code || problem.Field != tt.field {
			w.Errorf("%s: status %d code %q field %q, want %d %q %q: %s", tt.name, tt.answer.status, problem.Code, problem.Field, tt.status, tt.code, tt.field, tt.answer.body)
		}
		if problem.Status != tt.status || problem.ZH == "" || problem.EN == "" || problem.RequestID != tt.answer.header.Get("X-Request-Id") ||
			tt.answer.header.Get("Content-Type") != mediaProblem || tt.answer.header.Get("Cache-Control") != "no-store" {
			w.Errorf("%s: %v %s", tt.name, tt.answer.header, tt.answer.body)
		}
		seen[problem.Code] = true
	}
	if allow := w.do(http.MethodPut, "/v1/documents", nil).header.Get("Allow"); !strings.Contains(allow, http.MethodPost) {
		w.Errorf("Allow: %q", allow)
	}
	limited := newWorld(w, "--writes=0.001/1")
	limited.postOne("x")
	seen[mustDecode[Problem](w, limited.postOne("x").body).Code] = true
}

// brokenRequests asks servers whose ledger or read model fails. What the client
// gets must not tell why.
func brokenRequests(t *testing.T, seen map[traceability.Code]bool) {
	t.Helper()
	for _, tt := range []struct {
		name   string
		err    error
		method string
		path   string
		status int
		code   traceability.Code
		retry  string
	}{
		{"busy", fmt.Errorf("wrapped: %w", traceability.ErrBusy), http.MethodPost, "/v1/documents", http.StatusServiceUnavailable, traceability.CodeBusy, "1"},
		{"closed", traceability.ErrClosed, http.MethodPost, "/v1/documents", http.StatusServiceUnavailable, traceability.CodeBusy, "1"},
		{"timeout", context.DeadlineExceeded, http.MethodPost, "/v1/documents", http.StatusGatewayTimeout, traceability.CodeTimeout, "1"},
		{"disk full", fmt.Errorf("SECRET: %w", traceability.ErrNoSpace), http.MethodPost, "/v1/documents", http.StatusServiceUnavailable, traceability.CodeNoSpace, "30"},
		{"damaged", fmt.Errorf("SECRET: %w", traceability.ErrDamaged), http.MethodPost, "/v1/documents", http.StatusServiceUnavailable, traceability.CodeDamaged, "30"},
		{"clock", fmt.Errorf("SECRET: %w", traceability.ErrClock), http.MethodPost, "/v1/documents", http.StatusServiceUnavailable, traceability.CodeClock, "30"},
		{"internal", errBroken, http.MethodPost, "/v1/documents", http.StatusInternalServerError, traceability.CodeInternal, ""},
		{"reader", nil, http.MethodGet, "/v1/lots/" + string(pickles), http.StatusInternalServerError, traceability.CodeInternal, ""},
		{"panic", nil, http.MethodGet, "/v1/parties/" + string(lab), http.StatusInternalServerError, traceability.CodeInternal, ""},
		{"trace", nil, http.MethodGet, "/v1/lots/" + string(pickles) + "/trace", http.StatusInternalServerError, traceability.CodeInternal, ""},
	} {
		var log bytes.Buffer
		s, err := NewServer(Options{Ledger: brokenLedger{tt.err}, Reader: brokenReader{}, PublicURL: "http://example.test",
			Limits: mustServe(t, "serve").Limits, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = http.NoBody
		if tt.method == http.MethodPost {
			body = strings.NewReader("a.b.c")
		}
		r := httptest.NewRequest(tt.method, tt.path, body)
		r.Header.Set("Content-Type", mediaJOSE)
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, r)
		answer := reply{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
		conforms(t, tt.method, tt.path, answer)
		problem := mustDecode[Problem](t, answer.body)
		if answer.status != tt.status || problem.Code != tt.code || answer.header.Get("Retry-After") != tt.retry {
			t.Errorf("%s: %d %v %s", tt.name, answer.status, answer.header, answer.body)
		}
		if strings.Contains(string(answer.body), "SECRET") {
			t.Errorf("%s: the cause leaves the process: %s", tt.name, answer.body)
		}
		if tt.code == traceability.CodeInternal && (!strings.Contains(log.String(), "SECRET") || !strings.Contains(log.String(), problem.RequestID)) {
			t.Errorf("%s: the log lacks the cause or the request id: %s", tt.name, log.String())
		}
		seen[problem.Code] = true
	}
}

// verifications has a platform record more than is so, and out of order.
func (w *world) verifications(seen map[traceability.Code]bool) []traceability.Outcome {
	w.Helper()
	w.accept(w.sign(shanghai, traceability.TypePartyAdmit, w.admission(delivery)))
	record := func(ref string, at time.Time, id traceability.ShopID, verdict traceability.LicenceVerdict, codes ...traceability.ViolationCode) string {
		return w.sign(delivery, traceability.TypeVerificationRecord, &traceability.Verification{Ref: ref, At: at,
			Shops: []traceability.VerifiedShop{{ID: id, Verdict: verdict, Codes: codes}}})
	}
	w.accept(w.sign(delivery, traceability.TypeListingDeclare, &traceability.Listing{Ref: "1", At: w.at(1), Shops: []traceability.Shop{{ID: "BARE", Name: "示例"}}}))
	for document, code := range map[string]traceability.Code{
		record("1", w.at(1), "ABSENT", "valid"): traceability.CodeUnknownShop,
		record("1", w.at(1), "BARE", "valid"):   traceability.CodeClaimsBetter,
	} {
		if o := mustDecode[traceability.Receipt](w, w.postBatch(document).body).Outcomes[0]; o.Code != code {
			w.Errorf("got %s, want %s", o.Code, code)
		}
		seen[code] = true
	}
	w.accept(record("2", w.at(1), "BARE", "invalid", traceability.ViolationNotShown))
	return w.accept(record("3", w.at(2), "BARE", "invalid", traceability.ViolationNotShown))
}
