package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"

	"deltatrace/chaincode/rules/replay"
	"deltatrace/traceability"
)

// Config says what to audit, and what to trust.
type Config struct {
	Channel      string
	Chaincode    string        // whose state is the ledger
	Endorsements int           // how many organisations must endorse
	Genesis      *common.Block // the channel's first block, from a hand that is trusted
	// Regulators is what the ledger must have started from; not compared when
	// nil.
	Regulators *traceability.Genesis
	Provinces  []Province
	// From is the first block that is checked. The ones before are taken from
	// the province with the longest ledger, unchecked.
	From uint64
	// Progress, if given, is called after each block.
	Progress func(block, last uint64)
}

// Run audits. The report has the first divergence, if there is one; an error
// says that the audit could not be made.
func Run(ctx context.Context, c Config) (report *Report, err error) {
	if len(c.Provinces) == 0 {
		return nil, errors.New("audit: no province to audit")
	}
	first, err := configuration(c.Genesis)
	if err != nil {
		return nil, fmt.Errorf("audit: the channel's first block: %w", err)
	}
	if first == nil {
		return nil, errors.New("audit: the channel's first block has no configuration")
	}
	ctx, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel() // before Wait
	streams, err := openStreams(ctx, c.Provinces, c.From, &readers)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	state, err := newState()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, state.close()) }()

	a := &auditor{Config: c, report: new(Report), who: &identities{trust: first}, ledger: ledger{state: state, regulators: c.Regulators}}
	for _, s := range streams {
		a.report.Provinces = append(a.report.Provinces, Reach{Province: s.name, Blocks: s.height})
	}
	return a.report, a.run(ctx, streams)
}

// auditor follows the blocks.
type auditor struct {
	Config
	report   *Report
	who      *identities
	ledger   ledger
	previous []byte // the hash of the block before; nil at the first
}

func (a *auditor) run(ctx context.Context, streams []*stream) error {
	end := longest(streams).height
	if a.From >= end {
		return fmt.Errorf("audit: from block %d: the provinces have %d blocks", a.From, end)
	}
	for number := uint64(0); number < end; number++ {
		all, err := copies(ctx, streams, number)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		reference := all[0]
		if number >= a.From {
			if reference, err = a.block(number, all); err != nil {
				return err
			}
			if !a.report.Clean() {
				return nil
			}
			a.report.Blocks++
		} else if err := a.takeOver(number, reference); err != nil {
			return err
		}
		hash := headerHash(reference.block.Header)
		a.previous, a.report.Last = hash[:], Head{Number: number, Hash: hash}
		a.report.Documents = a.ledger.documents
		next, err := configuration(reference.block)
		if err != nil {
			a.diverge(Divergence{Block: number, Provinces: names(all), Problem: err.Error()})
			return nil
		}
		if next != nil {
			a.who = &identities{trust: next}
		}
		if a.Progress != nil {
			a.Progress(number, end-1)
		}
	}
	return nil
}

func (a *auditor) diverge(d Divergence) { a.report.Divergences = append(a.report.Divergences, d) }

// block checks all copies of a block, and returns one that is good.
func (a *auditor) block(number uint64, all []*copied) (*copied, error) {
	for _, c := range all {
		if c.problem == nil {
			c.problem = checkHeader(c.block, number, a.previous)
		}
		switch {
		case c.problem != nil:
		case number == 0:
			if headerHash(c.block.Header) != headerHash(a.Genesis.Header) {
				c.problem = fmt.Errorf("the channel's first block is another than the auditor knows, which has the hash %s", headerHash(a.Genesis.Header))
			}
		default:
			c.problem = a.who.trust.checkSignatures(c.block)
		}
	}
	var good []*copied
	for _, c := range all {
		if c.problem == nil {
			good = append(good, c)
		}
	}
	for _, c := range all {
		if c.problem != nil {
			a.diverge(a.locate(number, c, good))
		}
	}
	if len(good) == 0 {
		return nil, nil
	}
	a.compare(number, good)
	return good[0], a.transactions(number, good)
}

