package traceability_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

const (
	unit     traceability.PartyID = "op:91310101MA1FPX121X"
	producer traceability.PartyID = "op:91320106MA1FPX121A"
)

// aNotice is one with something to hide in every part.
func aNotice(canary string, publication ...traceability.PublicVersion) traceability.NoticeRecord {
	say := func(by traceability.PartyID, act traceability.Act, link traceability.Link) traceability.NoticeEntry {
		return traceability.NoticeEntry{DocumentRef: traceability.DocumentRef{Party: by}, Act: &traceability.NoticeAct{Act: act, Reason: canary, Link: link}}
	}
	return traceability.NoticeRecord{
		Notice: traceability.Notice{
			ID: "DBJ25330100319130599", Phase: traceability.PhasePublished, Organiser: traceability.Zhejiang, Report: "lab:230912340001/A/1",
			Recipients:  []traceability.Served{{As: traceability.ToUnit, Party: unit}, {As: traceability.ToProducer, Party: producer}},
			Provinces:   []traceability.Concern{{Province: traceability.Jiangsu, Answers: []traceability.Answered{{Answer: traceability.AnswerNotOurs}}}},
			Cases:       []traceability.HandlingCase{{Link: traceability.LinkProduction, Steps: []traceability.Step{traceability.StepCause}, Cause: traceability.CauseAdded}},
			Publication: publication,
		},
		History: []traceability.NoticeEntry{
			say("reg:330000", traceability.ActServe, ""), say("reg:320000", traceability.ActAnswer, ""), say("reg:320000", traceability.ActHandlingStep, traceability.LinkProduction),
			say(producer, traceability.ActObjectionFile, ""), say(unit, traceability.ActWaive, ""),
		},
	}
}

// A notice exists for the public once it was published, and then as its row.
func TestViewerNotice(t *testing.T) {
	t.Parallel()
	const canary = "欧阳明珠"
	row := &traceability.PublicRow{FoodName: "生菜", SampledUnit: traceability.Firm{Name: canary}}
	later := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	public := traceability.Viewer{}
	for viewer, sees := range map[traceability.PartyID]bool{"": false, other: false, "op:91340104MA1FPX121J": false, lab: true, unit: true, producer: true, "reg:340000": true} {
		if _, ok := (traceability.Viewer{As: viewer}).Notice(aNotice(canary)); ok != sees {
			t.Errorf("unpublished, %q: got %v", viewer, ok)
		}
	}
	published := aNotice(canary, traceability.PublicVersion{Act: traceability.ActPublish, Row: row, Reason: canary})
	shown, ok := public.Notice(published)
	text, err := json.Marshal(shown)
	if !ok || err != nil || strings.Contains(string(text), canary) {
		t.Errorf("published: %v %v %s", ok, err, text)
	}
	if len(shown.History)+len(shown.Cases)+len(shown.Provinces)+len(shown.Recipients)+len(shown.Deadlines) > 0 || shown.Publication[0].Row.FoodName != "生菜" || shown.Report == "" {
		t.Errorf("published: got %s", text)
	}
	if row.SampledUnit.Name != canary {
		t.Error("the record itself was changed")
	}
	corrected, _ := public.Notice(aNotice(canary, published.Publication[0], traceability.PublicVersion{Act: traceability.ActCorrect, Row: &traceability.PublicRow{FoodName: "生菜", Remark: "非标称企业生产"}, At: later}))
	if corrected.Publication[0].Row != nil || corrected.Publication[1].Row.Remark == "" {
		t.Errorf("corrected: got %+v", corrected.Publication)
	}
	withdrawn, ok := public.Notice(aNotice(canary, published.Publication[0], traceability.PublicVersion{Act: traceability.ActWithdraw, Reason: canary}))
	if !ok || withdrawn.Publication[0].Row != nil || withdrawn.Publication[1].Row != nil || withdrawn.Report != "" || withdrawn.Public() {
		t.Errorf("withdrawn: got %+v", withdrawn)
	}
}

// A business reads its own words and the regulators', not those of another, nor
// how provinces answer and handle the case.
func TestViewerNoticeOfParty(t *testing.T) {
	t.Parallel()
	record := aNotice("x")
	shown, ok := traceability.Viewer{As: unit}.Notice(record)
	if !ok {
		t.Fatal("hidden from the unit")
	}
	var reads []bool
	for _, e := range shown.History {
		reads = append(reads, e.Act != nil)
	}
	if want := []bool{true, false, false, false, true}; len(reads) != len(want) || reads[0] != want[0] || reads[1] || reads[2] || reads[3] || !reads[4] {
		t.Errorf("the unit reads %v, want %v", reads, want)
	}
	if shown.Provinces[0].Answers != nil || shown.Cases[0].Cause != "" || shown.Cases[0].Steps != nil {
		t.Errorf("the unit sees %+v %+v", shown.Provinces, shown.Cases)
	}
	if record.Provinces[0].Answers == nil || record.Cases[0].Cause == "" || record.History[1].Act == nil {
		t.Error("the record itself was changed")
	}
	if whole, _ := (traceability.Viewer{As: "reg:310000"}).Notice(record); whole.History[3].Act == nil || whole.Cases[0].Cause == "" {
		t.Error("a regulator does not see all")
	}
}

// A failed supervision report is public once its notice is, and no longer.
func TestViewerFailedReport(t *testing.T) {
	t.Parallel()
	pass, fail := traceability.VerdictPass, traceability.VerdictFail
	notice := func(public bool) *traceability.ReportNotice {
		return &traceability.ReportNotice{ID: "DBJ25330100319130599", Public: public, Parties: []traceability.PartyID{lab, producer}}
	}
	for _, c := range []struct {
		name          string
		verdict, item traceability.Verdict
		notice        *traceability.ReportNotice
		public, party bool
	}{
		{"passed", pass, pass, nil, true, true},
		{"failed, no notice", fail, fail, nil, false, false},
		{"an item failed, the report says passed", pass, fail, nil, false, false},
		{"the report says failed, no item did", fail, pass, nil, false, false},
		{"failed, not published", fail, fail, notice(false), false, true},
		{"failed, published", fail, fail, notice(true), true, true},
	} {
		record := traceability.ReportRecord{Lab: lab, Notice: c.notice, Report: traceability.Report{Task: traceability.TaskSupervision, Verdict: c.verdict, Items: []traceability.Item{{Verdict: c.item}}}}
		for viewer, want := range map[traceability.PartyID]bool{"": c.public, other: c.public, producer: c.party, lab: true, "reg:340000": true} {
			shown, ok := traceability.Viewer{As: viewer}.Report(record)
			if ok != want {
				t.Errorf("%s, %q: got %v", c.name, viewer, ok)
			}
			if ok && viewer == "" && shown.Notice != nil && !shown.Notice.Public {
				t.Errorf("%s: the public sees the notice", c.name)
			}
		}
	}
}
