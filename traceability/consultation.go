package traceability

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ConsultationID names a joint risk consultation: `<province>/<the number that it
// gave it, folded and percent-escaped>`. Example: 330000/HS-2026-01
type ConsultationID string

// NewConsultationID makes the id.
func NewConsultationID(initiator ProvinceCode, ref string) ConsultationID {
	return ConsultationID(string(initiator) + "/" + url.PathEscape(Fold(ref)))
}

// ParseConsultationID checks the grammar and returns the canonical form.
func ParseConsultationID(s string) (ConsultationID, error) {
	code, escaped, ok := strings.Cut(s, "/")
	if len(escaped) > maxNumberBytes {
		ok, escaped = false, ""
	}
	ref, err := url.PathUnescape(escaped)
	if ok && err == nil && ProvinceCode(code).Valid() && !strings.Contains(escaped, "/") && Fold(ref) != "" {
		return NewConsultationID(ProvinceCode(code), ref), nil
	}
	return "", Invalid("", s, "a consultation: <province>/<number>, such as 330000/HS-2026-01")
}

// Path returns the id as a path of a URL, below the consultations.
func (id ConsultationID) Path() string { return string(id) }

// ProposalID names a proposal of a consultation that a rule of recurrence made: 32
// hex digits.
type ProposalID string

var proposalIDGrammar = regexp.MustCompile(`^[0-9a-f]{32}$`)

// ParseProposalID checks the grammar.
func ParseProposalID(s string) (ProposalID, error) {
	if !proposalIDGrammar.MatchString(s) {
		return "", Invalid("", s, "a proposal: 32 lower-case hex digits")
	}
	return ProposalID(s), nil
}

// ConsultationOpen is the payload of consultation.open: the regulator of a province
// asks the other three for their opinion on a risk that concerns all (食品安全法
// article 17, 食品安全风险会商). What it rests on is named, not repeated.
type ConsultationOpen struct {
	Ref        string         `json:"ref"` // the initiator's number, once for each consultation
	At         time.Time      `json:"at"`
	Title      string         `json:"title"`
	Parameters []string       `json:"parameters"` // the hazards, as reports name them
	Products   []string       `json:"products"`   // product groups, as reports' 分类
	Regions    []DivisionCode `json:"regions,omitempty"`
	Question   string         `json:"question"`
	RespondBy  Date           `json:"respond_by"`         // opinions and votes after it are marked late
	Proposal   ProposalID     `json:"proposal,omitzero"`  // that it answers
	Notices    []NoticeID     `json:"notices,omitempty"`  // on the ledger
	Reports    []ReportID     `json:"reports,omitempty"`  // on the ledger
	Recalls    []RecallID     `json:"recalls,omitempty"`  // on the ledger
	Evidence   []Evidence     `json:"evidence,omitempty"` // papers outside it
}

// Limits of a consultation's lists.
const (
	maxHazards    = 50
	maxRegions    = 200
	maxReferences = 200
	maxMeasures   = 50
)

