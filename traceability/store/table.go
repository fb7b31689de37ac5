package store

import (
	"fmt"
	"slices"
	"strings"
)

// table is what the code must know of a table: its columns in the order of the
// migration, and its primary key.
type table struct {
	name    string
	columns []string
	key     []string
	replace bool // a later row with the same key replaces the earlier; else the first stands
}

// The tables. A record of the ledger is written once, except a party's and a
// notice's.
const (
	tableBlocks = iota
	tableDocuments
	tableParties
	tablePartyDocuments
	tableLots
	tableGTINs
	tableEvents
	tableEventLots
	tableReports
	tableRecognitionRules
	tableRecognitions
	tableNotices
	tableNoticeParties
	tableNoticeDocuments
	tableNoticeReports
	tableNoticeCounts
	tablePublishedNotices
	tablePublishedWords
	tableFeed
	tableWebhooks
	tableCredits
	tablePlatformBars
	tableLicences
	tableLicencePeriods
	tableLicenceDocuments
	tableListings
	tableListingPeriods
	tableSnapshotParts
	tableSnapshots
	tableVerifications
	tableVerificationHistory
	tableRecalls
	tableRecallParties
	tableRecallDocuments
	tableRecallLots
	tableAlerts
	tableAlertParties
	tableAgreements
	tableAgreementDocuments
	tableConsultations
	tableConsultationDocuments
	tableFailures
	tableProposals
	tableProposalFailures
	tableCount
)

