package embedded

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// sampleBlock has two transactions with three writes.
func sampleBlock() traceability.Block {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	return traceability.Block{
		Number: 7, Time: at, Previous: traceability.Hash{1, 2, 3},
		Transactions: []traceability.Transaction{
			{ID: "0a", Time: at, Writes: []traceability.Write{{Key: "lot/一", Value: []byte(`{}`)}, {Key: "event/1", Value: []byte(`{"n":1}`)}}},
			{ID: "0b", Time: at, Writes: []traceability.Write{{Key: "report/1", Value: []byte(`[]`)}}},
		},
	}
}

// TestHash holds the hash to the bytes that block.go describes, written out by
// hand.
func TestHash(t *testing.T) {
	t.Parallel()
	number := func(n uint64, width int) string {
		return hex.EncodeToString([]byte{0, 0, 0, 0, 0, 0, 0, byte(n)}[8-width:])
	}
	text := func(s string) string { return number(uint64(len(s)), 4) + hex.EncodeToString([]byte(s)) }
	write := func(key, value string) string {
		raw, err := hex.DecodeString(text(key) + text(value))
		if err != nil {
			t.Fatal(err)
		}
		return digest(raw).String()
	}
	const at = "0000000069a3f200" // 1772352000 s
	raw, err := hex.DecodeString(number(7, 8) + at + traceability.Hash{1, 2, 3}.String() + number(2, 4) +
		text("0a") + at + number(2, 4) + write("lot/一", `{}`) + write("event/1", `{"n":1}`) +
		text("0b") + at + number(1, 4) + write("report/1", `[]`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Hash(sampleBlock()), digest(raw); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestHashCoversEverything changes each part of a block by itself.
func TestHashCoversEverything(t *testing.T) {
	t.Parallel()
	changes := map[string]func(b *traceability.Block){
		"number":           func(b *traceability.Block) { b.Number++ },
		"time":             func(b *traceability.Block) { b.Time = b.Time.Add(time.Second) },
		"previous":         func(b *traceability.Block) { b.Previous[31]++ },
		"transaction":      func(b *traceability.Block) { b.Transactions = b.Transactions[:1] },
		"transaction id":   func(b *traceability.Block) { b.Transactions[1].ID = "0c" },
		"transaction time": func(b *traceability.Block) { b.Transactions[1].Time = b.Time.Add(time.Second) },
		"key":              func(b *traceability.Block) { b.Transactions[1].Writes[0].Key = "report/2" },
		"value":            func(b *traceability.Block) { b.Transactions[1].Writes[0].Value = []byte(`[0]`) },
		"order": func(b *traceability.Block) {
			w := b.Transactions[0].Writes
			w[0], w[1] = w[1], w[0]
		},
		"border of key and value": func(b *traceability.Block) {
			b.Transactions[1].Writes[0] = traceability.Write{Key: "report/1[", Value: []byte(`]`)}
		},
		"border of transactions": func(b *traceability.Block) {
			a, c := &b.Transactions[0], &b.Transactions[1]
			a.Writes, c.Writes = a.Writes[:1], append(a.Writes[1:2:2], c.Writes...)
		},
	}
	original := Hash(sampleBlock())
	for name, change := range changes {
		b := sampleBlock()
		change(&b)
		if Hash(b) == original {
			t.Errorf("a change of %s does not change the hash", name)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	stored := encodeHeader(sampleBlock())
	if _, err := decodeHeader(stored); err != nil {
		t.Fatalf("a whole header: %v", err)
	}
	for n := range stored {
		if _, err := decodeHeader(stored[:n]); err == nil {
			t.Errorf("a header cut to %d bytes is accepted", n)
		}
	}
	if _, err := decodeHeader(append(bytes.Clone(stored), 0)); err == nil {
		t.Error("a header with a byte too many is accepted")
	}
	huge := bytes.Clone(stored)
	copy(huge[48:], []byte{0xff, 0xff, 0xff, 0xff}) // 4 billion transactions
	if _, err := decodeHeader(huge); err == nil {
		t.Error("a header with 4 billion transactions is accepted")
	}
}

// FuzzBlockDecoding holds that decoding never fails hard, and that what is
// accepted has one encoding only: no two byte strings are the same block.
func FuzzBlockDecoding(f *testing.F) {
	block := sampleBlock()
	f.Add(encodeHeader(block))
	f.Add(encodeHeader(traceability.Block{Time: block.Time}))
	f.Add(appendWrite(nil, block.Transactions[0].Writes[0]))
	f.Add(location{block: 7, place: 1}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := decodeHeader(b); err == nil {
			if diff := cmp.Diff(b, h.append(nil)); diff != "" {
				t.Errorf("header (-given +encoded):\n%s", diff)
			}
		}
		if w, err := decodeWrite(b); err == nil {
			if diff := cmp.Diff(b, appendWrite(nil, w)); diff != "" {
				t.Errorf("write (-given +encoded):\n%s", diff)
			}
		}
		if at, err := decodeLocation(b); err == nil {
			if diff := cmp.Diff(b, at.append(nil)); diff != "" {
				t.Errorf("location (-given +encoded):\n%s", diff)
			}
		}
	})
}