// Check implements Payload.
func (o *ConsultationOpen) Check() (problems, warnings []*Error) {
	var c checker
	c.number("ref", o.Ref, 60)
	c.instant("at", o.At)
	c.need("title", o.Title, 200)
	c.texts("parameters", o.Parameters, 1, maxHazards, 200)
	c.texts("products", o.Products, 1, maxHazards, 100)
	for i, region := range bounded(&c, "regions", o.Regions, 0, maxRegions) {
		c.division(index("regions", i), region)
		if region == "" {
			c.missing(index("regions", i), "a division code")
		}
	}
	c.need("question", o.Question, 5000)
	switch {
	case o.RespondBy == "":
		c.missing("respond_by", "the last day")
	case !o.At.IsZero() && o.RespondBy < DateOf(o.At):
		c.problems = append(c.problems, Invalid("respond_by", string(o.RespondBy), "not before "+string(DateOf(o.At))))
	}
	if o.Proposal != "" {
		_, err := ParseProposalID(string(o.Proposal))
		c.problem(err, "proposal")
	}
	for i, id := range bounded(&c, "notices", o.Notices, 0, maxReferences) {
		parsed, err := ParseNoticeID(string(id))
		canonical(&c, index("notices", i), id, parsed, err)
	}
	for i, id := range bounded(&c, "reports", o.Reports, 0, maxReferences) {
		parsed, err := ParseReportID(string(id))
		canonical(&c, index("reports", i), id, parsed, err)
	}
	for i, id := range bounded(&c, "recalls", o.Recalls, 0, maxReferences) {
		parsed, err := ParseRecallID(string(id))
		canonical(&c, index("recalls", i), id, parsed, err)
	}
	c.evidence("evidence", o.Evidence)
	if len(o.Notices)+len(o.Reports)+len(o.Recalls)+len(o.Evidence) == 0 && o.Proposal == "" {
		c.missing("evidence", "a notice, a report, a recall, a paper or a proposal that it rests on")
	}
	return c.result()
}

// texts checks a list of required texts.
func (c *checker) texts(field string, list []string, least, most, length int) {
	for i, text := range bounded(c, field, list, least, most) {
		c.need(index(field, i), text, length)
	}
}

// WarningLevel is how a resolution warns (预警级别).
type WarningLevel string

// The levels. National law knows 风险警示 without grades (食品安全法 article 22); the
// four grades are those in use at provincial risk consultations, to be confirmed.
const (
	LevelNone      WarningLevel = "none"      // 不预警: nothing beyond what each province does
	LevelAttention WarningLevel = "attention" // 关注: watched, sampled more often
	LevelWarning   WarningLevel = "warning"   // 预警: the trade is told, targeted sampling
	LevelAlert     WarningLevel = "alert"     // 紧急预警: consumers are told, sale is restricted
)

// Resolution is what the provinces agree on (会商决议).
type Resolution struct {
	Level    WarningLevel `json:"level"`
	Measures []string     `json:"measures,omitempty"`
	ReviewOn Date         `json:"review_on,omitzero"` // when it is looked at again; needed unless the level is none
}

func (c *checker) resolution(field string, r *Resolution) {
	c.level(field+".level", r.Level)
	if r.Level == "" {
		c.missing(field+".level", "none, attention, warning or alert")
	}
	c.texts(field+".measures", r.Measures, 0, maxMeasures, 1000)
	if (r.Level == LevelNone) != (r.ReviewOn == "") {
		c.problems = append(c.problems, Invalid(field+".review_on", string(r.ReviewOn), "a day, unless the level is none"))
	}
}

func (c *checker) level(field string, level WarningLevel) {
	oneOf(c, field, level, LevelNone, LevelAttention, LevelWarning, LevelAlert)
}

// Choice is a province's vote (表决).
type Choice string

// The choices.
const (
	VoteYes     Choice = "yes"
	VoteNo      Choice = "no"
	VoteAbstain Choice = "abstain"
)

// ReviewDecision is what a review proposes to do with a resolution (复核).
type ReviewDecision string

// The decisions of a review.
const (
	ReviewKeep   ReviewDecision = "keep"   // 继续
	ReviewChange ReviewDecision = "change" // 调整
	ReviewLift   ReviewDecision = "lift"   // 解除
)

// Advice is the public summary of a resolution (消费提示 / 风险警示): all that the
// public sees of a consultation beside its level.
type Advice struct {
	Title   string `json:"title"`
	Text    string `json:"text"`
	TitleEN string `json:"title_en,omitzero"`
	TextEN  string `json:"text_en,omitzero"`
}