// transactions checks what is in a block. The header binds all good copies to
// the same data.
func (a *auditor) transactions(number uint64, good []*copied) error {
	block := good[0].block
	codes, _ := marks(block)
	data := block.Data.Data
	if number == 0 && len(codes) == 0 {
		codes = make([]peer.TxValidationCode, len(data)) // the first block is valid as it is
	}
	if len(codes) != len(data) {
		a.diverge(Divergence{Block: number, Provinces: names(good), Problem: fmt.Sprintf("found validation codes of %d transactions, expected %d", len(codes), len(data))})
		return nil
	}
	read, problems := a.read(data, codes)
	for i, code := range codes {
		var err error
		switch {
		case problems[i] != nil:
			err = &replay.Error{Problem: problems[i].Error()}
		case code == peer.TxValidationCode_VALID:
			err = a.valid(read[i], version{number, uint64(i)})
		case code == peer.TxValidationCode_MVCC_READ_CONFLICT && len(read[i].reads) > 0:
			err = a.conflict(read[i])
		}
		var differs *replay.Error
		if errors.As(err, &differs) {
			a.diverge(Divergence{Block: number, Transaction: idOf(data[i]), Provinces: names(good), Key: differs.Key, Problem: differs.Problem})
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads the transactions that matter, and checks their signatures.
func (a *auditor) read(data [][]byte, codes []peer.TxValidationCode) ([]*transaction, []error) {
	read, problems := make([]*transaction, len(data)), make([]error, len(data))
	_ = parallel(len(data), func(i int) error { // the errors are in problems
		if codes[i] == peer.TxValidationCode_VALID || codes[i] == peer.TxValidationCode_MVCC_READ_CONFLICT {
			read[i], problems[i] = readTransaction(data[i], a.Channel, a.Chaincode, a.who)
		}
		return nil
	})
	return read, problems
}

// valid checks a transaction that counts, and takes its writes into the state.
func (a *auditor) valid(tx *transaction, at version) error {
	if len(tx.Writes) == 0 {
		return nil
	}
	if tx.endorsers < a.Endorsements {
		return &replay.Error{Problem: fmt.Sprintf("found endorsements of %d organisations, expected %d", tx.endorsers, a.Endorsements)}
	}
	stale, err := a.ledger.state.stale(tx.reads)
	if err != nil {
		return err
	}
	if stale != "" {
		return &replay.Error{Key: stale, Problem: "it counts as valid, but what it read had been written anew before it"}
	}
	if err := a.ledger.check(tx.Transaction); err != nil {
		return err
	}
	a.ledger.started = true
	a.report.Transactions++
	return a.ledger.state.put(at, tx.Writes)
}

// conflict checks that a transaction was set aside for a reason.
func (a *auditor) conflict(tx *transaction) error {
	stale, err := a.ledger.state.stale(tx.reads)
	if err == nil && stale == "" {
		return &replay.Error{Problem: "it was set aside for a conflict, but nothing that it read had changed"}
	}
	return err
}

// takeOver takes a block's writes into the state without checking them.
func (a *auditor) takeOver(number uint64, c *copied) error {
	if c.problem != nil {
		return fmt.Errorf("audit: %s: block %d: %w", c.province, number, c.problem)
	}
	codes, _ := marks(c.block)
	for i, code := range codes {
		if code != peer.TxValidationCode_VALID || i >= len(c.block.Data.Data) {
			continue
		}
		tx, err := readTransaction(c.block.Data.Data[i], a.Channel, a.Chaincode, nil)
		if err != nil {
			return fmt.Errorf("audit: %s: block %d, transaction %d: %w", c.province, number, i, err)
		}
		if len(tx.Writes) > 0 {
			a.ledger.started = true
			if err := a.ledger.state.put(version{number, uint64(i)}, tx.Writes); err != nil {
				return err
			}
		}
	}
	return nil
}
