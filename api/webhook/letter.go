package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// Letter is a signal that could not be delivered, or that lies behind one of the
// same subject that could not.
type Letter struct {
	N        int64                   `json:"n"` // in the order in which they were laid down
	Party    traceability.PartyID    `json:"party"`
	Ref      traceability.WebhookRef `json:"ref"`
	Signal   traceability.Signal     `json:"signal"`
	Time     time.Time               `json:"time"` // since when
	Attempts int                     `json:"attempts"`
	Reason   string                  `json:"reason"`
	Due      bool                    `json:"due"` // it is being delivered again
}

const letterColumns = "SELECT n, party, ref, signal, time, attempts, reason, due FROM letters"

// Letters returns dead letters after a number, oldest first; with a party only
// its own.
func (s *State) Letters(ctx context.Context, party traceability.PartyID, after int64, limit int) ([]Letter, error) {
	if party == "" {
		return s.letters(ctx, letterColumns+" WHERE n > ? ORDER BY n LIMIT ?", after, limit)
	}
	return s.letters(ctx, letterColumns+" WHERE party = ? AND n > ? ORDER BY n LIMIT ?", party, after, limit)
}

func (s *State) letters(ctx context.Context, question string, args ...any) ([]Letter, error) {
	rows, err := s.db.QueryContext(ctx, question, args...)
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	defer rows.Close()
	var list []Letter
	for rows.Next() {
		var l Letter
		var signal string
		var at int64
		if err := rows.Scan(&l.N, &l.Party, &l.Ref, &signal, &at, &l.Attempts, &l.Reason, &l.Due); err != nil {
			return nil, fmt.Errorf("dead letters: %w", err)
		}
		if err := json.Unmarshal([]byte(signal), &l.Signal); err != nil {
			return nil, fmt.Errorf("dead letter %d: %w", l.N, err)
		}
		l.Time = moment(at)
		list = append(list, l)
	}
	return list, rows.Err()
}

// Replay has a webhook's dead letters delivered again, in their order; with a
// subject only those about it. It returns how many there are.
func (s *State) Replay(ctx context.Context, party traceability.PartyID, ref traceability.WebhookRef, subject string) (int64, error) {
	statement, args := "UPDATE letters SET due = 1, attempts = 0 WHERE party = ? AND ref = ?", []any{party, ref}
	if subject != "" {
		statement, args = statement+" AND subject = ?", append(args, subject)
	}
	result, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, fmt.Errorf("replay: %w", err)
	}
	return result.RowsAffected()
}

// next returns the first letter of a webhook that is to be delivered again.
func (s *State) next(ctx context.Context, party traceability.PartyID, ref traceability.WebhookRef) (Letter, bool, error) {
	list, err := s.letters(ctx, letterColumns+" WHERE party = ? AND ref = ? AND due = 1 ORDER BY n LIMIT 1", party, ref)
	if err != nil || len(list) == 0 {
		return Letter{}, false, err
	}
	return list[0], true, nil
}

// behind reports whether a letter about the subject lies there, so that another
// must lie down behind it.
func (s *State) behind(ctx context.Context, party traceability.PartyID, ref traceability.WebhookRef, subject string) (bool, error) {
	var n int64
	err := s.db.QueryRowContext(ctx, "SELECT n FROM letters WHERE party = ? AND ref = ? AND subject = ? LIMIT 1", party, ref, subject).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("dead letters: %w", err)
	}
	return true, nil
}

// lay lays a signal down and moves the cursor past it, together. It is due when
// those of its subject before it are.
func (s *State) lay(ctx context.Context, st Status, signal traceability.Signal, attempts int, reason string, now time.Time) error {
	text, err := json.Marshal(signal, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode signal: %w", err)
	}
	return s.together(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO letters (party, ref, subject, signal, time, attempts, reason, due) VALUES (?, ?, ?, ?, ?, ?, ?,
			COALESCE((SELECT MAX(due) FROM letters WHERE party = ? AND ref = ? AND subject = ?), 0))`,
			st.Party, st.Ref, signal.Subject, string(text), now.Unix(), attempts, reason, st.Party, st.Ref, signal.Subject)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, saveStatement, st.values()...)
		return err
	})
}

// taken takes a letter away that was delivered.
func (s *State) taken(ctx context.Context, st Status, l Letter) error {
	return s.together(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM letters WHERE n = ?", l.N); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, saveStatement, st.values()...)
		return err
	})
}

// refused notes that a letter was not taken again; with more attempts it stays due.
func (s *State) refused(ctx context.Context, l Letter, more bool, reason string) error {
	return s.together(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE letters SET attempts = attempts + 1, reason = ? WHERE n = ?", reason, l.N); err != nil || more {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE letters SET due = 0 WHERE party = ? AND ref = ? AND subject = ?", l.Party, l.Ref, l.Signal.Subject)
		return err
	})
}
