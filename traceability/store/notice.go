package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// Where a party stands in the order of what it has to do.
const (
	dueUnknown = 0             // a period that cannot be counted: first, in the open
	dueNever   = math.MaxInt64 // nothing to do
)

// notice projects a notice as it stands after a transaction.
func (r *rows) notice(w traceability.Write, id traceability.NoticeID) error {
	state, err := traceability.DecodeState[traceability.NoticeState](w.Value)
	if err != nil {
		return err
	}
	n := &state.Notice
	if n.ID != id || n.Report.Series() == "" {
		return mismatch(string(n.ID))
	}
	for i, entry := range state.Documents {
		if entry.Tx != r.position.Tx {
			continue
		}
		d, at, err := r.document(w.Key, entry, nil)
		if err != nil {
			return err
		}
		r.add(tableNoticeDocuments, string(id), int64(at))
		if n.Outcome == traceability.Overturned {
			r.sequels = append(r.sequels, ending{series: n.Report.Series(), at: at})
		}
		if err := r.noticeSignal(w.Key, n, d, at); err != nil {
			return err
		}
		if i < len(n.Done) {
			if count, ok := countDone(n, n.Done[i]); ok {
				r.counting = append(r.counting, count)
			}
		}
	}
	body, past, err := encodeNotice(n)
	if err != nil {
		return err
	}
	public := int64(0)
	if n.WasPublic() {
		public = 1
		r.published(n)
	}
	r.add(tableNotices, string(id), seconds(n.Issued), string(n.Phase), public, string(n.Lot), body, past)
	for _, party := range n.Parties() {
		r.add(tableNoticeParties, string(party), string(id), string(n.Phase), nextDue(n, party), public, string(n.Lot))
	}
	r.add(tableNoticeReports, n.Report.Series(), string(id), string(n.Report))
	if n.Reinspection != nil && n.Reinspection.Report != "" {
		again := n.Reinspection.Report
		r.add(tableNoticeReports, again.Series(), string(id), string(again))
	}
	return nil
}

// noticeSignal tells those whom it concerns that a notice has another document.
// The public is not told that it was urgent.
func (r *rows) noticeSignal(key string, n *traceability.Notice, d *traceability.Document, at position) error {
	entry := traceability.NoticeEntry{DocumentRef: traceability.DocumentRef{Type: d.Type, Party: d.Party()}}
	kind := traceability.SignalNoticeIssue
	if d.Type == traceability.TypeNoticeAct {
		entry.Act = new(traceability.NoticeAct)
		if err := d.Decode(entry.Act); err != nil {
			return err
		}
		kind = traceability.NoticeSignal(entry.Act.Act)
	}
	for _, audience := range traceability.NoticeAudiences(n, &entry) {
		r.signal(at, traceability.Signal{Kind: kind, Subject: key, Province: n.Organiser, By: d.Party(),
			Urgent: n.Urgent && audience != traceability.AudiencePublic}, audience)
	}
	return nil
}

// noticePast is what lists leave out of a notice: it is most of a long case.
type noticePast struct {
	Deadlines []traceability.Deadline `json:"deadlines,omitempty"` // those that run as well, for their order
	Done      []traceability.Done     `json:"done,omitempty"`
}

// encodeNotice writes a notice in two parts, of which lists read the first alone.
func encodeNotice(n *traceability.Notice) (body, past string, err error) {
	now := *n
	now.Done, now.Deadlines = nil, nil
	for _, d := range n.Deadlines {
		if d.Status == traceability.Running {
			now.Deadlines = append(now.Deadlines, d)
		}
	}
	first, err1 := json.Marshal(&now)
	second, err2 := json.Marshal(noticePast{n.Deadlines, n.Done})
	return string(first), string(second), errors.Join(err1, err2)
}

// decodeNotice reads a notice; what is not wanted of it is empty.
func decodeNotice(n *traceability.Notice, body, past string) error {
	if err := json.Unmarshal([]byte(body), n); err != nil {
		return fmt.Errorf("stored notice: %w", err)
	}
	if past == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(past), n); err != nil { // in the place of the running periods
		return fmt.Errorf("stored notice %s: %w", n.ID, err)
	}
	return nil
}

// nextDue is when the next of a party's periods ends.
func nextDue(n *traceability.Notice, party traceability.PartyID) int64 {
	next := int64(dueNever)
	for _, d := range n.Deadlines {
		if d.Status != traceability.Running || d.Of != party {
			continue
		}
		if d.Due.IsZero() {
			return dueUnknown
		}
		next = min(next, seconds(d.Due))
	}
	return next
}

// Notice implements traceability.Reader.
func (s *Store) Notice(ctx context.Context, id traceability.NoticeID) (record traceability.NoticeRecord, err error) {
	const question = "-- name: notice\nSELECT n.body, n.past FROM notices n WHERE n.id = ?"
	err = s.db.snapshot(ctx, func(db querier) error {
		var body, past string
		if err := one(ctx, db, question, []any{string(id)}, &body, &past); err != nil {
			return err
		}
		if err := decodeNotice(&record.Notice, body, past); err != nil {
			return err
		}
		record.History, err = readHistory(ctx, db, id)
		return err
	})
	return record, err
}

