package embedded

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/traceability"
)

// Keys on the disk; doc.go has the table.
const (
	prefixBlock byte = 'b'
	prefixState byte = 's'
	prefixWrite byte = 'w'
)

var (
	keyFormat = []byte("f")
	keyHead   = []byte("h")
)

// format names what this version reads and writes. In format 1 a transaction's
// writes stood in the order in which the rules made them.
const format = "deltatrace ledger 2"

func blockKey(number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefixBlock}, number)
}

func stateKey(key string) []byte { return append([]byte{prefixState}, key...) }

// location says where a value is: the block and the place of the write in it,
// counted through the block's transactions from 0.
type location struct {
	block uint64
	place uint32
}

const locationSize = 8 + 4

func (at location) append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, at.block), at.place)
}

func (at location) writeKey() []byte { return at.append([]byte{prefixWrite}) }

func decodeLocation(b []byte) (location, error) {
	if len(b) != locationSize {
		return location{}, fmt.Errorf("location: %w", errDamaged)
	}
	return location{binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:])}, nil
}

func encodeHead(number uint64, hash traceability.Hash) []byte {
	return append(binary.BigEndian.AppendUint64(nil, number), hash[:]...)
}

// lookup returns a copy of the value, or nil when there is none.
func lookup(db pebble.Reader, key []byte) ([]byte, error) {
	value, closer, err := db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return append(make([]byte, 0, len(value)), value...), nil
}

// readLocation returns where the value of a key of the state is.
func readLocation(db pebble.Reader, key string) (at location, found bool, err error) {
	value, closer, err := db.Get(stateKey(key))
	if errors.Is(err, pebble.ErrNotFound) {
		return location{}, false, nil
	}
	if err != nil {
		return location{}, false, err
	}
	defer closer.Close()
	at, err = decodeLocation(value)
	return at, err == nil, err
}

// readValue returns the value at a location, which must be the key's.
func readValue(db pebble.Reader, key string, at location) ([]byte, error) {
	record, err := lookup(db, at.writeKey())
	if err != nil {
		return nil, err
	}
	w, err := decodeWrite(record)
	if err != nil {
		return nil, fmt.Errorf("block %d, write %d: %w", at.block, at.place, err)
	}
	if w.Key != key {
		return nil, fmt.Errorf("block %d, write %d: %w: found key %q, expected %q", at.block, at.place, errDamaged, w.Key, key)
	}
	return w.Value, nil
}

// readBlock reads a block with all its writes.
func readBlock(db pebble.Reader, number uint64) (traceability.Block, error) {
	stored, err := lookup(db, blockKey(number))
	if err != nil {
		return traceability.Block{}, fmt.Errorf("block %d: %w", number, err)
	}
	h, err := decodeHeader(stored)
	if err != nil {
		return traceability.Block{}, fmt.Errorf("block %d: %w", number, err)
	}
	b := traceability.Block{Number: number, Time: h.time, Previous: h.previous, Hash: digest(stored)}
	records, err := readRecords(db, number)
	if err == nil && len(records) != int(h.writes()) {
		err = fmt.Errorf("%w: found %d writes, expected %d", errDamaged, len(records), h.writes())
	}
	if err != nil {
		return traceability.Block{}, fmt.Errorf("block %d: %w", number, err)
	}
	for _, tx := range h.transactions {
		t := traceability.Transaction{ID: tx.id, Time: tx.time, Writes: make([]traceability.Write, len(tx.digests))}
		for i := range t.Writes {
			if t.Writes[i], err = decodeWrite(records[i]); err != nil {
				return traceability.Block{}, fmt.Errorf("block %d: %w", number, err)
			}
		}
		records = records[len(tx.digests):]
		b.Transactions = append(b.Transactions, t)
	}
	return b, nil
}

// readRecords returns the stored writes of a block, which must be numbered
// without gaps.
func readRecords(db pebble.Reader, number uint64) ([][]byte, error) {
	i, err := db.NewIter(&pebble.IterOptions{
		LowerBound: location{number, 0}.writeKey(),
		UpperBound: append(location{number, math.MaxUint32}.writeKey(), 0),
	})
	if err != nil {
		return nil, err
	}
	defer i.Close()
	var records [][]byte
	for valid := i.First(); valid; valid = i.Next() {
		at, err := decodeLocation(i.Key()[1:])
		if err != nil || int(at.place) != len(records) {
			return nil, fmt.Errorf("%w: write %d is missing", errDamaged, len(records))
		}
		value, err := i.ValueAndErr()
		if err != nil {
			return nil, err
		}
		records = append(records, append(make([]byte, 0, len(value)), value...))
	}
	return records, i.Error()
}

