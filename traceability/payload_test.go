package traceability_test

import (
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
		{"lot with a short GTIN", &traceability.Lot{ID: "01/6901234567892/10/A", Product: "黄瓜", Unit: "KGM"}, []string{"invalid lot"}, nil},
		{"lot with control characters", &traceability.Lot{ID: lot, Product: "黄\x00瓜", Unit: "KGM"}, []string{"invalid product"}, nil},
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
