package rules

import (
	"slices"
	"strings"

	"deltatrace/traceability"
)

// scope is a laboratory's accredited scope, arranged for look-up: the rows by
// method, then by parameter, both folded.
type scope map[string]map[string][]traceability.Capability

// anyParameter in a row's parameter covers every parameter of the method.
const anyParameter = "*"

func newScope(rows []traceability.Capability) scope {
	s := make(scope)
	for _, row := range rows {
		method := traceability.Fold(row.Method)
		if s[method] == nil {
			s[method] = make(map[string][]traceability.Capability)
		}
		parameter := traceability.Fold(row.Parameter)
		s[method][parameter] = append(s[method][parameter], row)
	}
	return s
}

// outside returns the seq of each item that the scope did not cover on the day
// of the test (the last day of testing, else the day of issue, else today). An
// item without a method ("/") is computed from others and is not judged.
func (s scope) outside(r *traceability.Report, today traceability.Date) []int {
	day := today
	switch {
	case r.TestedTo != "":
		day = r.TestedTo
	case r.Issued != "":
		day = r.Issued
	}
	var outside []int
	var printed, method string // the last item's: many items have the same
	for i := range r.Items {
		item := &r.Items[i]
		if item.Method != printed {
			printed, method = item.Method, traceability.Fold(item.Method)
		}
		if method != "" && method != "/" && !s.covers(item.Parameter, method, day) {
			outside = append(outside, item.Seq)
		}
	}
	return outside
}

// covers looks for a row of the method as printed, or of its standard as a
// whole when the method names one of the standard's methods (第一法 …). The
// method is folded, the parameter is not.
func (s scope) covers(parameter, method string, day traceability.Date) bool {
	methods := []string{method}
	if i := strings.LastIndex(method, "第"); i > 0 && strings.HasSuffix(method, "法") {
		methods = append(methods, method[:i])
	}
	for _, m := range methods {
		if rows := s[m]; valid(rows[anyParameter], day) || valid(rows[traceability.Fold(parameter)], day) {
			return true
		}
	}
	return false
}

// valid reports whether one of the rows is valid on the day.
func valid(rows []traceability.Capability, day traceability.Date) bool {
	return slices.ContainsFunc(rows, func(row traceability.Capability) bool { return day.Within(row.ValidFrom, row.ValidTo) })
}
