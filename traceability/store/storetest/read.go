package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deltatrace/traceability"
)

func readCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"read/unknown":         readUnknown,
		"read/document":        readDocument,
		"read/party":           readParty,
		"read/suspended party": readSuspended,
		"read/province's key":  readRotation,
		"read/lot":             readLot,
		"read/event":           readEvent,
		"read/report":          readReport,
		"read/agreement":       readAgreement,
	}
}

// equal compares records; keys by their text.
func equal(t *testing.T, want, got any) {
	t.Helper()
	keys := cmp.Comparer(func(a, b traceability.PublicKey) bool { return a.Thumbprint() == b.Thumbprint() })
	if diff := cmp.Diff(want, got, keys, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// must returns the value, and ends the test with the error.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// ref is how a document of the block being made is pointed to.
func (c *Chain) ref(id traceability.DocumentID, typ traceability.DocumentType, signer traceability.PartyID) traceability.DocumentRef {
	return traceability.DocumentRef{ID: id, Type: typ, Party: signer, Key: c.key(signer).ID(), IssuedAt: c.now(),
		Position: traceability.Position{Block: uint64(len(c.Blocks)), Tx: c.tx(), Time: c.now()}}
}

func readUnknown(t *testing.T, e Engine) {
	for name, s := range map[string]Store{"empty": e.Open(t), "full": applied(t, e, sample(t))} {
		_, err1 := s.Document(t.Context(), "0")
		_, err2 := s.Party(t.Context(), "op:x")
		_, err3 := s.Lot(t.Context(), "x")
		_, err4 := s.Event(t.Context(), "x/y")
		_, err5 := s.Report(t.Context(), "x/y/1")
		for i, err := range []error{err1, err2, err3, err4, err5} {
			if !errors.Is(err, traceability.ErrNotFound) {
				t.Errorf("%s store, question %d: %v", name, i+1, err)
			}
		}
	}
}

func readDocument(t *testing.T, e Engine) {
	c := NewChain(t)
	id := c.Lot(farm, lot("A"))
	want := traceability.DocumentRecord{DocumentRef: c.ref(id, traceability.TypeLotRegister, farm), Record: traceability.LotKey(lotID("A"))}
	c.Close()
	s := applied(t, e, c)
	got := must[traceability.DocumentRecord](t)(s.Document(t.Context(), id))
	d, err := traceability.ParseDocument(got.JWS)
	if err != nil || d.ID != id || d.Verify(c.key(farm).Public()) != nil {
		t.Errorf("the JWS is not the one that was signed: %v, %v", d, err)
	}
	got.JWS = ""
	equal(t, want, got)
}

func readParty(t *testing.T, e Engine) {
	c := NewChain(t)
	first := traceability.Admission{Party: lab, Name: "上海示例检测", Scope: []traceability.Capability{{Parameter: "铅", Method: "GB 5009.12-2023"}}}
	regulator := traceability.Regulator(traceability.Shanghai)
	id1 := c.Admit(first)
	ref1 := c.ref(id1, traceability.TypePartyAdmit, regulator)
	from := c.now()
	c.Close()
	second := first
	second.Name, second.Supersedes = "上海示例检测有限公司", id1
	ref2 := c.ref(c.Admit(second), traceability.TypePartyAdmit, regulator)
	c.Close()
	second.Key = c.key(lab).Public()
	s := applied(t, e, c)
	got := must[traceability.PartyRecord](t)(s.Party(t.Context(), lab))
	equal(t, traceability.PartyRecord{
		ID: lab, Province: traceability.Shanghai, Status: traceability.PartyActive, Admission: &second,
		Keys: []traceability.KeyPeriod{{Key: second.Key, From: from}}, Documents: []traceability.DocumentRef{ref1, ref2},
	}, got)
}

func readSuspended(t *testing.T, e Engine) {
	c := NewChain(t)
	suspension := traceability.Suspension{Party: shop, Reason: "许可证过期", Basis: "食品安全法第一百二十二条", On: "2026-11-01"}
	admission := traceability.Admission{Party: shop, Name: "示例小吃店"}
	c.Admit(admission) // in one transaction with its suspension: one write, two documents
	c.Suspend(suspension)
	c.Close()
	s := applied(t, e, c)
	got := must[traceability.PartyRecord](t)(s.Party(t.Context(), shop))
	if got.Status != traceability.PartySuspended || len(got.Documents) != 2 || got.Documents[1].Type != traceability.TypePartySuspend {
		t.Errorf("got %+v", got)
	}
	equal(t, &suspension, got.Suspension)
	admission.NameEN = "Example Snacks"
	c.Admit(admission)
	b := c.Close()
	if err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	got = must[traceability.PartyRecord](t)(s.Party(t.Context(), shop))
	if got.Status != traceability.PartyActive || got.Suspension != nil || got.Admission.NameEN != "Example Snacks" || len(got.Documents) != 3 {
		t.Errorf("admitted again: %+v", got)
	}
}

// readRotation holds that the votes for a province's key are found by their ids
// and are part of that province's history.
func readRotation(t *testing.T, e Engine) {
	c := NewChain(t)
	subject := traceability.Regulator(traceability.Anhui)
	rotation := traceability.Rotation{Party: subject, Key: NewKey(t, subject, "another").Public(), Reason: "到期更换"}
	var refs []traceability.DocumentRef
	for i, code := range []traceability.ProvinceCode{traceability.Zhejiang, traceability.Shanghai, traceability.Jiangsu} {
		voter := traceability.Regulator(code)
		refs = append(refs, c.ref(c.Vote(voter, rotation, i == 2), traceability.TypePartyRotateKey, voter))
		c.Close()
	}
	s := applied(t, e, c)
	for i, want := range refs {
		got := must[traceability.DocumentRecord](t)(s.Document(t.Context(), want.ID))
		equal(t, want, got.DocumentRef)
		if key := traceability.RotationKey(rotation.Key.ID(subject), want.Party); got.Record != key {
			t.Errorf("vote %d is the record %s, want %s", i, got.Record, key)
		}
	}
	got := must[traceability.PartyRecord](t)(s.Party(t.Context(), subject))
	equal(t, refs, got.Documents)
	if got.Admission != nil || len(got.Keys) != 2 || got.Keys[1].Key.Thumbprint() != rotation.Key.Thumbprint() || got.Name() != "安徽省市场监督管理局" {
		t.Errorf("got %+v", got)
	}
}

// readAgreement holds that each province's signature under a calendar is found.
func readAgreement(t *testing.T, e Engine) {
	c := NewChain(t)
	calendar := &traceability.Calendar{Year: 2027, Revision: 1, Off: []traceability.Date{"2027-01-01"}, Basis: "示例"}
	ids := c.Agree(traceability.TypeCalendarSet, calendar, traceability.Provinces()...)
	c.Close()
	s := applied(t, e, c)
	for _, id := range ids {
		got := must[traceability.DocumentRecord](t)(s.Document(t.Context(), id))
		if got.Record != calendar.Record() || got.Type != traceability.TypeCalendarSet {
			t.Errorf("got %+v", got)
		}
	}
}

func readLot(t *testing.T, e Engine) {
	c := NewChain(t)
	remark := traceability.Remark{Code: traceability.CodeCheckDigit, Field: "lot", Found: farm.Number(), Expected: "GB 32100-2015"}
	ref := c.ref(c.Lot(farm, lot("A"), remark), traceability.TypeLotRegister, farm)
	c.Close()
	got := must[traceability.LotRecord](t)(applied(t, e, c).Lot(t.Context(), lotID("A")))
	equal(t, traceability.LotRecord{Lot: lot("A"), Registrant: farm, Document: ref, Remarks: []traceability.Remark{remark}}, got)
}

func readEvent(t *testing.T, e Engine) {
	c := NewChain(t)
	event := c.transform("2", []traceability.LotID{lotID("A")}, []traceability.LotID{lotID("B")})
	event.Note, event.Place = "备注", traceability.Place{Division: "310118"}
	remark := traceability.Remark{Code: traceability.CodeUnknownDivision, Field: "place.division"}
	id := c.Event(farm, event, remark)
	position := traceability.Position{Block: 1, Tx: c.tx(), Time: c.now()}
	c.Close()
	s := applied(t, e, c)
	got := must[traceability.EventRecord](t)(s.Event(t.Context(), id))
	document := must[traceability.DocumentRecord](t)(s.Document(t.Context(), got.Document.ID))
	equal(t, position, got.Document.Position)
	equal(t, traceability.EventRecord{ID: id, Event: event, Party: farm, Document: document.DocumentRef, Remarks: []traceability.Remark{remark}}, got)
}

func readReport(t *testing.T, e Engine) {
	c := NewChain(t)
	revision1, revision2 := report("SP2026（9）1", 1, "", lotID("A")), report("SP2026（9）1", 2, "", lotID("A"))
	id1, id2 := traceability.NewReportID(lab, revision1.No, 1), traceability.NewReportID(lab, revision1.No, 2)
	document1 := c.Report(lab, revision1, []int{1})
	want := traceability.ReportRecord{ID: id1, Report: revision1, Lab: lab, OutOfScope: []int{1}, Document: c.ref(document1, traceability.TypeReportSubmit, lab)}
	c.Close()
	s := applied(t, e, c)
	equal(t, want, must[traceability.ReportRecord](t)(s.Report(t.Context(), id1)))

	revision2.Supersedes = document1
	remark := traceability.Remark{Code: traceability.CodeVerdictDiffers, Field: "verdict", Found: "pass"}
	want2 := traceability.ReportRecord{ID: id2, Report: revision2, Lab: lab, Remarks: []traceability.Remark{remark}}
	want2.Document = c.ref(c.Report(lab, revision2, nil, remark), traceability.TypeReportSubmit, lab)
	// A third revision in the same transaction, as a quick correction may come.
	revision3 := report("SP2026（9）1", 3, want2.Document.ID, lotID("A"))
	c.Report(lab, revision3, nil)
	if err := s.Apply(t.Context(), c.Close()); err != nil {
		t.Fatal(err)
	}
	want.SupersededBy = id2
	want2.SupersededBy = traceability.NewReportID(lab, revision1.No, 3)
	equal(t, want, must[traceability.ReportRecord](t)(s.Report(t.Context(), id1)))
	equal(t, want2, must[traceability.ReportRecord](t)(s.Report(t.Context(), id2)))
}
