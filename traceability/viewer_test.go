package traceability_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

const (
	lab   traceability.PartyID = "lab:230912340001"
	other traceability.PartyID = "lab:231001340002"
)

func TestViewerReport(t *testing.T) {
	t.Parallel()
	public, self, regulator := traceability.Viewer{}, traceability.Viewer{As: lab}, traceability.Viewer{As: traceability.Regulator(traceability.Anhui)}
	rival := traceability.Viewer{As: other}
	for _, c := range []struct {
		task   traceability.Task
		public bool
	}{
		{traceability.TaskSupervision, true},
		{traceability.TaskEvaluative, true},
		{traceability.TaskRiskMonitoring, false},
		{traceability.TaskCommissioned, false},
		{"", false},
	} {
		record := traceability.ReportRecord{Lab: lab, Report: traceability.Report{Task: c.task}}
		for name, viewer := range map[string]traceability.Viewer{"public": public, "another laboratory": rival} {
			if _, ok := viewer.Report(record); ok != c.public {
				t.Errorf("task %q, %s: got %v, want %v", c.task, name, ok, c.public)
			}
		}
		for name, viewer := range map[string]traceability.Viewer{"the laboratory": self, "a regulator": regulator} {
			if _, ok := viewer.Report(record); !ok {
				t.Errorf("task %q: %s does not see it", c.task, name)
			}
		}
	}
}

// The public never sees what would name a person.
func TestViewerMasks(t *testing.T) {
	t.Parallel()
	const canary = "王小明"
	record := traceability.ReportRecord{Lab: lab, Report: traceability.Report{
		Task: traceability.TaskSupervision, Client: canary, Remark: canary,
		Sample: traceability.Sample{
			SampledUnit:     traceability.Firm{Name: canary, Address: "杭州市西湖区文三路8号2单元" + canary},
			ClaimedProducer: traceability.Firm{Name: canary + "水产摊", USCC: "92340121MA1FPX535A", Address: "某县" + canary + "家"},
		},
	}}
	shown, ok := traceability.Viewer{}.Report(record)
	if !ok {
		t.Fatal("hidden")
	}
	text, err := json.Marshal(shown.Sample.SampledUnit)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), canary) || shown.Client != "" || shown.Remark != "" {
		t.Errorf("a person's name shows: %s", text)
	}
	if got := shown.Sample.SampledUnit.Name; got != "王＊明" {
		t.Errorf("name: got %s", got)
	}
	if got := shown.Sample.SampledUnit.Address; got != "杭州市西湖区文三路＊＊" {
		t.Errorf("address: got %s", got)
	}
	if got := shown.Sample.ClaimedProducer.Address; strings.Contains(got, canary+"家") {
		t.Errorf("an individual business's address: got %s", got)
	}
	company := traceability.ReportRecord{Lab: lab, Report: traceability.Report{Task: traceability.TaskSupervision,
		Sample: traceability.Sample{SampledUnit: traceability.Firm{Name: "上海示例超市有限公司", Address: "某路"}}}}
	if shown, _ := (traceability.Viewer{}).Report(company); shown.Sample.SampledUnit.Name != "上海示例超市有限公司" {
		t.Errorf("a company's name: got %s", shown.Sample.SampledUnit.Name)
	}
}

func TestViewerAmounts(t *testing.T) {
	t.Parallel()
	const farm, factory traceability.PartyID = "op:93330424MA1FPX121R", "op:91330106MA1FPX121E"
	amount := traceability.Quantity{Value: "1500", Unit: "KGM"}
	event := traceability.EventRecord{Party: farm, Event: traceability.Event{Type: traceability.EventShip, To: factory, Note: "price 3.2",
		Lots: []traceability.LotQuantity{{Lot: "cn/93330424MA1FPX121R/HG/1", Quantity: amount}}}}
	for viewer, sees := range map[traceability.PartyID]bool{"": false, other: false, farm: true, factory: true, "reg:310000": true} {
		shown := traceability.Viewer{As: viewer}.Event(event)
		if (shown.Lots[0].Quantity == amount) != sees || (shown.Note != "") != sees {
			t.Errorf("%q: got %+v", viewer, shown)
		}
	}
	if event.Lots[0].Quantity != amount {
		t.Error("the record itself was changed")
	}
	step := traceability.TraceStep{Event: &traceability.TraceEvent{ID: traceability.NewEventID(farm, "1"), From: event.Lots, To: event.Lots}}
	if shown := (traceability.Viewer{}).Step(step).Event; shown.From[0].Quantity != (traceability.Quantity{}) || shown.To[0].Quantity != (traceability.Quantity{}) || step.Event.From[0].Quantity != amount {
		t.Errorf("step: got %+v", shown)
	}
	if document := (traceability.Viewer{}).Document(traceability.DocumentRecord{JWS: "secret"}); document.JWS != "" {
		t.Error("the public sees a document")
	}
}

func TestViewerLicences(t *testing.T) {
	t.Parallel()
	const person = "王小明"
	standing := func(name string, code traceability.USCC) traceability.LicenceStanding {
		return traceability.LicenceStanding{Licence: traceability.Licence{Premises: "上海市徐汇区示例路1号", Holder: traceability.Firm{Name: name, USCC: code, Address: "上海市黄浦区南京路1号301室"}}}
	}
	holder := traceability.Viewer{As: "op:92310101MA1FPX1215"}
	regulator := traceability.Viewer{As: traceability.Regulator(traceability.Anhui)}
	for _, tt := range []struct {
		viewer        traceability.Viewer
		name          string
		code          traceability.USCC
		shown, hidden string
	}{
		{traceability.Viewer{}, person, "", "王＊明", "301室"},
		{traceability.Viewer{}, person, "92310101MA1FPX1215", "王＊明", "301室"},
		{traceability.Viewer{}, "西湖区王记面馆", "92310101MA1FPX1215", "西湖区王记面馆", "301室"},
		{traceability.Viewer{}, "上海示例餐饮有限公司", "91310101MA1FPX121X", "上海示例餐饮有限公司", ""},
		{traceability.Viewer{As: "plat:92310101MA1FPX1215"}, person, "92310101MA1FPX1215", "王＊明", "301室"},
		{holder, person, "92310101MA1FPX1215", person, ""},
		{regulator, person, "", person, ""},
	} {
		shown := tt.viewer.Licence(standing(tt.name, tt.code))
		if shown.Holder.Name != tt.shown || tt.hidden != "" && strings.Contains(shown.Holder.Address, tt.hidden) || shown.Premises != "上海市徐汇区示例路1号" {
			t.Errorf("%q sees of %s %s: %+v", tt.viewer.As, tt.name, tt.code, shown.Holder)
		}
		record := traceability.LicenceRecord{Periods: []traceability.LicenceTerm{{Content: standing(tt.name, tt.code).Licence}}}
		if got, want := tt.viewer.LicenceHistory(record), tt.viewer == holder || tt.viewer == regulator; got != want {
			t.Errorf("%q sees the history: %v", tt.viewer.As, got)
		}
	}
	own := traceability.ListingRecord{Platform: "plat:91310101MA1FPX121X"}
	for viewer, want := range map[traceability.PartyID]bool{"": false, own.Platform: true, "plat:91330106MA1FPX121E": false, "op:91310101MA1FPX121X": false, "reg:340000": true} {
		if _, ok := (traceability.Viewer{As: viewer}).Listing(own); ok != want {
			t.Errorf("%q sees a shop: %v", viewer, ok)
		}
	}
}
