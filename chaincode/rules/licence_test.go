package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

const licenceNo traceability.LicenceID = "JY23101080000010" // of 闸北, abolished

// aLicence is a caterer's in Shanghai.
func aLicence() *traceability.Licence {
	return &traceability.Licence{
		ID: licenceNo, Holder: traceability.Firm{Name: "上海示例餐饮有限公司", USCC: "91310101MA1FPX121X"},
		Premises: "上海市静安区示例路 1 号", Division: "310106", BusinessType: traceability.BusinessTypeCatering,
		Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2024-03-01", ValidTo: "2029-02-28",
	}
}

func aChange(kind traceability.LicenceChangeKind, from traceability.Date) *traceability.LicenceChange {
	c := &traceability.LicenceChange{ID: licenceNo, Change: kind, From: from, Basis: "示例决定"}
	if kind.Rewrites() {
		c.Content = aLicence()
		c.Content.Storefront = "示例小馆 " + string(from)
	}
	return c
}

func (w *world) licence() *traceability.LicenceState {
	w.Helper()
	state, err := traceability.DecodeState[traceability.LicenceState](w.state[traceability.LicenceKey(licenceNo)])
	if err != nil {
		w.Fatal(err)
	}
	return state
}

func TestLicenceIsGrantedOnceByItsProvince(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.refuse(w.sign(zhejiang, traceability.TypeLicenceGrant, aLicence()), traceability.CodeNotAllowed, "kid")
	w.refuse(w.sign(shop, traceability.TypeLicenceGrant, aLicence()), traceability.CodeNotAllowed, "kid")
	w.refuse(w.sign(shanghai, traceability.TypeLicenceChange, aChange(traceability.LicenceSuspended, "2026-01-01")), traceability.CodeUnknownLicence, "licence")
	granted := w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, aLicence()))
	if want := "licence/" + string(licenceNo); granted.Record != want {
		t.Errorf("record: got %q, want %q", granted.Record, want)
	}
	again := w.submit(w.sign(shanghai, traceability.TypeLicenceGrant, aLicence()))[0]
	if again.Status != traceability.StatusDuplicate || again.Record != granted.Record || again.First == "" {
		t.Errorf("the same again: %+v", again)
	}
	other := aLicence()
	other.Premises = "上海市静安区示例路 2 号"
	conflict := w.refuse(w.sign(shanghai, traceability.TypeLicenceGrant, other), traceability.CodeConflict, "licence")
	if conflict.Existing != granted.ID {
		t.Errorf("the conflict names %s, not the grant %s", conflict.Existing, granted.ID)
	}
	w.refuse(w.sign(zhejiang, traceability.TypeLicenceChange, aChange(traceability.LicenceRevoked, "2026-01-01")), traceability.CodeNotAllowed, "kid")
	if want := []traceability.LicencePeriod{{From: "2024-03-01"}}; !cmp.Equal(want, w.licence().Periods) {
		t.Errorf("periods: %+v", w.licence().Periods)
	}
}

