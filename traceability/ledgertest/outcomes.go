package ledgertest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// testGenesis reads a new ledger: one transaction, the genesis. A ledger may have
// blocks without writes before and after it.
func testGenesis(t *testing.T, b *bench) {
	blocks := b.blocks(t, 0)
	var transactions []traceability.Transaction
	for _, block := range blocks {
		transactions = append(transactions, block.Transactions...)
	}
	if len(transactions) != 1 {
		t.Fatalf("a new ledger has %d transactions, want the genesis alone", len(transactions))
	}
	want, err := b.Network.Genesis().Writes(transactions[0].Time)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, transactions[0].Writes); diff != "" {
		t.Errorf("genesis (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(blocks[len(blocks)-1].Head(), b.head(t)); diff != "" {
		t.Errorf("head (-last block +head):\n%s", diff)
	}
	if blocks[0].Previous != (traceability.Hash{}) {
		t.Errorf("block 0 follows %s, want none", blocks[0].Previous)
	}
}

// testOutcomes sends one batch with one document of each fate.
func testOutcomes(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	stranger := NewKey(t, "lab:250999998888")
	first, last := SignedReport(t, lab, 1), SignedReport(t, lab, 2)
	again := SignAt(t, lab, traceability.TypeReportSubmit, Report(1), Signed.Add(time.Minute))
	changed := Report(1)
	changed.Remark = "另一内容"
	forged := SignedReport(t, lab, 3)
	forged = forged[:strings.LastIndexByte(forged, '.')] + first[strings.LastIndexByte(first, '.'):]

	documents := []string{
		first,
		first,
		again,
		Sign(t, lab, traceability.TypeReportSubmit, changed),
		forged,
		SignedReport(t, stranger, 4),
		"not a document",
		last,
	}
	receipt := b.submit(t, documents...)
	record := ReportKey(lab, 1)
	type fate struct {
		Status traceability.Status
		Code   traceability.Code
		Record string
		First  traceability.TxID
	}
	want := []fate{
		{Status: traceability.StatusAccepted, Record: record},
		{traceability.StatusDuplicate, traceability.CodeReplayed, record, receipt.Tx},
		{traceability.StatusDuplicate, traceability.CodeDuplicate, record, receipt.Tx},
		{Status: traceability.StatusRejected, Code: traceability.CodeConflict, Record: record},
		{Status: traceability.StatusRejected, Code: traceability.CodeBadSignature},
		{Status: traceability.StatusRejected, Code: traceability.CodeUnknownParty},
		{Status: traceability.StatusRejected, Code: traceability.CodeMalformed},
		{Status: traceability.StatusAccepted, Record: ReportKey(lab, 2)},
	}
	var got []fate
	for _, o := range receipt.Outcomes {
		got = append(got, fate{o.Status, o.Code, o.Record, o.First})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if existing := receipt.Outcomes[3].Existing; existing != receipt.Outcomes[0].ID {
		t.Errorf("the conflict is with %s, want %s", existing, receipt.Outcomes[0].ID)
	}

	// What is on the ledger: the two accepted ones, as they were sent.
	tx := transaction(t, b, receipt)
	var keys []string
	for n, w := range tx.Writes {
		keys = append(keys, w.Key)
		record, err := traceability.DecodeState[traceability.ReportState](w.Value)
		if err != nil {
			t.Fatal(err)
		}
		entry := traceability.Entry{JWS: []string{first, last}[n], Tx: receipt.Tx, N: n}
		if diff := cmp.Diff(entry, record.Document); diff != "" {
			t.Errorf("%s (-want +got):\n%s", w.Key, diff)
		}
	}
	if diff := cmp.Diff([]string{ReportKey(lab, 1), ReportKey(lab, 2)}, keys); diff != "" {
		t.Errorf("keys written (-want +got):\n%s", diff)
	}
	if !tx.Time.Equal(receipt.Time) {
		t.Errorf("the receipt says %s, the transaction %s", receipt.Time, tx.Time)
	}
}

// transaction finds a receipt's transaction at the height that it names.
func transaction(tb testing.TB, b *bench, receipt traceability.Receipt) traceability.Transaction {
	tb.Helper()
	for _, tx := range b.blocks(tb, receipt.Block)[0].Transactions {
		if tx.ID == receipt.Tx {
			return tx
		}
	}
	tb.Fatalf("block %d does not have the transaction %s", receipt.Block, receipt.Tx)
	return traceability.Transaction{}
}

func testEmptyBatch(t *testing.T, b *bench) {
	before := b.head(t)
	if receipt := b.submit(t); receipt.Tx != "" {
		t.Errorf("got transaction %s, want none", receipt.Tx)
	}
	if diff := cmp.Diff(before, b.head(t)); diff != "" {
		t.Errorf("the head moved (-before +after):\n%s", diff)
	}
}

func testResubmission(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	documents := []string{SignedReport(t, lab, 1), SignedReport(t, lab, 2)}
	first := b.accept(t, documents...)
	second := b.submit(t, append(documents, SignedReport(t, lab, 3))...)
	for i := range documents {
		o := second.Outcomes[i]
		if o.Status != traceability.StatusDuplicate || o.First != first.Tx || o.ID != first.Outcomes[i].ID {
			t.Errorf("document %d again: got %s of %s first in %s, want duplicate of %s in %s", i, o.Status, o.ID, o.First, first.Outcomes[i].ID, first.Tx)
		}
	}
	if o := second.Outcomes[2]; o.Status != traceability.StatusAccepted {
		t.Errorf("the new document beside duplicates: got %s (%s), want accepted", o.Status, o.Code)
	}
	if _, written := state(b.blocks(t, 0)); written[ReportKey(lab, 1)] != 1 {
		t.Errorf("report 1 was written %d times, want once", written[ReportKey(lab, 1)])
	}
}

func testNothingWritten(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	document := SignedReport(t, lab, 1)
	b.accept(t, document)
	receipt := b.submit(t, document, "not a document")
	if receipt.Tx != "" {
		t.Errorf("got transaction %s, want none", receipt.Tx)
	}
	if head := b.head(t); receipt.Block > head.Number {
		t.Errorf("the receipt speaks of block %d, the head is %d", receipt.Block, head.Number)
	}
	values, _ := state(b.blocks(t, 0)[:receipt.Block+1])
	if _, ok := values[ReportKey(lab, 1)]; !ok {
		t.Errorf("the duplicate's first document is not on the ledger at block %d", receipt.Block)
	}
}

func testBatchLimits(t *testing.T, b *bench) {
	before := b.head(t)
	tests := map[string][]string{
		"count": make([]string, traceability.MaxBatchDocuments+1),
		"bytes": {strings.Repeat("x", traceability.MaxBatchBytes/2), strings.Repeat("x", traceability.MaxBatchBytes/2), "x"},
	}
	for name, documents := range tests {
		_, err := b.Ledger.Submit(b.within(t), documents)
		var e *traceability.Error
		if !errors.As(err, &e) || e.Code != traceability.CodeBatchTooBig {
			t.Errorf("%s: got %v, want %s", name, err, traceability.CodeBatchTooBig)
		}
	}
	if diff := cmp.Diff(before, b.head(t)); diff != "" {
		t.Errorf("the head moved (-before +after):\n%s", diff)
	}
	oversized := b.submit(t, strings.Repeat("x", traceability.MaxDocumentBytes+1))
	if code := oversized.Outcomes[0].Code; code != traceability.CodeOversized {
		t.Errorf("a document over its own limit: got %s, want %s", code, traceability.CodeOversized)
	}
}

func testLargestBatch(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	documents := make([]string, traceability.MaxBatchDocuments)
	for i := range documents {
		documents[i] = SignedReport(t, lab, i)
	}
	receipt := b.accept(t, documents...)
	if n := len(transaction(t, b, receipt).Writes); n != len(documents) {
		t.Errorf("got %d writes, want %d", n, len(documents))
	}
}

// testWriteOrder submits documents whose keys descend: the writes ascend, and
// the records say in which order the documents came.
func testWriteOrder(t *testing.T, b *bench) {
	lab := b.laboratory(t)
	receipt := b.accept(t, SignedReport(t, lab, 3), SignedReport(t, lab, 1), SignedReport(t, lab, 2))
	type place struct {
		Key string
		N   int
	}
	var got []place
	for _, w := range transaction(t, b, receipt).Writes {
		record, err := traceability.DecodeState[traceability.ReportState](w.Value)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, place{w.Key, record.Document.N})
	}
	want := []place{{ReportKey(lab, 1), 1}, {ReportKey(lab, 2), 2}, {ReportKey(lab, 3), 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}
