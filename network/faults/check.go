package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"deltatrace/network/fabric"
	"deltatrace/network/topology"
	"deltatrace/traceability"
)

// check holds the ledger to the model, and the provinces to each other.
func (n *network) check(ctx context.Context) error {
	n.load.mu.Lock()
	refused, acknowledged := errors.Join(n.load.refused...), n.load.acknowledged
	n.load.mu.Unlock()
	if refused != nil {
		return refused
	}
	fmt.Fprintf(n.config.Out, "%d documents were acknowledged; checking each of them at every province\n", len(acknowledged))
	if err := n.level(ctx); err != nil {
		return err
	}
	for _, p := range n.Topology.Provinces {
		if err := n.checkLedger(ctx, p, acknowledged); err != nil {
			return fmt.Errorf("ledger of %s: %w", p.Name, err)
		}
	}
	if err := n.stopAPIs(); err != nil {
		return err
	}
	if err := n.compareReadModels(ctx); err != nil {
		return err
	}
	audit := n.Admin(ctx, "audit")
	audit.Stdout, audit.Stderr = n.config.Out, n.config.Out
	if err := audit.Run(); err != nil {
		return fmt.Errorf("audit of the four ledgers: %w", err)
	}
	return nil
}

// level waits until all peers are at one height and all read models have it.
func (n *network) level(ctx context.Context) error {
	deadline := time.Now().Add(recoveryWithin)
	for {
		heads, err := n.heads(ctx)
		if err == nil {
			equal := true
			for _, head := range heads {
				equal = equal && head == heads[0]
			}
			if equal {
				return nil
			}
			err = fmt.Errorf("the provinces are at %v", heads)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not level after %s: %w", recoveryWithin, err)
		}
		wait(ctx, 200*time.Millisecond)
	}
}

// heads returns, for each province, its ledger's and its read model's height.
func (n *network) heads(ctx context.Context) ([][2]uint64, error) {
	var heads [][2]uint64
	for i := range n.Topology.Provinces {
		var position struct {
			Head      traceability.Head `json:"head"`
			ReadModel traceability.Head `json:"read_model"`
		}
		if err := n.load.clients[i].Get(ctx, "/v1/ledger", &position); err != nil {
			return nil, err
		}
		heads = append(heads, [2]uint64{position.Head.Number, position.ReadModel.Number})
	}
	return heads, nil
}

// checkLedger reads a province's whole ledger: every acknowledged lot is there in
// the transaction that was said, and no key was written twice.
func (n *network) checkLedger(ctx context.Context, p topology.Province, acknowledged []acknowledgement) (err error) {
	profile := n.Topology.Profile(n.Files(), p)
	profile.Peers = profile.Peers[:1] // this province's and no other's
	ledger, err := fabric.Open(ctx, profile, fabric.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	head, err := ledger.Head(ctx)
	if err != nil {
		return err
	}
	written := make(map[string]traceability.TxID)
	for block, err := range ledger.Blocks(ctx, 0) {
		if err != nil {
			return err
		}
		for _, tx := range block.Transactions {
			for _, w := range tx.Writes {
				if first, twice := written[w.Key]; twice {
					return fmt.Errorf("%s was written by %s and by %s", w.Key, first, tx.ID)
				}
				written[w.Key] = tx.ID
			}
		}
		if block.Number >= head.Number {
			break
		}
	}
	for _, a := range acknowledged {
		if tx := written[traceability.LotKey(a.lot)]; tx != a.tx {
			return fmt.Errorf("%s was acknowledged in transaction %s and is on the ledger in %q", a.lot, a.tx, tx)
		}
	}
	return nil
}

func (n *network) compareReadModels(ctx context.Context) error {
	first := ""
	for _, p := range n.Topology.Provinces {
		path, err := n.dump(ctx, p)
		if err != nil {
			return err
		}
		if first == "" {
			first = path
			continue
		}
		if err := sameFile(first, path); err != nil {
			return err
		}
	}
	return nil
}

// sameFile compares two files, which may be large, and says where they part.
func sameFile(one, other string) error {
	a, err := os.Open(one)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := os.Open(other)
	if err != nil {
		return err
	}
	defer b.Close()
	left, right := make([]byte, 1<<16), make([]byte, 1<<16)
	for offset := 0; ; offset += len(left) {
		n, errA := io.ReadFull(a, left)
		m, errB := io.ReadFull(b, right)
		if !bytes.Equal(left[:n], right[:m]) {
			return fmt.Errorf("%s and %s differ after %d bytes", one, other, offset)
		}
		if errA != nil || errB != nil {
			if n == 0 && offset == 0 {
				return fmt.Errorf("%s is empty", one)
			}
			return nil
		}
	}
}
