package traceability

import (
	"context"
	"encoding/hex"
	"errors"
	"iter"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Ledger is where documents are kept: in-process (chaincode/embedded) or a
// Fabric network of four provinces (network/fabric), with one behaviour, which
// the suite ledgertest states.
type Ledger interface {
	// Submit hands documents (compact JWS) to the rules as one transaction and
	// returns when it is durable, with one outcome for each document in its
	// order. A rejected document writes nothing and does not harm its
	// neighbours. Submitting again is harmless.
	//
	// Errors: *Error batch_too_big; ErrBusy when the ledger cannot take more
	// now (try again); ErrClosed. After any other error, a timeout included, it
	// is not known whether the documents were kept: submit them again.
	Submit(ctx context.Context, documents []string) (Receipt, error)

	// Blocks yields every block from the given height on, without gaps, in
	// order: first those that exist, then each new one as it comes. It ends
	// with an error, or silently when ctx is done. Consumers may be slow; they
	// hold nobody up.
	Blocks(ctx context.Context, from uint64) iter.Seq2[Block, error]

	// Head returns the last block's position. There always is one: a ledger
	// starts with block 0, and its first transaction is the genesis.
	Head(ctx context.Context) (Head, error)
}

// Errors of ledgers.
var (
	ErrBusy   = errors.New("ledger: busy")
	ErrClosed = errors.New("ledger: closed")
)

// TxID names a transaction; unique on its ledger. Lower-case hex.
type TxID string

// Hash is a SHA-256; its text is lower-case hex.
type Hash [32]byte

// String returns lower-case hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes lower-case hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads hex.
func (h *Hash) UnmarshalText(b []byte) error {
	if n, err := hex.Decode(h[:], b); err != nil || n != len(h) {
		return Invalid("", string(b), "64 hex digits")
	}
	return nil
}

// Head is a ledger's, or a read model's, last block.
type Head struct {
	Number uint64    `json:"number"`
	Hash   Hash      `json:"hash"`
	Time   time.Time `json:"time"`
}

// Block is the change feed's unit: the valid transactions of one block and what
// they wrote. Blocks without writes are yielded too, so heights have no gaps.
type Block struct {
	Number uint64 `json:"number"`
	// Time is the latest time of its transactions, as their submitters' clocks,
	// which the endorsers check, had it. On a network of several clocks a later
	// block may carry a slightly earlier time: what came first, Number says.
	Time         time.Time     `json:"time"`
	Previous     Hash          `json:"previous"`
	Hash         Hash          `json:"hash"`
	Transactions []Transaction `json:"transactions"`
}

// Head returns the block's position.
func (b *Block) Head() Head { return Head{Number: b.Number, Hash: b.Hash, Time: b.Time} }

// Transaction is one submission's writes, in ascending order of their keys
// (byte by byte); a key occurs once. The order of its documents is in their
// records: see Entry.N.
type Transaction struct {
	ID     TxID      `json:"id"`
	Time   time.Time `json:"time"`
	Writes []Write   `json:"writes"`
}

// Write sets one key of the state. Nothing is ever deleted.
type Write struct {
	Key   string         `json:"key"`
	Value jsontext.Value `json:"value"` // canonical JSON
}

// Status says what became of a document.
type Status string

// The statuses.
const (
	StatusAccepted  Status = "accepted"
	StatusDuplicate Status = "duplicate"
	StatusRejected  Status = "rejected"
)

// Outcome is what became of one document.
type Outcome struct {
	// ID is empty when the document could not be read, or was not signed by a key
	// on the ledger: then what it says is not looked at.
	ID     DocumentID   `json:"id,omitzero"`
	Type   DocumentType `json:"type,omitzero"`
	Status Status       `json:"status"`
	// Record is the state key that the document wrote, or, for a duplicate or
	// a conflict, the one that holds the earlier document.
	Record string `json:"record,omitzero"`
	// Code, when not accepted: replayed or duplicate, or why it was rejected.
	Code Code `json:"code,omitzero"`
	// First is the transaction that brought the same content.
	First TxID `json:"first,omitzero"`
	// Existing is the document that stands in the way, for a conflict.
	Existing DocumentID `json:"existing,omitzero"`
	// Problems says all that is wrong with a rejected document.
	Problems []*Error `json:"problems,omitempty"`
	// Warnings are recorded with an accepted document.
	Warnings []*Error `json:"warnings,omitempty"`
}

// Receipt answers a submission.
type Receipt struct {
	// Tx is empty when nothing was written.
	Tx TxID `json:"tx,omitzero"`
	// Block is the height at which everything that the outcomes speak of is on
	// the ledger.
	Block    uint64    `json:"block"`
	Time     time.Time `json:"time"`
	Outcomes []Outcome `json:"outcomes"`
}
