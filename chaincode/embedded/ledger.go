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

	fs     vfs.FS // where the folder is; tests cut its power
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
}

var _ traceability.Ledger = (*Ledger)(nil)

// Open opens the ledger in dir, and makes it when there is none. One process
// owns it until Close; a second one gets ErrInUse.
func Open(dir string, o Options) (*Ledger, error) {
	l := &Ledger{
		dir: dir, fs: o.fs, clock: o.Clock, log: o.Logger, limits: o.limits,
		finished: make(chan struct{}), grown: make(chan struct{}),
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
	l.queue = make(chan *submission, l.limits.waiting.submissions)
	if err := l.open(o.Genesis); err != nil {
		return nil, errors.Join(err, l.release())
	}
	go l.commitAll()
	l.log.Info("ledger open", "dir", l.dir, "block", l.head.Number, "hash", l.head.Hash.String())
	return l, nil
}

func (l *Ledger) open(genesis *traceability.Genesis) (err error) {
	if err := makeFolder(l.fs, l.dir); err != nil {
		return fmt.Errorf("embedded: make %s: %w", l.dir, err)
	}
	if l.dir, err = absolute(l.fs, l.dir); err != nil {
		return err
	}
	if l.lock, err = lock(l.fs, l.dir); err != nil {
		return err
	}
	if err := own(l.fs, l.dir); err != nil {
		return fmt.Errorf("embedded: write in %s: %w", l.dir, err)
	}
	options := pebbleOptions(l.fs, l.log)
	options.Lock = l.lock
	if l.db, err = pebble.Open(l.dir, options); err != nil {
		return fmt.Errorf("embedded: open %s: %w", l.dir, err)
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
		return fmt.Errorf("embedded: open %s: %w", l.dir, err)
	}
	if err := l.checkGenesis(genesis); err != nil {
		return err
	}
	return l.openMark()
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

// start writes block 0.
func (l *Ledger) start(genesis *traceability.Genesis) error {
	if genesis == nil {
		return fmt.Errorf("embedded: there is no ledger in %s: %w", l.dir,
			traceability.Missing("genesis", "the provinces with their keys, to start a new ledger"))
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
	return value, err
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
