package audit

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"deltatrace/chaincode/rules"
	"deltatrace/chaincode/rules/replay"
	"deltatrace/traceability"
)

// ledger follows what a chaincode's transactions make.
type ledger struct {
	state      *state
	memo       rules.Memo
	keys       keyring
	regulators *traceability.Genesis // what it must start from; nil when not known
	started    bool
	documents  int
}

// check lets the rules decide anew on a transaction. A *replay.Error says what
// differs.
func (l *ledger) check(tx traceability.Transaction) error {
	if !l.started {
		return l.checkGenesis(tx)
	}
	return replay.Check(tx.ID, tx.Writes, func(documents []string) (outcomes []traceability.Outcome, writes []traceability.Write, err error) {
		prepared, err := l.keys.prepare(l.state, documents)
		if err != nil {
			return nil, nil, err
		}
		// What is on a ledger may be anything; a panic is a finding, too.
		defer func() {
			if cause := recover(); cause != nil {
				err = &replay.Error{Problem: fmt.Sprintf("the rules cannot decide anew: %v", cause)}
			}
		}()
		outcomes, writes, err = l.memo.Apply(l.state, rules.Tx{ID: tx.ID, Time: tx.Time}, prepared)
		if err != nil {
			return nil, nil, &replay.Error{Problem: "the rules cannot decide anew: " + err.Error()}
		}
		l.documents += len(documents)
		return outcomes, writes, nil
	})
}

func (l *ledger) checkGenesis(tx traceability.Transaction) error {
	if err := replay.CheckGenesis(tx); err != nil || l.regulators == nil {
		return err
	}
	expected, err := l.regulators.Writes(tx.Time)
	if err != nil {
		return err
	}
	slices.SortFunc(expected, func(a, b traceability.Write) int { return strings.Compare(a.Key, b.Key) })
	var differs *replay.Error
	if errors.As(replay.Compare(tx.Writes, expected), &differs) {
		return &replay.Error{Key: differs.Key, Problem: "the ledger has started from other regulators or keys than the auditor knows"}
	}
	return nil
}

// keyring remembers the keys of parties, as long as their records do not change.
type keyring struct {
	mu      sync.Mutex
	parties map[traceability.PartyID]ring
}

type ring struct {
	at   version
	keys map[traceability.KeyID]traceability.PublicKey
}

// maxRings is how many parties are remembered; then it starts afresh.
const maxRings = 10_000

// prepare reads documents and checks their signatures against the keys that are
// on the ledger so far, on all processors. The others are left to the rules.
func (k *keyring) prepare(s *state, documents []string) ([]*rules.Prepared, error) {
	prepared := make([]*rules.Prepared, len(documents))
	return prepared, parallel(len(documents), func(i int) error {
		p := rules.Prepare(documents[i])
		key, err := k.find(s, p.Key())
		if err != nil {
			return err
		}
		if !key.IsZero() {
			p.Verify(key)
		}
		prepared[i] = p
		return nil
	})
}

// find returns the key of that name, zero when there is none.
func (k *keyring) find(s *state, id traceability.KeyID) (traceability.PublicKey, error) {
	if id == "" {
		return traceability.PublicKey{}, nil
	}
	party := id.Party()
	at, value, closer, err := s.look(traceability.PartyKey(party))
	if err != nil || closer == nil {
		return traceability.PublicKey{}, err
	}
	defer closer.Close()
	k.mu.Lock()
	known, ok := k.parties[party]
	k.mu.Unlock()
	if ok && known.at == at {
		return known.keys[id], nil
	}
	record, err := traceability.DecodeState[traceability.PartyState](value)
	if err != nil {
		return traceability.PublicKey{}, nil // the rules will say so
	}
	found := ring{at: at, keys: make(map[traceability.KeyID]traceability.PublicKey, len(record.Keys))}
	for _, period := range record.Keys {
		found.keys[period.Key.ID(party)] = period.Key
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.parties == nil || len(k.parties) >= maxRings {
		k.parties = make(map[traceability.PartyID]ring)
	}
	k.parties[party] = found
	return found.keys[id], nil
}

// parallel calls do for 0 to n-1 on all processors and returns an error if there
// was one.
func parallel(n int, do func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error { return do(i) })
	}
	return group.Wait()
}
