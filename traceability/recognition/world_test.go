package recognition_test

import (
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

// The synthetic parties of the tests.
const (
	lab   traceability.PartyID = "lab:230912340001"
	lotID traceability.LotID   = "01/06901234567892/10/A01"
)

var (
	reportDocument = documentID("a")
	ruleDocument   = documentID("b")
	labDocument    = documentID("c")
	lotDocument    = documentID("d")
)

func documentID(digit string) traceability.DocumentID {
	id := ""
	for range 64 {
		id += digit
	}
	return traceability.DocumentID(id)
}

func on(day string) time.Time {
	t, err := time.Parse(time.RFC3339, day+"T04:00:00Z")
	if err != nil {
		panic(err)
	}
	return t
}

// goodCase is a report of Shanghai's in which everything is as it should be.
func goodCase() *recognition.Case {
	return &recognition.Case{
		ID: traceability.NewReportID(lab, "SP202690001", 1), Document: reportDocument, Issuing: traceability.Shanghai,
		Report: &traceability.Report{
			No: "SP202690001", Revision: 1, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass,
			TestedFrom: "2026-08-03", TestedTo: "2026-08-07", Issued: "2026-08-08",
			Conclusion: "经抽样检验，所检项目符合GB 2760-2024、GB 2762-2022要求。",
			Sample: traceability.Sample{No: "DBJ26310100319130599", Lot: lotID, FoodName: "酱腌菜", Category: "蔬菜制品", Spec: "500g/瓶", Batch: "A01",
				Date: "2026-07-20", DateKind: traceability.DateProduction, SampledOn: "2026-08-01",
				ClaimedProducer: traceability.Firm{Name: "上海示例食品有限公司", USCC: "91310101MA1FPX121X"}},
			Items: []traceability.Item{
				{Seq: 1, Parameter: "苯甲酸及其钠盐（以苯甲酸计）", Unit: "g/kg", Limit: "≤1.0", Result: "0.12", Verdict: traceability.VerdictPass, Method: "GB 5009.28-2016 第一法"},
				{Seq: 2, Parameter: "铅（以Pb计）", Unit: "mg/kg", Limit: "≤0.5", Result: "未检出（定量限：0.04）", Verdict: traceability.VerdictPass, Method: "GB 5009.12-2023 第一法"},
			},
		},
		Laboratory: []recognition.Step{{Document: labDocument, Recorded: on("2026-01-05"),
			Admission: &traceability.Admission{Party: lab, ValidFrom: "2023-03-01", ValidTo: "2029-02-28"}}},
		Lot: &traceability.Lot{ID: lotID, Product: "酱腌菜", Category: "蔬菜制品", Spec: "500g/瓶", Unit: "XBO", Date: "2026-07-20",
			DateKind: traceability.DateProduction, Producer: traceability.Firm{Name: "上海示例食品有限公司", USCC: "91310101MA1FPX121X"}},
		LotDocument: lotDocument,
		Dispute:     recognition.DisputeNone,
	}
}

// zhejiang is a rule of Zhejiang's with everything in it.
func zhejiang() recognition.Rule {
	return recognition.Rule{Document: ruleDocument, RecognitionRule: &traceability.RecognitionRule{
		Rule: "MR-33-2026-01", Version: 1, Accepting: traceability.Zhejiang,
		Issuing:       []traceability.ProvinceCode{traceability.Shanghai, traceability.Jiangsu, traceability.Anhui},
		EffectiveFrom: "2026-07-01",
		Applies: traceability.RecognitionScope{Tasks: []traceability.Task{traceability.TaskSupervision}, Categories: []string{"蔬菜制品", "肉制品"},
			Parameters: []string{"*"}, ExcludeParameters: []string{"菌落总数", "大肠菌群"}},
		Require: []traceability.Condition{traceability.ConditionLaboratory, traceability.ConditionScope, traceability.ConditionMethod, traceability.ConditionStandard,
			traceability.ConditionSample, traceability.ConditionBatch, traceability.ConditionIntact, traceability.ConditionUndisputed, traceability.ConditionSensitivity},
		MaxAgeDays: 180,
		Editions: []traceability.StandardEdition{
			{Standard: "GB 2760", Edition: "GB 2760-2014", From: "2015-05-24", To: "2025-02-07"},
			{Standard: "GB 2760", Edition: "GB 2760-2024", From: "2025-02-08"},
			{Standard: "GB 2762", Edition: "GB 2762-2022", From: "2023-06-30", To: "2026-09-01"},
			{Standard: "GB 2762", Edition: "GB 2762-2025", From: "2026-09-02"},
			{Standard: "GB 2763", Edition: "GB 2763-2021", From: "2021-09-03", To: "2026-02-28"},
			{Standard: "GB 2763", Edition: "GB 2763-2026", From: "2026-03-01"},
		},
		Methods: []traceability.DesignatedMethod{
			{Parameter: "苯甲酸及其钠盐", Methods: []string{"GB 5009.28-2016"}},
			{Parameter: "铅", Methods: []string{"GB 5009.12-2023 第一法", "GB 5009.268-2016"}},
		},
	}}
}

// jiangsu is a rule with another negative list, and a shorter age.
func jiangsu() recognition.Rule {
	rule := zhejiang()
	rule.Rule, rule.Accepting = "MR-32-2026-07", traceability.Jiangsu
	rule.Issuing = []traceability.ProvinceCode{traceability.Shanghai, traceability.Zhejiang, traceability.Anhui}
	rule.Applies.ExcludeParameters = []string{"铅"}
	rule.MaxAgeDays = 30
	return rule
}

// papers attest what the ledger does not know of any report.
func papers() []traceability.RecognitionEvidence {
	return []traceability.RecognitionEvidence{
		{Hash: traceability.Hash{1}, Condition: traceability.ConditionSample, Note: "抽样单"},
		{Hash: traceability.Hash{2}, Condition: traceability.ConditionIntact, Note: "报告原件"},
	}
}

// resultOf evaluates one item and returns what one condition came to.
func resultOf(t *testing.T, c *recognition.Case, rule recognition.Rule, seq int, day traceability.Date, condition traceability.Condition) traceability.ConditionResult {
	t.Helper()
	for _, f := range recognition.Evaluate(c, rule, &c.Report.Items[seq-1], day, papers()).Findings {
		if f.Condition == condition {
			if f.ZH == "" || f.EN == "" {
				t.Errorf("%s says nothing for people", condition)
			}
			return f.Result
		}
	}
	return ""
}
