package rules_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// Synthetic parties, with identifiers of the right form.
const (
	lab      traceability.PartyID = "lab:230912340001"
	farm     traceability.PartyID = "op:93330424MA1FPX121R"
	factory  traceability.PartyID = "op:91330106MA1FPX121E"
	shop     traceability.PartyID = "op:91310101MA1FPX121X"
	platform traceability.PartyID = "plat:91320106MA1FPX121A"
)

var (
	shanghai = traceability.Regulator(traceability.Shanghai)
	zhejiang = traceability.Regulator(traceability.Zhejiang)
)

// state is a ledger's state in memory.
type state map[string][]byte

func (s state) Get(keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = s[key]
	}
	return values, nil
}

// world is a small consortium on which the rules are tried: keys, a clock and
// the state.
type world struct {
	testing.TB
	state state
	keys  map[traceability.PartyID]traceability.SigningKey
	now   time.Time
	txs   int
	memo  rules.Memo
}

// newWorld starts with the four provinces.
func newWorld(tb testing.TB) *world {
	w := &world{TB: tb, state: state{}, keys: map[traceability.PartyID]traceability.SigningKey{},
		now: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)}
	var genesis traceability.Genesis
	for _, province := range traceability.Provinces() {
		genesis.Provinces = append(genesis.Provinces, traceability.Province{Code: province, Key: w.key(traceability.Regulator(province)).Public()})
	}
	writes, err := genesis.Writes(w.now)
	if err != nil {
		tb.Fatal(err)
	}
	w.write(writes)
	return w
}

// newPopulatedWorld also admits a laboratory, three operators and a platform.
func newPopulatedWorld(tb testing.TB) *world {
	w := newWorld(tb)
	for _, party := range []struct {
		regulator traceability.PartyID
		id        traceability.PartyID
	}{{zhejiang, lab}, {zhejiang, farm}, {zhejiang, factory}, {shanghai, shop}, {shanghai, platform}} {
		w.accept(w.sign(party.regulator, traceability.TypePartyAdmit, w.admission(party.id)))
	}
	return w
}

// key returns a party's key, making it at first use.
func (w *world) key(party traceability.PartyID) traceability.SigningKey {
	if key, ok := w.keys[party]; ok {
		return key
	}
	w.keys[party] = w.newKey(party)
	return w.keys[party]
}

func (w *world) newKey(party traceability.PartyID) traceability.SigningKey {
	key, err := traceability.NewSigningKey(party)
	if err != nil {
		w.Fatal(err)
	}
	return key
}

func (w *world) admission(party traceability.PartyID) *traceability.Admission {
	a := &traceability.Admission{Party: party, Name: "示例主体 " + party.Number(), Key: w.key(party).Public()}
	if party.Kind() == traceability.KindLaboratory {
		a.Scope = []traceability.Capability{
			{Parameter: "*", Method: "GB 23200.121-2021"},
			{Parameter: "铅(以Pb计)", Method: "GB 5009.12-2023 第二法", ValidTo: "2026-11-20"},
		}
	}
	return a
}

func (w *world) sign(party traceability.PartyID, typ traceability.DocumentType, payload any) string {
	return w.signWith(w.key(party), typ, payload)
}

func (w *world) signWith(key traceability.SigningKey, typ traceability.DocumentType, payload any) string {
	w.Helper()
	document, err := traceability.Sign(key, typ, payload, w.now)
	if err != nil {
		w.Fatal(err)
	}
	return document
}

// submit applies the documents as one transaction, ten seconds later.
func (w *world) submit(documents ...string) []traceability.Outcome {
	w.Helper()
	outcomes, _ := w.apply(documents...)
	return outcomes
}

func (w *world) apply(documents ...string) ([]traceability.Outcome, []traceability.Write) {
	w.Helper()
	w.txs++
	w.now = w.now.Add(10 * time.Second)
	var prepared []*rules.Prepared
	for _, document := range documents {
		prepared = append(prepared, rules.Prepare(document))
	}
	tx := rules.Tx{ID: traceability.TxID(fmt.Sprintf("%08x", w.txs)), Time: w.now}
	outcomes, writes, err := rules.Apply(w.state, tx, prepared)
	if err != nil {
		w.Fatal(err)
	}
	// A memory must change nothing, whatever was asked before.
	rememberedOutcomes, rememberedWrites, err := w.memo.Apply(w.state, tx, prepared)
	if err != nil || !reflect.DeepEqual(writes, rememberedWrites) || !reflect.DeepEqual(outcomes, rememberedOutcomes) {
		w.Fatalf("with a memory: %v\n%+v\n%+v", err, rememberedOutcomes, outcomes)
	}
	w.write(writes)
	return outcomes, writes
}

func (w *world) write(writes []traceability.Write) {
	w.Helper()
	for _, write := range writes {
		checkRecord(w.TB, write)
		w.state[write.Key] = write.Value
	}
}

// accept submits one document that must be accepted.
func (w *world) accept(document string) traceability.Outcome {
	w.Helper()
	outcome := w.submit(document)[0]
	if outcome.Status != traceability.StatusAccepted {
		w.Fatalf("not accepted: %+v %v", outcome, outcome.Problems)
	}
	return outcome
}

// refuse submits one document that must be rejected with the code and field.
func (w *world) refuse(document string, code traceability.Code, field string) traceability.Outcome {
	w.Helper()
	before := len(w.state)
	outcomes, writes := w.apply(document)
	outcome := outcomes[0]
	if outcome.Status != traceability.StatusRejected || outcome.Code != code {
		w.Fatalf("got %s %s %v, want rejected %s", outcome.Status, outcome.Code, outcome.Problems, code)
	}
	if outcome.Problems[0].Field != field {
		w.Errorf("field: got %q, want %q", outcome.Problems[0].Field, field)
	}
	if outcome.Problems[0].ZH == "" || outcome.Problems[0].EN == "" {
		w.Errorf("no sentence for people: %+v", outcome.Problems[0])
	}
	if len(writes) > 0 || len(w.state) != before {
		w.Errorf("a rejected document wrote %v", writes)
	}
	return outcome
}
