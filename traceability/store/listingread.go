package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// listingColumns are what a question reads of a shop l and its period k.
const listingColumns = "l.platform, l.shop, k.since, k.last, k.declaration, k.block, k.body"

// inForce joins a shop with the period that is in force.
const inForce = " FROM listings l JOIN listing_periods k ON k.platform = l.platform AND k.shop = l.shop AND k.since = l.since"

// listingRow is a shop with a period of it.
type listingRow struct {
	platform, shop, declaration, body string
	since, last, block                int64
}

func (r *listingRow) dest() []any {
	return []any{&r.platform, &r.shop, &r.since, &r.last, &r.declaration, &r.block, &r.body}
}

func (r *listingRow) read() (traceability.ListingRecord, error) {
	record := traceability.ListingRecord{Platform: traceability.PartyID(r.platform), Since: fromSeconds(r.since), At: fromSeconds(r.last),
		Declaration: r.declaration, Block: uint64(r.block)}
	if err := json.Unmarshal([]byte(r.body), &record.Shop); err != nil {
		return record, fmt.Errorf("stored shop %s of %s: %w", r.shop, r.platform, err)
	}
	return record, nil
}

// marks tell since when a platform's shops are known: the begin of its last full
// snapshot until an instant.
type marks struct {
	until int64
	begin map[traceability.PartyID]int64
}

func newMarks(until int64) *marks {
	return &marks{until: until, begin: make(map[traceability.PartyID]int64)}
}

// judge says whether shops are listed.
func (m *marks) judge(ctx context.Context, db querier, records []traceability.ListingRecord) error {
	const question = "-- name: snapshot\nSELECT k.begin_at FROM snapshots k WHERE k.platform = ? AND k.begin_at <= ? ORDER BY k.begin_at DESC LIMIT 1"
	for i := range records {
		r := &records[i]
		begin, known := m.begin[r.Platform]
		if !known {
			begin = math.MinInt64
			err := db.query(ctx, question, []any{string(r.Platform), m.until}, func(scan func(...any) error) error { return scan(&begin) })
			if err != nil {
				return err
			}
			m.begin[r.Platform] = begin
		}
		r.Listed = !r.Removed && min(seconds(r.At), m.until) >= begin
	}
	return nil
}

// listings reads shops and judges them, of one state of the database.
func (s *Store) listings(ctx context.Context, m *marks, question string, args []any) (records []traceability.ListingRecord, err error) {
	err = s.db.snapshot(ctx, func(db querier) error {
		records, err = readListings(ctx, db, m, question, args)
		return err
	})
	return records, err
}

func readListings(ctx context.Context, db querier, m *marks, question string, args []any) ([]traceability.ListingRecord, error) {
	records, err := readAll(ctx, db, question, args, (*listingRow).dest, (*listingRow).read)
	if err != nil {
		return nil, err
	}
	return records, m.judge(ctx, db, records)
}

// Listing implements traceability.Reader.
func (s *Store) Listing(ctx context.Context, platform traceability.PartyID, shop traceability.ShopID) (record traceability.ListingRecord, err error) {
	const question = "-- name: listing\nSELECT " + listingColumns + inForce + " WHERE l.platform = ? AND l.shop = ?"
	const periods = "-- name: listing periods\nSELECT k.platform, k.shop, k.since, k.last, k.declaration, k.block, k.body FROM listing_periods k WHERE k.platform = ? AND k.shop = ? ORDER BY k.since"
	args := []any{string(platform), string(shop)}
	err = s.db.snapshot(ctx, func(db querier) error {
		records, err := readListings(ctx, db, newMarks(math.MaxInt64), question, args)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return traceability.ErrNotFound
		}
		record = records[0]
		history, err := readAll(ctx, db, periods, args, (*listingRow).dest, (*listingRow).read)
		for _, h := range history {
			record.Periods = append(record.Periods, traceability.ListingPeriod{Since: h.Since, Last: h.At, Shop: h.Shop})
		}
		return err
	})
	return record, err
}

// ListingsOf implements traceability.Reader.
func (s *Store) ListingsOf(ctx context.Context, platform traceability.PartyID, shops []traceability.ShopID) (map[traceability.ShopID]traceability.ListingRecord, error) {
	found := make(map[traceability.ShopID]traceability.ListingRecord, len(shops))
	err := s.db.snapshot(ctx, func(db querier) error {
		m := newMarks(math.MaxInt64)
		for part := range slices.Chunk(shops, inListSizes[len(inListSizes)-1]) {
			args := inList(texts(part))
			question := "-- name: listings of a platform\nSELECT " + listingColumns + inForce + " WHERE l.platform = ? AND l.shop IN (" + placeholders(len(args)) + ")"
			records, err := readListings(ctx, db, m, question, append([]any{string(platform)}, args...))
			if err != nil {
				return err
			}
			for _, r := range records {
				found[r.ID] = r
			}
		}
		return nil
	})
	return found, err
}

