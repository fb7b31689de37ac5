package traceability

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// ReportID names one revision of a report:
// `<laboratory>/<report number, folded and percent-escaped>/<revision>`.
// Example: lab:230912340001/SP202690001/1
type ReportID string

// NewReportID makes the id; two spellings of a number that differ only in
// full-width forms or spaces are one number.
func NewReportID(lab PartyID, number string, revision int) ReportID {
	return ReportID(string(lab) + "/" + url.PathEscape(Fold(number)) + "/" + strconv.Itoa(revision))
}

// ParseReportID checks the grammar and returns the canonical form.
func ParseReportID(s string) (ReportID, error) {
	if parts := strings.Split(s, "/"); len(parts) == 3 && len(parts[1]) <= maxNumberBytes {
		lab, err1 := ParsePartyID(parts[0])
		number, err2 := url.PathUnescape(parts[1])
		revision, err3 := strconv.Atoi(parts[2])
		if err1 == nil && lab.Kind() == KindLaboratory && err2 == nil && number != "" && err3 == nil && revision > 0 {
			return NewReportID(lab, number, revision), nil
		}
	}
	return "", Invalid("", s, "a report id: <laboratory>/<report number>/<revision>")
}

// Lab returns the laboratory.
func (r ReportID) Lab() PartyID {
	lab, _, _ := strings.Cut(string(r), "/")
	return PartyID(lab)
}

// Task is what a report was made for (检验类别).
type Task string

// The kinds of task. Only supervision and evaluative results may be shown to
// the public; see Viewer.
const (
	TaskSupervision    Task = "supervision"     // 监督抽检
	TaskEvaluative     Task = "evaluative"      // 评价性抽检
	TaskRiskMonitoring Task = "risk_monitoring" // 风险监测
	TaskCommissioned   Task = "commissioned"    // 委托检验
)

// Verdict is a judgement, of one item or of the whole sample. The laboratory's
// is authoritative.
type Verdict string

// The verdicts.
const (
	VerdictPass      Verdict = "pass"       // 合格 / 符合规定
	VerdictFail      Verdict = "fail"       // 不合格 / 不符合规定
	VerdictProblem   Verdict = "problem"    // 问题项, in risk monitoring
	VerdictNotJudged Verdict = "not_judged" // 不判定
)

// Gravity orders verdicts by what a reader must not miss: fail 0, problem 1,
// pass 2, not judged 3. Of several reports on a batch the gravest speaks.
func (v Verdict) Gravity() int {
	switch v {
	case VerdictFail:
		return 0
	case VerdictProblem:
		return 1
	case VerdictPass:
		return 2
	default:
		return 3
	}
}

// Report is the payload of report.submit: a laboratory's report on one sample.
// Texts are kept as printed. Revision 1 is the first; each later one names the
// document it replaces in Supersedes, and both stay on the ledger.
type Report struct {
	No         string     `json:"report_no"`
	Revision   int        `json:"revision"`
	Supersedes DocumentID `json:"supersedes,omitzero"`
	IntakeNo   string     `json:"intake_no,omitzero"` // 受理编号
	Task       Task       `json:"task,omitzero"`
	TaskName   string     `json:"task_name,omitzero"` // as printed: 市级食品安全监督抽检
	Client     string     `json:"client,omitzero"`    // who ordered it 委托单位
	Sample     Sample     `json:"sample,omitzero"`
	TestedFrom Date       `json:"tested_from,omitzero"`
	TestedTo   Date       `json:"tested_to,omitzero"`
	Issued     Date       `json:"issued,omitzero"`
	Verdict    Verdict    `json:"verdict"`
	Conclusion string     `json:"conclusion,omitzero"` // as printed
	Items      []Item     `json:"items"`
	Remark     string     `json:"remark,omitzero"`
}

// Sample is what was tested.
type Sample struct {
	No              SamplingNo `json:"sampling_no,omitzero"`
	Lot             LotID      `json:"lot,omitzero"` // the lot it was drawn from, if known
	FoodName        string     `json:"food_name,omitzero"`
	Category        string     `json:"category,omitzero"`
	Spec            string     `json:"spec,omitzero"`
	Trademark       string     `json:"trademark,omitzero"`
	Batch           string     `json:"batch,omitzero"`
	Date            Date       `json:"date,omitzero"`
	DateKind        DateKind   `json:"date_kind,omitzero"`
	ShelfLife       string     `json:"shelf_life,omitzero"`
	ClaimedProducer Firm       `json:"claimed_producer,omitzero"`
	SampledUnit     Firm       `json:"sampled_unit,omitzero"`
	SampledOn       Date       `json:"sampled_on,omitzero"`
	ArrivedOn       Date       `json:"arrived_on,omitzero"`
	Quantity        string     `json:"quantity,omitzero"`        // as printed: 3.05kg
	BackupQuantity  string     `json:"backup_quantity,omitzero"` // 备样数量, as printed
}

