package formats

import (
	"testing"

	"deltatrace/traceability"
)

func TestVerdictWords(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]traceability.Verdict{
		"符合规定": "pass", "符合": "pass", "合格": "pass", " 合 格 ": "pass", "pass": "pass",
		"不符合规定": "fail", "不符合": "fail", "不合格": "fail",
		"问题项": "problem", "不判定": "not_judged", "/": "not_judged", "—": "not_judged",
		"": "", "好": "", "合格/不合格": "", "未检出": "",
	} {
		if got, _ := itemVerdict(word); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestConclusions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]traceability.Verdict{
		"合格": "pass", "不合格": "fail", "": "", "/": "",
		"经抽样检验，所检项目符合GB2763-2021《食品安全国家标准食品中农药最大残留限量》要求。": "pass",
		"经抽样检验，腐霉利项目不符合GB 2763-2021要求，检验结论为不合格。":          "fail",
		"经检验，腐霉利不符合要求，其余项目符合要求。":                          "", // says both: the items decide
		"所检项目未发现不合格": "", // a denial
		"无不合格项目":     "",
		"本次监测发现问题样品": "",
	} {
		if got, _ := conclusionVerdict(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestReportVerdictFollowsFromItems(t *testing.T) {
	t.Parallel()
	items := func(verdicts ...traceability.Verdict) *traceability.Report {
		r := new(traceability.Report)
		for _, v := range verdicts {
			r.Items = append(r.Items, traceability.Item{Verdict: v})
		}
		return r
	}
	for _, test := range []struct {
		report *traceability.Report
		want   traceability.Verdict
	}{
		{items("pass", "not_judged"), "pass"},
		{items("problem", "pass"), "problem"},
		{items("problem", "fail"), "fail"},
		{&traceability.Report{Conclusion: "不合格", Items: items("pass").Items}, "fail"},
	} {
		if got := verdictOf(test.report); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.report, got, test.want)
		}
	}
}

func TestTasks(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]traceability.Task{
		"市级食品安全监督抽检": "supervision", "监 督 抽 检": "supervision", "评价性抽检": "evaluative", "国家风险监测": "risk_monitoring",
		"委托检验": "commissioned", "监督抽检/风险监测": "", "例行": "", "": "", "市局委托监督抽检": "",
	} {
		if got := taskOf(words); got != want {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]traceability.Date{
		"2025-06-06": "2025-06-06", "2025/6/6": "2025-06-06", "2018.05.28": "2018-05-28", "20240105": "2024-01-05",
		"2025年06月06日": "2025-06-06", "2025年6月6日": "2025-06-06", "2025-06-06 00:00:00": "2025-06-06", "45296": "2024-01-05", "45296.5": "2024-01-05",
		"/": "", "": "", "—": "", "无": "", "见包装": "",
	} {
		if got, err := parseDate("f", cell); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", cell, got, err, want)
		}
	}
	for _, cell := range []string{"2025-02-30", "2025-13-01", "2025-6/6", "至2027年05月05日", "昨天", "2025", "12345", "202506061", "2025年6-6", "06/06/2025"} {
		if got, err := parseDate("f", cell); err == nil {
			t.Errorf("%q: got %q, want an error", cell, got)
		}
	}
}

func TestProductDates(t *testing.T) {
	t.Parallel()
	type result struct {
		date  traceability.Date
		kind  traceability.DateKind
		batch string
	}
	for cell, want := range map[string]result{
		"2024-01-05":       {"2024-01-05", "production", ""},
		"2024-01-05/A01":   {"2024-01-05", "production", "A01"},
		"2024/1/5/A01":     {"2024-01-05", "production", "A01"},
		"2021-04-15(购进日期)": {"2021-04-15", "purchase", ""},
		"2022-2-28（购进）":    {"2022-02-28", "purchase", ""},
		"购进日期:2017年06月02日": {"2017-06-02", "purchase", ""},
		"加工日期：2026.11.02":  {"2026-11-02", "processing", ""},
		"检疫日期:20261102":    {"2026-11-02", "quarantine", ""},
		"2026-11-02(A班)":   {"2026-11-02", "production", "(A班)"},
		"45296":            {"2024-01-05", "production", ""},
		"A01":              {"", "", "A01"},
		"20250606A01":      {"", "", "20250606A01"},
		"见批号":              {}, "/": {}, "": {},
		"2024-01-05/":         {"2024-01-05", "production", ""},
		"2024-01-05 00:00:00": {"2024-01-05", "production", ""},
	} {
		date, kind, batch, err := parseProductDate("f", cell)
		if got := (result{date, kind, batch}); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", cell, got, err, want)
		}
	}
	for _, cell := range []string{"至2027年05月05日", "2024-02-30", "购进日期:昨天"} {
		if _, _, _, err := parseProductDate("f", cell); err == nil {
			t.Errorf("%q: want an error", cell)
		}
	}
}

func TestLotsOfCodes(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]traceability.LotID{
		"01/06901234567892/10/A01":                                     "01/06901234567892/10/A01",
		"/01/6901234567892/10/A01":                                     "01/06901234567892/10/A01",
		"https://id.example/01/06901234567892/10/A01?17=270105":        "01/06901234567892/10/A01",
		"https://id.example/x/01/06901234567892/10/A01/21/7":           "01/06901234567892/10/A01",
		"cn/91330106MA1FPX121E/JC-01/20261105":                         "cn/91330106MA1FPX121E/JC-01/20261105",
		"https://id.example/cn/91330106MA1FPX121E/JC-01/20261105?l=zh": "cn/91330106MA1FPX121E/JC-01/20261105",
		"https://id.example/01/06901234567892":                         "",
		"01/06901234567893/10/A01":                                     "",
		"A01":                                                          "",
	} {
		if got, ok := parseLot(cell); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", cell, got, ok, want)
		}
	}
}

func TestRevisions(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]int{"": 1, "/": 1, "1": 1, "2": 2, "V3": 3, "第2版": 2, "２": 2, "0": 0, "二": 0, "-1": 0} {
		if got, err := parseRevision(cell); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: got %d, %v, want %d", cell, got, err, want)
		}
	}
}
