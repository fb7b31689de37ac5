package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"modernc.org/sqlite"

	"deltatrace/traceability"
)

// State is how far deliveries are: a file that survives crashes, and that the
// operator's command may open beside a server. Its methods may be called from
// several goroutines.
type State struct {
	db *sql.DB

	mu   sync.Mutex
	left map[name]bool // that this server does not serve, being too many
}

const schema = `
CREATE TABLE IF NOT EXISTS webhooks (
    party     TEXT    NOT NULL,
    ref       TEXT    NOT NULL,
    cursor    TEXT    NOT NULL, -- of the last signal that was taken or passed over
    delivered INTEGER NOT NULL, -- how many were taken
    last      INTEGER NOT NULL, -- when the last one was, or 0
    attempts  INTEGER NOT NULL, -- failed ones of what is being delivered
    since     INTEGER NOT NULL, -- when the first of them failed, or 0
    reason    TEXT    NOT NULL, -- why the last of them did
    PRIMARY KEY (party, ref)
) WITHOUT ROWID;

-- What could not be delivered, and what lies behind it.
CREATE TABLE IF NOT EXISTS letters (
    n        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    party    TEXT    NOT NULL,
    ref      TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    signal   TEXT    NOT NULL, -- JSON: Signal
    time     INTEGER NOT NULL, -- since when
    attempts INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    due      INTEGER NOT NULL  -- 1 while it is being delivered again, else 0
);
CREATE INDEX IF NOT EXISTS letters_by_subject ON letters (party, ref, subject, n);
CREATE INDEX IF NOT EXISTS letters_by_due ON letters (party, ref, due, n);`

// OpenState opens the file, and makes it for the owner alone if there is none.
func OpenState(ctx context.Context, path string) (*State, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open delivery state: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open delivery state: %w", err)
	}
	connector, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_busy_timeout=10000&_txlock=immediate&_journal_mode=WAL&_synchronous=NORMAL")
	if err != nil {
		return nil, fmt.Errorf("open delivery state: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("open delivery state: %w", errors.Join(err, db.Close()))
	}
	return &State{db: db}, nil
}

// Close closes the file.
func (s *State) Close() error { return s.db.Close() }

// Status is how far one webhook's deliveries are.
type Status struct {
	Party     traceability.PartyID    `json:"-"`
	Ref       traceability.WebhookRef `json:"-"`
	Cursor    string                  `json:"cursor,omitzero"` // of the last signal that was taken or passed over
	Delivered int64                   `json:"delivered"`
	Last      time.Time               `json:"last_delivered,omitzero"`
	Attempts  int                     `json:"failed_attempts"` // of what is being delivered
	Since     time.Time               `json:"failing_since,omitzero"`
	Reason    string                  `json:"reason,omitzero"` // why the last attempt failed
	Dead      int                     `json:"dead_letters"`
	// NotServed says that there are too many webhooks, of the party or in all: this one
	// is delivered nothing until others go.
	NotServed bool `json:"not_served,omitzero"`
}

// leaveOut notes the webhooks that are not served.
func (s *State) leaveOut(hooks []traceability.WebhookRecord) {
	left := make(map[name]bool)
	for _, hook := range hooks {
		left[name{hook.Party, hook.Ref}] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = left
}

// NotServed returns how many webhooks are not served, being too many.
func (s *State) NotServed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.left)
}

const statusQuestion = `SELECT party, ref, cursor, delivered, last, attempts, since, reason,
	(SELECT COUNT(*) FROM letters l WHERE l.party = w.party AND l.ref = w.ref) FROM webhooks w`

// Status returns the status of a webhook; of one to which nothing was sent yet it
// is the zero value with its name.
func (s *State) Status(ctx context.Context, party traceability.PartyID, ref traceability.WebhookRef) (Status, error) {
	list, err := s.statuses(ctx, statusQuestion+" WHERE party = ? AND ref = ?", party, ref)
	st := Status{Party: party, Ref: ref}
	if len(list) > 0 {
		st = list[0]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.NotServed = s.left[name{party, ref}]
	return st, err
}

// Statuses returns those of all webhooks, by party and ref.
func (s *State) Statuses(ctx context.Context) ([]Status, error) {
	return s.statuses(ctx, statusQuestion+" ORDER BY party, ref")
}

func (s *State) statuses(ctx context.Context, question string, args ...any) ([]Status, error) {
	rows, err := s.db.QueryContext(ctx, question, args...)
	if err != nil {
		return nil, fmt.Errorf("delivery state: %w", err)
	}
	defer rows.Close()
	var list []Status
	for rows.Next() {
		var st Status
		var last, since int64
		if err := rows.Scan(&st.Party, &st.Ref, &st.Cursor, &st.Delivered, &last, &st.Attempts, &since, &st.Reason, &st.Dead); err != nil {
			return nil, fmt.Errorf("delivery state: %w", err)
		}
		st.Last, st.Since = moment(last), moment(since)
		list = append(list, st)
	}
	return list, rows.Err()
}

// save writes where a webhook stands.
func (s *State) save(ctx context.Context, st Status) error {
	return s.write(ctx, saveStatement, st.values()...)
}

const saveStatement = `INSERT INTO webhooks (party, ref, cursor, delivered, last, attempts, since, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (party, ref) DO UPDATE SET cursor = excluded.cursor, delivered = excluded.delivered, last = excluded.last,
	attempts = excluded.attempts, since = excluded.since, reason = excluded.reason`

func (st *Status) values() []any {
	return []any{st.Party, st.Ref, st.Cursor, st.Delivered, seconds(st.Last), st.Attempts, seconds(st.Since), st.Reason}
}

func (s *State) write(ctx context.Context, statement string, args ...any) error {
	if _, err := s.db.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("delivery state: %w", err)
	}
	return nil
}

// together runs f in one transaction.
func (s *State) together(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("delivery state: %w", err)
	}
	if err := f(tx); err != nil {
		return fmt.Errorf("delivery state: %w", errors.Join(err, tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("delivery state: %w", err)
	}
	return nil
}

// seconds and moment write a time as a number; 0 is none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func moment(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