// Changes come in any order; what they come to is in the order of their days.
func TestLicenceHistory(t *testing.T) {
	t.Parallel()
	type change struct {
		kind traceability.LicenceChangeKind
		from traceability.Date
	}
	const halted, struck, gone = traceability.LicenceHalted, traceability.LicenceStruck, traceability.LicenceSurrender
	type periods = []traceability.LicencePeriod
	p := func(from traceability.Date, content, by int, halt traceability.LicenceStatus) traceability.LicencePeriod {
		return traceability.LicencePeriod{From: from, Content: content, By: by, Halt: halt}
	}
	for _, tt := range []struct {
		name    string
		changes []change
		want    periods
	}{
		{"in order", []change{{traceability.LicenceSuspended, "2025-02-01"}, {traceability.LicenceResumed, "2025-03-01"}, {traceability.LicenceRevoked, "2026-01-01"}},
			periods{p("2024-03-01", 0, 0, ""), p("2025-02-01", 0, 1, halted), p("2025-03-01", 0, 2, ""), p("2026-01-01", 0, 3, struck)}},
		{"a content dated before a suspension", []change{{traceability.LicenceSuspended, "2025-02-01"}, {traceability.LicenceAltered, "2024-06-01"}},
			periods{p("2024-03-01", 0, 0, ""), p("2024-06-01", 2, 2, ""), p("2025-02-01", 2, 1, halted)}},
		{"a suspension dated before a content", []change{{traceability.LicenceRenewed, "2025-02-01"}, {traceability.LicenceSuspended, "2024-06-01"}, {traceability.LicenceResumed, "2024-07-01"}},
			periods{p("2024-03-01", 0, 0, ""), p("2024-06-01", 0, 2, halted), p("2024-07-01", 0, 3, ""), p("2025-02-01", 1, 1, "")}},
		{"two on one day", []change{{traceability.LicenceSuspended, "2025-02-01"}, {traceability.LicenceGraded, "2025-02-01"}},
			periods{p("2024-03-01", 0, 0, ""), p("2025-02-01", 2, 2, halted)}},
		{"on the first day", []change{{traceability.LicenceCancelled, "2024-03-01"}},
			periods{p("2024-03-01", 0, 1, gone)}},
		{"it began earlier", []change{{traceability.LicenceCorrected, "2024-01-01"}, {traceability.LicenceSuspended, "2024-02-01"}},
			periods{p("2024-01-01", 1, 1, ""), p("2024-02-01", 1, 2, halted)}},
		{"a misprint of a revoked one", []change{{traceability.LicenceRevoked, "2025-02-01"}, {traceability.LicenceCorrected, "2025-03-01"}},
			periods{p("2024-03-01", 0, 0, ""), p("2025-02-01", 0, 1, struck), p("2025-03-01", 2, 2, struck)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newPopulatedWorld(t)
			w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, aLicence()))
			for _, c := range tt.changes {
				w.accept(w.sign(shanghai, traceability.TypeLicenceChange, aChange(c.kind, c.from)))
			}
			if diff := cmp.Diff(tt.want, w.licence().Periods); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLicenceThatHasEnded(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	say := func(c *traceability.LicenceChange) string { return w.sign(shanghai, traceability.TypeLicenceChange, c) }
	w.accept(w.sign(shanghai, traceability.TypeLicenceGrant, aLicence()))
	w.refuse(say(aChange(traceability.LicenceResumed, "2025-01-01")), traceability.CodeWrongState, "change")
	w.refuse(say(aChange(traceability.LicenceSuspended, "2024-02-29")), traceability.CodeInvalid, "from")
	revoked := w.accept(say(aChange(traceability.LicenceRevoked, "2026-05-01")))
	for _, kind := range traceability.LicenceChangeKinds() {
		if kind != traceability.LicenceCorrected {
			w.refuse(say(aChange(kind, "2026-06-01")), traceability.CodeWrongState, "change")
		}
	}
	w.accept(say(aChange(traceability.LicenceAltered, "2026-04-01"))) // registered late; it was in force then

	mistake := &traceability.LicenceChange{ID: licenceNo, Change: traceability.LicenceCorrected, From: "2026-05-01", Annuls: "0" + revoked.ID[1:]}
	if mistake.Annuls == revoked.ID {
		mistake.Annuls = "1" + revoked.ID[1:]
	}
	w.refuse(say(mistake), traceability.CodeInvalid, "annuls")
	mistake.Annuls = revoked.ID
	corrected := w.accept(say(mistake))
	want := []traceability.LicencePeriod{{From: "2024-03-01"}, {From: "2026-04-01", Content: 2, By: 2}}
	if diff := cmp.Diff(want, w.licence().Periods); diff != "" {
		t.Errorf("taken back: -want +got:\n%s", diff)
	}
	mistake.Annuls = corrected.ID
	w.accept(say(mistake))
	want = append(want, traceability.LicencePeriod{From: "2026-05-01", Content: 2, By: 1, Halt: traceability.LicenceStruck})
	if diff := cmp.Diff(want, w.licence().Periods); diff != "" {
		t.Errorf("taken back again: -want +got:\n%s", diff)
	}
}
