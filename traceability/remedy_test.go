package traceability

import "testing"

// TestRemedies holds that it is said of each violation what is to be done about it,
// and of nothing else.
func TestRemedies(t *testing.T) {
	t.Parallel()
	known := make(map[ViolationCode]bool)
	for _, info := range ViolationTable() {
		zh, en := info.Code.Remedy()
		if zh == "" || en == "" {
			t.Errorf("%s has no remedy", info.Code)
		}
		known[info.Code] = true
	}
	for code := range remedies() {
		if !known[code] {
			t.Errorf("%s has a remedy and is no violation", code)
		}
	}
	if zh, en := ViolationCode("x").Remedy(); zh != "" || en != "" {
		t.Error(zh, en)
	}
}
