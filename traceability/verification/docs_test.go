package verification_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/address"
)

var update = flag.Bool("update", false, "write the tables anew")

// TestPageIsCurrent keeps the tables of docs/verification.md equal to the code's.
func TestPageIsCurrent(t *testing.T) {
	t.Parallel()
	const file = "../docs/verification.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	page = between(t, page, "codes", codesTable())
	page = between(t, page, "components", componentsTable())
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(page, string(text)); diff != "" {
		t.Errorf("run with -update (-tables +file):\n%s", diff)
	}
}

// between replaces what stands between the marks of a table.
func between(t *testing.T, page, name, table string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	before, rest, ok := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("the page has no marks of %s", name)
	}
	return before + begin + table + end + after
}

func codesTable() string {
	var b strings.Builder
	b.WriteString("| code | asks to | 名称 | meaning | found when |\n|---|---|---|---|---|\n")
	for _, v := range traceability.ViolationTable() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", v.Code, v.Severity, v.ZH, v.EN, v.Cause)
	}
	return b.String()
}

func componentsTable() string {
	var b strings.Builder
	b.WriteString("| component | 名称 | can make two addresses different |\n|---|---|---|\n")
	for _, c := range address.Components() {
		fmt.Fprintf(&b, "| `%s` | %s | %t |\n", c, c.NameZH(), c.Decides())
	}
	return b.String()
}