// Item is one tested parameter (检验项目). Limit, Result, Unit and Method are the
// printed texts, superscripts, full-width signs and all.
type Item struct {
	Seq           int     `json:"seq"` // 序号, from 1
	Parameter     string  `json:"parameter"`
	Unit          string  `json:"unit,omitzero"`
	Limit         string  `json:"limit,omitzero"`
	Result        string  `json:"result"`
	Verdict       Verdict `json:"verdict"`
	VerdictText   string  `json:"verdict_text,omitzero"` // as printed: 符合规定
	Method        string  `json:"method,omitzero"`
	Remark        string  `json:"remark,omitzero"`
	Subcontracted bool    `json:"subcontracted,omitzero"` // printed with * before the name
	Amended       bool    `json:"amended,omitzero"`       // printed with △ before the name
}

// MaxReportItems is how many items a report may have.
const MaxReportItems = 2000

// Check implements Payload.
func (r *Report) Check() (problems, warnings []*Error) {
	var c checker
	c.number("report_no", r.No, 60)
	switch {
	case r.Revision < 1 || r.Revision > 999:
		c.problems = append(c.problems, Invalid("revision", strconv.Itoa(r.Revision), "1 to 999"))
	case r.Revision == 1 && r.Supersedes != "":
		c.problems = append(c.problems, Invalid("supersedes", string(r.Supersedes), "nothing in revision 1"))
	case r.Revision > 1 && r.Supersedes == "":
		c.missing("supersedes", fmt.Sprintf("the document id of revision %d", r.Revision-1))
	}
	c.documentID("supersedes", r.Supersedes)
	c.text("intake_no", r.IntakeNo, 60)
	switch r.Task {
	case TaskSupervision, TaskEvaluative, TaskRiskMonitoring, TaskCommissioned:
	case "":
		c.warnings = append(c.warnings, NewError(CodeTaskUnstated, "task", "未注明检验类别，不向公众展示", "the kind of task is not stated, so the public does not see this report"))
	default:
		c.problems = append(c.problems, Invalid("task", string(r.Task), "supervision, evaluative, risk_monitoring or commissioned"))
	}
	c.text("task_name", r.TaskName, 200)
	c.text("client", r.Client, 200)
	c.sample("sample", &r.Sample)
	c.verdict("verdict", r.Verdict)
	c.text("conclusion", r.Conclusion, 2000)
	c.text("remark", r.Remark, 2000)
	c.items(r)
	return c.result()
}

func (c *checker) sample(field string, s *Sample) {
	if s.No != "" {
		no, err := ParseSamplingNo(string(s.No))
		canonical(c, field+".sampling_no", s.No, no, err)
	}
	if s.Lot != "" {
		c.lot(field+".lot", s.Lot)
	}
	c.text(field+".food_name", s.FoodName, 200)
	c.text(field+".category", s.Category, 100)
	c.text(field+".spec", s.Spec, 100)
	c.text(field+".trademark", s.Trademark, 100)
	c.text(field+".batch", s.Batch, 100)
	c.dateKind(field+".date_kind", s.DateKind)
	c.text(field+".shelf_life", s.ShelfLife, 100)
	c.firm(field+".claimed_producer", s.ClaimedProducer)
	c.firm(field+".sampled_unit", s.SampledUnit)
	c.text(field+".quantity", s.Quantity, 60)
	c.text(field+".backup_quantity", s.BackupQuantity, 60)
}

func (c *checker) items(r *Report) {
	failed := ""
	seen := make(once[int], min(len(r.Items), MaxReportItems))
	for i := range bounded(c, "items", r.Items, 1, MaxReportItems) {
		item, before := &r.Items[i], len(c.problems)
		if seen.again(item.Seq) || item.Seq < 1 {
			c.problems = append(c.problems, Invalid("seq", strconv.Itoa(item.Seq), "a number from 1, each once"))
		}
		c.need("parameter", item.Parameter, 200)
		c.text("unit", item.Unit, 60)
		c.text("limit", item.Limit, 300)
		c.need("result", item.Result, 500)
		c.verdict("verdict", item.Verdict)
		c.text("verdict_text", item.VerdictText, 60)
		c.text("method", item.Method, 200)
		c.text("remark", item.Remark, 500)
		for j, problem := range c.problems[before:] { // paths are made for what is wrong only
			c.problems[before+j] = problem.At(index("items", i))
		}
		if item.Verdict == VerdictFail && failed == "" {
			failed = item.Parameter
		}
	}
	if (r.Verdict == VerdictPass && failed != "") || (r.Verdict == VerdictFail && failed == "") {
		c.warnings = append(c.warnings, &Error{Code: CodeVerdictDiffers, Field: "verdict", Found: string(r.Verdict), Expected: "a verdict that follows from the items",
			ZH: "报告结论与单项判定不一致 " + failed, EN: "the report's verdict and its items' verdicts differ"})
	}
}

func (c *checker) verdict(field string, v Verdict) {
	switch v {
	case VerdictPass, VerdictFail, VerdictProblem, VerdictNotJudged:
	case "":
		c.missing(field, "pass, fail, problem or not_judged")
	default:
		c.problems = append(c.problems, Invalid(field, string(v), "pass, fail, problem or not_judged"))
	}
}