// pebbleOptions are those of a ledger: about 150 MB of memory at most. A Bloom
// filter spares the search for keys that are not there, which is what every new
// document asks for.
func pebbleOptions(fs vfs.FS, log *slog.Logger) *pebble.Options {
	options := &pebble.Options{
		FS:                          fs,
		CacheSize:                   64 << 20,
		MemTableSize:                32 << 20,
		MemTableStopWritesThreshold: 3,
		Logger:                      pebbleLog{log},
		FormatMajorVersion:          pebble.FormatNewest,
		EventListener: &pebble.EventListener{
			BackgroundError: func(err error) { log.Error("storage failed in the background", "error", plain(err)) },
			DataCorruption:  func(info pebble.DataCorruptionInfo) { log.Error("the disk gave damaged data", "info", info.String()) },
			DiskSlow:        func(info pebble.DiskSlowInfo) { log.Warn("the disk is slow", "info", info.String()) },
			WriteStallBegin: func(info pebble.WriteStallBeginInfo) { log.Warn("writes wait for the disk", "reason", info.Reason) },
		},
	}
	for i := range options.Levels {
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return options
}

// pebbleLog passes Pebble's log on. Its progress notes go to debug.
type pebbleLog struct{ log *slog.Logger }

func (p pebbleLog) Infof(text string, args ...any) {
	if p.log.Enabled(context.Background(), slog.LevelDebug) {
		p.log.Debug("storage", "note", fmt.Sprintf(text, args...))
	}
}

func (p pebbleLog) Errorf(text string, args ...any) {
	p.log.Error("storage failed", "error", fmt.Sprintf(text, args...))
}

// Fatalf is called where Pebble cannot go on. Going on with a state that the
// disk does not have would be worse than stopping, and stopping is safe at any
// moment.
func (p pebbleLog) Fatalf(text string, args ...any) {
	p.Errorf(text, args...)
	panic(fmt.Sprintf("embedded ledger: storage failed: "+text, args...))
}

// makeFolder makes a folder and those above it, durably: each name is synced in
// the folder that holds it, or a power cut could take the whole ledger away.
func makeFolder(fs vfs.FS, dir string) error {
	if _, err := fs.Stat(dir); err == nil {
		return nil
	}
	above := fs.PathDir(dir)
	if above != dir {
		if err := makeFolder(fs, above); err != nil {
			return err
		}
	}
	if err := fs.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	holder, err := fs.OpenDir(above)
	if err != nil {
		return err
	}
	return errors.Join(holder.Sync(), holder.Close())
}

// ErrInUse says that another owner has the folder open.
var ErrInUse = errors.New("embedded: the ledger is in use")

const ownerFile = "owner.pid"

// lock makes this process the folder's owner.
func lock(fs vfs.FS, dir string) (*pebble.Lock, error) {
	held, err := pebble.LockDirectory(dir, fs)
	var path *os.PathError
	if errors.As(err, &path) { // the lock file cannot even be opened
		return nil, fmt.Errorf("embedded: lock %s: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s is open in %s; close that one first, or use another folder: %w", ErrInUse, dir, owner(fs, dir), err)
	}
	return held, nil
}

// own writes the process id beside the lock, for the message to the next one.
func own(fs vfs.FS, dir string) error {
	f, err := fs.Create(filepath.Join(dir, ownerFile), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(strconv.Itoa(os.Getpid()) + "\n"))
	return errors.Join(err, f.Close())
}

// owner says who owns the folder.
func owner(fs vfs.FS, dir string) string {
	f, err := fs.Open(filepath.Join(dir, ownerFile))
	if err != nil {
		return "another process"
	}
	defer f.Close()
	var text [20]byte
	n, _ := f.Read(text[:])
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		return "another process"
	}
	return fmt.Sprintf("process %d", pid)
}
