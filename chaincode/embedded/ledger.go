package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/chaincode/rules"
	"deltatrace/chaincode/rules/replay"
	"deltatrace/traceability"
)

// Options of a ledger. The zero value opens an existing one.
type Options struct {
	// Genesis is what a new ledger starts from. An existing ledger needs none;
	// given one, it must be its own.
	Genesis *traceability.Genesis
	// Clock gives the time of blocks; time.Now when nil.
	Clock func() time.Time
	// Logger takes what the operator must know; slog.Default() when nil.
	Logger *slog.Logger
	// Floor is how many bytes the disk must have free to open the ledger and to
	// write a block; DefaultFloor when 0, none when negative.
	Floor int64
	// Accept is up to which time the last block may be ahead of the clock: see
	// traceability.ErrClock.
	Accept time.Time

	fs     vfs.FS               // where the folder is; tests cut its power
	passed func() time.Duration // time that has really passed; tests have it differ from Clock
	limits limits
}

// Ledger is a ledger in a folder of this machine. It is safe for use by many
// goroutines.
type Ledger struct {
	dir   string
	fs    vfs.FS
	clock func() time.Time
	log   *slog.Logger
	lock  *pebble.Lock
	keys  keyring
	memo  rules.Memo // used by the committer alone

	acknowledged vfs.File // see mark.go

	floor      int64
	accepted   time.Time
	background *background
	watch      watch

	using sync.RWMutex // held for reading while db is read; Close takes it
	db    *pebble.DB

	limits   limits
	queue    chan *submission // to the committer
	finished chan struct{}    // closed when the committer has ended

	mu      sync.Mutex
	waiting load              // of submissions that are not answered yet
	head    traceability.Head // the last durable block
	grown   chan struct{}     // closed and replaced when head moves or the ledger ends
	closing bool              // Close was called: takes no more
	ended   error             // why nothing more will come
	damaged *DamageError      // what cannot be read any more; then nothing is written
}

var (
	_ traceability.Ledger = (*Ledger)(nil)
	_ traceability.Ailing = (*Ledger)(nil)
)

// Open is OpenContext without an end to waiting.
func Open(dir string, o Options) (*Ledger, error) { return OpenContext(context.Background(), dir, o) }

