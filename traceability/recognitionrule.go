package traceability

import (
	"regexp"
	"slices"
	"strconv"
)

// Condition names one condition of mutual recognition (检验结果互认), P1 to P12 of
// the regulators' list. What each asks is decided in package recognition.
type Condition string

// The conditions, in the order of their codes.
const (
	ConditionLaboratory  Condition = "CMA_VALID"                   // P1
	ConditionScope       Condition = "SCOPE_METHOD"                // P2
	ConditionMethod      Condition = "METHOD_DESIGNATED"           // P3
	ConditionStandard    Condition = "STANDARD_AT_PRODUCTION_DATE" // P4
	ConditionSample      Condition = "SEALED_SAMPLE"               // P5
	ConditionBatch       Condition = "SAME_BATCH"                  // P6
	ConditionIntact      Condition = "REPORT_INTACT"               // P7
	ConditionUndisputed  Condition = "NO_DISPUTE"                  // P8
	ConditionTask        Condition = "SUPERVISION_TASK"            // P9
	ConditionAge         Condition = "WITHIN_AGE"                  // P10
	ConditionParameter   Condition = "PARAMETER_LISTED"            // P11
	ConditionSensitivity Condition = "LOQ_BELOW_LIMIT"             // P12
)

// Conditions lists the conditions in the order of their codes, P1 first.
func Conditions() []Condition {
	return []Condition{
		ConditionLaboratory, ConditionScope, ConditionMethod, ConditionStandard, ConditionSample, ConditionBatch,
		ConditionIntact, ConditionUndisputed, ConditionTask, ConditionAge, ConditionParameter, ConditionSensitivity,
	}
}

// RecognitionRuleID is the number that an accepting province gives a rule: at most
// 40 letters, digits, '.', '_' and '-'. Example: MR-33-2026-01.
type RecognitionRuleID string

var ruleIDGrammar = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// ParseRecognitionRuleID checks the grammar.
func ParseRecognitionRuleID(s string) (RecognitionRuleID, error) {
	if !ruleIDGrammar.MatchString(s) {
		return "", Invalid("", s, "a rule's number: at most 40 letters, digits, '.', '_' and '-', such as MR-33-2026-01")
	}
	return RecognitionRuleID(s), nil
}

// AnyName in a list of categories or parameters stands for all of them.
const AnyName = "*"

// RecognitionRule is the payload of recognition.rule: which results of other
// provinces' laboratories count in a province, and on what conditions. It is the
// accepting province's alone. A later version names the document it replaces in
// Supersedes and begins later; all versions stay, so that any past decision can be
// made again.
type RecognitionRule struct {
	Rule          RecognitionRuleID `json:"rule"`
	Version       int               `json:"version"` // from 1, without gaps
	Supersedes    DocumentID        `json:"supersedes,omitzero"`
	Accepting     ProvinceCode      `json:"accepting"`
	Issuing       []ProvinceCode    `json:"issuing"` // the provinces that admitted the laboratories
	EffectiveFrom Date              `json:"effective_from"`
	EffectiveTo   Date              `json:"effective_to,omitzero"` // the last day, if there is one
	Applies       RecognitionScope  `json:"applies"`
	Require       []Condition       `json:"require"` // beside those that no rule can do without
	// MaxAgeDays is how many days a test may be old; 0 is without limit, as for
	// fresh produce, where only the batch counts.
	MaxAgeDays int `json:"max_age_days,omitzero"`
	// Editions say when which edition of a standard is in force, by the day of
	// production; Methods which methods are the designated ones.
	Editions []StandardEdition  `json:"editions,omitempty"`
	Methods  []DesignatedMethod `json:"methods,omitempty"`
	Basis    string             `json:"basis,omitzero"`
}

// RecognitionScope is what a rule applies to. Parameters without brackets cover
// those printed with: 铅 covers 铅(以Pb计).
type RecognitionScope struct {
	Tasks             []Task   `json:"task"`        // supervision, and evaluative if the province says so
	Categories        []string `json:"category_l1"` // 大类, or * for all
	Parameters        []string `json:"parameters"`  // or * for all
	ExcludeParameters []string `json:"exclude_parameters,omitempty"`
}

// StandardEdition is an edition of a standard and when it is in force. Example:
// GB 2763, GB 2763-2026, from 2026-03-01.
type StandardEdition struct {
	Standard string `json:"standard"`
	Edition  string `json:"edition"`
	From     Date   `json:"from"`
	To       Date   `json:"to,omitzero"` // the last day
}

