package traceability

import (
	"slices"
	"time"
)

// Act is a move in the life of a notice, a recall or a consultation: see
// NoticeMoves, RecallMoves and ConsultationMoves.
type Act string

// NoticeAct is the payload of notice.act: one move of one notice. Which fields an
// act needs and which it may have is in the table NoticeMoves; any other is
// refused.
type NoticeAct struct {
	Notice   NoticeID      `json:"notice"`
	Act      Act           `json:"act"`
	At       time.Time     `json:"at"`              // when it was done, which may be before it is said here
	For      Recipient     `json:"for,omitzero"`    // whom it is about, or on whose behalf a regulator acts
	Reason   string        `json:"reason,omitzero"` // also what was found
	Evidence []Evidence    `json:"evidence,omitempty"`
	Answer   Answer        `json:"answer,omitzero"`
	To       ProvinceCode  `json:"to,omitzero"`     // to whom it is forwarded
	Items    []int         `json:"items,omitempty"` // seq of the report's failed items
	Lab      PartyID       `json:"lab,omitzero"`
	Report   ReportID      `json:"report,omitzero"` // of the re-inspection; in publish and correct the later revision that is adopted
	Verdict  Verdict       `json:"verdict,omitzero"`
	Kind     ObjectionKind `json:"kind,omitzero"`
	Decision Decision      `json:"decision,omitzero"`
	Link     Link          `json:"link,omitzero"`
	Step     Step          `json:"step,omitzero"`
	Cause    Cause         `json:"cause,omitzero"`
	Row      *PublicRow    `json:"row,omitzero"`
	Timer    TimerID       `json:"timer,omitzero"`
}

// Recipient is who is to learn of a failed sample.
type Recipient string

// The recipients. The producer is who the label claims (标称生产者).
const (
	ToUnit     Recipient = "unit"     // 被抽样单位
	ToProducer Recipient = "producer" // 标称生产者
	ToPlatform Recipient = "platform" // 网络食品交易第三方平台
)

// Answer is what a province concerned says to a notice.
type Answer string

// The answers.
const (
	AnswerAccept      Answer = "accept"
	AnswerNotOurs     Answer = "not_ours"          // no such business here 地址或主体不符
	AnswerCounterfeit Answer = "counterfeit_claim" // the claimed producer says that it is not its product 假冒
	AnswerForward     Answer = "forward"           // another province's matter
)

// ObjectionKind is what an objection is to (异议).
type ObjectionKind string

// The kinds of objection.
const (
	ObjectSampling     ObjectionKind = "sampling"     // 抽样过程
	ObjectTesting      ObjectionKind = "testing"      // 检验过程
	ObjectResult       ObjectionKind = "result"       // 检验方法、标准适用
	ObjectAuthenticity ObjectionKind = "authenticity" // 样品真实性（假冒）
)

// ObjectionKinds lists the kinds in their order.
func ObjectionKinds() []ObjectionKind {
	return []ObjectionKind{ObjectSampling, ObjectTesting, ObjectResult, ObjectAuthenticity}
}

// Decision is how an objection or the whole notice was decided. An objection is
// upheld or rejected; a notice is upheld or overturned.
type Decision string

// The decisions.
const (
	Upheld     Decision = "upheld"
	Rejected   Decision = "rejected"
	Overturned Decision = "overturned"
)

// Link is the part of the chain that a handling case is about (环节).
type Link string

// The links.
const (
	LinkProduction   Link = "production"   // 生产 SC
	LinkDistribution Link = "distribution" // 流通 LT
	LinkCatering     Link = "catering"     // 餐饮 CY
	LinkOnline       Link = "online"       // 网抽 WC
)

// Step is one of the seven steps of a handling case (核查处置).
type Step string

// The steps. A case has a penalty, or the reason for none.
const (
	StepStart          Step = "start"           // 启动情况
	StepProductControl Step = "product_control" // 产品控制
	StepCause          Step = "cause"           // 原因排查
	StepPenalty        Step = "penalty"         // 行政处罚
	StepNoPenalty      Step = "no_penalty"      // 未处罚理由
	StepRectification  Step = "rectification"   // 整改复查
	StepTransfer       Step = "transfer"        // 通报移送
)

// Steps lists the steps in their order.
func Steps() []Step {
	return []Step{StepStart, StepProductControl, StepCause, StepPenalty, StepNoPenalty, StepRectification, StepTransfer}
}

// Cause is why a sample failed, as the investigation found it.
type Cause string

// The causes.
const (
	CauseAdded     Cause = "added"     // 人为添加
	CauseMaterial  Cause = "material"  // 原料问题
	CauseProcess   Cause = "process"   // 生产工艺
	CauseControl   Cause = "control"   // 过程控制不严
	CauseStorage   Cause = "storage"   // 储运不当
	CausePackaging Cause = "packaging" // 包装迁移
	CauseLabel     Cause = "label"     // 标签标识
	CauseOther     Cause = "other"     // 其他
)

