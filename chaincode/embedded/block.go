package embedded

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/traceability"
)

// What is stored is what is hashed. Integers are big-endian; text is UTF-8.
//
// A write is stored as
//
//	u32 length of the key, key, u32 length of the value, value
//
// and its digest is the SHA-256 of that. A block's header is stored as
//
//	u64 number
//	u64 time, seconds since 1970-01-01T00:00:00Z
//	32 bytes hash of the previous block, zeros in block 0
//	u32 count of transactions, and for each
//	    u32 length of its id, id (lower-case hex)
//	    u64 time
//	    u32 count of writes, and for each, in order, its 32 bytes digest
//
// and the block's hash is the SHA-256 of that. So anybody can recompute a hash
// from a Block, and one record can be proved with its block's header alone.

// Hash returns the hash that a block ought to have; its Hash field is not read.
func Hash(b traceability.Block) traceability.Hash { return digest(encodeHeader(b)) }

// encodeHeader returns a block's header as it is stored and hashed.
func encodeHeader(b traceability.Block) []byte {
	h := headerOf(b)
	for i, tx := range b.Transactions {
		for _, w := range tx.Writes {
			h.transactions[i].digests = append(h.transactions[i].digests, digest(appendWrite(nil, w)))
		}
	}
	return h.append(nil)
}

// header is a block with digests for writes.
type header struct {
	number       uint64
	time         time.Time
	previous     traceability.Hash
	transactions []headerTransaction
}

type headerTransaction struct {
	id      traceability.TxID
	time    time.Time
	digests []traceability.Hash
}

// headerOf returns the header of a block, without digests yet.
func headerOf(b traceability.Block) header {
	h := header{number: b.Number, time: b.Time, previous: b.Previous}
	for _, tx := range b.Transactions {
		h.transactions = append(h.transactions, headerTransaction{id: tx.ID, time: tx.Time})
	}
	return h
}

// writes returns how many writes the block has.
func (h *header) writes() uint32 {
	n := 0
	for _, tx := range h.transactions {
		n += len(tx.digests)
	}
	return uint32(n)
}

func (h *header) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, h.number)
	b = binary.BigEndian.AppendUint64(b, uint64(h.time.Unix()))
	b = append(b, h.previous[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(h.transactions)))
	for _, tx := range h.transactions {
		b = appendText(b, tx.id)
		b = binary.BigEndian.AppendUint64(b, uint64(tx.time.Unix()))
		b = binary.BigEndian.AppendUint32(b, uint32(len(tx.digests)))
		for _, d := range tx.digests {
			b = append(b, d[:]...)
		}
	}
	return b
}

func writeSize(w traceability.Write) int { return 8 + len(w.Key) + len(w.Value) }

func appendWrite(b []byte, w traceability.Write) []byte {
	return appendText(appendText(b, w.Key), w.Value)
}

func appendText[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func digest(b []byte) traceability.Hash { return sha256.Sum256(b) }

// newTxID names a transaction by its place on the chain: the first 16 bytes of
// the SHA-256 of the previous block's hash and the transaction's index (u32).
// The rules need the id before the block has a hash of its own.
func newTxID(previous traceability.Hash, index int) traceability.TxID {
	sum := digest(binary.BigEndian.AppendUint32(previous[:], uint32(index)))
	return traceability.TxID(sum.String()[:32])
}

var errDamaged = errors.New("damaged encoding")

// decodeHeader reads a header. What it accepts, append writes again byte for
// byte.
func decodeHeader(b []byte) (header, error) {
	d := decoder{rest: b}
	h := header{number: d.u64(), time: d.time()}
	copy(h.previous[:], d.bytes(len(h.previous)))
	const leastTransaction = 4 + 8 + 4
	for range d.count(leastTransaction) {
		tx := headerTransaction{id: traceability.TxID(d.text()), time: d.time()}
		for range d.count(sha256.Size) {
			tx.digests = append(tx.digests, traceability.Hash(d.bytes(sha256.Size)))
		}
		h.transactions = append(h.transactions, tx)
	}
	if err := d.end(); err != nil {
		return header{}, fmt.Errorf("block header: %w", err)
	}
	return h, nil
}

// decodeWrite reads a write; its value shares b's memory.
func decodeWrite(b []byte) (traceability.Write, error) {
	d := decoder{rest: b}
	w := traceability.Write{Key: string(d.text()), Value: jsontext.Value(d.text())}
	if err := d.end(); err != nil {
		return traceability.Write{}, fmt.Errorf("write: %w", err)
	}
	return w, nil
}

// decoder takes values off a byte string. Its first failure sticks; from then
// on it gives zeros.
type decoder struct {
	rest   []byte
	failed bool
}

var zeros [sha256.Size]byte

func (d *decoder) bytes(n int) []byte {
	if d.failed || n > len(d.rest) {
		d.failed = true
		return zeros[:min(n, len(zeros))]
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) u64() uint64 { return binary.BigEndian.Uint64(d.bytes(8)) }

func (d *decoder) u32() uint32 { return binary.BigEndian.Uint32(d.bytes(4)) }

// count reads how many entries of at least so many bytes follow; a number that
// cannot be true is refused before anything is made for it.
func (d *decoder) count(least int) int {
	n := uint64(d.u32())
	if n*uint64(least) > uint64(len(d.rest)) {
		d.failed = true
	}
	if d.failed {
		return 0
	}
	return int(n)
}

func (d *decoder) text() []byte { return d.bytes(d.count(1)) }

// time reads a time up to the year 9999, which is as far as RFC 3339 goes.
func (d *decoder) time() time.Time {
	seconds := d.u64()
	if seconds > 253402300799 {
		d.failed = true
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

func (d *decoder) end() error {
	if d.failed || len(d.rest) > 0 {
		return errDamaged
	}
	return nil
}
