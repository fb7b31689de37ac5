package recognition_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability/recognition"
)

const docsHead = `# Mutual recognition of inspection results 检验结果互认

The table is made from ` + "`recognition.Table` by `go test ./traceability/recognition -run TestDocs -update`" + `; change it there.

A result of one province's laboratory counts in another for each parameter by itself, and only a pass: a fail is shared without recognition.

- **Rule** (` + "`recognition.rule`" + `): signed by the accepting province's regulator. It says whose laboratories, which tasks, categories and parameters, which conditions, how old a test may be, which editions of standards were in force when, and which methods are designated. Versions have no gaps; a later one begins tomorrow at the earliest and after the one before, so it never reaches back.
- **Which rule speaks**: the version in force on the day (in China) that names the laboratory's province and the food's category. One that names the category goes before one for all, then the one that began later, then the smaller number.
- **Evaluation**: every condition that the rule asks for is met, failed or unknown. One failed: ` + "`not_recognised`" + `. None failed, one unknown: ` + "`needs_review`" + `. What the ledger does not know is never taken for met; where the table says so, a province may attest it with the SHA-256 of a paper.
- **Decision** (` + "`recognition.decide`" + `): signed by the accepting province's regulator. The rules evaluate the same from the ledger and keep the result beside it. A decision that differs must say why (` + "`dissent`" + `). Nothing is replaced: another decision stands beside the earlier ones, and the last speaks.
- **Asking**: ` + "`GET /v1/recognition?lot=…&province=…`" + `, with ` + "`&on=YYYY-MM-DD`" + ` for the end of a day past and ` + "`&rule=<rule>/<version>`" + ` for another version. The issuing province is the one that admitted the laboratory.
- **Rate**: ` + "`GET /v1/recognition/rate`" + `: recognised of offered parameters, and repeats avoided of recognised, by month and pair of provinces; numbers, never a rounded share.

| code | condition | 条件 | asked | basis | may be attested | name |
|---|---|---|---|---|---|---|
`

// TestDocs keeps traceability/docs/recognition.md equal to the table.
func TestDocs(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(docsHead)
	for _, p := range recognition.Table() {
		asked, may := "if required", "no"
		if p.Always {
			asked = "always"
		}
		if p.Attestable {
			may = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | `%s` |\n", p.Code, p.EN, p.ZH, asked, p.Basis, may, p.Condition)
	}
	const path = "../docs/recognition.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("run with -update (-file +table):\n%s", diff)
	}
}
