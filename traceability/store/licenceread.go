package store

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"deltatrace/traceability"
)

// Licence implements traceability.Reader.
func (s *Store) Licence(ctx context.Context, id traceability.LicenceID) (record traceability.LicenceRecord, err error) {
	const question = "-- name: licence\nSELECT l.remarks FROM licences l WHERE l.id = ?"
	record.ID = id
	err = s.db.snapshot(ctx, func(db querier) error {
		var remarks string
		if err := one(ctx, db, question, []any{string(id)}, &remarks); err != nil {
			return err
		}
		if record.Remarks, err = unlist[traceability.Remark](remarks); err != nil {
			return err
		}
		contents, err := readLicenceDocuments(ctx, db, &record)
		if err != nil {
			return err
		}
		return readLicencePeriods(ctx, db, &record, contents)
	})
	return record, err
}

// readLicenceDocuments reads the documents of a licence, and returns what each says
// of its content.
func readLicenceDocuments(ctx context.Context, db querier, record *traceability.LicenceRecord) ([]traceability.Licence, error) {
	const question = "-- name: licence documents\nSELECT " + documentColumns + ` FROM licence_documents k
		JOIN documents d ON d.position = k.document WHERE k.licence = ? ORDER BY k.place`
	documents, err := readAll(ctx, db, question, []any{string(record.ID)}, (*storedDocument).dest, func(d *storedDocument) (storedDocument, error) { return *d, nil })
	if err != nil {
		return nil, err
	}
	contents := make([]traceability.Licence, len(documents))
	for i := range documents {
		var entry traceability.LicenceEntry
		ref, err := documents[i].read(nil)
		if err != nil {
			return nil, err
		}
		entry.DocumentRef = ref
		if ref.Type == traceability.TypeLicenceGrant {
			_, err = documents[i].read(&contents[i])
		} else {
			entry.Change = new(traceability.LicenceChange)
			_, err = documents[i].read(entry.Change)
			if entry.Change.Content != nil {
				contents[i], entry.Change.Content = *entry.Change.Content, nil
			}
		}
		if err != nil {
			return nil, err
		}
		record.Documents = append(record.Documents, entry)
	}
	return contents, nil
}

func readLicencePeriods(ctx context.Context, db querier, record *traceability.LicenceRecord, contents []traceability.Licence) error {
	const question = `-- name: licence periods
SELECT k.from_day, k.content, k.begun_by, k.halt FROM licence_periods k WHERE k.licence = ? ORDER BY k.from_day`
	return db.query(ctx, question, []any{string(record.ID)}, func(scan func(...any) error) error {
		var from, halt string
		var content, by int
		if err := scan(&from, &content, &by, &halt); err != nil {
			return err
		}
		if max(content, by) >= len(contents) {
			return fmt.Errorf("stored licence %s: a period of documents %d and %d of %d", record.ID, content, by, len(contents))
		}
		record.Periods = append(record.Periods, traceability.LicenceTerm{From: traceability.Date(from), Content: contents[content],
			Halt: traceability.LicenceStatus(halt), By: record.Documents[by].ID})
		return nil
	})
}

// onDay is the period of a licence that is in force on a day, and where its content
// stands.
type onDay struct {
	id      traceability.LicenceID
	period  traceability.LicencePeriod
	content position
	jws     string
}

// LicenceOn implements traceability.Reader. It asks for hundreds at once, first for
// the periods and then for the documents in force only, and reads these on every
// processor.
func (s *Store) LicenceOn(ctx context.Context, ids []traceability.LicenceID, day traceability.Date) (map[traceability.LicenceID]traceability.LicenceStanding, error) {
	found := make(map[traceability.LicenceID]*onDay, len(ids))
	err := s.db.snapshot(ctx, func(db querier) error {
		if err := findPeriods(ctx, db, ids, day, found); err != nil {
			return err
		}
		return findContents(ctx, db, found)
	})
	if err != nil {
		return nil, err
	}
	return standings(found, day)
}