func readHistory(ctx context.Context, db querier, id traceability.NoticeID) ([]traceability.NoticeEntry, error) {
	const question = "-- name: notice documents\nSELECT " + documentColumns + ` FROM notice_documents k
		JOIN documents d ON d.position = k.document WHERE k.notice = ? ORDER BY k.document`
	return readAll(ctx, db, question, []any{string(id)}, (*storedDocument).dest, func(d *storedDocument) (traceability.NoticeEntry, error) {
		var entry traceability.NoticeEntry
		ref, err := d.read(nil)
		if err != nil {
			return entry, err
		}
		entry.DocumentRef = ref
		if ref.Type == traceability.TypeNoticeIssue {
			entry.Issue = new(traceability.NoticeIssue)
			_, err = d.read(entry.Issue)
		} else {
			entry.Act = new(traceability.NoticeAct)
			_, err = d.read(entry.Act)
		}
		return entry, err
	})
}

// Notices implements traceability.Reader.
func (s *Store) Notices(ctx context.Context, f traceability.NoticeFilter, p traceability.Page) (traceability.List[traceability.NoticeRecord], error) {
	var none traceability.List[traceability.NoticeRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	question, list, w := noticeList(f)
	order, after := " ORDER BY n.issued, n.id", "(n.issued, n.id) > (?, ?)"
	if f.Party != "" {
		order, after = " ORDER BY k.due, k.notice", "(k.due, k.notice) > (?, ?)"
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, list, 1, 2)
		if err != nil {
			return none, err
		}
		w.and(after, key...)
	}
	notices, err := readPage(ctx, s.db, "-- name: notices\n"+question+w.String()+order+" LIMIT ?", append(w.args, limit+1), &limit, (*noticeRow).dest, (*noticeRow).read)
	page := cut(notices, limit, func(n *orderedNotice) string { return encodeCursor(list, number(n.order), string(n.ID)) })
	found := traceability.List[traceability.NoticeRecord]{Next: page.Next}
	for _, n := range page.Items {
		found.Items = append(found.Items, n.NoticeRecord)
	}
	return found, err
}

// noticeList returns the question for a list, the name of the list, and the
// conditions. Each list is read in the order of an index that has all of its
// conditions, but for that of a lot: it has few notices, and of them all are looked
// at, by no other index (a sum that none has holds SQLite to it).
func noticeList(f traceability.NoticeFilter) (question, list string, w where) {
	columns := "n.body, ''"
	if f.Past {
		columns = "n.body, n.past"
	}
	question, list = "SELECT n.issued, "+columns+" FROM notices n", "notices"
	row := "n"
	if f.Party != "" {
		question, list = "SELECT k.due, "+columns+" FROM notice_parties k JOIN notices n ON n.id = k.notice", "notices of "+string(f.Party)
		row = "k"
		w.and("k.party = ?", string(f.Party))
		if !f.Overdue.IsZero() {
			w.and("k.due > ? AND k.due < ?", int64(dueUnknown), seconds(f.Overdue))
		}
	}
	public, state := row+".public", row+".state"
	if f.Lot != "" {
		public, state = public+" + 0", state+" || ''"
		w.and(row+".lot = ?", string(f.Lot))
	}
	if f.Public {
		w.and(public + " = 1")
	}
	if f.Phase != "" {
		w.and(state+" = ?", string(f.Phase))
	}
	return question, list, w
}

// orderedNotice is a notice with the first part of its sort key.
type orderedNotice struct {
	traceability.NoticeRecord
	order int64
}

type noticeRow struct {
	order      int64
	body, past string
}

func (r *noticeRow) dest() []any { return []any{&r.order, &r.body, &r.past} }

func (r *noticeRow) read() (orderedNotice, error) {
	n := orderedNotice{order: r.order}
	return n, decodeNotice(&n.Notice, r.body, r.past)
}

// noticeReports tells each report about the notice on its sample, if there is one.
func noticeReports(ctx context.Context, db querier, reports []placedReport) error {
	var series []string
	for i := range reports {
		if s := reports[i].ID.Series(); !slices.Contains(series, s) {
			series = append(series, s)
		}
	}
	about := make(map[string]*traceability.ReportNotice)
	for part := range slices.Chunk(series, inListSizes[len(inListSizes)-1]) {
		args := inList(part)
		question := "-- name: notices of reports\nSELECT k.series, k.report, n.body FROM notice_reports k JOIN notices n ON n.id = k.notice WHERE k.series IN (" +
			strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ") + ")"
		err := db.query(ctx, question, args, func(scan func(...any) error) error {
			var of, bound, body string
			if err := scan(&of, &bound, &body); err != nil {
				return err
			}
			var n traceability.Notice
			if err := json.Unmarshal([]byte(body), &n); err != nil {
				return fmt.Errorf("stored notice: %w", err)
			}
			about[of] = &traceability.ReportNotice{ID: n.ID, Report: traceability.ReportID(bound), Phase: n.Phase, Public: n.Public(), Outcome: n.Outcome, Parties: n.Parties()}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i := range reports {
		reports[i].Notice = about[reports[i].ID.Series()]
	}
	return nil
}
