package embedded

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// mustLive starts a ledger with some of everything: admissions, rejected
// documents, a superseding report, a province's new key signed by three, blocks
// with many transactions. Its last block has one transaction with two reports.
func mustLive(tb testing.TB) (*Ledger, traceability.SigningKey) {
	tb.Helper()
	network := ledgertest.NewNetwork(tb)
	l := mustStart(tb, network)
	lab, admission := network.Laboratory(tb, 1)
	first := mustSubmit(tb, l, admission, ledgertest.SignedReport(tb, lab, 0))

	amended := ledgertest.Report(0)
	amended.Revision, amended.Supersedes, amended.Remark = 2, first.Outcomes[1].ID, "更正"
	batch := []string{"not a document", ledgertest.Sign(tb, lab, traceability.TypeReportSubmit, amended), admission, ledgertest.SignedReport(tb, lab, 1)}
	if _, err := l.Submit(context.Background(), batch); err != nil {
		tb.Fatal(err)
	}
	rotation := &traceability.Rotation{Party: "reg:310000", Key: ledgertest.NewKey(tb, "reg:310000").Public()}
	for _, province := range traceability.Provinces()[:3] {
		mustSubmit(tb, l, ledgertest.Sign(tb, network.Regulator(province), traceability.TypePartyRotateKey, rotation))
	}
	var group sync.WaitGroup
	for i := range 40 {
		document := ledgertest.SignedReport(tb, lab, 100+i)
		group.Go(func() {
			if _, err := l.Submit(context.Background(), []string{document}); err != nil {
				tb.Error(err)
			}
		})
	}
	group.Wait()
	mustSubmit(tb, l, ledgertest.SignedReport(tb, lab, 200), ledgertest.SignedReport(tb, lab, 201))
	return l, lab
}

func TestVerify(t *testing.T) {
	t.Parallel()
	l, _ := mustLive(t)
	live, err := l.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	verifyClosed := func(ctx context.Context, progress func(uint64)) (traceability.Head, error) {
		mustClose(t, l)
		return Verify(ctx, l.dir, progress)
	}
	for _, c := range []struct {
		name   string
		verify func(context.Context, func(uint64)) (traceability.Head, error)
	}{{"open", l.Verify}, {"closed", verifyClosed}} {
		name, verify := c.name, c.verify
		var seen []uint64
		head, err := verify(context.Background(), func(block uint64) { seen = append(seen, block) })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(live, head); diff != "" {
			t.Errorf("%s: head (-ledger +verified):\n%s", name, diff)
		}
		if uint64(len(seen)) != live.Number+1 || seen[len(seen)-1] != live.Number {
			t.Errorf("%s: progress told of %v, want 0 to %d", name, seen, live.Number)
		}
	}
}

