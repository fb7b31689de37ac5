package page

import (
	"cmp"
	"slices"
	"time"

	"deltatrace/traceability"
)

// recordsOpen are shown before the fold.
const recordsOpen = 4

// entryView is one document on the ledger: who stated what, and when.
type entryView struct {
	What     sentence
	Process  string
	Party    partyView
	Position traceability.Position
	Document traceability.DocumentID
}

// Time is when the ledger took it.
func (e entryView) Time() time.Time { return e.Position.Time }

// recordView is the part of the page that accounts for it all.
type recordView struct {
	Shown, Folded []entryView
	Lot           traceability.DocumentRef
	Head          traceability.Head
}

// record lists the documents that the page is made of: the lot's registration,
// the reports on it, then what happened on the way, in the order of the ledger.
func (rec *records) record(lang Lang) recordView {
	entries := []entryView{rec.entry(lang, sentence{Key: "record.lot"}, rec.lot.Document)}
	for _, report := range rec.reports {
		entries = append(entries, rec.entry(lang, sentence{"record.report", []any{report.No}}, report.Document))
	}
	events := len(entries)
	for _, e := range rec.events {
		if rec.onWay[e.ID] {
			entry := rec.entry(lang, sentence{Key: rec.step(lang, e).Title}, e.Document)
			entry.Process = e.Process
			entries = append(entries, entry)
		}
	}
	slices.SortStableFunc(entries[events:], func(a, b entryView) int { return cmp.Compare(a.Position.Block, b.Position.Block) })
	v := recordView{Shown: entries, Lot: rec.lot.Document, Head: rec.head}
	if len(entries) > recordsOpen+2 {
		v.Shown, v.Folded = entries[:recordsOpen], entries[recordsOpen:]
	}
	return v
}

func (rec *records) entry(lang Lang, what sentence, d traceability.DocumentRef) entryView {
	return entryView{What: what, Party: rec.party(lang, d.Party), Position: d.Position, Document: d.ID}
}