// DesignatedMethod says by which methods a parameter is tested. A method without
// 第×法 covers all of the standard's methods.
type DesignatedMethod struct {
	Parameter string   `json:"parameter"`
	Methods   []string `json:"methods"`
	Basis     string   `json:"basis,omitzero"`
}

// Limits of a rule's lists.
const (
	maxRuleNames    = 2000
	maxRuleEditions = 500
	maxRuleAge      = 3650
)

// Check implements Payload.
func (r *RecognitionRule) Check() (problems, warnings []*Error) {
	var c checker
	_, err := ParseRecognitionRuleID(string(r.Rule))
	c.problem(err, "rule")
	switch {
	case r.Version < 1 || r.Version > 9999:
		c.problems = append(c.problems, Invalid("version", strconv.Itoa(r.Version), "1 to 9999"))
	case r.Version == 1 && r.Supersedes != "":
		c.problems = append(c.problems, Invalid("supersedes", string(r.Supersedes), "nothing in version 1"))
	case r.Version > 1 && r.Supersedes == "":
		c.missing("supersedes", "the document id of version "+strconv.Itoa(r.Version-1))
	}
	c.documentID("supersedes", r.Supersedes)
	c.province("accepting", r.Accepting)
	issuing := make(once[ProvinceCode])
	for i, province := range bounded(&c, "issuing", r.Issuing, 1, len(Provinces())) {
		c.province(index("issuing", i), province)
		if issuing.again(province) || province == r.Accepting {
			c.problems = append(c.problems, Invalid(index("issuing", i), string(province), "another province, each once"))
		}
	}
	c.period("effective_from", "effective_to", r.EffectiveFrom, r.EffectiveTo)
	c.scopeOf(&r.Applies)
	c.conditions("require", r.Require)
	if r.MaxAgeDays < 0 || r.MaxAgeDays > maxRuleAge {
		c.problems = append(c.problems, Invalid("max_age_days", strconv.Itoa(r.MaxAgeDays), "0 (no limit) to "+strconv.Itoa(maxRuleAge)))
	}
	for i, e := range bounded(&c, "editions", r.Editions, 0, maxRuleEditions) {
		field := index("editions", i)
		c.need(field+".standard", e.Standard, 60)
		c.need(field+".edition", e.Edition, 60)
		c.period(field+".from", field+".to", e.From, e.To)
	}
	for i, m := range bounded(&c, "methods", r.Methods, 0, maxRuleNames) {
		field := index("methods", i)
		c.need(field+".parameter", m.Parameter, 200)
		c.names(field+".methods", m.Methods, 1)
		c.text(field+".basis", m.Basis, 200)
	}
	c.text("basis", r.Basis, 300)
	return c.result()
}

func (c *checker) scopeOf(s *RecognitionScope) {
	for i, task := range bounded(c, "applies.task", s.Tasks, 1, 2) {
		if task != TaskSupervision && task != TaskEvaluative {
			c.problems = append(c.problems, Invalid(index("applies.task", i), string(task), "supervision or evaluative: other results serve no mutual recognition"))
		}
	}
	c.names("applies.category_l1", s.Categories, 1)
	c.names("applies.parameters", s.Parameters, 1)
	c.names("applies.exclude_parameters", s.ExcludeParameters, 0)
}

// names checks a list of names.
func (c *checker) names(field string, list []string, least int) {
	for i, name := range bounded(c, field, list, least, maxRuleNames) {
		c.need(index(field, i), name, 200)
	}
}

// conditions checks a list of conditions: known ones, each once.
func (c *checker) conditions(field string, list []Condition) {
	seen := make(once[Condition])
	for i, condition := range bounded(c, field, list, 0, len(Conditions())) {
		if seen.again(condition) || !slices.Contains(Conditions(), condition) {
			c.problems = append(c.problems, Invalid(index(field, i), string(condition), "a condition of mutual recognition, each once"))
		}
	}
}

func (c *checker) province(field string, code ProvinceCode) {
	if !code.Valid() {
		c.problems = append(c.problems, Invalid(field, string(code), "310000, 320000, 330000 or 340000"))
	}
}

// period checks a first and an optional last day.
func (c *checker) period(first, last string, from, to Date) {
	switch {
	case from == "":
		c.missing(first, "the first day")
	case to != "" && to < from:
		c.problems = append(c.problems, Invalid(last, string(to), "not before "+string(from)))
	}
}