func TestVerifyEnds(t *testing.T) {
	t.Parallel()
	l, _ := mustLive(t)
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := l.Verify(ctx, func(uint64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want %v", err, context.Canceled)
	}
	closed := make(chan error, 1)
	var once sync.Once
	_, err := l.Verify(context.Background(), func(uint64) {
		once.Do(func() {
			go func() { closed <- l.Close() }()
			<-l.finished // Close has begun
			time.Sleep(50 * time.Millisecond)
		})
	})
	if !errors.Is(err, traceability.ErrClosed) {
		t.Errorf("closed meanwhile: got %v, want %v", err, traceability.ErrClosed)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := Verify(context.Background(), t.TempDir(), nil); err == nil {
		t.Error("a folder without a ledger was verified")
	}
}

// TestVerifyFindsTampering changes a ledger behind its back, bluntly or with
// all hashes made good again, and expects to be told where and what.
func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	l, lab := mustLive(t)
	last, err := readBlock(l.db, l.head.Number)
	if err != nil {
		t.Fatal(err)
	}
	votes, err := readBlock(l.db, 5) // the third province's vote
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	lastKey := votes.Transactions[0].Writes[1].Key // rotation/… sorts last
	second := last.Number - 1                      // the last but one
	tx, report, sibling := last.Transactions[0].ID, ledgertest.ReportKey(lab, 200), ledgertest.ReportKey(lab, 201)
	w := func(place uint32) []byte { return location{last.Number, place}.writeKey() }
	set := func(key, value []byte) func(*pebble.DB) error {
		return func(db *pebble.DB) error { return db.Set(key, value, nil) }
	}
	remove := func(key []byte) func(*pebble.DB) error {
		return func(db *pebble.DB) error { return db.Delete(key, nil) }
	}
	edit := func(key []byte, change func(stored []byte)) func(*pebble.DB) error {
		return func(db *pebble.DB) error {
			stored, err := lookup(db, key)
			if err != nil {
				return err
			}
			change(stored)
			return db.Set(key, stored, nil)
		}
	}
	// forge rewrites the last block with good hashes, as an owner could.
	forge := func(change func(b *traceability.Block)) func(*pebble.DB) error {
		return func(db *pebble.DB) error {
			block, err := readBlock(db, last.Number)
			if err != nil {
				return err
			}
			change(&block)
			batch := db.NewBatch()
			if err := batch.DeleteRange(w(0), w(99), nil); err != nil {
				return err
			}
			if _, err := write(batch, block); err != nil {
				return err
			}
			return batch.Commit(pebble.Sync)
		}
	}
	replace := func(old, new string) func(*pebble.DB) error {
		return forge(func(b *traceability.Block) {
			value := &b.Transactions[0].Writes[0].Value
			changed := bytes.Replace(*value, []byte(old), []byte(new), 1)
			if bytes.Equal(changed, *value) {
				t.Errorf("the record has no %q", old)
			}
			*value = changed
		})
	}
	otherDocument := forge(func(b *traceability.Block) {
		record, err := traceability.DecodeState[traceability.ReportState](b.Transactions[0].Writes[0].Value)
		if err != nil {
			t.Error(err)
			return
		}
		parts := strings.Split(record.Document.JWS, ".")
		other := strings.Split(ledgertest.SignedReport(t, ledgertest.NewKey(t, lab.Party), 200), ".")
		record.Document.JWS = parts[0] + "." + parts[1] + "." + other[2]
		if b.Transactions[0].Writes[0].Value, err = traceability.Canonical(record); err != nil {
			t.Error(err)
		}
	})
	genesisKey := traceability.PartyKey("reg:330000")
	tests := map[string]struct {
		change  func(db *pebble.DB) error
		want    BreakError
		problem string
	}{
		"value":            {edit(w(1), func(b []byte) { b[len(b)-1] ^= 1 }), BreakError{last.Number, tx, sibling, ""}, "digest"},
		"time of a block":  {edit(blockKey(second), func(b []byte) { b[12]-- }), BreakError{second, "", "", ""}, "time"},
		"previous":         {edit(blockKey(last.Number), func(b []byte) { b[16] ^= 1 }), BreakError{last.Number, "", "", ""}, "it follows"},
		"head":             {edit(keyHead, func(b []byte) { b[20] ^= 1 }), BreakError{last.Number, "", "", ""}, "the head is"},
		"number":           {edit(blockKey(3), func(b []byte) { b[7] ^= 1 }), BreakError{3, "", "", ""}, "number"},
		"header cut":       {set(blockKey(3), []byte("cut")), BreakError{3, "", "", ""}, "damaged"},
		"block gone":       {remove(blockKey(3)), BreakError{3, "", "", ""}, "missing"},
		"genesis gone":     {remove(blockKey(0)), BreakError{0, "", "", ""}, "missing"},
		"write gone":       {remove(w(1)), BreakError{last.Number, "", "", ""}, "has 1 writes"},
		"first write gone": {remove(w(0)), BreakError{last.Number, "", "", ""}, "write 0 is missing"},
		"write too many":   {set(w(2), appendWrite(nil, traceability.Write{Key: "lot/x"})), BreakError{last.Number, "", "", ""}, "has 3 writes"},
		"write of no block": {set(location{last.Number + 1, 0}.writeKey(), nil), BreakError{last.Number, "", "", ""},
			"belongs to no block"},
		"strange key":     {set([]byte("g"), nil), BreakError{last.Number, "", "", ""}, "belongs to no block"},
		"state gone":      {remove(stateKey(report)), BreakError{last.Number, "", report, ""}, "does not have it"},
		"state too much":  {set(stateKey("lot/x"), location{1, 0}.append(nil)), BreakError{last.Number, "", "lot/x", ""}, "no block writes it"},
		"state elsewhere": {set(stateKey(genesisKey), location{0, 0}.append(nil)), BreakError{0, "", genesisKey, ""}, "points to"},
		"last state gone": {remove(stateKey(lastKey)), BreakError{5, "", lastKey, ""}, "does not have it"},

		"forged signature":  {otherDocument, BreakError{last.Number, tx, "", ""}, "bad_signature"},
		"forged field":      {replace(`{"document"`, `{"a":1,"document"`), BreakError{last.Number, tx, report, ""}, "from byte"},
		"forged place":      {replace(`"n":0`, `"n":5`), BreakError{last.Number, tx, "", ""}, "document 0 of the transaction is missing"},
		"double place":      {replace(`"n":0`, `"n":1`), BreakError{last.Number, tx, sibling, ""}, "claim place 1"},
		"no JSON":           {replace(`{"document"`, `{"document`), BreakError{last.Number, tx, report, ""}, "not JSON"},
		"other transaction": {forge(func(b *traceability.Block) { b.Transactions[0].ID = "00" }), BreakError{last.Number, "00", "", ""}, "found id 00"},
		"other time":        {forge(func(b *traceability.Block) { b.Transactions[0].Time = b.Time.Add(1e9) }), BreakError{last.Number, tx, "", ""}, "time"},
		"time going back":   {forge(func(b *traceability.Block) { b.Time = b.Time.Add(-1000 * time.Hour) }), BreakError{last.Number, "", "", ""}, "before the previous"},
		"no transaction":    {forge(func(b *traceability.Block) { b.Transactions = nil }), BreakError{last.Number, "", "", ""}, "no transactions"},
		"write left out": {forge(func(b *traceability.Block) { b.Transactions[0].Writes = b.Transactions[0].Writes[:1] }),
			BreakError{last.Number, "", sibling, ""}, "no block writes it"},
		"write added": {forge(func(b *traceability.Block) {
			b.Transactions[0].Writes = append(b.Transactions[0].Writes, traceability.Write{Key: "lot/x", Value: []byte(`{}`)})
		}), BreakError{last.Number, tx, "lot/x", ""}, "the rules do not"},
		"key renamed": {forge(func(b *traceability.Block) { b.Transactions[0].Writes[1].Key = "lot/x" }), BreakError{last.Number, tx, "lot/x", ""}, "write 1: the rules write"},
		"order": {forge(func(b *traceability.Block) {
			w := b.Transactions[0].Writes
			w[0], w[1] = w[1], w[0]
		}), BreakError{last.Number, tx, sibling, ""}, "write 0: the rules write"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			copyFolder(t, l.dir, dir)
			tamper(t, dir, test.change)
			_, err := Verify(context.Background(), dir, nil)
			var b *BreakError
			if !errors.As(err, &b) {
				t.Fatalf("got %v, want a break", err)
			}
			if diff := cmp.Diff(test.want, BreakError{b.Block, b.Tx, b.Key, ""}); diff != "" || !strings.Contains(b.Problem, test.problem) {
				t.Errorf("%v\nwant a problem with %q at (-want +got):\n%s", err, test.problem, diff)
			}
		})
	}
}

// copyFolder copies a closed ledger.
func copyFolder(tb testing.TB, from, to string) {
	tb.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		tb.Fatal(err)
	}
}