// Check implements Payload.
func (a *NoticeAct) Check() (problems, warnings []*Error) {
	var c checker
	if a.Notice == "" {
		c.missing("notice", "the notice's id")
	} else {
		id, err := ParseNoticeID(string(a.Notice))
		canonical(&c, "notice", a.Notice, id, err)
	}
	c.instant("at", a.At)
	move, ok := MoveOf(a.Act)
	if !ok {
		c.problems = append(c.problems, Invalid("act", string(a.Act), "an act of the table in docs/notices.md"))
		return c.result()
	}
	c.fields(&move, a.fields())
	c.text("reason", a.Reason, 5000)
	c.evidence("evidence", a.Evidence)
	a.words(&c)
	seen := make(once[int], min(len(a.Items), MaxReportItems))
	for i, seq := range bounded(&c, "items", a.Items, 0, MaxReportItems) {
		if seen.again(seq) || seq < 1 {
			c.problems = append(c.problems, Invalid(index("items", i), "", "the seq of an item, each once"))
		}
	}
	if a.Lab != "" && a.Lab.Kind() != KindLaboratory {
		c.problems = append(c.problems, Invalid("lab", string(a.Lab), "a laboratory"))
	}
	if a.Report != "" {
		c.report("report", a.Report)
	}
	if a.To != "" && !a.To.Valid() {
		c.problems = append(c.problems, Invalid("to", string(a.To), "one of the four provinces"))
	}
	a.dependents(&c)
	if a.Row != nil {
		c.row("row", a.Row)
	}
	if a.Timer != "" {
		id, err := ParseTimerID(string(a.Timer))
		canonical(&c, "timer", a.Timer, id, err)
	}
	return c.result()
}

// words checks the fields that take one of a few words.
func (a *NoticeAct) words(c *checker) {
	oneOf(c, "for", a.For, ToUnit, ToProducer, ToPlatform)
	oneOf(c, "answer", a.Answer, AnswerAccept, AnswerNotOurs, AnswerCounterfeit, AnswerForward)
	oneOf(c, "verdict", a.Verdict, VerdictPass, VerdictFail)
	oneOf(c, "kind", a.Kind, ObjectionKinds()...)
	oneOf(c, "link", a.Link, LinkProduction, LinkDistribution, LinkCatering, LinkOnline)
	oneOf(c, "step", a.Step, Steps()...)
	oneOf(c, "cause", a.Cause, CauseAdded, CauseMaterial, CauseProcess, CauseControl, CauseStorage, CausePackaging, CauseLabel, CauseOther)
	if a.Act == ActDetermine {
		oneOf(c, "decision", a.Decision, Upheld, Overturned)
	} else {
		oneOf(c, "decision", a.Decision, Upheld, Rejected)
	}
}

// dependents checks the fields that one value of another calls for.
func (a *NoticeAct) dependents(c *checker) {
	grounds := a.Answer == AnswerNotOurs || a.Answer == AnswerCounterfeit || a.Answer == AnswerForward
	if grounds && a.Reason == "" {
		c.missing("reason", "why the answer is "+string(a.Answer))
	}
	if grounds && a.Answer != AnswerForward && len(a.Evidence) == 0 {
		c.missing("evidence", "what shows that the answer is "+string(a.Answer))
	}
	if (a.Answer == AnswerForward) != (a.To != "") {
		c.problems = append(c.problems, Invalid("to", string(a.To), "a province, with the answer forward and with no other"))
	}
	if (a.Step == StepCause) != (a.Cause != "") {
		c.problems = append(c.problems, Invalid("cause", string(a.Cause), "a cause, in the step cause and in no other"))
	}
}

func oneOf[T ~string](c *checker, field string, value T, words ...T) {
	if value != "" && !slices.Contains(words, value) {
		expected := ""
		for _, word := range words {
			expected += " " + string(word)
		}
		c.problems = append(c.problems, Invalid(field, string(value), "one of"+expected))
	}
}

// actField is a field whose presence depends on the act.
type actField struct {
	name string
	set  bool
}

// fields checks that an act has what its row needs, and nothing else.
func (c *checker) fields(move *Move, fields []actField) {
	for _, f := range fields {
		switch {
		case f.set && !slices.Contains(move.Needs, f.name) && !slices.Contains(move.May, f.name):
			c.problems = append(c.problems, Invalid(f.name, "a value", "no "+f.name+" in "+string(move.Act)))
		case !f.set && slices.Contains(move.Needs, f.name):
			c.missing(f.name, "required in "+string(move.Act))
		}
	}
}

func (a *NoticeAct) fields() []actField {
	return []actField{
		{"for", a.For != ""}, {"reason", a.Reason != ""}, {"evidence", len(a.Evidence) > 0}, {"answer", a.Answer != ""}, {"to", a.To != ""},
		{"items", len(a.Items) > 0}, {"lab", a.Lab != ""}, {"report", a.Report != ""}, {"verdict", a.Verdict != ""}, {"kind", a.Kind != ""},
		{"decision", a.Decision != ""}, {"link", a.Link != ""}, {"step", a.Step != ""}, {"cause", a.Cause != ""}, {"row", a.Row != nil}, {"timer", a.Timer != ""},
	}
}
