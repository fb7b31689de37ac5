package store

import (
	"context"
	"time"

	"deltatrace/traceability"
)

// What is counted of notices, by province and day.
const (
	countIssued       = "issued"
	countAcknowledged = "acknowledged"
	countClosed       = "closed"
)

// noHours stands where it is not known how long something took, or nothing does.
const noHours = -1

// noticeCount says that one more was done by a province on a day, in so many
// hours.
type noticeCount struct {
	what     string
	province traceability.ProvinceCode
	day      traceability.Date
	hours    int64
}

// countStatement counts one more. It runs in the transaction that moves the
// cursor, so each document is counted once.
const countStatement = `-- name: count notices
INSERT INTO notice_counts (what, province, hours, day, n) VALUES (?, ?, ?, ?, 1)
ON CONFLICT (what, province, hours, day) DO UPDATE SET n = notice_counts.n + 1`

func (c noticeCount) args() []any {
	return []any{c.what, string(c.province), c.hours, string(c.day)}
}

// countDone counts what a document of a notice did.
func countDone(n *traceability.Notice, done traceability.Done) (noticeCount, bool) {
	c := noticeCount{province: n.Organiser, day: traceability.DateOf(done.At), hours: noHours}
	switch done.Act {
	case "":
		c.what = countIssued
	case traceability.ActClose:
		c.what = countClosed
	case traceability.ActAcknowledge:
		c.what, c.province = countAcknowledged, traceability.ProvinceCode(done.By.Number())
		for _, d := range n.Deadlines {
			told := d.Timer == "T5a" || d.Timer == "T5b" // of the notice, or of its withdrawal
			if told && d.About == string(c.province) && d.Status == traceability.Met && d.At.Equal(done.At) {
				c.hours = int64(max(0, done.At.Sub(d.From)+time.Hour-1) / time.Hour)
			}
		}
	default:
		return c, false
	}
	return c, true
}

// NoticeStats implements traceability.Reader.
func (s *Store) NoticeStats(ctx context.Context, asOf time.Time) (stats []traceability.NoticeStats, err error) {
	err = s.db.snapshot(ctx, func(db querier) error {
		stats = nil
		for _, province := range traceability.Provinces() {
			of := traceability.NoticeStats{Province: province}
			for what, n := range map[string]*int{countIssued: &of.Issued, countAcknowledged: &of.Acknowledged, countClosed: &of.Closed} {
				hours, err := counted(ctx, db, what, province, traceability.DateOf(asOf))
				if err != nil {
					return err
				}
				for _, h := range hours {
					*n += h.n
				}
				if what == countAcknowledged {
					of.MedianHours = median(hours)
				}
			}
			if of.Overdue, err = overdue(ctx, db, traceability.Regulator(province), asOf); err != nil {
				return err
			}
			stats = append(stats, of)
		}
		return nil
	})
	return stats, err
}

// hourCount is how many took so many hours.
type hourCount struct{ hours, n int }

// counted returns what a province did up to a day, by the hours it took.
func counted(ctx context.Context, db querier, what string, province traceability.ProvinceCode, day traceability.Date) ([]hourCount, error) {
	const question = "-- name: notice counts\nSELECT c.hours, c.n FROM notice_counts c WHERE c.what = ? AND c.province = ? AND c.day <= ? ORDER BY c.hours, c.day"
	var list []hourCount
	err := db.query(ctx, question, []any{what, string(province), string(day)}, func(scan func(...any) error) error {
		var h hourCount
		if err := scan(&h.hours, &h.n); err != nil {
			return err
		}
		if last := len(list) - 1; last >= 0 && list[last].hours == h.hours {
			list[last].n += h.n
			return nil
		}
		list = append(list, h)
		return nil
	})
	return list, err
}

// median returns the lower median of hours in ascending order; nil for none.
func median(list []hourCount) *int {
	known := 0
	for _, h := range list {
		if h.hours != noHours {
			known += h.n
		}
	}
	seen := 0
	for _, h := range list {
		if h.hours == noHours {
			continue
		}
		if seen += h.n; 2*seen >= known {
			return &h.hours
		}
	}
	return nil
}

func overdue(ctx context.Context, db querier, party traceability.PartyID, asOf time.Time) (n int, err error) {
	const question = "-- name: notices overdue\nSELECT COUNT(*) FROM notice_parties k WHERE k.party = ? AND k.due > ? AND k.due < ?"
	return n, one(ctx, db, question, []any{string(party), int64(dueUnknown), seconds(asOf)}, &n)
}
