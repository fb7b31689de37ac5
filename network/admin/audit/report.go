package audit

import (
	"fmt"
	"strings"

	"deltatrace/traceability"
)

// Report is what an audit found.
type Report struct {
	Provinces    []Reach      `json:"provinces"`
	Blocks       uint64       `json:"blocks"`       // that were checked
	Transactions int          `json:"transactions"` // valid ones of the ledger's chaincode
	Documents    int          `json:"documents"`    // that they brought
	Last         Head         `json:"last"`         // the last block that was found good
	Divergences  []Divergence `json:"divergences"`  // at the first height that has any
}

// Head is a block's position in the channel.
type Head struct {
	Number uint64            `json:"number"`
	Hash   traceability.Hash `json:"hash"`
}

// Reach says how far a province's blocks go. A peer may be behind the others.
type Reach struct {
	Province string `json:"province"` // name
	Blocks   uint64 `json:"blocks"`
}

// Divergence is one thing that does not hold together.
type Divergence struct {
	Block       uint64            `json:"block"`
	Transaction traceability.TxID `json:"transaction,omitzero"` // empty when it is the block as such
	Provinces   []string          `json:"provinces"`            // names of those whose copy is wrong, or differs
	Key         string            `json:"key,omitzero"`         // of the state
	Problem     string            `json:"problem"`
}

// String says it in a line.
func (d Divergence) String() string {
	s := fmt.Sprintf("block %d", d.Block)
	if d.Transaction != "" {
		s += ", transaction " + string(d.Transaction)
	}
	if d.Key != "" {
		s += ", key " + d.Key
	}
	return s + ", at " + strings.Join(d.Provinces, ", ") + ": " + d.Problem
}

// Clean says that nothing was found.
func (r *Report) Clean() bool { return len(r.Divergences) == 0 }

// String says it for people, with a line for each province and divergence.
func (r *Report) String() string {
	var b strings.Builder
	for _, p := range r.Provinces {
		fmt.Fprintf(&b, "%-10s %d blocks\n", p.Province, p.Blocks)
	}
	for _, d := range r.Divergences {
		fmt.Fprintf(&b, "DIVERGENCE %s\n", d)
	}
	if r.Clean() {
		fmt.Fprintf(&b, "clean: %d blocks, %d transactions, %d documents; block %d has the hash %s\n",
			r.Blocks, r.Transactions, r.Documents, r.Last.Number, r.Last.Hash)
	} else {
		fmt.Fprintf(&b, "%d blocks before it are good\n", r.Blocks)
	}
	return b.String()
}
