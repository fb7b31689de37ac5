package traceability

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// RecurrenceID names a rule of recurrence: at most 20 letters, digits, '_' and
// '-'. Example: RC1.
type RecurrenceID string

var recurrenceIDGrammar = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$`)

// ParseRecurrenceID checks the grammar.
func ParseRecurrenceID(s string) (RecurrenceID, error) {
	if !recurrenceIDGrammar.MatchString(s) {
		return "", Invalid("", s, "a rule of recurrence: at most 20 letters, digits, '_' and '-', such as RC1")
	}
	return RecurrenceID(s), nil
}

// Recurrence is the payload of recurrence.set: when failures of the same hazard in
// the same product group are so many, in so many provinces, within so many days,
// that a joint consultation is proposed. It comes into force when three provinces
// have signed the same content, for failures on EffectiveFrom or later; see
// EditionOn. It proposes and decides nothing.
type Recurrence struct {
	ID            RecurrenceID `json:"id"`
	Revision      int          `json:"revision"`    // from 1
	WindowDays    int          `json:"window_days"` // the first and the last day counted
	Provinces     int          `json:"provinces"`   // in which samples failed: 2 to 4
	Count         int          `json:"count"`       // samples that failed, at least Provinces
	Tasks         []Task       `json:"tasks"`
	Parameters    []string     `json:"parameters"` // or * for all
	Categories    []string     `json:"categories"` // product groups, or * for all
	Basis         string       `json:"basis"`
	Note          string       `json:"note,omitzero"`
	EffectiveFrom Date         `json:"effective_from"`
}

// Limits of a rule of recurrence.
const (
	maxRecurrenceDays  = 730
	maxRecurrenceCount = 1000
)

// Check implements Payload.
func (r *Recurrence) Check() (problems, warnings []*Error) {
	var c checker
	id, err := ParseRecurrenceID(string(r.ID))
	canonical(&c, "id", r.ID, id, err)
	c.revision(r.Revision)
	c.between("window_days", r.WindowDays, 1, maxRecurrenceDays)
	c.between("provinces", r.Provinces, 2, AllProvinces)
	c.between("count", r.Count, max(2, r.Provinces), maxRecurrenceCount)
	for i, task := range bounded(&c, "tasks", r.Tasks, 1, 4) {
		switch task {
		case TaskSupervision, TaskEvaluative, TaskRiskMonitoring, TaskCommissioned:
		default:
			c.problems = append(c.problems, Invalid(index("tasks", i), string(task), "supervision, evaluative, risk_monitoring or commissioned"))
		}
	}
	c.names("parameters", r.Parameters, 1)
	c.names("categories", r.Categories, 1)
	c.need("basis", r.Basis, 300)
	c.text("note", r.Note, 500)
	if r.EffectiveFrom == "" {
		c.missing("effective_from", "a day")
	}
	return c.result()
}

// Record implements Agreed.
func (r *Recurrence) Record() string { return RecurrenceKey(r.ID) }

// Edition implements Agreed.
func (r *Recurrence) Edition() int { return r.Revision }

// Signers implements Agreed.
func (r *Recurrence) Signers() int { return MostProvinces }

// Begins implements Dated.
func (r *Recurrence) Begins() Date { return r.EffectiveFrom }

// Failure is one hazard that one sample failed by, as the rules of recurrence
// count it. Day is when the report was issued, or came onto the ledger when it does
// not say; Province is where the sample was taken.
type Failure struct {
	Report   ReportID     `json:"report"`
	Notice   NoticeID     `json:"notice,omitzero"`
	Hazard   Hazard       `json:"hazard"`
	Group    ProductGroup `json:"product_group"`
	Province ProvinceCode `json:"province"`
	Task     Task         `json:"task"`
	Day      Date         `json:"day"`
	Ended    bool         `json:"ended,omitzero"` // the report was replaced, or its notice overturned
}

// FailuresOf lists what a report failed by, each hazard once. Problems found by
// risk monitoring are failures here. A report that says neither in which group the
// food is nor where the sample was taken gives none: it cannot be compared.
func FailuresOf(id ReportID, r *Report, submitted time.Time) []Failure {
	group, province := ProductGroupOf(r.Sample.Category), r.Sample.takenIn()
	if group == "" || province == "" {
		return nil
	}
	day := r.Issued
	if day == "" {
		day = DateOf(submitted)
	}
	var list []Failure
	for _, item := range r.Items {
		f := Failure{Report: id, Hazard: HazardOf(item.Parameter), Group: group, Province: province, Task: r.Task, Day: day}
		if (item.Verdict == VerdictFail || item.Verdict == VerdictProblem) && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

// takenIn is the province in which a sample was taken: the one that the sampling
// number names, or else that of the sampled establishment's credit code.
func (s *Sample) takenIn() ProvinceCode {
	if parts, ok := s.No.Parts(); ok && parts.Division.Province() != "" {
		return parts.Division.Province()
	}
	return s.SampledUnit.USCC.Division().Province()
}

// Covers reports whether the rule counts such a failure.
func (r *Recurrence) Covers(f Failure) bool {
	named := func(list []string, match func(string) bool) bool {
		return slices.Contains(list, AnyName) || slices.ContainsFunc(list, match)
	}
	return slices.Contains(r.Tasks, f.Task) &&
		named(r.Parameters, func(name string) bool { return HazardOf(name) == f.Hazard }) &&
		named(r.Categories, func(name string) bool { return ProductGroupOf(name) == f.Group })
}

// Met returns the failures, by day, of the first window with the new one in it that
// meets the rule; none when no window does. The others are of the same hazard and
// group, and may lie after the new one: reports come late. What the rule does not
// cover is left out.
func (r *Recurrence) Met(new Failure, others []Failure) []Failure {
	if !r.Covers(new) {
		return nil
	}
	all := []Failure{new}
	for _, f := range others {
		if r.Covers(f) {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Failure) int {
		if a.Day != b.Day {
			return strings.Compare(string(a.Day), string(b.Day))
		}
		return strings.Compare(string(a.Report), string(b.Report))
	})
	for _, last := range all {
		first := last.Day.AddDays(1 - r.WindowDays)
		if last.Day < new.Day || first > new.Day {
			continue
		}
		var within []Failure
		for _, f := range all {
			if f.Day.Within(first, last.Day) {
				within = append(within, f)
			}
		}
		if r.Enough(within) {
			return within
		}
	}
	return nil
}

// Enough reports whether so many samples failed in so many provinces.
func (r *Recurrence) Enough(failures []Failure) bool {
	var reports []string
	var provinces []ProvinceCode
	for _, f := range failures {
		if f.Ended {
			continue
		}
		if series := f.Report.Series(); !slices.Contains(reports, series) {
			reports = append(reports, series)
		}
		if !slices.Contains(provinces, f.Province) {
			provinces = append(provinces, f.Province)
		}
	}
	return len(reports) >= r.Count && len(provinces) >= r.Provinces
}
