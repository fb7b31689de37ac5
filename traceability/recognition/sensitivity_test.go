package recognition_test

import (
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/recognition"
)

// What results and limits look like in print; see the rows of published tables.
func TestSensitivity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		limit, result, unit string
		want                traceability.ConditionResult
	}{
		{"≤0.02", "未检出(定量限：0.01)", "mg/kg", met},
		{"≤0.02", "未检出（定量限：0.02）", "mg/kg", met},
		{"≤0.02", "未检出(定量限:0.05)", "mg/kg", failed},
		{"≤2.0", "未检出（检出限：0.5）", "mg/kg", met},
		{"≤0.02 mg/kg", "未检出（定量限：0.01 mg/kg）", "mg/kg", met},
		{"≤0.02mg/kg", "未检出(定量限:10μg/kg)", "mg/kg", unknown},
		{"≤100µg/kg", "未检出(定量限:10μg/kg)", "μg/kg", met},
		{"≤0.02", "未检出", "mg/kg", unknown},
		{"≤0.02", "ND", "mg/kg", unknown},
		{"≤0.02", "ND(LOQ=0.01)", "mg/kg", met},
		{"≤0.02", "0.013", "mg/kg", met},
		{"≤0.5mg/kg", "0.1 mg/kg", "mg/kg", met},
		{"≤12", "＜8", "mg/kg", met},
		{"≤12", "<16", "mg/kg", failed},
		{"不得检出", "未检出", "μg/kg", met},
		{"不得检出", "未检出(检出限:0.5)", "μg/kg", met},
		{"不得使用", "＜0.01", "g/kg", unknown},
		{"n=5,c=0,m=0/25g", "未检出,未检出,未检出,未检出,未检出", "/25g", met},
		{"n=5, c=2, m=1, M=5 CFU/g", "＜1,＜1,＜1,＜1,＜1", "CFU/g", met},
		{"n=5, c=2, m=10, M=100", "<10,<10,20,<10,<100", "CFU/g", failed},
		{"n=5, c=2, m=10, M=100", "<10;<10;20;<10;x", "CFU/g", unknown},
		{"≥60.0", "91.0", "°T", met},
		{"≥60.0", "未检出(检出限:1)", "°T", unknown},
		{"0.616～0.96", "0.79", "g/100kJ", met},
		{"5：1～15：1", "8.3:1", "/", met},
		{"≤10⁴", "<10", "CFU/g", unknown},
		{"≤15", "<10⁴", "CFU/g", unknown},
		{"≤15", "<10²", "CFU/g", unknown},
		{"n=5,c=2,m=10000,M=100000", "3.7×104,4.6×10⁴,25,10,11", "CFU/g", met},
		{"/", "0.5", "mg/kg", met},
		{"/", "未检出(检出限:0.5)", "mg/kg", unknown},
		{"≤1", "5.21044.81046.1104", "CFU/g", unknown},
		{"≤1", ",", "", unknown},
	} {
		c := goodCase()
		c.Report.Items[0].Limit, c.Report.Items[0].Result, c.Report.Items[0].Unit = tt.limit, tt.result, tt.unit
		if got := resultOf(t, c, zhejiang(), 1, "2026-09-01", traceability.ConditionSensitivity); got != tt.want {
			t.Errorf("%s against %s %s: got %s, want %s", tt.result, tt.limit, tt.unit, got, tt.want)
		}
	}
}

// FuzzEvaluate holds that no text, however odd, does more than leave a condition
// unknown, that an unknown condition never makes a recognised result, and that the
// same gives the same.
func FuzzEvaluate(f *testing.F) {
	f.Add("未检出（定量限：0.01）", "≤0.02", "mg/kg", "GB 5009.28-2016 第一法", "符合GB 2763-2026要求", "2026-07-20")
	f.Add("<1,<1", "n=5,c=2,m=10,M=100", "CFU/g", "/", "GB/T-—2021", "")
	f.Add("", "", "", "", "第法", "x")
	f.Fuzz(func(t *testing.T, result, limit, unit, method, conclusion, date string) {
		c := goodCase()
		item := &c.Report.Items[0]
		item.Result, item.Limit, item.Unit, item.Method = result, limit, unit, method
		c.Report.Conclusion, c.Report.Sample.Date = conclusion, traceability.Date(date)
		e := recognition.Evaluate(c, zhejiang(), item, "2026-09-01", papers())
		again := recognition.Evaluate(c, zhejiang(), item, "2026-09-01", papers())
		if e.Outcome != again.Outcome || len(e.Findings) != len(again.Findings) {
			t.Fatal("it differs the second time")
		}
		if clean := len(e.Failed)+len(e.Unknown) == 0; clean != (e.Outcome == traceability.Recognised) {
			t.Errorf("%s with %v failed and %v unknown", e.Outcome, e.Failed, e.Unknown)
		}
	})
}