// ConsultationAct is the payload of consultation.act: one move of one consultation.
// Which fields an act needs and which it may have is in the table
// ConsultationMoves; any other is refused.
type ConsultationAct struct {
	Consultation ConsultationID `json:"consultation"`
	Act          Act            `json:"act"`
	At           time.Time      `json:"at"`
	Reason       string         `json:"reason,omitzero"`
	Evidence     []Evidence     `json:"evidence,omitempty"`
	Opinion      string         `json:"opinion,omitzero"`
	Level        WarningLevel   `json:"level,omitzero"` // that the opinion proposes
	Draft        int            `json:"draft,omitzero"` // the number of the draft, from 1
	Vote         Choice         `json:"vote,omitzero"`
	Resolution   *Resolution    `json:"resolution,omitzero"`
	Decision     ReviewDecision `json:"decision,omitzero"`
	ReviewOn     Date           `json:"review_on,omitzero"`
	Advice       *Advice        `json:"advice,omitzero"`
}

// Check implements Payload.
func (a *ConsultationAct) Check() (problems, warnings []*Error) {
	var c checker
	id, err := ParseConsultationID(string(a.Consultation))
	canonical(&c, "consultation", a.Consultation, id, err)
	c.instant("at", a.At)
	move, ok := ConsultationMoveOf(a.Act)
	if !ok {
		c.problems = append(c.problems, Invalid("act", string(a.Act), "an act of the table in docs/consultations.md"))
		return c.result()
	}
	for _, f := range a.fields() {
		switch {
		case f.set && !slices.Contains(move.Needs, f.name) && !slices.Contains(move.May, f.name):
			c.problems = append(c.problems, Invalid(f.name, "a value", "no "+f.name+" in "+string(a.Act)))
		case !f.set && slices.Contains(move.Needs, f.name):
			c.missing(f.name, "required in "+string(a.Act))
		}
	}
	c.text("reason", a.Reason, 5000)
	c.evidence("evidence", a.Evidence)
	c.text("opinion", a.Opinion, 10000)
	c.level("level", a.Level)
	if a.Draft < 0 || a.Draft > maxReferences {
		c.problems = append(c.problems, Invalid("draft", strconv.Itoa(a.Draft), "1 to "+strconv.Itoa(maxReferences)))
	}
	oneOf(&c, "vote", a.Vote, VoteYes, VoteNo, VoteAbstain)
	oneOf(&c, "decision", a.Decision, ReviewKeep, ReviewChange, ReviewLift)
	a.dependents(&c)
	if a.Resolution != nil {
		c.resolution("resolution", a.Resolution)
	}
	if a.Advice != nil {
		c.need("advice.title", a.Advice.Title, 200)
		c.need("advice.text", a.Advice.Text, 5000)
		c.text("advice.title_en", a.Advice.TitleEN, 300)
		c.text("advice.text_en", a.Advice.TextEN, 10000)
	}
	return c.result()
}

// dependents checks the fields that one value of another calls for.
func (a *ConsultationAct) dependents(c *checker) {
	if a.Vote == VoteNo && a.Reason == "" {
		c.missing("reason", "why the vote is no")
	}
	if a.Act != ActReview {
		return
	}
	if (a.Decision == ReviewChange) != (a.Resolution != nil) {
		c.problems = append(c.problems, Invalid("resolution", "", "a resolution, with the decision change and with no other"))
	}
	if (a.Decision == ReviewKeep) != (a.ReviewOn != "") {
		c.problems = append(c.problems, Invalid("review_on", string(a.ReviewOn), "the next day of review, with the decision keep and with no other"))
	}
}

func (a *ConsultationAct) fields() []actField {
	return []actField{
		{"reason", a.Reason != ""}, {"evidence", len(a.Evidence) > 0}, {"opinion", a.Opinion != ""}, {"level", a.Level != ""}, {"draft", a.Draft != 0},
		{"vote", a.Vote != ""}, {"resolution", a.Resolution != nil}, {"decision", a.Decision != ""}, {"review_on", a.ReviewOn != ""}, {"advice", a.Advice != nil},
	}
}
