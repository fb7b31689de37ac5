package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"

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
		if err := readLicenceDocuments(ctx, db, &record); err != nil {
			return err
		}
		return readLicencePeriods(ctx, db, &record)
	})
	return record, err
}

// readLicenceDocuments reads the documents of a licence, without its content.
func readLicenceDocuments(ctx context.Context, db querier, record *traceability.LicenceRecord) error {
	const question = "-- name: licence documents\nSELECT " + documentColumns + ` FROM licence_documents k
		JOIN documents d ON d.position = k.document WHERE k.licence = ? ORDER BY k.place`
	documents, err := readAll(ctx, db, question, []any{string(record.ID)}, (*storedDocument).dest, func(d *storedDocument) (storedDocument, error) { return *d, nil })
	if err != nil {
		return err
	}
	for i := range documents {
		var entry traceability.LicenceEntry
		if entry.DocumentRef, err = documents[i].read(nil); err != nil {
			return err
		}
		if entry.Type != traceability.TypeLicenceGrant {
			entry.Change = new(traceability.LicenceChange)
			if _, err := documents[i].read(entry.Change); err != nil {
				return err
			}
			entry.Change.Content = nil
		}
		record.Documents = append(record.Documents, entry)
	}
	return nil
}

func readLicencePeriods(ctx context.Context, db querier, record *traceability.LicenceRecord) error {
	const question = `-- name: licence periods
SELECT k.from_day, k.begun_by, k.halt, k.body FROM licence_periods k WHERE k.licence = ? ORDER BY k.from_day`
	return db.query(ctx, question, []any{string(record.ID)}, func(scan func(...any) error) error {
		var from, halt, body string
		var by int
		if err := scan(&from, &by, &halt, &body); err != nil {
			return err
		}
		if by >= len(record.Documents) {
			return fmt.Errorf("stored licence %s: a period of document %d of %d", record.ID, by, len(record.Documents))
		}
		term := traceability.LicenceTerm{From: traceability.Date(from), Halt: traceability.LicenceStatus(halt), By: record.Documents[by].ID}
		if err := readLicenceBody(record.ID, body, &term.Content); err != nil {
			return err
		}
		record.Periods = append(record.Periods, term)
		return nil
	})
}

func readLicenceBody(id traceability.LicenceID, body string, content *traceability.Licence) error {
	if err := json.Unmarshal([]byte(body), content); err != nil {
		return fmt.Errorf("stored licence %s: %w", id, err)
	}
	return nil
}

// onDay is the period of a licence that is in force on a day, with its content.
type onDay struct {
	id     traceability.LicenceID
	period traceability.LicencePeriod
	body   string
}

// LicenceOn implements traceability.Reader. It asks for hundreds at once, each in one
// look-up, and reads what was found on every processor.
func (s *Store) LicenceOn(ctx context.Context, ids []traceability.LicenceID, day traceability.Date) (map[traceability.LicenceID]traceability.LicenceStanding, error) {
	found := make(map[traceability.LicenceID]onDay, len(ids))
	for part := range slices.Chunk(ids, inListSizes[len(inListSizes)-1]) {
		args := inList(texts(part))
		question := "-- name: periods of licences\nSELECT k.licence, k.from_day, k.halt, k.body FROM licence_periods k WHERE k.licence IN (" + placeholders(len(args)) + ")"
		err := s.db.query(ctx, question, args, func(scan func(...any) error) error {
			var id, from, halt string
			var p onDay
			if err := scan(&id, &from, &halt, &p.body); err != nil {
				return err
			}
			p.id = traceability.LicenceID(id)
			p.period = traceability.LicencePeriod{From: traceability.Date(from), Halt: traceability.LicenceStatus(halt)}
			if known, ok := found[p.id]; !ok || p.period.InsteadOf(known.period, day) {
				found[p.id] = p
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return standings(slices.Collect(maps.Values(found)), day)
}

// standings reads the contents and tells where each licence stands.
func standings(list []onDay, day traceability.Date) (map[traceability.LicenceID]traceability.LicenceStanding, error) {
	read := make([]traceability.LicenceStanding, len(list))
	failed := make([]error, len(list))
	eachOf(len(list), func(i int) {
		p, s := &list[i], &read[i]
		failed[i] = readLicenceBody(p.id, p.body, &s.Licence)
		s.Status, s.Since, s.Halt = p.period.StatusOn(day, &s.Licence), p.period.From, p.period.Halt
	})
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	result := make(map[traceability.LicenceID]traceability.LicenceStanding, len(list))
	for i := range list {
		result[list[i].id] = read[i]
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
	licences, err := readPage(ctx, s.db, question, append(w.args, limit+1), &limit, (*licenceRow).dest, (*licenceRow).read)
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
