package reference_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// Everything that is shipped can be signed, and each thing is there once.
func TestDocuments(t *testing.T) {
	t.Parallel()
	documents, err := reference.Documents()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, d := range documents {
		if problems, warnings := d.Payload.Check(); len(problems)+len(warnings) > 0 {
			t.Errorf("%s: %v %v", d.Payload.Record(), problems, warnings)
		}
		if seen[d.Payload.Record()] || traceability.NewPayload(d.Type) == nil {
			t.Errorf("%s, %s: twice, or of no type", d.Type, d.Payload.Record())
		}
		seen[d.Payload.Record()] = true
	}
	for id, place := range timersInCode(t) {
		if !seen[traceability.TimerKey(id)] {
			t.Errorf("no %s, which %s reads", id, place)
		}
	}
}

// notTimers are texts of the code that look like a timer's id and are none: codes of
// units.
var notTimers = map[string]bool{"H87": true}

// timersInCode finds the periods that the rules and the tables of moves name, each
// with a place: the literals that have the form of a timer's id.
func timersInCode(t *testing.T) map[traceability.TimerID]string {
	t.Helper()
	found := make(map[traceability.TimerID]string)
	for _, folder := range []string{"..", "../../chaincode/rules"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					text, _ := strconv.Unquote(l.Value)
					if id, err := traceability.ParseTimerID(text); err == nil && !notTimers[text] {
						found[id] = files.Position(l.Pos()).String()
					}
				}
				return true
			})
		}
	}
	if len(found) < 35 {
		t.Fatalf("only %d periods found: %v", len(found), found)
	}
	return found
}

func ExampleCalendars() {
	calendars, err := reference.Calendars()
	if err != nil {
		fmt.Println(err)
		return
	}
	due, err := calendars.Add("2026-09-28", 5)
	fmt.Println(due, err)
	_, err = calendars.Add("2026-12-28", 5)
	fmt.Println(err)
	// Output:
	// 2026-10-10 <nil>
	// calendar_missing: the ledger has no calendar of 2027, so working days cannot be counted
}