func tables() [tableCount]table {
	return [tableCount]table{
		tableBlocks:         {"blocks", []string{"number", "hash", "time"}, []string{"number"}, false},
		tableDocuments:      {"documents", []string{"position", "prefix", "record", "tx", "time", "jws"}, []string{"position"}, false},
		tableParties:        {"parties", []string{"id", "kind", "province", "status", "name", "name_en", "division", "keys", "remarks"}, []string{"id"}, true},
		tablePartyDocuments: {"party_documents", []string{"party", "document"}, []string{"party", "document"}, false},
		tableLots:           {"lots", []string{"document", "id", "registrant", "product", "product_en", "date", "division", "remarks"}, []string{"document"}, false},
		tableGTINs:          {"gtins", []string{"prefix", "owner", "assigned"}, []string{"prefix"}, true},
		tableEvents:         {"events", []string{"document", "id", "party", "time", "type", "receiver", "remarks"}, []string{"document"}, false},
		tableEventLots:      {"event_lots", []string{"document", "role", "lot", "time", "event", "amount"}, []string{"document", "role", "lot"}, false},
		tableReports: {"reports", []string{"document", "id", "lab", "lot", "sampling_no", "superseded_by", "out_of_scope", "remarks"},
			[]string{"document"}, false},
		tableRecognitionRules: {"recognition_rules", []string{"accepting", "rule", "version", "document", "remarks"}, []string{"accepting", "rule", "version"}, false},
		tableRecognitions: {"recognitions", []string{"document", "report", "parameter", "accepting", "issuing", "lot", "month", "outcome", "next_month", "evaluation"},
			[]string{"document"}, false},
		tableNotices:          {"notices", []string{"id", "issued", "state", "public", "lot", "body", "past"}, []string{"id"}, true},
		tableNoticeParties:    {"notice_parties", []string{"party", "notice", "state", "due", "public", "lot"}, []string{"party", "notice"}, true},
		tableNoticeDocuments:  {"notice_documents", []string{"notice", "document"}, []string{"notice", "document"}, false},
		tableNoticeReports:    {"notice_reports", []string{"series", "notice", "report"}, []string{"series"}, true},
		tableNoticeCounts:     {"notice_counts", []string{"what", "province", "hours", "day", "n"}, []string{"what", "province", "hours", "day"}, false}, // see countStatement
		tablePublishedNotices: {"published_notices", []string{"notice", "published", "text"}, []string{"notice"}, true},
		tablePublishedWords:   {"published_words", []string{"word", "published", "notice"}, []string{"word", "published", "notice"}, false},
		tableFeed: {"feed", []string{"audience", "position", "kind", "subject", "time", "province", "signer", "urgent"},
			[]string{"audience", "position", "kind", "subject"}, false},
		tableWebhooks:         {"webhooks", []string{"party", "ref", "active", "document"}, []string{"party", "ref"}, true},
		tableCredits:          {"credits", []string{"company", "id", "body"}, []string{"company", "id"}, true},
		tablePlatformBars:     {"platform_bars", []string{"company", "entry"}, []string{"company", "entry"}, false},
		tableLicences:         {"licences", []string{"id", "number", "province", "division", "holder", "content", "halt", "sum", "remarks"}, []string{"id"}, true},
		tableLicencePeriods:   {"licence_periods", []string{"licence", "from_day", "version", "begun_by", "halt", "body"}, []string{"licence", "from_day"}, true},
		tableLicenceDocuments: {"licence_documents", []string{"licence", "place", "document"}, []string{"licence", "place"}, false},
		tableListings:         {"listings", []string{"platform", "shop", "since", "licence", "division", "removed"}, []string{"platform", "shop"}, true},
		tableListingPeriods: {"listing_periods", []string{"platform", "shop", "since", "last", "declaration", "block", "body"},
			[]string{"platform", "shop", "since"}, true},
		tableSnapshotParts: {"snapshot_parts", []string{"platform", "snapshot", "parts", "part", "at", "block"}, []string{"platform", "snapshot", "parts", "part"}, false},
		tableSnapshots: {"snapshots", []string{"platform", "begin_at", "snapshot", "parts", "end_at", "block"},
			[]string{"platform", "begin_at", "snapshot", "parts"}, false},
		tableVerifications: {"verifications", []string{"platform", "shop", "due", "at", "height", "ref", "licence", "verdict", "codes"},
			[]string{"platform", "shop"}, false},
		tableVerificationHistory: {"verification_history", []string{"platform", "shop", "at", "ref", "due", "height", "licence", "verdict", "codes"},
			[]string{"platform", "shop", "at", "ref"}, false},
		tableRecalls:         {"recalls", []string{"id", "opened", "state", "public", "notice", "body"}, []string{"id"}, true},
		tableRecallParties:   {"recall_parties", []string{"party", "opened", "recall"}, []string{"party", "opened", "recall"}, false},
		tableRecallDocuments: {"recall_documents", []string{"recall", "document", "act"}, []string{"recall", "document"}, false},
		tableRecallLots:      {"recall_lots", []string{"lot", "recall", "since", "distance", "spreads"}, []string{"lot", "recall"}, false},
		tableAlerts:          {"alerts", []string{"document", "recall", "body"}, []string{"document", "recall"}, false},
		tableAlertParties:    {"alert_parties", []string{"party", "document", "recall"}, []string{"party", "document", "recall"}, false},

		tableAgreements:            {"agreements", []string{"record", "revision", "kind", "hazard", "category", "in_force", "body"}, []string{"record", "revision"}, true},
		tableAgreementDocuments:    {"agreement_documents", []string{"record", "revision", "document", "kind", "effect"}, []string{"record", "revision", "document"}, false},
		tableConsultations:         {"consultations", []string{"id", "opened", "state", "public", "body"}, []string{"id"}, true},
		tableConsultationDocuments: {"consultation_documents", []string{"consultation", "document"}, []string{"consultation", "document"}, false},
		tableFailures:              {"failures", []string{"document", "hazard", "grp", "day", "province", "task", "report", "series", "ended"}, []string{"document", "hazard"}, false},
		tableProposals: {"proposals", []string{"id", "raised", "rule", "revision", "provinces", "samples", "hazard", "grp", "answered", "answered_by"},
			[]string{"id"}, false},
		tableProposalFailures: {"proposal_failures", []string{"proposal", "document", "rule", "hazard", "joined"}, []string{"proposal", "document"}, false},
	}
}

// index is one of a large table, with the columns in order.
type index struct{ name, table, columns string }

