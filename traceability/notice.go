package traceability

import "time"

// Packaging says how a product was sold (包装).
type Packaging string

// The ways of packaging.
const (
	Prepackaged Packaging = "prepackaged" // 预包装
	Bulk        Packaging = "bulk"        // 散装
	Unpackaged  Packaging = "none"        // 无包装
)

// NoticeIssue is the payload of notice.issue: the regulator of the province that
// organised a sampling confirms that a sample failed (食品安全抽样检验管理办法,
// articles 26 to 28). What the report says is not repeated; what it cannot say,
// where and how the sample was taken, is said here, and from it the rules
// compute which provinces are concerned. See DraftNotice.
type NoticeIssue struct {
	Report     ReportID     `json:"report"`          // the revision in force, of a supervision or evaluative sampling, with a failed item
	At         time.Time    `json:"at"`              // when it was confirmed
	Urgent     bool         `json:"urgent,omitzero"` // 24小时限时报告
	Stage      Stage        `json:"stage"`           // where in the chain it was sampled
	Packaging  Packaging    `json:"packaging"`
	SelfMade   bool         `json:"self_made,omitzero"`   // 自产: made by who was sampled
	SampledIn  DivisionCode `json:"sampled_in"`           // where it was sampled
	ProducedIn DivisionCode `json:"produced_in,omitzero"` // where the claimed producer is
	Platform   PartyID      `json:"platform,omitzero"`    // on which it was bought (网抽)
	Note       string       `json:"note,omitzero"`
	Evidence   []Evidence   `json:"evidence,omitempty"`
}

// Evidence is a paper or a picture that stands outside the ledger: its name and
// its SHA-256, so that it can be shown to be the same later.
type Evidence struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256,omitzero"` // 64 lower-case hex digits
	No     string `json:"no,omitzero"`     // its number, as printed
}

// DraftNotice prefills a notice from a report: what follows from the sampling
// number and from the social credit codes of those whom it names. The organiser
// adds the stage and the packaging, corrects the places, and signs it.
func DraftNotice(r *ReportRecord, at time.Time) NoticeIssue {
	draft := NoticeIssue{Report: r.ID, At: Instant(at), SampledIn: r.Sample.SampledUnit.USCC.Division(), ProducedIn: r.Sample.ClaimedProducer.USCC.Division()}
	if parts, ok := r.Sample.No.Parts(); ok && draft.SampledIn == "" {
		draft.SampledIn = parts.Division
	}
	return draft
}

// Check implements Payload.
func (n *NoticeIssue) Check() (problems, warnings []*Error) {
	var c checker
	c.report("report", n.Report)
	c.instant("at", n.At)
	switch n.Stage {
	case StageFarm, StageProduction, StageDistribution, StageCatering:
	default:
		c.problems = append(c.problems, Invalid("stage", string(n.Stage), "farm, production, distribution or catering"))
	}
	switch n.Packaging {
	case Prepackaged, Bulk, Unpackaged:
	default:
		c.problems = append(c.problems, Invalid("packaging", string(n.Packaging), "prepackaged, bulk or none"))
	}
	if n.SampledIn == "" {
		c.missing("sampled_in", "the division in which the sample was taken")
	}
	c.division("sampled_in", n.SampledIn)
	c.division("produced_in", n.ProducedIn)
	if n.Platform != "" && n.Platform.Kind() != KindPlatform {
		c.problems = append(c.problems, Invalid("platform", string(n.Platform), "a platform"))
	}
	c.text("note", n.Note, 2000)
	c.evidence("evidence", n.Evidence)
	return c.result()
}

const maxEvidence = 50

func (c *checker) evidence(field string, list []Evidence) {
	for i, e := range bounded(c, field, list, 0, maxEvidence) {
		c.need(index(field, i)+".name", e.Name, 200)
		c.text(index(field, i)+".no", e.No, 100)
		if e.SHA256 != "" && !documentIDGrammar.MatchString(e.SHA256) {
			c.problems = append(c.problems, Invalid(index(field, i)+".sha256", e.SHA256, "64 lower-case hex digits"))
		}
	}
}

// report checks a required report id in canonical form.
func (c *checker) report(field string, id ReportID) {
	if id == "" {
		c.missing(field, "a report id")
		return
	}
	parsed, err := ParseReportID(string(id))
	canonical(c, field, id, parsed, err)
}

// instant checks a required time of whole seconds.
func (c *checker) instant(field string, t time.Time) {
	switch {
	case t.IsZero():
		c.missing(field, "an RFC 3339 time")
	case t.Nanosecond() != 0:
		c.problems = append(c.problems, Invalid(field, t.Format(time.RFC3339Nano), "whole seconds"))
	default:
		c.year(field, t)
	}
}

// year refuses a time that no record could keep: in UTC, "0000-01-01T00:00:00+08:00"
// is of a year before 0, which RFC 3339 cannot write. Dates begin in 1900, too.
func (c *checker) year(field string, t time.Time) {
	if year := t.UTC().Year(); year < 1900 || year > 9999 {
		c.problems = append(c.problems, Invalid(field, t.Format(time.RFC3339), "a time of the years 1900 to 9999, in UTC"))
	}
}
