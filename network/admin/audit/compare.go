package audit

import (
	"bytes"
	"fmt"
	"slices"

	"deltatrace/traceability"
)

// names returns whose copies they are.
func names(copies []*copied) []string {
	var names []string
	for _, c := range copies {
		names = append(names, c.province)
	}
	return names
}

// idOf returns a transaction's id, empty when it cannot be read.
func idOf(envelope []byte) traceability.TxID {
	_, header, err := openEnvelope(envelope)
	if err != nil {
		return ""
	}
	return traceability.TxID(header.TxId)
}

// locate says what is wrong with a copy, and in which transaction: the first
// that differs from a good copy, or without one, the first that is wrong by
// itself.
func (a *auditor) locate(number uint64, c *copied, good []*copied) Divergence {
	d := Divergence{Block: number, Provinces: []string{c.province}, Problem: c.problem.Error()}
	if c.block == nil {
		return d
	}
	if len(good) > 0 {
		if id, differs := difference(c, good[0]); differs != "" {
			d.Transaction = id
			d.Problem += "; " + differs
		}
		return d
	}
	for _, envelope := range c.block.Data.Data {
		if _, err := readTransaction(envelope, a.Channel, a.Chaincode, a.who); err != nil {
			d.Transaction = idOf(envelope)
			d.Problem += "; the first transaction that is wrong: " + err.Error()
			return d
		}
	}
	return d
}

// difference says in which transaction two copies differ first, and how. It is
// empty when their data are the same.
func difference(c, other *copied) (traceability.TxID, string) {
	mine, theirs := c.block.Data.Data, other.block.Data.Data
	for i := range min(len(mine), len(theirs)) {
		if bytes.Equal(mine[i], theirs[i]) {
			continue
		}
		at := 0
		for at < min(len(mine[i]), len(theirs[i])) && mine[i][at] == theirs[i][at] {
			at++
		}
		return idOf(theirs[i]), fmt.Sprintf("transaction %d of the block is not as %s has it, from byte %d on: found %q, expected %q",
			i, other.province, at, excerpt(mine[i], at), excerpt(theirs[i], at))
	}
	switch {
	case len(mine) < len(theirs):
		return idOf(theirs[len(mine)]), fmt.Sprintf("%s has this transaction, too, as number %d of the block", other.province, len(mine))
	case len(mine) > len(theirs):
		return idOf(mine[len(theirs)]), fmt.Sprintf("%s does not have this transaction, number %d of the block", other.province, len(theirs))
	}
	return "", ""
}

// excerpt shows bytes around a place.
func excerpt(content []byte, at int) []byte {
	return content[min(max(0, at-10), len(content)):min(at+30, len(content))]
}

// compare says where copies that are good by themselves differ. The one that
// most provinces have comes first in good.
func (a *auditor) compare(number uint64, good []*copied) {
	groups := group(good, func(c *copied) string { return string(headerBytes(c.block.Header)) })
	if len(groups) > 1 {
		for _, g := range groups[1:] {
			id, differs := difference(g[0], groups[0][0])
			a.diverge(Divergence{Block: number, Transaction: id, Provinces: names(g),
				Problem: fmt.Sprintf("the ledger has split: the orderers have signed two blocks, %s here and %s at %v; %s",
					headerHash(g[0].block.Header), headerHash(groups[0][0].block.Header), names(groups[0]), differs)})
		}
		return
	}
	groups = group(good, func(c *copied) string {
		codes, commit := marks(c.block)
		return fmt.Sprint(codes) + string(commit)
	})
	for _, g := range groups[1:] {
		a.diverge(unlike(number, g, groups[0]))
	}
	copy(good, slices.Concat(groups...))
}

// unlike says how the marks of some copies differ from those of others.
func unlike(number uint64, these, others []*copied) Divergence {
	d := Divergence{Block: number, Provinces: names(these),
		Problem: fmt.Sprintf("the hash of the state changes is another than at %v: the peer's state has gone its own way", names(others))}
	mine, _ := marks(these[0].block)
	theirs, _ := marks(others[0].block)
	for i := range min(len(mine), len(theirs)) {
		if mine[i] != theirs[i] {
			d.Transaction = idOf(these[0].block.Data.Data[i])
			d.Problem = fmt.Sprintf("the transaction counts as %s; at %v as %s", mine[i], names(others), theirs[i])
			return d
		}
	}
	if len(mine) != len(theirs) {
		d.Problem = fmt.Sprintf("found validation codes of %d transactions; at %v of %d", len(mine), names(others), len(theirs))
	}
	return d
}

// group puts copies that are alike together, the largest group first, in their
// order otherwise.
func group(copies []*copied, key func(*copied) string) [][]*copied {
	var groups [][]*copied
	places := make(map[string]int)
	for _, c := range copies {
		place, ok := places[key(c)]
		if !ok {
			place = len(groups)
			places[key(c)], groups = place, append(groups, nil)
		}
		groups[place] = append(groups[place], c)
	}
	slices.SortStableFunc(groups, func(a, b []*copied) int { return len(b) - len(a) })
	return groups
}