// indexes are those that a table is filled without when much comes at once. In
// that of event_lots the role comes before the time, so that a trace does not
// read a shop's thousand sales of a lot, and the rest is what a trace reads.
func indexes() []index {
	return []index{
		{"documents_by_prefix", "documents", "prefix"},
		{"lots_by_id", "lots", "id"},
		{"lots_by_registrant", "lots", "registrant, id"},
		{"events_by_id", "events", "id"},
		{"events_by_time", "events", "time, id"},
		{"events_by_party", "events", "party, time, id"},
		{"event_lots_by_lot", "event_lots", "lot, role, time, event, document, amount"},
		{"notices_by_issued", "notices", "issued, id"},
		{"notices_by_state", "notices", "state, issued, id"},
		{"notices_by_public", "notices", "public, issued, id"},
		{"notices_by_public_state", "notices", "public, state, issued, id"},
		{"notices_by_lot", "notices", "lot, issued, id"},
		{"notice_parties_by_due", "notice_parties", "party, due, notice"},
		{"notice_parties_by_state", "notice_parties", "party, state, due, notice"},
		{"notice_parties_by_public", "notice_parties", "party, public, due, notice"},
		{"notice_parties_by_public_state", "notice_parties", "party, public, state, due, notice"},
		{"notice_parties_by_lot", "notice_parties", "party, lot, due, notice"},
		{"published_notices_by_time", "published_notices", "published, notice"},
	}
}

// create returns the statement that makes the index unless it is there.
func (i index) create() string {
	return fmt.Sprintf("-- name: index %s\nCREATE INDEX IF NOT EXISTS %s ON %s (%s)", i.name, i.name, i.table, i.columns)
}

// rowsAtOnce is how many rows one INSERT takes. Measured on SQLite: with 50
// instead of 1 a half more records a second are projected; more gain little.
const rowsAtOnce = 50

// inserts are a table's statements: for one row and for the most at once.
type inserts struct {
	columns, most int
	one, many     string
	key           int // how many columns may not be the same in two rows of a statement; 0 when they may
}

// maxKey is how many columns a primary key has at most.
const maxKey = 4

func (t table) inserts() inserts {
	in := inserts{columns: len(t.columns), most: rowsAtOnce, one: t.insert(1), many: t.insert(rowsAtOnce)}
	if t.replace {
		in.key = len(t.key) // one statement may not replace a row twice
	}
	return in
}

// distinct reports whether one statement may write these rows.
func (in *inserts) distinct(values []any) bool {
	if in.key == 0 {
		return true
	}
	seen := make(map[[maxKey]any]bool, len(values)/in.columns)
	for row := range slices.Chunk(values, in.columns) {
		var key [maxKey]any
		copy(key[:], row[:in.key])
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	return true
}

// insert returns the statement that adds so many rows.
func (t table) insert(rows int) string {
	row := "(" + placeholders(len(t.columns)) + ")"
	onConflict := "DO NOTHING"
	if t.replace {
		var set, before, after []string
		for _, column := range t.columns[len(t.key):] {
			set = append(set, column+" = excluded."+column)
			before, after = append(before, t.name+"."+column), append(after, "excluded."+column)
		}
		// A row that stays as it is costs its indexes nothing.
		onConflict = "DO UPDATE SET " + strings.Join(set, ", ") + " WHERE (" + strings.Join(before, ", ") + ") <> (" + strings.Join(after, ", ") + ")"
	}
	return fmt.Sprintf("-- name: insert %s (%d)\nINSERT INTO %s (%s) VALUES %s ON CONFLICT (%s) %s",
		t.name, rows, t.name, strings.Join(t.columns, ", "), repeat(row, rows), strings.Join(t.key, ", "), onConflict)
}

// dump returns the question for all rows in the order of their key.
func (t table) dump() string {
	return fmt.Sprintf("-- name: dump %s\nSELECT %s FROM %s ORDER BY %s",
		t.name, strings.Join(t.columns, ", "), t.name, strings.Join(t.key, ", "))
}

// placeholders returns "?, ?, ?".
func placeholders(n int) string { return repeat("?", n) }

func repeat(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+", ", n), ", ") }

// nameOf returns a statement's name, for errors.
func nameOf(statement string) string {
	first, _, _ := strings.Cut(statement, "\n")
	name, ok := strings.CutPrefix(first, "-- name: ")
	if !ok {
		return "statement"
	}
	return name
}
