package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

func applyCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"apply/one by one or together":      applyTogether,
		"apply/order within a transaction":  applyAnyOrder,
		"apply/again is harmless":           applyAgain,
		"apply/refuses a gap":               applyGap,
		"apply/refuses another ledger":      applyReplaced,
		"apply/refuses what it cannot read": applyUnreadable,
		"apply/a failure leaves nothing":    applyAtomic,
		"apply/leaves alone what is new":    applyUnknown,
		"apply/two projectors":              applyTwice,
		"apply/readers beside the writer":   applyWhileReading,
		"apply/reset and rebuild":           applyRebuild,
	}
}

func applyTogether(t *testing.T, e Engine) {
	c := sample(t)
	together := applied(t, e, c)
	single := e.Open(t)
	for _, b := range c.Blocks {
		if err := single.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if head, err := single.Head(t.Context()); err != nil || head != b.Head() {
			t.Fatalf("head is %v, %v after block %v", head, err, b.Head())
		}
	}
	dump := DumpOf(t, together)
	if diff := cmp.Diff(dump, DumpOf(t, single)); diff != "" {
		t.Error(diff)
	}
	for _, table := range []string{"blocks", "documents", "parties", "party_documents", "lots", "events", "event_lots", "reports"} {
		if !strings.Contains(dump, "\n"+table+"\t") && !strings.HasPrefix(dump, table+"\t") {
			t.Errorf("the sample has no row in %s: the comparison says nothing of it", table)
		}
	}
}

// applyAnyOrder projects the same transactions with their writes turned round:
// an event may stand before its lots, a revision before the one it replaces.
func applyAnyOrder(t *testing.T, e Engine) {
	c := sample(t)
	key := NewKey(t, traceability.Regulator(traceability.Anhui), "another").Public()
	c.Vote(traceability.Regulator(traceability.Jiangsu), traceability.Rotation{Party: traceability.Regulator(traceability.Anhui), Key: key}, true)
	ids := c.lots("D", "E")
	c.Event(farm, c.transform("4", ids[:1], ids[1:]))
	first := c.Report(lab, report("SP202690002", 1, "", lotID("D")), nil)
	c.Report(lab, report("SP202690002", 2, first, lotID("D")), nil)
	c.Close()
	want := DumpOf(t, applied(t, e, c))
	for _, b := range c.Blocks {
		for i := range b.Transactions {
			slices.Reverse(b.Transactions[i].Writes)
		}
	}
	if diff := cmp.Diff(want, DumpOf(t, applied(t, e, c))); diff != "" {
		t.Error(diff)
	}
}

func applyAgain(t *testing.T, e Engine) {
	c := sample(t)
	s := applied(t, e, c)
	before := DumpOf(t, s)
	for _, blocks := range [][]traceability.Block{c.Blocks, c.Blocks[:1], c.Blocks[2:4], nil} {
		if err := s.Apply(t.Context(), blocks...); err != nil {
			t.Errorf("again: %v", err)
		}
	}
	c.lots("D")
	c.Close()
	if err := s.Apply(t.Context(), c.Blocks...); err != nil { // old ones and a new one
		t.Error(err)
	}
	if after := DumpOf(t, s); !strings.Contains(after, "QC/D") || strings.Count(after, "\n") != strings.Count(before, "\n")+3 {
		t.Errorf("a block, a document and a lot should have been added:\n%s", cmp.Diff(before, after))
	}
}

func applyGap(t *testing.T, e Engine) {
	c := sample(t)
	s := e.Open(t)
	if _, err := s.Head(t.Context()); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("the head of an empty store: %v", err)
	}
	if err := s.Apply(t.Context(), c.Blocks[1]); !errors.Is(err, e.ErrGap) {
		t.Errorf("block 1 first: %v", err)
	}
	if err := s.Apply(t.Context(), c.Blocks[0], c.Blocks[2]); !errors.Is(err, e.ErrGap) {
		t.Errorf("a gap within: %v", err)
	}
	if err := s.Apply(t.Context(), c.Blocks[0], c.Blocks[1], c.Blocks[0]); !errors.Is(err, e.ErrGap) {
		t.Errorf("backwards: %v", err)
	}
	if dump := DumpOf(t, s); dump != "" {
		t.Errorf("a refused block left %s", dump)
	}
}

func applyReplaced(t *testing.T, e Engine) {
	c := sample(t)
	s := e.Open(t)
	if err := s.Apply(t.Context(), c.Blocks[:3]...); err != nil {
		t.Fatal(err)
	}
	other := c.Blocks[3]
	other.Previous[0]++
	if err := s.Apply(t.Context(), other); !errors.Is(err, e.ErrReplaced) {
		t.Errorf("another previous hash: %v", err)
	}
	for _, n := range []int{0, 2} {
		other := c.Blocks[n]
		other.Hash[0]++
		if err := s.Apply(t.Context(), other); !errors.Is(err, e.ErrReplaced) {
			t.Errorf("another block %d: %v", n, err)
		}
	}
	first := c.Blocks[0]
	first.Previous[0]++
	if err := e.Open(t).Apply(t.Context(), first); !errors.Is(err, e.ErrReplaced) {
		t.Errorf("a block 0 that follows something: %v", err)
	}
}

