package traceability_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// places lists what is wrong as "code field", in order.
func places(list []*traceability.Error) []string {
	var places []string
	for _, e := range list {
		places = append(places, string(e.Code)+" "+e.Field)
	}
	return places
}

func TestPayloadChecks(t *testing.T) {
	t.Parallel()
	const lot traceability.LotID = "cn/93330424MA1FPX121R/HG/20261120"
	kilogram := traceability.Quantity{Value: "1", Unit: "KGM"}
	lots := func(ids ...traceability.LotID) []traceability.LotQuantity {
		var list []traceability.LotQuantity
		for _, id := range ids {
			list = append(list, traceability.LotQuantity{Lot: id, Quantity: kilogram})
		}
		return list
	}
	key := newKey(t, lab).Public()
	for _, c := range []struct {
		name     string
		payload  traceability.Payload
		problems []string
		warnings []string
	}{
		{"admission", &traceability.Admission{Party: lab, Name: "示例", Key: key}, nil, nil},
		{"admission of a province", &traceability.Admission{Party: "reg:310000", Name: "示例", Key: key}, []string{"invalid party"}, nil},
		{"admission with everything wrong", &traceability.Admission{Party: "op:91310101MA1FPX121Y", Division: "31", USCC: "x", Stage: "sea", Scope: []traceability.Capability{{}}},
			[]string{"missing name", "invalid uscc", "invalid division", "missing key", "invalid scope", "missing scope[0]", "invalid stage"}, []string{"check_digit party"}},
		{"an abolished county", &traceability.Admission{Party: lab, Name: "示例", Key: key, Division: "310108"}, nil, []string{"unknown_division division"}},
		{"a CNAS number", &traceability.Admission{Party: lab, Name: "示例", Key: key, CNAS: "CNAS L0192"}, nil, nil},
		{"a CNAS number in another form", &traceability.Admission{Party: lab, Name: "示例", Key: key, CNAS: "cnasL0192"}, []string{"invalid cnas"}, nil},
		{"suspension without a reason", &traceability.Suspension{Party: lab}, []string{"missing reason", "missing on"}, nil},
		{"rotation without a key", &traceability.Rotation{Party: lab}, []string{"missing key"}, nil},
		{"lot", &traceability.Lot{ID: lot, Product: "黄瓜", Unit: "KGM"}, nil, nil},
		{"credit entry with everything wrong", &traceability.CreditEnter{Kind: "x", Measures: []traceability.CreditMeasure{{Measure: "X"}}},
			[]string{"invalid ref", "missing company", "missing name", "invalid kind", "invalid topic", "too_many measures", "missing from", "invalid measures[0].measure"}, nil},
		{"serious violation without an end", &traceability.CreditEnter{Ref: "1", Company: "91310101MA1FPX121X", Name: "示例", Kind: traceability.CreditSerious, Reason: "示例", Basis: "示例", Decision: "1", From: "2026-11-01"},
			[]string{"missing expires"}, nil},
		{"commitment", &traceability.CreditEnter{Ref: "1", Company: "91310101MA1FPX121X", Name: "示例", Kind: traceability.CreditCommitment, Topic: traceability.TopicModelShop, From: "2026-11-01"}, nil, nil},
		{"credit act without evidence", &traceability.CreditAct{Entry: "91310101MA1FPX121X/reg:330000/1", Act: traceability.CreditApply, At: morning, Reason: "示例"}, []string{"missing evidence"}, nil},
		{"lot with a short GTIN", &traceability.Lot{ID: "01/6901234567892/10/A", Product: "黄瓜", Unit: "KGM"}, []string{"invalid lot"}, nil},
		{"lot with control characters", &traceability.Lot{ID: lot, Product: "黄\x00瓜", Unit: "KGM"}, []string{"hidden_character product"}, nil},
		{"lot at a wrong GLN", &traceability.Lot{ID: lot, Product: "黄瓜", Unit: "KGM", Origin: traceability.Place{GLN: "6920000000013"}}, []string{"invalid origin.gln"}, nil},
		{"commission", &traceability.Event{Ref: "1", Type: traceability.EventCommission, Time: morning, Outputs: lots(lot)}, nil, nil},
		{"event without type", &traceability.Event{Ref: "1", Time: morning}, []string{"invalid type"}, nil},
		{"event without time or number", &traceability.Event{Type: traceability.EventSell, Lots: lots(lot)}, []string{"invalid ref", "missing time"}, nil},
		{"commission with inputs", &traceability.Event{Ref: "1", Type: traceability.EventCommission, Time: morning, Inputs: lots(lot), Outputs: lots(lot)}, []string{"invalid inputs"}, nil},
		{"a lot twice", &traceability.Event{Ref: "1", Type: traceability.EventSell, Time: morning, Lots: lots(lot, lot)}, []string{"invalid lots[1].lot"}, nil},
		{"nothing of a lot", &traceability.Event{Ref: "1", Type: traceability.EventSell, Time: morning, Lots: []traceability.LotQuantity{{Lot: lot, Quantity: traceability.Quantity{Value: "0", Unit: "KGM"}}}}, []string{"invalid lots[0].quantity.value"}, nil},
		{"observe without amounts", &traceability.Event{Ref: "1", Type: traceability.EventObserve, Time: morning, Lots: []traceability.LotQuantity{{Lot: lot}}}, nil, nil},
		{"ship to nobody", &traceability.Event{Ref: "1", Type: traceability.EventShip, Time: morning, Lots: lots(lot)}, []string{"missing to"}, nil},
		{"sell by shipment", &traceability.Event{Ref: "1", Type: traceability.EventSell, Time: morning, Lots: lots(lot), Shipment: "op:93330424MA1FPX121R/1"}, []string{"invalid shipment"}, nil},
		{"aggregate into two", &traceability.Event{Ref: "1", Type: traceability.EventAggregate, Time: morning, Inputs: lots(lot), Outputs: lots("01/06901234567892/10/A", "01/06901234567892/10/B")}, []string{"invalid outputs"}, nil},
		{"report", sampleReport(), nil, nil},
		{"report of no sense", &traceability.Report{Revision: 0, Task: "sport", Verdict: "fine"}, []string{"missing report_no", "invalid revision", "invalid task", "invalid verdict", "missing items"}, nil},
		{"second revision of nothing", &traceability.Report{No: "1", Revision: 2, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass, Items: sampleReport().Items}, []string{"missing supersedes"}, nil},
		{"items", &traceability.Report{No: "1", Revision: 1, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass,
			Items: []traceability.Item{{Seq: 1, Parameter: "a", Result: "1", Verdict: traceability.VerdictFail}, {Seq: 1, Verdict: "?"}}},
			[]string{"invalid items[1].seq", "missing items[1].parameter", "missing items[1].result", "invalid items[1].verdict"}, []string{"verdict_differs verdict"}},
		{"too many items", &traceability.Report{No: "1", Revision: 1, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass, Items: make([]traceability.Item, traceability.MaxReportItems+1)}, []string{"too_many items"}, nil},
		{"sampling number in full width", &traceability.Report{No: "1", Revision: 1, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass, Items: sampleReport().Items,
			Sample: traceability.Sample{No: "ＤＢＪ25330100390000001"}}, []string{"invalid sample.sampling_no"}, nil},
		{"licence", sampleLicence(), nil, nil},
		{"licence of no sense", &traceability.Licence{ID: "JY1", Division: "31", BusinessType: "9", ValidFrom: "2026-02-01", ValidTo: "2026-01-31"},
			[]string{"invalid licence", "missing holder.name", "missing premises", "invalid division", "invalid business_type", "missing items", "invalid valid_to"}, nil},
		{"licence of an abolished county, with a wrong check digit", &traceability.Licence{ID: "JY23101080000011", Holder: traceability.Firm{Name: "示例"}, Premises: "示例路 1 号", Division: "310108",
			Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2026-02-01"}, nil, []string{"check_digit licence", "unknown_division division"}},
		{"verification", &traceability.Verification{Ref: "1", At: morning, Height: 9, Shops: []traceability.VerifiedShop{{ID: "A", Licence: "JY23101040000019", Verdict: "valid", Codes: []traceability.ViolationCode{"NO_GRADE"}}}}, nil, nil},
		{"verification of no sense", &traceability.Verification{Shops: []traceability.VerifiedShop{{ID: "店", Verdict: "fine"}, {ID: "A", Verdict: "valid", Codes: []traceability.ViolationCode{"EXPIRED"}}, {ID: "A", Verdict: "invalid", Codes: []traceability.ViolationCode{"UGLY", "STALE", "STALE"}}}},
			[]string{"invalid ref", "missing at", "invalid shops[0].shop", "invalid shops[0].verdict", "invalid shops[1].verdict", "invalid shops[2].shop", "invalid shops[2].codes[0]", "invalid shops[2].codes[2]"}, nil},
		{"suspended", &traceability.LicenceChange{ID: "JY23101040000019", Change: traceability.LicenceSuspended, From: "2026-02-01"}, nil, nil},
		{"suspended with a content, and annulling", &traceability.LicenceChange{ID: "JY23101040000019", Change: traceability.LicenceSuspended, From: "2026-02-01", Content: sampleLicence(),
			Annuls: traceability.DocumentID(strings.Repeat("0", 64))}, []string{"invalid content", "invalid annuls"}, nil},
		{"renewed without a content", &traceability.LicenceChange{ID: "JY23101040000019", Change: traceability.LicenceRenewed}, []string{"missing from", "missing content"}, nil},
		{"corrected by taking back", &traceability.LicenceChange{ID: "JY23101040000019", Change: traceability.LicenceCorrected, From: "2026-02-01", Annuls: traceability.DocumentID(strings.Repeat("0", 64))}, nil, nil},
		{"altered to another licence", &traceability.LicenceChange{ID: "JY23201060001238", Change: traceability.LicenceAltered, From: "2026-02-01", Content: sampleLicence()}, []string{"invalid content.licence"}, nil},
		{"an unknown change", &traceability.LicenceChange{ID: "JY23101040000019", Change: "lost", From: "2026-02-01"}, []string{"invalid change"}, nil},
		{"listing", &traceability.Listing{Ref: "1", At: morning, Snapshot: &traceability.SnapshotPart{ID: "2026-11-22", Part: 2, Parts: 2}, Shops: []traceability.Shop{{ID: "E1", Name: "示例"}}}, nil, nil},
		{"listing of no sense", &traceability.Listing{Ref: "a b", Snapshot: &traceability.SnapshotPart{ID: "x", Part: 3, Parts: 2}, Shops: []traceability.Shop{
			{ID: "E1", Name: "示例", Page: "http://shop.example/1", ShownAt: "door"}, {ID: "E1", Items: []string{""}}}},
			[]string{"invalid ref", "missing at", "invalid snapshot.part", "invalid shops[0].page", "invalid shops[0].shown_at", "missing shops[1].name", "missing shops[1].items[0]", "invalid shops[1].shop"}, nil},
		{"listing of too many", &traceability.Listing{Ref: "1", At: morning, Shops: manyShops(traceability.MaxListingShops + 1)}, []string{"too_many shops"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			problems, warnings := c.payload.Check()
			if diff := cmp.Diff(c.problems, places(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.warnings, places(warnings)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func sampleLicence() *traceability.Licence {
	return &traceability.Licence{ID: "JY23101040000019", Holder: traceability.Firm{Name: "上海示例餐饮有限公司", USCC: "91310101MA1FPX121X"},
		Premises: "上海市徐汇区示例路 1 号", Division: "310104", BusinessType: traceability.BusinessTypeCatering,
		Items: []traceability.LicenceItem{{Name: "热食类食品制售"}}, ValidFrom: "2024-03-01", ValidTo: "2029-02-28"}
}

func manyShops(n int) []traceability.Shop {
	var shops []traceability.Shop
	for i := range n {
		shops = append(shops, traceability.Shop{ID: traceability.ShopID(fmt.Sprint(i)), Name: "示例"})
	}
	return shops
}

func TestQuantity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value traceability.Decimal
		from  traceability.Unit
		to    traceability.Unit
		want  string
	}{
		{"1.5", "TNE", "KGM", "1500"},
		{"0.000001", "TNE", "GRM", "1"},
		{"999999999999999", "GRM", "TNE", "999999999.999999"},
		{"250", "MLT", "LTR", "0.25"},
		{"7", "H87", "H87", "7"},
		{"1", "LTR", "KGM", ""},
		{"1", "XBX", "XBG", ""},
	} {
		got, err := traceability.Quantity{Value: c.value, Unit: c.from}.In(c.to)
		switch {
		case c.want == "" && traceability.CodeOf(err) != traceability.CodeUnitMismatch:
			t.Errorf("%s %s in %s: got %v, %v", c.value, c.from, c.to, got, err)
		case c.want != "" && (err != nil || got.String() != c.want):
			t.Errorf("%s %s in %s: got %v, %v; want %s", c.value, c.from, c.to, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "1e3", "01", ".5", "5.", "1,5", "+1", "１", "1.0000001", "1234567890123456", "NaN"} {
		if _, err := traceability.ParseDecimal(bad); err == nil {
			t.Errorf("%q was taken for a decimal", bad)
		}
	}
}

func TestIdentifiersOfRecords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]traceability.ReportID{
		"lab:230912340001/SP2025/1":                         "lab:230912340001/SP2025/1",
		"lab:230912340001/2019%EF%BC%88食%EF%BC%89A/2":       traceability.NewReportID(lab, "2019(食)A", 2),
		"lab:230912340001/" + strings.Repeat("x", 3) + "/0": "",
		"op:93330424MA1FPX121R/SP2025/1":                    "",
		"lab:230912340001/SP2025":                           "",
		"lab:230912340001/%zz/1":                            "",
	} {
		if got, err := traceability.ParseReportID(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", in, got, err, want)
		}
	}
	for in, good := range map[string]bool{
		"reg:310000": true, "reg:110000": false, "lab:230912340001": true, "lab:12": false, "op:91310101MA1FPX121X": true,
		"op:91310101ma1fpx121x": false, "plat:91310101MA1FPX121X": true, "bank:1": false, "": false,
	} {
		if _, err := traceability.ParsePartyID(in); (err == nil) != good {
			t.Errorf("%s: got %v", in, err)
		}
	}
	for in, good := range map[string]bool{"op:91310101MA1FPX121X/S-1": true, "op:91310101MA1FPX121X/": false, "op:91310101MA1FPX121X/a/b": false, "x/1": false} {
		if _, err := traceability.ParseEventID(in); (err == nil) != good {
			t.Errorf("%s: got %v", in, err)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	if got := traceability.DateOf(time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC)); got != "2026-03-01" {
		t.Errorf("midnight in Shanghai: got %s", got)
	}
	for in, good := range map[string]bool{"2026-02-28": true, "2026-02-30": false, "2026-2-3": false, "20260203": false, "0000-01-01": false} {
		if _, err := traceability.ParseDate(in); (err == nil) != good {
			t.Errorf("%s: got %v", in, err)
		}
	}
	if !traceability.Date("2026-03-01").Within("2026-03-01", "") || traceability.Date("2026-02-28").Within("2026-03-01", "") {
		t.Error("a closed range has its bounds in it")
	}
}