// findPeriods finds the period of each licence that is in force on the day; before
// the first it is the first.
func findPeriods(ctx context.Context, db querier, ids []traceability.LicenceID, day traceability.Date, found map[traceability.LicenceID]*onDay) error {
	for part := range slices.Chunk(ids, inListSizes[len(inListSizes)-1]) {
		args := inList(texts(part))
		question := `-- name: periods of licences
SELECT k.licence, k.from_day, k.halt, n.document FROM licence_periods k
JOIN licence_documents n ON n.licence = k.licence AND n.place = k.content WHERE k.licence IN (` + placeholders(len(args)) + ")"
		err := db.query(ctx, question, args, func(scan func(...any) error) error {
			var p onDay
			var id, from, halt string
			if err := scan(&id, &from, &halt, &p.content); err != nil {
				return err
			}
			p.id = traceability.LicenceID(id)
			p.period = traceability.LicencePeriod{From: traceability.Date(from), Halt: traceability.LicenceStatus(halt)}
			if known := found[p.id]; known == nil || p.period.InsteadOf(known.period, day) {
				found[p.id] = &p
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func findContents(ctx context.Context, db querier, found map[traceability.LicenceID]*onDay) error {
	at := make(map[position]*onDay, len(found))
	positions := make([]int64, 0, len(found))
	for _, p := range found {
		at[p.content] = p
		positions = append(positions, int64(p.content))
	}
	slices.Sort(positions)
	for part := range slices.Chunk(positions, inListSizes[len(inListSizes)-1]) {
		args := inList(part)
		question := "-- name: contents of licences\nSELECT d.position, d.jws FROM documents d WHERE d.position IN (" + placeholders(len(args)) + ")"
		err := db.query(ctx, question, args, func(scan func(...any) error) error {
			var of position
			var jws string
			if err := scan(&of, &jws); err != nil {
				return err
			}
			at[of].jws = jws
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// standings reads the documents and tells where each licence stands.
func standings(found map[traceability.LicenceID]*onDay, day traceability.Date) (map[traceability.LicenceID]traceability.LicenceStanding, error) {
	list := make([]*onDay, 0, len(found))
	for _, p := range found {
		list = append(list, p)
	}
	read := make([]traceability.LicenceStanding, len(list))
	failed := make([]error, len(list))
	eachOf(len(list), func(i int) {
		p := list[i]
		var said licenceText
		if said, failed[i] = readLicence(p.jws); failed[i] == nil {
			content := said.content()
			read[i] = traceability.LicenceStanding{Licence: content, Status: p.period.StatusOn(day, &content), Since: p.period.From, Halt: p.period.Halt}
		}
	})
	result := make(map[traceability.LicenceID]traceability.LicenceStanding, len(list))
	for i, p := range list {
		if failed[i] != nil {
			return nil, fmt.Errorf("licence %s: %w", p.id, failed[i])
		}
		result[p.id] = read[i]
	}
	return result, nil
}

// eachOf calls f for every number below n, on every processor, and waits.
func eachOf(n int, f func(int)) {
	var workers sync.WaitGroup
	share := max(1, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += share {
		workers.Go(func() {
			for i := from; i < min(from+share, n); i++ {
				f(i)
			}
		})
	}
	workers.Wait()
}

// texts returns ids as the database takes them.
func texts[ID ~string](ids []ID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}

// Licences implements traceability.Reader.
func (s *Store) Licences(ctx context.Context, f traceability.LicenceFilter, p traceability.Page) (traceability.List[traceability.LicenceSummary], error) {
	var none traceability.List[traceability.LicenceSummary]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Number != "" {
		w.and("l.number = ?", traceability.FoldLicenceNumber(f.Number))
	}
	if f.Holder != "" {
		w.and("l.holder = ?", string(f.Holder))
	}
	if f.Division != "" {
		w.and("l.division = ?", string(f.Division))
	}
	if f.Province != "" {
		w.and("l.province = ?", string(f.Province))
	}
	if p.After != "" {
		key, err := decodeCursor(p.After, "licences", 1)
		if err != nil {
			return none, err
		}
		w.and("l.id > ?", key[0])
	}
	question := `-- name: licences
SELECT l.halt, d.jws FROM licences l JOIN licence_documents n ON n.licence = l.id AND n.place = l.content
JOIN documents d ON d.position = n.document` + w.String() + " ORDER BY l.id LIMIT ?"
	licences, err := readAll(ctx, s.db, question, append(w.args, limit+1), (*licenceRow).dest, (*licenceRow).read)
	return cut(licences, limit, func(l *traceability.LicenceSummary) string { return encodeCursor("licences", string(l.ID)) }), err
}

type licenceRow struct{ halt, jws string }

func (r *licenceRow) dest() []any { return []any{&r.halt, &r.jws} }

func (r *licenceRow) read() (traceability.LicenceSummary, error) {
	said, err := readLicence(r.jws)
	return traceability.LicenceSummary{Licence: said.content(), Halt: traceability.LicenceStatus(r.halt)}, err
}

// LicenceSums implements traceability.Reader.
func (s *Store) LicenceSums(ctx context.Context, ids []traceability.LicenceID) (map[traceability.LicenceID]string, error) {
	sums := make(map[traceability.LicenceID]string, len(ids))
	for part := range slices.Chunk(ids, inListSizes[len(inListSizes)-1]) {
		args := inList(texts(part))
		question := "-- name: licence sums\nSELECT l.id, l.sum FROM licences l WHERE l.id IN (" + placeholders(len(args)) + ")"
		err := s.db.query(ctx, question, args, func(scan func(...any) error) error {
			var id, sum string
			err := scan(&id, &sum)
			sums[traceability.LicenceID(id)] = sum
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// LicenceChecksum implements traceability.Reader. The rows' own checksums stand in
// an index in the order of the ids, so it reads that and nothing else.
func (s *Store) LicenceChecksum(ctx context.Context, province traceability.ProvinceCode) (traceability.RegisterSum, error) {
	const question = "-- name: licence checksum\nSELECT l.id, l.sum FROM licences l WHERE l.province = ? ORDER BY l.id"
	var h traceability.RegisterHash
	err := s.db.query(ctx, question, []any{string(province)}, func(scan func(...any) error) error {
		var id, sum string
		if err := scan(&id, &sum); err != nil {
			return err
		}
		h.Add(traceability.LicenceID(id), sum)
		return nil
	})
	if err != nil {
		return traceability.RegisterSum{}, err
	}
	return h.Sum(), nil
}
