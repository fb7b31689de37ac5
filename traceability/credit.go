package traceability

import (
	"net/url"
	"slices"
	"strings"
)

// CreditID names an entry of a company's credit record: the company, who made the
// entry, and that party's own reference, percent-escaped.
// Example: 91310101MA1FPX121X/reg:330000/YZ-2026-17
type CreditID string

// NewCreditID names an entry.
func NewCreditID(company USCC, by PartyID, ref string) CreditID {
	return CreditID(string(company) + "/" + string(by) + "/" + url.PathEscape(ref))
}

// ParseCreditID checks the grammar.
func ParseCreditID(s string) (CreditID, error) {
	if parts := strings.Split(s, "/"); len(parts) == 3 {
		company, err := ParseUSCC(parts[0])
		by, wrongParty := ParsePartyID(parts[1])
		ref, wrongRef := url.PathUnescape(parts[2])
		if err == nil && wrongParty == nil && wrongRef == nil && refSyntax.MatchString(ref) && NewCreditID(company, by, ref) == CreditID(s) {
			return CreditID(s), nil
		}
	}
	return "", Invalid("", s, "an entry of a credit record: <USCC>/<party>/<reference>")
}

// String returns the id.
func (id CreditID) String() string { return string(id) }

// Company returns whom the entry is about.
func (id CreditID) Company() USCC {
	company, _, _ := strings.Cut(string(id), "/")
	return USCC(company)
}

// By returns who made the entry.
func (id CreditID) By() PartyID {
	_, rest, _ := strings.Cut(string(id), "/")
	by, _, _ := strings.Cut(rest, "/")
	return PartyID(by)
}

// CreditKind says what an entry is.
type CreditKind string

// The kinds of entry.
const (
	CreditAbnormal   CreditKind = "abnormal_operation" // 经营异常名录
	CreditSerious    CreditKind = "serious_violation"  // 严重违法失信名单, SAMR Order 44
	CreditCommitment CreditKind = "commitment"         // 公开承诺: the company's own word
	CreditHonour     CreditKind = "honour"             // 示范: awarded by a regulator
)

// CreditKinds lists the kinds.
func CreditKinds() []CreditKind {
	return []CreditKind{CreditAbnormal, CreditSerious, CreditCommitment, CreditHonour}
}

// Adverse reports whether the entry speaks against the company.
func (k CreditKind) Adverse() bool { return k == CreditAbnormal || k == CreditSerious }

// The topics of commitments and honours that the delta's action plan names. An
// entry may name others, in the same form.
const (
	TopicSevenDayReturns   = "seven_day_returns"  // 七日无理由退货
	TopicHonestMeasurement = "honest_measurement" // 诚信计量
	TopicOpenKitchen       = "open_kitchen"       // 明厨亮灶
	TopicModelShop         = "model_shop"         // 示范店
)

// MeasurePlatformEntry keeps a company off the platforms (限制入网经营). Of all
// measures it is the one that verification looks at.
const MeasurePlatformEntry = "platform_entry"

// CreditMeasure is one joint measure (联合惩戒): what is restricted, and where.
type CreditMeasure struct {
	Measure   string         `json:"measure"`             // platform_entry, licence_review, sampling_frequency, honours, …
	Provinces []ProvinceCode `json:"provinces,omitempty"` // none: all four, for who breached in one place is restricted everywhere
	From      Date           `json:"from,omitzero"`       // its first day, when it begins after the entry
	Until     Date           `json:"until,omitzero"`      // its last day, when it ends before the entry
	Basis     string         `json:"basis,omitzero"`
}

// applies reports whether the measure holds in a province on a day.
func (m CreditMeasure) applies(in ProvinceCode, on Date) bool {
	return on.Within(m.From, m.Until) && (len(m.Provinces) == 0 || slices.Contains(m.Provinces, in))
}

// CreditEnter is the payload of credit.enter: a regulator lists or honours a
// company, or a company commits itself in public.
type CreditEnter struct {
	Ref      string          `json:"ref"` // the signer's own name of the entry, once
	Company  USCC            `json:"company"`
	Name     string          `json:"name"`
	Kind     CreditKind      `json:"kind"`
	Topic    string          `json:"topic,omitzero"`    // of a commitment or honour
	Reason   string          `json:"reason,omitzero"`   // 列入事由; what is committed to
	Basis    string          `json:"basis,omitzero"`    // the clause
	Decision string          `json:"decision,omitzero"` // 决定书文号
	From     Date            `json:"from"`
	Expires  Date            `json:"expires,omitzero"` // the last day; required of a serious violation
	Measures []CreditMeasure `json:"measures,omitempty"`
	Evidence []Evidence      `json:"evidence,omitempty"`
}

const maxCreditMeasures = 30

// Check implements Payload.
func (e *CreditEnter) Check() (problems, warnings []*Error) {
	var c checker
	c.reference("ref", e.Ref)
	if e.Company == "" {
		c.missing("company", "a unified social credit code")
	}
	c.uscc("company", e.Company)
	c.need("name", e.Name, 200)
	if !slices.Contains(CreditKinds(), e.Kind) {
		c.problems = append(c.problems, Invalid("kind", string(e.Kind), "abnormal_operation, serious_violation, commitment or honour"))
	}
	if e.Kind.Adverse() {
		c.need("reason", e.Reason, 2000)
		c.need("basis", e.Basis, 400)
		c.need("decision", e.Decision, 200)
		if e.Topic != "" {
			c.problems = append(c.problems, Invalid("topic", e.Topic, "none with "+string(e.Kind)))
		}
	} else {
		c.topic("topic", e.Topic)
		c.text("reason", e.Reason, 2000)
		c.text("basis", e.Basis, 400)
		c.text("decision", e.Decision, 200)
		c.count("measures", len(e.Measures), 0, 0)
	}
	c.term(e)
	for i, m := range bounded(&c, "measures", e.Measures, 0, maxCreditMeasures) {
		at := index("measures", i)
		c.topic(at+".measure", m.Measure)
		for j, p := range bounded(&c, at+".provinces", m.Provinces, 0, len(Provinces())) {
			c.province(index(at+".provinces", j), p)
		}
		c.measureTerm(at, m)
	}
	c.evidence("evidence", e.Evidence)
	return c.result()
}

// measureTerm checks from when to when a measure holds, and why.
func (c *checker) measureTerm(field string, m CreditMeasure) {
	c.text(field+".basis", m.Basis, 400)
	if m.From != "" && m.Until != "" && m.Until < m.From {
		c.problems = append(c.problems, Invalid(field+".until", string(m.Until), "not before "+string(m.From)))
	}
}

// term checks from when to when an entry holds.
func (c *checker) term(e *CreditEnter) {
	switch {
	case e.From == "":
		c.missing("from", "the first day")
	case e.Kind == CreditSerious && e.Expires == "":
		c.missing("expires", "the last day")
	case e.Expires != "" && e.Expires < e.From:
		c.problems = append(c.problems, Invalid("expires", string(e.Expires), "not before "+string(e.From)))
	}
}

// topic checks a word of the field in its one form: lower case with underscores.
func (c *checker) topic(field, word string) {
	if !topicSyntax.MatchString(word) {
		c.problems = append(c.problems, Invalid(field, word, "a word such as seven_day_returns"))
	}
}
