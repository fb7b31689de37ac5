package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

// recognitionRule is a province's rule about all food of the other three.
func recognitionRule(accepting traceability.ProvinceCode) traceability.RecognitionRule {
	return traceability.RecognitionRule{
		Rule: "MR-2026-01", Version: 1, Accepting: accepting, EffectiveFrom: "2026-07-01",
		Issuing: slices.DeleteFunc(traceability.Provinces(), func(p traceability.ProvinceCode) bool { return p == accepting }),
		Applies: traceability.RecognitionScope{Tasks: []traceability.Task{traceability.TaskSupervision}, Categories: []string{"*"}, Parameters: []string{"*"}},
		Require: []traceability.Condition{traceability.ConditionScope, traceability.ConditionBatch, traceability.ConditionSensitivity},
	}
}

// decision is Shanghai's word on the benzoic acid of a report.
func (w *world) decision(no string) traceability.RecognitionDecision {
	return traceability.RecognitionDecision{Report: traceability.NewReportID(lab, no, 1), Parameter: "苯甲酸", Accepting: traceability.Shanghai,
		Rule: "MR-2026-01", Version: 1, Outcome: traceability.NeedsReview, At: traceability.Instant(time.Now())}
}

const canaryDissent, canaryPaper = "CANARYDISSENT", "CANARYPAPER"

// recognised has Shanghai decide on the pickles' report, as a dissent, and Jiangsu
// refuse it.
func (w *world) recognised() {
	w.Helper()
	strict := recognitionRule(traceability.Jiangsu)
	strict.Applies.ExcludeParameters = []string{"苯甲酸"}
	jiangsu := traceability.Regulator(traceability.Jiangsu)
	w.accept(w.sign(shanghai, traceability.TypeRecognitionRule, recognitionRule(traceability.Shanghai)), w.sign(jiangsu, traceability.TypeRecognitionRule, strict))
	d := w.decision("SP202611001")
	d.Outcome, d.Dissent = traceability.Recognised, canaryDissent
	d.Evidence = []traceability.RecognitionEvidence{{Hash: traceability.Hash{7}, Note: canaryPaper}}
	w.accept(w.sign(shanghai, traceability.TypeRecognitionDecide, d))
}

func recognitionOf(lot traceability.LotID, province, more string) string {
	return "/v1/recognition?lot=" + string(lot) + "&province=" + province + more
}

// TestRecognition asks what counts in each province, and why not.
func TestRecognition(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.recognised()
	ask := func(as traceability.PartyID, province, more string) recognition.Answer {
		t.Helper()
		address := recognitionOf(pickles, province, more)
		answer := w.get(address)
		if as != "" {
			answer = w.getAs(as, address)
		}
		if answer.status != http.StatusOK {
			t.Fatalf("%d %s", answer.status, answer.body)
		}
		return mustDecode[recognition.Answer](t, answer.body)
	}
	standings := make(map[string]recognition.Standing)
	for _, province := range traceability.Provinces() {
		a := ask("", string(province), "")
		if len(a.Results) != 1 {
			t.Fatalf("the public sees %d results of %s", len(a.Results), province)
		}
		standings[string(province)] = a.Results[0].Standing
	}
	want := map[string]recognition.Standing{"310000": recognition.Recognised, "320000": recognition.NotRecognised, "330000": recognition.Own, "340000": recognition.NotRecognised}
	if diff := cmp.Diff(want, standings); diff != "" {
		t.Error(diff)
	}
	if a := ask("", "310000", ""); a.Offered != 1 || a.Recognised != 1 || a.Results[0].Decision == nil || a.Results[0].Decision.Dissent != "" || a.Results[0].Findings[0].EN == "" {
		t.Errorf("the public sees %+v", a)
	}
	if a := ask("", "310000", "&rule=MR-2026-01/1"); a.Recognised != 1 {
		t.Errorf("by the version: %+v", a)
	}
	// A regulator also sees the reasons, and the results that are hidden: four,
	// three of which are no supervision's.
	a := ask(traceability.Regulator(traceability.Anhui), "310000", "")
	if len(a.Results) != 4 || a.Results[0].Decision.Dissent != canaryDissent || a.Results[0].Findings[0].Found == "" {
		t.Errorf("a regulator sees %+v", a)
	}
	if a := ask("", "320000", ""); !slices.Equal(a.Results[0].Failed, []traceability.Condition{traceability.ConditionParameter}) || !strings.Contains(a.Results[0].ZH, "负面清单") {
		t.Errorf("Jiangsu's reason: %+v", a.Results[0])
	}

	for address, code := range map[string]traceability.Code{
		recognitionOf("01/06901234567892/10/NONE", "310000", ""): traceability.CodeNotFound,
		recognitionOf(pickles, "310000", "&on=2020-01-01"):       traceability.CodeNotFound,
		recognitionOf(pickles, "310000", "&on=yesterday"):        traceability.CodeInvalid,
		recognitionOf(pickles, "310000", "&rule=MR-2026-01/x"):   traceability.CodeInvalid,
		recognitionOf(pickles, "310000", "&rule=MR-2026-01/2"):   traceability.CodeRuleNotInForce,
		recognitionOf(pickles, "110000", ""):                     traceability.CodeInvalid,
		"/v1/recognition?lot=" + string(pickles):                 traceability.CodeMissing,
		"/v1/recognition?province=310000":                        traceability.CodeMissing,
		recognitionOf(pickles, "310000", "&parameter=x"):         traceability.CodeUnknownField,
		"/v1/recognition/rate?from=2026":                         traceability.CodeInvalid,
		"/v1/recognition/rules?after=x":                          traceability.CodeInvalid,
	} {
		if got := mustDecode[Problem](t, w.get(address).body); got.Code != code {
			t.Errorf("%s: %s, want %s", address, got.Code, code)
		}
	}
	rules := mustDecode[traceability.List[traceability.RecognitionRuleRecord]](t, w.get("/v1/recognition/rules?province=320000").body)
	if len(rules.Items) != 1 || rules.Items[0].Accepting != traceability.Jiangsu {
		t.Errorf("rules: %+v", rules)
	}
	rates := mustDecode[traceability.List[traceability.RecognitionRate]](t, w.get("/v1/recognition/rate").body)
	wantRate := traceability.RecognitionRate{Month: traceability.DateOf(time.Now()).Month(), Issuing: traceability.Zhejiang, Accepting: traceability.Shanghai,
		Offered: 1, Recognised: 1, Avoided: 1}
	if len(rates.Items) != 1 || rates.Items[0] != wantRate {
		t.Errorf("rates: %+v", rates)
	}
}

// TestRecognitionHidesCanaries looks in what the public sees for words that only
// regulators and the laboratory may read.
func TestRecognitionHidesCanaries(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.recognised()
	addresses := append(w.publicAddresses(), "/v1/recognition/rate", "/v1/recognition/rules")
	for _, province := range traceability.Provinces() {
		addresses = append(addresses, recognitionOf(pickles, string(province), ""), recognitionOf(cucumbers, string(province), ""))
	}
	for _, address := range addresses {
		for _, canary := range append(canaries, canaryDissent, canaryPaper) {
			if strings.Contains(string(w.get(address).body), canary) && !strings.Contains(address, canary) {
				t.Errorf("%s shows %s to the public", address, canary)
			}
		}
	}
}
