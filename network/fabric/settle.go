package fabric

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"deltatrace/traceability"
)

// commit sees submissions through as one transaction, and answers each. When
// they are in somebody's way, or one of them is not to be had, halves of them are
// tried, so that one document does not hold up its neighbours.
func (l *Ledger) commit(ctx context.Context, submissions []*submission) {
	var documents []string
	for _, s := range submissions {
		documents = append(documents, s.documents...)
	}
	receipt, err := l.settle(ctx, documents, len(submissions) > 1)
	if errors.Is(err, errSplit) {
		half := len(submissions) / 2
		l.commit(ctx, submissions[:half])
		l.commit(ctx, submissions[half:])
		return
	}
	from := 0
	for _, s := range submissions {
		a := answer{err: err}
		if err == nil {
			a.receipt = part(receipt, from, from+len(s.documents))
		}
		from += len(s.documents)
		l.reply(s, a)
	}
}

// part is the receipt for some of a transaction's documents.
func part(whole traceability.Receipt, from, to int) traceability.Receipt {
	r := traceability.Receipt{Block: whole.Block, Time: whole.Time, Outcomes: whole.Outcomes[from:to:to]}
	if slices.ContainsFunc(r.Outcomes, func(o traceability.Outcome) bool { return o.Status == traceability.StatusAccepted }) {
		r.Tx = whole.Tx
	}
	return r
}

// errSplit asks for a batch to be tried in halves.
var errSplit = errors.New("fabric: the batch is to be split")

// How often a batch is tried as a whole before it is split, and endorsed through
// a gateway whose peer the others disagree with.
const (
	maxContended = 2
	maxDisagreed = 3
)

// settle tries to commit documents until their fate is known, or ctx is done.
func (l *Ledger) settle(ctx context.Context, documents []string, several bool) (traceability.Receipt, error) {
	t := &trial{ledger: l, documents: documents, choose: true, refusers: make(map[string]bool)}
	var counts [refused + 1]int
	for try := 0; ; try++ {
		receipt, f := t.run(ctx)
		if f == nil {
			return receipt, nil
		}
		l.log.Debug("a transaction is to be tried again", "documents", len(documents), "try", try, "error", f.err)
		counts[f.reason]++
		// While its transaction's fate is unknown, the batch stays whole.
		if several && t.sent == nil && (f.reason == refused || counts[contended] >= maxContended) {
			return traceability.Receipt{}, errSplit
		}
		if f.reason == refused {
			return traceability.Receipt{}, fmt.Errorf("fabric: %w", f)
		}
		if f.reason == disagreed && counts[disagreed]%maxDisagreed == 0 && t.through != nil {
			l.peers.shun(t.through.MSP, f.err)
		}
		// The gateway finds other endorsers for what those that we choose do not do;
		// unless we know who it is, or one of them lies, who is left out in turn.
		t.choose = f.reason == contended || f.reason == disagreed || t.found
		if !pause(ctx, delay(f.reason, counts[f.reason])) {
			return traceability.Receipt{}, fmt.Errorf("fabric: the documents may have been kept: %w: %w", context.DeadlineExceeded, f)
		}
	}
}

// delay is how long to wait before the n-th further try: the longer the longer
// it lasts, and not all at once.
func delay(r reason, n int) time.Duration {
	first, most := 10*time.Millisecond, 200*time.Millisecond
	if r == unavailable {
		first, most = 20*time.Millisecond, time.Second
	}
	d := min(first<<min(n-1, 10), most)
	return d/2 + rand.N(d)
}
