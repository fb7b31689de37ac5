package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"deltatrace/traceability"
)

// ErrGap says that blocks are missing between the read model and what is to be
// applied. Read Head, and go on from there.
var ErrGap = errors.New("blocks are missing before this one")

// Errors that stay however often one tries.
const (
	// ErrNewer says that a later version of the program made the read model.
	ErrNewer refusal = "the read model was made by a newer version of the program: use that version, or rebuild the read model"
	// ErrOutdated says that an earlier version of the program made the read model.
	ErrOutdated refusal = "the read model was made by an older version of the program: `api serve` and `api rebuild` make another from the ledger and keep it until that is whole"
	// ErrReplaced says that a block is not one of the chain that the read model
	// was made from: the ledger was replaced, and the read model must be rebuilt.
	ErrReplaced refusal = "the read model belongs to another ledger: rebuild it"
	// ErrRecord says that a record of the ledger cannot be read.
	ErrRecord refusal = "a record of the ledger cannot be read"
)

type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// Permanent tells the projector not to try again.
func (r refusal) Permanent() bool { return true }

// Store is a read model. Its methods may be called from several goroutines.
type Store struct {
	url    string
	db     engine
	log    *slog.Logger
	insert [tableCount]inserts

	loading  atomic.Bool // the indexes of the large tables are missing
	applying sync.Mutex  // one Apply at a time: the database would make them wait anyway
}

var _ traceability.Reader = (*Store)(nil)

// Open opens a read model, and makes it if there is none: `sqlite:///path/to/file`,
// a plain path, or `:memory:` for a test; `postgresql://…` for a database that
// there is on a server of PostgreSQL or CockroachDB. It brings the schema up to
// date. It returns ErrNewer for a read model of a later version, and an *Error
// on `db` for a URL that leads nowhere; no error has the password in it.
func Open(ctx context.Context, url string, log *slog.Logger) (*Store, error) {
	db, err := openEngine(ctx, url)
	if err != nil {
		return nil, classify(err)
	}
	s := newStore(db, log)
	s.url = url
	if err := errors.Join(s.migrate(ctx, oldestSchema), s.index(ctx)); err != nil {
		return nil, errors.Join(classify(err), s.Close())
	}
	if err := s.db.prepare(ctx, s.statements()); err != nil {
		return nil, errors.Join(classify(err), s.Close())
	}
	return s, nil
}

func newStore(db engine, log *slog.Logger) *Store {
	s := &Store{db: newLive(db), log: log}
	for i, t := range tables() {
		s.insert[i] = t.inserts()
	}
	return s
}

// statements are those that are written often.
func (s *Store) statements() []string {
	list := []string{headQuestion, supersedeStatement, redecideStatement, countStatement, tellOfLicence, tellOfCompany, forgetPeriodsStatement, wholeStatement}
	for i := range s.insert {
		list = append(list, s.insert[i].one, s.insert[i].many)
	}
	return list
}

// Ailments implements traceability.Ailing.
func (s *Store) Ailments() []traceability.Ailment {
	if l, ok := s.db.(*live); ok && l.damage() != nil {
		return []traceability.Ailment{{Part: traceability.PartReadModel, Code: traceability.CodeDamaged, Severe: true, Err: l.damage()}}
	}
	return nil
}

// Path returns the file of a read model that is in one, false for a server's.
func Path(url string) (string, bool) {
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case !ok && url != memory:
		return url, true
	case ok && scheme == "sqlite":
		return rest, true
	default:
		return "", false
	}
}

// memory is the read model that ends with the process.
const memory = ":memory:"

// openEngine picks the engine by the URL's scheme.
func openEngine(ctx context.Context, url string) (engine, error) {
	const expected = "postgresql://user:password@host:5432/database, sqlite:///path/to/file, or a path"
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case url == "":
		return nil, traceability.Missing("db", expected)
	case !ok:
		return openSQLite(url)
	case scheme == "sqlite":
		return openSQLite(rest)
	case scheme == "postgresql" || scheme == "postgres":
		return openPostgres(ctx, url, "")
	default:
		return nil, traceability.Invalid("db", scheme+"://…", expected)
	}
}

// Close closes the database.
func (s *Store) Close() error { return s.db.close() }

// Reset empties the read model, for a rebuild from block 0. A failure may leave
// it without tables, which Open and Reset make again.
func (s *Store) Reset(ctx context.Context) error {
	if err := s.empty(ctx); err != nil {
		return err
	}
	return s.index(ctx)
}

// Load empties the read model and has fill apply the ledger to it from block 0.
// The indexes of the large tables are made when all is there: in order, which
// takes a fraction of the time of adding each row to them; until then questions
// are slow. When it fails, what was applied is there, and Open makes the indexes.
func (s *Store) Load(ctx context.Context, fill func() error) error {
	if err := s.empty(ctx); err != nil {
		return err
	}
	if err := fill(); err != nil {
		return err
	}
	return s.index(ctx)
}

// empty leaves tables without rows and without indexes.
func (s *Store) empty(ctx context.Context) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	s.loading.Store(true)
	if err := s.db.write(ctx, func(tx transaction) error { return dropTables(ctx, tx) }); err != nil {
		return err
	}
	return s.migrate(ctx, oldestSchema)
}

// one reads a single row, and returns ErrNotFound when there is none.
func one(ctx context.Context, db querier, question string, args []any, dest ...any) error {
	found := false
	err := db.query(ctx, question, args, func(scan func(...any) error) error {
		found = true
		return scan(dest...)
	})
	if err == nil && !found {
		return fmt.Errorf("%s: %w", nameOf(question), traceability.ErrNotFound)
	}
	return err
}
