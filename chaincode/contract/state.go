package contract

import (
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"deltatrace/chaincode/packed"
	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// state is the peer's state as one transaction reads and writes it. It asks the
// peer for a key once: each question is a round trip.
type state struct {
	stub shim.ChaincodeStubInterface
	read map[string][]byte
}

var _ rules.State = (*state)(nil)

func newState(stub shim.ChaincodeStubInterface) *state {
	return &state{stub: stub, read: make(map[string][]byte)}
}

// tx names the transaction. Its clock is the proposal's, which the peers check
// against their own.
func (s *state) tx() (rules.Tx, error) {
	at, err := s.stub.GetTxTimestamp()
	if err != nil {
		return rules.Tx{}, fmt.Errorf("the proposal's time: %w", err)
	}
	return rules.Tx{ID: traceability.TxID(s.stub.GetTxID()), Time: traceability.Instant(at.AsTime())}, nil
}

// Get implements rules.State.
func (s *state) Get(keys []string) ([][]byte, error) {
	var unread []string
	asked := make(map[string]bool)
	for _, key := range keys {
		if _, ok := s.read[key]; !ok && !asked[key] {
			asked[key] = true
			unread = append(unread, key)
		}
	}
	if len(unread) > 0 {
		values, err := s.stub.GetMultipleStates(unread...)
		if err != nil {
			return nil, fmt.Errorf("read %d keys from the peer: %w", len(unread), err)
		}
		if len(values) != len(unread) {
			return nil, fmt.Errorf("read from the peer: found %d values, expected %d", len(values), len(unread))
		}
		for i, key := range unread {
			if s.read[key], err = packed.Unpack(values[i]); err != nil {
				return nil, fmt.Errorf("read %s from the peer: %w", key, err)
			}
		}
	}
	found := make([][]byte, len(keys))
	for i, key := range keys {
		if value := s.read[key]; len(value) > 0 {
			found[i] = value
		}
	}
	return found, nil
}

// put sends writes to the peer in one round trip. The peer sorts them by key.
func (s *state) put(writes []traceability.Write) error {
	s.stub.StartWriteBatch()
	for _, w := range writes {
		if err := s.stub.PutState(w.Key, packed.Pack(w.Value)); err != nil {
			return fmt.Errorf("write %s: %w", w.Key, err)
		}
	}
	if err := s.stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("write %d records: %w", len(writes), err)
	}
	return nil
}

// genesis returns what the ledger started from: no provinces when it has not.
func (s *state) genesis() (traceability.Genesis, error) {
	var keys []string
	for _, code := range traceability.Provinces() {
		keys = append(keys, traceability.PartyKey(traceability.Regulator(code)))
	}
	values, err := s.Get(keys)
	if err != nil {
		return traceability.Genesis{}, err
	}
	var genesis traceability.Genesis
	for i, value := range values {
		if value == nil {
			continue
		}
		party, err := traceability.DecodeState[traceability.PartyState](value)
		if err != nil {
			return traceability.Genesis{}, fmt.Errorf("%s: %w", keys[i], err)
		}
		if party.Genesis != nil {
			genesis.Provinces = append(genesis.Provinces, *party.Genesis)
		}
	}
	return genesis, nil
}

// sameGenesis says how two geneses differ, whatever the order of their provinces.
func sameGenesis(found, expected traceability.Genesis) error {
	if len(found.Provinces) != len(expected.Provinces) {
		return fmt.Errorf("found %d provinces, expected %d", len(found.Provinces), len(expected.Provinces))
	}
	for _, p := range expected.Provinces {
		if key := keyOf(found, p.Code); key != p.Key.Thumbprint() {
			return fmt.Errorf("province %s: found key %q, expected %q", p.Code, key, p.Key.Thumbprint())
		}
	}
	return nil
}

// keyOf is the thumbprint of a province's key, empty when it is not named.
func keyOf(g traceability.Genesis, code traceability.ProvinceCode) string {
	for _, p := range g.Provinces {
		if p.Code == code {
			return p.Key.Thumbprint()
		}
	}
	return ""
}
