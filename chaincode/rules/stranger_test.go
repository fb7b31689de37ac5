package rules_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// hostile are payloads of nearly the size of a document that have cost much: each
// entry differs, so that each was looked for among all.
func hostile() map[traceability.DocumentType]any {
	lots := make([]string, 55_000)
	for i := range lots {
		lots[i] = fmt.Sprintf("%d", i)
	}
	items := make([]int, 90_000)
	for i := range items {
		items[i] = i + 1
	}
	entries := make([]map[string]string, 24_000)
	for i := range entries {
		entries[i] = map[string]string{"lot": fmt.Sprintf("01/%d", i)}
	}
	deep := map[string]any{"a": 1}
	for range 9_000 {
		deep = map[string]any{"a": deep}
	}
	members := make(map[string]int, 50_000)
	for i := range 50_000 {
		members[fmt.Sprintf("%d", i)] = i
	}
	return map[traceability.DocumentType]any{
		traceability.TypeRecallOpen:   map[string]any{"lots": lots},
		traceability.TypeNoticeAct:    map[string]any{"notice": "lab:230912340001/1", "act": "reinspection_apply", "items": items},
		traceability.TypeEventRecord:  map[string]any{"ref": "1", "type": "ship", "lots": entries},
		traceability.TypeLotRegister:  members,
		traceability.TypeReportSubmit: deep,
		traceability.TypePartySuspend: map[string]any{"reason": strings.Repeat("\u202e", 100_000), strings.Repeat("字", 100_000): 1},
	}
}

// spent is how much processor time f takes.
func spent(tb testing.TB, f func()) time.Duration {
	used := func() time.Duration {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			tb.Fatal(err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	before := used()
	f()
	return used() - before
}

// judged is what becomes of documents, as an endorsing peer does it: the signatures
// are checked ahead against the keys that it knows.
func (w *world) judged(documents []string, known ...traceability.PublicKey) ([]traceability.Outcome, *reads) {
	w.Helper()
	state := &reads{state: w.state}
	prepared := make([]*rules.Prepared, len(documents))
	for i, document := range documents {
		prepared[i] = rules.Prepare(document)
		for _, key := range known {
			prepared[i].Verify(key)
		}
	}
	outcomes, writes, err := rules.Apply(state, rules.Tx{ID: "01", Time: w.now}, prepared)
	if err != nil || len(writes) > 0 {
		w.Fatal(len(writes), err)
	}
	return outcomes, state
}

// reads counts the keys that the rules ask for.
type reads struct {
	state
	keys []string
}

func (r *reads) Get(keys []string) ([][]byte, error) {
	r.keys = append(r.keys, keys...)
	return r.state.Get(keys)
}

// TestStrangersCostLittle sends nine documents of nearly the greatest size in one
// batch: by a stranger, with a forged signature, and by a party that is admitted.
func TestStrangersCostLittle(t *testing.T) {
	w := newPopulatedWorld(t)
	stranger := w.newKey("lab:999912340001")
	for typ, payload := range hostile() {
		t.Run(string(typ), func(t *testing.T) {
			for _, c := range []struct {
				name string
				key  traceability.SigningKey
				code traceability.Code
				most time.Duration
			}{
				{"of a stranger", stranger, traceability.CodeUnknownParty, time.Second},
				{"by another key", w.newKey(factory), traceability.CodeUnknownKey, time.Second},
				{"forged", w.key(factory), traceability.CodeBadSignature, time.Second},
				{"of a party", w.key(factory), "", 5 * time.Second},
			} {
				compact := w.signWith(c.key, typ, payload)
				if c.name == "forged" {
					compact = compact[:len(compact)-20] + strings.Repeat("A", 20)
				}
				if len(compact) > traceability.MaxDocumentBytes {
					t.Fatalf("%d bytes", len(compact))
				}
				batch := slices.Repeat([]string{compact}, 9)
				var outcomes []traceability.Outcome
				var state *reads
				if took := spent(t, func() { outcomes, state = w.judged(batch, w.key(factory).Public()) }); took > c.most {
					t.Errorf("%s: %v of processor time", c.name, took)
				}
				answer, err := json.Marshal(outcomes)
				if err != nil || len(answer) > 9*64<<10 {
					t.Errorf("%s: an answer of %d bytes, %v", c.name, len(answer), err)
				}
				if len(state.keys) > 3 {
					t.Errorf("%s: %d keys of the state read", c.name, len(state.keys))
				}
				for _, o := range outcomes {
					if o.Status != traceability.StatusRejected || c.code != "" && (o.Code != c.code || len(o.Problems) != 1 || o.ID != "") {
						t.Errorf("%s: %s %s, %d problems, id %q", c.name, o.Status, o.Code, len(o.Problems), o.ID)
					}
				}
			}
		})
	}
}

// TestAuthenticityComesFirst holds that nothing is said of what a stranger's
// document says, and that it is the same whether signatures are checked ahead.
func TestAuthenticityComesFirst(t *testing.T) {
	w := newPopulatedWorld(t)
	bad := &traceability.Lot{Unit: "KGM"}
	w.refuse(w.signWith(w.newKey("lab:999912340001"), traceability.TypeLotRegister, bad), traceability.CodeUnknownParty, "kid")
	w.refuse(w.signWith(w.newKey(factory), traceability.TypeLotRegister, bad), traceability.CodeUnknownKey, "kid")
	signed := w.sign(factory, traceability.TypeLotRegister, bad)
	other := strings.Split(w.sign(factory, traceability.TypeLotRegister, map[string]any{"x": 1}), ".")
	w.refuse(strings.Join([]string{other[0], other[1], strings.Split(signed, ".")[2]}, "."), traceability.CodeBadSignature, "signature")
	w.refuse(signed, traceability.CodeMissing, "lot")

	late := w.sign(lab, traceability.TypeReportSubmit, report("LATE"))
	w.accept(late)
	for _, ahead := range [][]traceability.PublicKey{nil, {w.key(lab).Public()}, {w.newKey(lab).Public()}, {w.key(farm).Public()}} {
		outcomes, _ := w.judged([]string{late, signed}, ahead...)
		if outcomes[0].Code != traceability.CodeReplayed || outcomes[1].Code != traceability.CodeMissing || outcomes[1].ID == "" {
			t.Errorf("with %d keys ahead: %+v", len(ahead), outcomes)
		}
	}
}