// OpenContext opens the ledger in dir, and makes it when there is none and a
// genesis is given. One process owns it until Close; a second one gets ErrInUse.
// It gives up when ctx is done, or when the disk lets nothing be written; what
// is left of the attempt then keeps the folder until the process ends.
//
// Errors: ErrInUse, ErrLostBlocks, traceability.ErrNoSpace, *DamageError.
func OpenContext(ctx context.Context, dir string, o Options) (*Ledger, error) {
	l := &Ledger{
		dir: dir, fs: o.fs, clock: o.Clock, log: o.Logger, limits: o.limits,
		finished: make(chan struct{}), grown: make(chan struct{}), accepted: o.Accept, floor: o.Floor,
	}
	if l.floor == 0 {
		l.floor = DefaultFloor
	}
	if l.fs == nil {
		l.fs = vfs.Default
	}
	if l.clock == nil {
		l.clock = time.Now
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if l.limits == (limits{}) {
		l.limits = defaultLimits
	}
	l.background = &background{log: l.log}
	l.watch = watch{passed: o.passed, tell: func(by time.Duration) {
		l.log.Error("the machine's clock jumped", "by", by.Round(time.Second))
	}}
	if began := time.Now(); l.watch.passed == nil {
		l.watch.passed = func() time.Duration { return time.Since(began) }
	}
	l.queue = make(chan *submission, l.limits.waiting.submissions)
	if err := l.open(ctx, o.Genesis); err != nil {
		return nil, errors.Join(err, l.release())
	}
	go l.commitAll()
	l.log.Info("ledger open", "dir", l.dir, "block", l.head.Number, "hash", l.head.Hash.String())
	if err := l.checkClock(l.head); err != nil {
		l.log.Error("the ledger takes no documents", "error", err)
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context, genesis *traceability.Genesis) (err error) {
	if _, err := l.fs.Stat(l.dir); errors.Is(err, os.ErrNotExist) && genesis == nil {
		return l.missing() // and no folder is made
	}
	if err := makeFolder(l.fs, l.dir); err != nil {
		return fmt.Errorf("embedded: make %s: %w", l.dir, err)
	}
	if l.dir, err = absolute(l.fs, l.dir); err != nil {
		return err
	}
	if l.lock, err = lock(l.fs, l.dir); err != nil {
		return err
	}
	if err := l.checkSpace(); err != nil {
		return fmt.Errorf("embedded: open: %w", err)
	}
	if err := own(l.fs, l.dir); err != nil {
		return fmt.Errorf("embedded: write in %s: %w", l.dir, err)
	}
	if err := l.openDatabase(ctx); err != nil {
		return damaged(fmt.Errorf("embedded: open %s: %w", l.dir, err), nil)
	}
	found, err := checkFormat(l.db, l.dir)
	if err != nil {
		return err
	}
	if !found {
		if err := l.start(genesis); err != nil {
			return err
		}
		return l.openMark()
	}
	if l.head, err = readHead(l.db); err != nil {
		return damaged(fmt.Errorf("embedded: open %s: %w", l.dir, err), nil)
	}
	if err := l.checkGenesis(genesis); err != nil {
		return err
	}
	return l.openMark()
}

// openDatabase has Pebble open the folder, within bounds that Pebble does not have.
func (l *Ledger) openDatabase(ctx context.Context) error {
	options := pebbleOptions(l.fs, l.log)
	options.Lock = l.lock
	l.background.listen(options.EventListener)
	failing, done := make(chan error, 1), make(chan struct{})
	l.background.opening = failing
	var db *pebble.DB
	var err error
	go func() {
		defer close(done)
		err = contain(func() (err error) {
			db, err = pebble.Open(l.dir, options)
			return err
		})
	}()
	var why error
	select {
	case <-done:
		l.background.opened()
		l.db = db
		return err
	case why = <-failing:
		why = fmt.Errorf("the disk lets nothing be written: %s: see to the disk and start again, every acknowledged document is kept", plain(why))
	case <-ctx.Done():
		why = context.Cause(ctx)
	}
	l.background.park()
	held := l.lock
	l.lock = nil // the attempt has it until it ends
	go func() {
		if <-done; db != nil {
			err = errors.Join(db.Close(), held.Close())
		}
	}()
	return fmt.Errorf("%w: %w", errGivenUp, why)
}

// absolute returns one name for one folder, since the lock goes by name within
// a process.
func absolute(fs vfs.FS, dir string) (string, error) {
	if fs != vfs.Default {
		return dir, nil
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("embedded: %w", err)
	}
	return dir, nil
}

// checkFormat reports whether the folder holds a ledger, and refuses one that
// this version cannot read.
func checkFormat(db pebble.Reader, dir string) (found bool, err error) {
	value, err := lookup(db, keyFormat)
	switch {
	case err != nil:
		return false, fmt.Errorf("embedded: open %s: %w", dir, err)
	case value != nil && string(value) != format:
		return false, fmt.Errorf("embedded: %s has the format %q; this version reads %q: use the version that wrote it", dir, value, format)
	case value != nil:
		return true, nil
	}
	i, err := db.NewIter(nil)
	if err != nil {
		return false, fmt.Errorf("embedded: open %s: %w", dir, err)
	}
	defer i.Close()
	if i.First() {
		return false, fmt.Errorf("embedded: %s is another program's Pebble database, not a ledger", dir)
	}
	return false, i.Error()
}

// readHead returns the last block's position and checks that the block is the
// one that the head names.
func readHead(db pebble.Reader) (traceability.Head, error) {
	stored, err := lookup(db, keyHead)
	if err != nil {
		return traceability.Head{}, err
	}
	d := decoder{rest: stored}
	number, hash := d.u64(), traceability.Hash(d.bytes(len(traceability.Hash{})))
	if err := d.end(); err != nil {
		return traceability.Head{}, fmt.Errorf("head: %w", err)
	}
	block, err := lookup(db, blockKey(number))
	if err != nil {
		return traceability.Head{}, err
	}
	h, err := decodeHeader(block)
	if err != nil {
		return traceability.Head{}, err
	}
	if digest(block) != hash || h.number != number {
		return traceability.Head{}, &BreakError{Block: number, Problem: "the last block is not the one that the head names"}
	}
	return traceability.Head{Number: number, Hash: hash, Time: h.time}, nil
}

// missing says that there is no ledger, and nothing to start one from.
func (l *Ledger) missing() error {
	return fmt.Errorf("embedded: there is no ledger in %s: %w", l.dir,
		traceability.Missing("genesis", "the provinces with their keys, to start a new ledger"))
}

// start writes block 0.
func (l *Ledger) start(genesis *traceability.Genesis) error {
	if genesis == nil {
		return l.missing()
	}
	at := traceability.Instant(l.clock())
	writes, err := genesis.Writes(at)
	if err != nil {
		return fmt.Errorf("embedded: genesis: %w", err)
	}
	batch := l.db.NewBatch()
	defer batch.Close()
	if err := batch.Set(keyFormat, []byte(format), nil); err != nil {
		return fmt.Errorf("embedded: write block 0: %w", err)
	}
	head, err := write(batch, traceability.Block{Time: at, Transactions: []traceability.Transaction{
		{ID: newTxID(traceability.Hash{}, 0), Time: at, Writes: writes},
	}})
	if err == nil {
		err = batch.Commit(pebble.Sync)
	}
	if err != nil {
		return fmt.Errorf("embedded: write block 0: %w", err)
	}
	l.head = head
	return nil
}

// checkGenesis refuses a genesis that is not the ledger's own.
func (l *Ledger) checkGenesis(genesis *traceability.Genesis) error {
	if genesis == nil {
		return nil
	}
	block, err := readBlock(l.db, 0)
	if err != nil {
		return fmt.Errorf("embedded: open %s: %w", l.dir, err)
	}
	expected, err := genesis.Writes(block.Time)
	if err != nil {
		return fmt.Errorf("embedded: genesis: %w", err)
	}
	var found []traceability.Write
	for _, tx := range block.Transactions {
		found = append(found, tx.Writes...)
	}
	byKey := func(a, b traceability.Write) int { return strings.Compare(a.Key, b.Key) }
	slices.SortFunc(found, byKey)
	slices.SortFunc(expected, byKey)
	if replay.Compare(found, expected) != nil {
		return fmt.Errorf("embedded: the ledger in %s started from another genesis (other provinces or keys); use its own, none, or another folder", l.dir)
	}
	return nil
}

// Head returns the last durable block's position.
func (l *Ledger) Head(context.Context) (traceability.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return traceability.Head{}, traceability.ErrClosed
	}
	return l.head, l.ended
}

// Get returns the value of a key of the state, for tools; nil when there is
// none.
func (l *Ledger) Get(_ context.Context, key string) (jsontext.Value, error) {
	if err := l.why(); err != nil {
		return nil, err
	}
	var value []byte
	err := l.read(func(db pebble.Reader) error {
		at, found, err := readLocation(db, key)
		if err == nil && found {
			value, err = readValue(db, key, at)
		}
		return err
	})
	return value, l.hurt(err, nil)
}

// read lets f read the database, which stays open meanwhile.
func (l *Ledger) read(f func(db pebble.Reader) error) error {
	l.using.RLock()
	defer l.using.RUnlock()
	if l.db == nil {
		return traceability.ErrClosed
	}
	return f(l.db)
}

// Close answers what was submitted, ends the feeds and gives the folder free.
// Closing again does nothing.
func (l *Ledger) Close() error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		<-l.finished
		return nil
	}
	l.closing = true
	close(l.queue)
	l.mu.Unlock()
	<-l.finished
	l.end(traceability.ErrClosed)
	return l.release()
}

// release closes the database and gives up the lock.
func (l *Ledger) release() error {
	l.using.Lock()
	defer l.using.Unlock()
	var err error
	if l.db != nil {
		err = l.db.Close()
		l.db = nil
	}
	if l.acknowledged != nil {
		err = errors.Join(err, l.acknowledged.Close())
		l.acknowledged = nil
	}
	if l.lock != nil {
		err = errors.Join(err, l.fs.Remove(filepath.Join(l.dir, ownerFile)), l.lock.Close())
		l.lock = nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("embedded: close %s: %w", l.dir, err)
	}
	return nil
}