// Listings implements traceability.Reader.
func (s *Store) Listings(ctx context.Context, f traceability.ListingFilter, p traceability.Page) (traceability.List[traceability.ListingRecord], error) {
	var none traceability.List[traceability.ListingRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	from, m := inForce, newMarks(math.MaxInt64)
	if !f.On.IsZero() {
		if f.Licence != "" || f.Division != "" {
			return none, traceability.Invalid("on", f.On.Format(time.RFC3339), "with a platform only")
		}
		m = newMarks(seconds(f.On))
		from = ` FROM listings l JOIN listing_periods k ON k.platform = l.platform AND k.shop = l.shop AND k.since =
		(SELECT MAX(b.since) FROM listing_periods b WHERE b.platform = l.platform AND b.shop = l.shop AND b.since <= ?)`
		w.args = append(w.args, m.until)
	}
	if f.Platform != "" {
		w.and("l.platform = ?", string(f.Platform))
	}
	if f.Licence != "" {
		w.and("l.licence = ?", traceability.FoldLicenceNumber(f.Licence))
	}
	if f.Division != "" {
		w.and("l.division = ?", string(f.Division))
	}
	if p.After != "" {
		key, err := decodeCursor(p.After, "listings", 2)
		if err != nil {
			return none, err
		}
		w.and("(l.platform, l.shop) > (?, ?)", key[0], key[1])
	}
	question := "-- name: listings\nSELECT " + listingColumns + from + w.String() + " ORDER BY l.platform, l.shop LIMIT ?"
	records, err := s.listings(ctx, m, question, append(w.args, limit+1))
	return cut(records, limit, func(l *traceability.ListingRecord) string {
		return encodeCursor("listings", string(l.Platform), string(l.ID))
	}), err
}

// LicenceUses implements traceability.Reader, from the index alone.
func (s *Store) LicenceUses(ctx context.Context, ids []traceability.LicenceID) (map[traceability.LicenceID][]traceability.LicenceUse, error) {
	of, numbers := byNumber(ids)
	found := make(map[traceability.LicenceID][]traceability.LicenceUse, len(ids))
	for part := range slices.Chunk(numbers, inListSizes[len(inListSizes)-1]) {
		args := inList(part)
		question := "-- name: uses of licences\nSELECT l.licence, l.platform, l.shop FROM listings l WHERE l.licence IN (" + placeholders(len(args)) + ") AND l.removed = 0"
		err := s.db.query(ctx, question, args, func(scan func(...any) error) error {
			var number, platform, shop string
			err := scan(&number, &platform, &shop)
			for _, id := range of[number] {
				found[id] = append(found[id], traceability.LicenceUse{Platform: traceability.PartyID(platform), Shop: traceability.ShopID(shop)})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// byNumber returns the licences of each number as it is printed, and the numbers:
// provinces may have printed the same.
func byNumber(ids []traceability.LicenceID) (of map[string][]traceability.LicenceID, numbers []string) {
	of = make(map[string][]traceability.LicenceID, len(ids))
	for _, id := range ids {
		number := id.Number()
		if of[number] == nil {
			numbers = append(numbers, number)
		}
		if !slices.Contains(of[number], id) {
			of[number] = append(of[number], id)
		}
	}
	return of, numbers
}

// ListingsOfLicence implements traceability.Reader.
func (s *Store) ListingsOfLicence(ctx context.Context, ids []traceability.LicenceID) (map[traceability.LicenceID][]traceability.ListingRecord, error) {
	of, numbers := byNumber(ids)
	found := make(map[traceability.LicenceID][]traceability.ListingRecord, len(ids))
	err := s.db.snapshot(ctx, func(db querier) error {
		m := newMarks(math.MaxInt64)
		for part := range slices.Chunk(numbers, inListSizes[len(inListSizes)-1]) {
			args := inList(part)
			question := "-- name: listings of licences\nSELECT " + listingColumns + inForce + " WHERE l.licence IN (" + placeholders(len(args)) + ")"
			records, err := readListings(ctx, db, m, question, args)
			if err != nil {
				return err
			}
			for _, r := range records {
				if !r.Listed {
					continue
				}
				for _, id := range of[traceability.FoldLicenceNumber(r.Licence)] {
					found[id] = append(found[id], r)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id, records := range found {
		slices.SortFunc(records, func(a, b traceability.ListingRecord) int {
			return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.ID, b.ID))
		})
		found[id] = records[:min(len(records), traceability.MaxListingsOfLicence)]
	}
	return found, nil
}
