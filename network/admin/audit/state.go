package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cockroachdb/pebble/v2"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"

	"deltatrace/traceability"
)

// version says which transaction wrote a value, as Fabric counts.
type version struct{ block, transaction uint64 }

const versionSize = 16

// state is the ledger's state as the blocks so far make it: each key's value,
// after its version. It is on the disk, in a folder of its own that close
// deletes.
type state struct {
	dir string
	db  *pebble.DB
}

func newState() (*state, error) {
	dir, err := os.MkdirTemp("", "deltatrace-audit-")
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	db, err := pebble.Open(dir, &pebble.Options{DisableWAL: true, Logger: silence{}})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("audit: %w", err), os.RemoveAll(dir))
	}
	return &state{dir: dir, db: db}, nil
}

func (s *state) close() error { return errors.Join(s.db.Close(), os.RemoveAll(s.dir)) }

// Get implements rules.State.
func (s *state) Get(keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		var err error
		if _, values[i], err = s.read(key); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// read returns a copy of a value with its version; nil when there is none.
func (s *state) read(key string) (version, []byte, error) {
	at, value, closer, err := s.look(key)
	if closer == nil {
		return at, nil, err
	}
	value = append(make([]byte, 0, len(value)), value...)
	return at, value, closer.Close()
}

// look returns a value that is good until closer is closed; closer is nil when
// there is none.
func (s *state) look(key string) (at version, value []byte, closer io.Closer, err error) {
	stored, closer, err := s.db.Get([]byte(key))
	if errors.Is(err, pebble.ErrNotFound) {
		return version{}, nil, nil, nil
	}
	if err != nil {
		return version{}, nil, nil, fmt.Errorf("audit: read %s: %w", key, err)
	}
	at = version{binary.BigEndian.Uint64(stored), binary.BigEndian.Uint64(stored[8:])}
	return at, stored[versionSize:], closer, nil
}

// put makes a transaction's writes the state.
func (s *state) put(at version, writes []traceability.Write) error {
	batch := s.db.NewBatch()
	defer batch.Close()
	for _, w := range writes {
		value := make([]byte, 0, versionSize+len(w.Value))
		value = binary.BigEndian.AppendUint64(value, at.block)
		value = binary.BigEndian.AppendUint64(value, at.transaction)
		if err := batch.Set([]byte(w.Key), append(value, w.Value...), nil); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	if err := batch.Commit(pebble.NoSync); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// stale returns the first key that a transaction read in another version than
// the state has; "" when all are current.
func (s *state) stale(reads []*kvrwset.KVRead) (string, error) {
	for _, read := range reads {
		at, _, closer, err := s.look(read.Key)
		if err != nil {
			return "", err
		}
		exists := closer != nil
		if exists {
			if err := closer.Close(); err != nil {
				return "", fmt.Errorf("audit: %w", err)
			}
		}
		if exists != (read.Version != nil) || exists && at != (version{read.Version.BlockNum, read.Version.TxNum}) {
			return read.Key, nil
		}
	}
	return "", nil
}

// silence is a logger that says nothing: what matters comes back as an error.
type silence struct{}

func (silence) Infof(string, ...any)  {}
func (silence) Errorf(string, ...any) {}

// Fatalf must not return; Pebble calls it when it cannot go on.
func (silence) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