// unreadable are records that no ledger has.
func unreadable(t *testing.T) []traceability.Write {
	c := sample(t)
	value := func(prefix string) []byte {
		for _, b := range c.Blocks {
			for _, tx := range b.Transactions {
				for _, w := range tx.Writes {
					if strings.HasPrefix(w.Key, prefix) {
						return w.Value
					}
				}
			}
		}
		t.Fatal("the sample has no " + prefix)
		return nil
	}
	aLot := value("lot/")
	return []traceability.Write{
		{Key: "lot/x", Value: nil},
		{Key: "lot/x", Value: []byte(`{`)},
		{Key: "lot/x", Value: []byte(`{}`)},
		{Key: "lot/x", Value: aLot},
		{Key: "event/x", Value: value("event/")},
		{Key: "report/x", Value: value("report/")},
		{Key: "event/x", Value: aLot},
		{Key: "report/x", Value: aLot},
		{Key: "rotation/x/y", Value: aLot},
		{Key: "recognition-rule/330000/x/1", Value: aLot},
		{Key: "recognition/x", Value: aLot},
		{Key: "notice/x", Value: aLot},
		{Key: "calendar/2026", Value: []byte(`{"documents":[{"jws":"a.b.c","tx":"` + string(txID(1)) + `","n":0}]}`)},
		{Key: "party/reg:310000", Value: []byte(`[]`)},
		{Key: "party/op:x", Value: []byte(`{"documents":[{"jws":"a.b.c","tx":"` + string(txID(1)) + `","n":0}]}`)},
	}
}

func applyUnreadable(t *testing.T, e Engine) {
	s := e.Open(t)
	genesis := NewChain(t).Blocks[0]
	if err := s.Apply(t.Context(), genesis); err != nil {
		t.Fatal(err)
	}
	for _, w := range unreadable(t) {
		b := traceability.Block{Number: 1, Previous: genesis.Hash, Transactions: []traceability.Transaction{{ID: txID(1), Writes: []traceability.Write{w}}}}
		if err := s.Apply(t.Context(), b); !errors.Is(err, e.ErrRecord) || !strings.Contains(err.Error(), w.Key) {
			t.Errorf("%s = %s: %v", w.Key, w.Value, err)
		}
	}
}

func applyAtomic(t *testing.T, e Engine) {
	c := sample(t)
	s := e.Open(t)
	if err := s.Apply(t.Context(), c.Blocks[:2]...); err != nil {
		t.Fatal(err)
	}
	before := DumpOf(t, s)
	bad := c.Blocks[3]
	bad.Transactions = []traceability.Transaction{{ID: "x", Writes: []traceability.Write{{Key: "lot/x", Value: []byte(`{}`)}}}}
	if err := s.Apply(t.Context(), c.Blocks[2], bad); err == nil {
		t.Fatal("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Apply(ctx, c.Blocks[2:]...); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if diff := cmp.Diff(before, DumpOf(t, s)); diff != "" {
		t.Error(diff)
	}
	if err := s.Apply(t.Context(), c.Blocks[2:]...); err != nil {
		t.Errorf("after a failure: %v", err)
	}
}

func applyUnknown(t *testing.T, e Engine) {
	c := NewChain(t)
	c.write("novelty/1", map[string]string{"some": "thing"})
	c.write("no-slash", []int{1})
	c.write("holding/"+string(lotID("A"))+"/"+string(farm), traceability.Holding{In: "1", Out: "0"})
	c.write("arrival/"+string(farm)+"/1", traceability.Arrival{Amounts: []traceability.Balance{"1"}})
	c.Close()
	s := applied(t, e, c)
	if head, err := s.Head(t.Context()); err != nil || head.Number != 1 {
		t.Errorf("head %v, %v", head, err)
	}
}

// applyTwice has several projectors bring the same blocks at once, through one
// store and through two.
func applyTwice(t *testing.T, e Engine) {
	var blocks []traceability.Block
	for b := range (Region{Seed: 2, Lots: 200, Chain: 10, Block: 10}).Blocks() {
		blocks = append(blocks, b)
	}
	first := e.Open(t)
	if err := first.Apply(t.Context(), blocks...); err != nil {
		t.Fatal(err)
	}
	want := DumpOf(t, first)
	stores := []Store{e.Open(t)}
	stores = append(stores, stores[0])
	if e.OpenTwo != nil {
		one, two := e.OpenTwo(t)
		stores = append(stores, one, two, one)
	}
	var group sync.WaitGroup
	for i, s := range stores {
		group.Go(func() {
			for part := range slices.Chunk(blocks, i+1) {
				if err := s.Apply(t.Context(), part...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for _, s := range stores {
		if diff := cmp.Diff(want, DumpOf(t, s)); diff != "" {
			t.Error(diff)
		}
	}
}

// applyWhileReading holds that a reader never sees half a block: each block
// adds a lot and an event with it.
func applyWhileReading(t *testing.T, e Engine) {
	c := NewChain(t)
	for n := range 40 {
		ids := c.lots(fmt.Sprint(n))
		c.Event(farm, traceability.Event{Ref: fmt.Sprint(n), Type: traceability.EventCommission, Time: c.now(), Outputs: kilograms("1", ids...)})
		c.Close()
	}
	s := e.Open(t)
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				events, err := s.Events(t.Context(), traceability.EventFilter{}, traceability.Page{})
				if err != nil {
					t.Error(err)
					return
				}
				for _, event := range events.Items {
					if _, err := s.Lot(t.Context(), event.Outputs[0].Lot); err != nil {
						t.Errorf("event %s without its lot: %v", event.ID, err)
					}
				}
			}
		})
	}
	for _, b := range c.Blocks {
		if err := s.Apply(t.Context(), b); err != nil {
			t.Error(err)
		}
	}
	close(done)
	group.Wait()
}

func applyRebuild(t *testing.T, e Engine) {
	c := sample(t)
	s := applied(t, e, c)
	before := DumpOf(t, s)
	if err := s.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dump := DumpOf(t, s); dump != "" {
		t.Errorf("after Reset: %s", dump)
	}
	if err := s.Apply(t.Context(), c.Blocks...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, DumpOf(t, s)); diff != "" {
		t.Error(diff)
	}
}
