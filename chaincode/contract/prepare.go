package contract

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// prepare does with documents what needs no order, on all processors: it reads
// them and checks their signatures against the keys on the ledger. A document
// whose signer's record is not there yet is left to the rules.
func prepare(s *state, documents []string) ([]*rules.Prepared, error) {
	prepared := make([]*rules.Prepared, len(documents))
	if err := spread(len(documents), func(i int) { prepared[i] = rules.Prepare(documents[i]) }); err != nil {
		return nil, err
	}
	keys, err := s.signers(prepared)
	if err != nil {
		return nil, err
	}
	err = spread(len(prepared), func(i int) {
		if key, ok := keys[prepared[i].Key()]; ok {
			prepared[i].Verify(key)
		}
	})
	return prepared, err
}

// signers returns the keys that the signers have on the ledger.
func (s *state) signers(documents []*rules.Prepared) (map[traceability.KeyID]traceability.PublicKey, error) {
	var parties []traceability.PartyID
	var records []string
	seen := make(map[traceability.PartyID]bool)
	for _, p := range documents {
		party := p.Key().Party()
		if party != "" && !seen[party] {
			seen[party] = true
			parties, records = append(parties, party), append(records, traceability.PartyKey(party))
		}
	}
	values, err := s.Get(records)
	if err != nil {
		return nil, err
	}
	keys := make(map[traceability.KeyID]traceability.PublicKey)
	for i, party := range parties {
		if values[i] == nil {
			continue
		}
		record, err := traceability.DecodeState[traceability.PartyState](values[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", records[i], err)
		}
		for _, period := range record.Keys {
			keys[period.Key.ID(party)] = period.Key
		}
	}
	return keys, nil
}

// spread calls f for 0 to n-1, over the processors when there is enough to share
// out. A panic becomes an error, since it would end the process.
func spread(n int, f func(i int)) error {
	const worthIt = 8 // calls for each goroutine
	workers := max(1, min(runtime.GOMAXPROCS(0), n/worthIt))
	errs := make([]error, workers)
	var next atomic.Int64
	work := func(w int) {
		defer func() {
			if cause := recover(); cause != nil {
				errs[w] = fmt.Errorf("the rules failed: %v", cause)
			}
		}()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	var others sync.WaitGroup
	for w := 1; w < workers; w++ {
		others.Go(func() { work(w) })
	}
	work(0)
	others.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
