package embedded

import (
	"context"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// keyring remembers the keys of parties, because a laboratory's record can be
// long (its whole scope) and each of its documents needs the key. The location
// of the record tells whether what is remembered still holds.
type keyring struct {
	mu      sync.Mutex
	parties map[traceability.PartyID]keyringEntry
}

type keyringEntry struct {
	at   location
	keys map[traceability.KeyID]traceability.PublicKey
}

// maxKeyring is how many parties are remembered; then it starts afresh.
const maxKeyring = 10_000

// prepare does what can be done with documents before their turn has come: it
// checks their signatures and reads them, on all processors, until nobody waits
// for it. A document whose key is not on the ledger yet is left to the rules.
func (k *keyring) prepare(ctx context.Context, locations, values pebble.Reader, documents []string) ([]*rules.Prepared, error) {
	prepared := make([]*rules.Prepared, len(documents))
	err := spread(len(documents), func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := rules.Prepare(documents[i])
		key, err := k.find(locations, values, p.Key())
		if err != nil {
			return fmt.Errorf("embedded: look up the key %s: %w", p.Key(), err)
		}
		if !key.IsZero() {
			p.Verify(key)
		}
		prepared[i] = p
		return nil
	})
	return prepared, err
}

// find returns the key of that name, zero when there is none. The state's
// locations are read from one database and the values from another, which is
// the same but in Verify.
func (k *keyring) find(locations, values pebble.Reader, id traceability.KeyID) (traceability.PublicKey, error) {
	if id == "" {
		return traceability.PublicKey{}, nil
	}
	party := id.Party()
	record := traceability.PartyKey(party)
	at, found, err := readLocation(locations, record)
	if err != nil || !found {
		return traceability.PublicKey{}, err
	}
	k.mu.Lock()
	entry, known := k.parties[party]
	k.mu.Unlock()
	if known && entry.at == at {
		return entry.keys[id], nil
	}
	value, err := readValue(values, record, at)
	if err != nil {
		return traceability.PublicKey{}, err
	}
	state, err := traceability.DecodeState[traceability.PartyState](value)
	if err != nil {
		return traceability.PublicKey{}, err
	}
	entry = keyringEntry{at: at, keys: make(map[traceability.KeyID]traceability.PublicKey, len(state.Keys))}
	for _, period := range state.Keys {
		entry.keys[period.Key.ID(party)] = period.Key
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.parties == nil || len(k.parties) >= maxKeyring {
		k.parties = make(map[traceability.PartyID]keyringEntry)
	}
	k.parties[party] = entry
	return entry.keys[id], nil
}
