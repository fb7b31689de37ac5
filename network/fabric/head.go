package fabric

import (
	"context"
	"fmt"

	"deltatrace/traceability"
)

// Head implements traceability.Ledger: the last block of the own peer, or of
// another that answers.
func (l *Ledger) Head(ctx context.Context) (traceability.Head, error) {
	if l.isClosed() {
		return traceability.Head{}, traceability.ErrClosed
	}
	best, least := l.peers.best(), l.peers.height()
	var last error
	for _, g := range append([]*gateway{best}, l.peers.others(best)...) {
		head, err := l.headOf(ctx, g, least)
		if err == nil {
			return head, nil
		}
		last = err
		if ctx.Err() != nil {
			break
		}
	}
	return traceability.Head{}, fmt.Errorf("fabric: head: %w", last)
}

// headOf asks a peer for its last block, once it has the block of a number, of
// which a receipt may have spoken. Only the block has a time, so it is fetched,
// but for one that was read before.
func (l *Ledger) headOf(ctx context.Context, g *gateway, least uint64) (traceability.Head, error) {
	info, err := l.peers.reach(ctx, g, least)
	if err != nil {
		return traceability.Head{}, err
	}
	if len(info.GetCurrentBlockHash()) != len(traceability.Hash{}) {
		return traceability.Head{}, fmt.Errorf("the peer %s: found a hash of %d bytes, expected %d", g.Address, len(info.GetCurrentBlockHash()), len(traceability.Hash{}))
	}
	number, hash := info.GetHeight()-1, traceability.Hash(info.GetCurrentBlockHash())
	l.peers.saw(number)
	l.mu.Lock()
	known := l.head
	l.mu.Unlock()
	if known.Number == number && known.Hash == hash {
		return known, nil
	}
	b, err := g.block(ctx, number)
	if err != nil {
		return traceability.Head{}, err
	}
	block, err := decodeBlock(b, l.profile.Chaincode)
	if err != nil {
		return traceability.Head{}, err
	}
	if block.Hash != hash {
		return traceability.Head{}, fmt.Errorf("the peer %s: block %d has the hash %s, its chain info says %s", g.Address, number, block.Hash, hash)
	}
	l.note(block.Head())
	return block.Head(), nil
}

// note remembers the newest block that was read.
func (l *Ledger) note(head traceability.Head) {
	l.peers.saw(head.Number)
	l.mu.Lock()
	defer l.mu.Unlock()
	if head.Number >= l.head.Number {
		l.head = head
	}
}
