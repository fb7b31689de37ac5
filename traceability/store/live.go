package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"deltatrace/traceability"
)

// live is the engine in use, which can be exchanged for another while questions
// are asked. It is the one place where faults of the machine are told from others.
type live struct {
	mu      sync.RWMutex
	now     *generation
	damaged error // the first damage that was met
}

// generation is an engine with those who are using it.
type generation struct {
	engine
	users sync.WaitGroup
}

func newLive(e engine) *live { return &live{now: &generation{engine: e}} }

// use returns the engine, which stays open until users.Done.
func (l *live) use() *generation {
	l.mu.RLock()
	defer l.mu.RUnlock()
	l.now.users.Add(1)
	return l.now
}

// replace has e answer from now on, and closes the one before when all that asked
// it have their answer.
func (l *live) replace(e engine) error {
	l.mu.Lock()
	old := l.now
	l.now, l.damaged = &generation{engine: e}, nil
	l.mu.Unlock()
	old.users.Wait()
	return old.close()
}

// note gives an error its kind, and remembers damage.
func (l *live) note(err error) error {
	if err = classify(err); errors.Is(err, traceability.ErrDamaged) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.damaged == nil {
			l.damaged = err
		}
	}
	return err
}

func (l *live) damage() error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.damaged
}

func (l *live) query(ctx context.Context, sql string, args []any, row func(func(...any) error) error) error {
	g := l.use()
	defer g.users.Done()
	return l.note(g.query(ctx, sql, args, row))
}

func (l *live) write(ctx context.Context, f func(transaction) error) error {
	g := l.use()
	defer g.users.Done()
	return l.note(g.write(ctx, f))
}

func (l *live) snapshot(ctx context.Context, f func(querier) error) error {
	g := l.use()
	defer g.users.Done()
	return l.note(g.snapshot(ctx, f))
}

func (l *live) prepare(ctx context.Context, statements []string) error {
	g := l.use()
	defer g.users.Done()
	return g.prepare(ctx, statements)
}

func (l *live) migrations() fs.FS { return l.current().migrations() }

func (l *live) close() error { return l.current().close() }

// current returns the engine for what does not wait.
func (l *live) current() engine {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.now.engine
}

// fault is an error of the machine that the database is on.
type fault struct {
	kind error // traceability.ErrNoSpace or ErrDamaged
	err  error
}

// Error says what to do about it.
func (f *fault) Error() string {
	if f.kind == traceability.ErrDamaged {
		return fmt.Sprintf("the read model is damaged: run `api rebuild`, which makes it again from the ledger: %v", f.err)
	}
	return fmt.Sprintf("the read model's disk is full: make room, it goes on by itself: %v", f.err)
}

func (f *fault) Unwrap() error        { return f.err }
func (f *fault) Is(target error) bool { return target == f.kind }

// Permanent tells the projector that damage stays.
func (f *fault) Permanent() bool { return f.kind == traceability.ErrDamaged }

// classify tells faults of the machine by the database's codes.
func classify(err error) error {
	var already *fault
	if err == nil || errors.As(err, &already) {
		return err
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return &fault{traceability.ErrDamaged, err}
		case sqlite3.SQLITE_FULL:
			return &fault{traceability.ErrNoSpace, err}
		}
	}
	switch codeOf(err) {
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return &fault{traceability.ErrDamaged, err}
	case "53100": // disk_full
		return &fault{traceability.ErrNoSpace, err}
	}
	return err
}
