package traceability_test

import (
	"fmt"
	"strings"
	"testing"

	"deltatrace/traceability"
)

// TestCreditPageIsCurrent keeps docs/credit.md equal to the tables.
func TestCreditPageIsCurrent(t *testing.T) {
	t.Parallel()
	holdPage(t, "docs/credit.md", creditPage(t))
}

func creditPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Credit records

Made from ` + "`traceability.CreditMoves` by `go test ./traceability -run TestCreditPageIsCurrent -update`" + `; change it there. The rules judge by the same table.

An entry (` + "`credit.enter`" + `) is about a company, by its unified social credit code: a regulator lists or honours it, or the company commits itself in public. It has a first day, a legal basis and, where the law sets one, a last day; a serious violation cannot be listed for longer than timer C1, nor its repair be asked for before timer C2. Everything after is a move (` + "`credit.act`" + `). Nothing is deleted: an entry that was repaired or removed stays in the history, and on a past day it holds as it held then.

Who breached in one place is restricted everywhere: a joint measure (联合惩戒) of an entry holds in all four provinces unless it names some, and each province may take one of its own, from the day that the ledger learns of it. ` + "`platform_entry`" + ` keeps the company off delivery platforms: verification refuses its shops as ` + "`RESTRICTED`" + ` ([verification.md](verification.md)).

` + "`GET /v1/credit/{uscc}`" + ` answers what is held against a company, where it is restricted, and what it has committed itself to, on any day. The public sees what holds; the company, who made the entry and the regulators see all of it (` + "`Viewer.Credit`" + `). The page of a licence shows adverse entries that hold above all, and commitments and honours as signs.

## Kinds

| kind | 名称 | by |
|---|---|---|
`)
	for _, kind := range traceability.CreditKinds() {
		words, known := map[traceability.CreditKind][2]string{
			traceability.CreditAbnormal:   {"经营异常名录", "a regulator"},
			traceability.CreditSerious:    {"严重违法失信名单（市场监管总局令第44号）", "a regulator"},
			traceability.CreditCommitment: {"公开承诺", "the company"},
			traceability.CreditHonour:     {"示范", "a regulator"},
		}[kind]
		if !known {
			t.Errorf("no words for %s", kind)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", kind, words[0], words[1])
	}
	fmt.Fprintf(&b, "\nTopics that the action plan names: `%s` 七日无理由退货, `%s` 诚信计量, `%s` 明厨亮灶, `%s` 示范店. An entry may name others.\n",
		traceability.TopicSevenDayReturns, traceability.TopicHonestMeasurement, traceability.TopicOpenKitchen, traceability.TopicModelShop)
	b.WriteString("\n## Moves\n\n| act | 操作 | by | of | from | to | needs |\n|---|---|---|---|---|---|---|\n")
	for _, m := range traceability.CreditMoves() {
		to := string(m.To)
		if to == "" {
			to = "where it was"
		} else {
			to = "`" + to + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", m.Act, m.ZH, words(m.By), words(m.Kinds), words(m.From), to, words(m.Needs))
	}
	return b.String()
}
