package traceability

import "testing"

func TestWithUnit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ value, unit, want string }{
		{"0.37", "mg/kg", "0.37mg/kg"},
		{"n=5, c=2, m=10², M=10³", "CFU/g", "n=5, c=2, m=10², M=10³CFU/g"},
		{"不得使用", "g/kg", "不得使用"},
		{"未检出", "mg/kg", "未检出"},
		{"8.3:1", "/", "8.3:1"},
		{"", "g/kg", ""},
		{"²", "", "²"},
	} {
		if got := withUnit(test.value, test.unit); got != test.want {
			t.Errorf("%q in %q: got %q, want %q", test.value, test.unit, got, test.want)
		}
	}
}
