package store

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// verification projects a platform's record: its document. What came of the shops
// has records of its own.
func (r *rows) verification(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.VerificationState](w.Value)
	if err != nil {
		return err
	}
	_, _, err = r.document(w.Key, state.Document, nil)
	return err
}

// neverVerified gives a listed shop its row, unless it has one: so what was never
// verified is found in the same index as what is due again.
func (r *rows) neverVerified(platform string, shop traceability.ShopID) {
	r.add(tableVerifications, platform, string(shop), int64(0), int64(0), int64(0), "", "", "", "")
}

// verified projects what the latest verification of a shop came to.
func (r *rows) verified(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.VerifiedState](w.Value)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(w.Key, "/")
	platform, shop, ok := strings.Cut(rest, "/")
	if !ok {
		return mismatch("no shop")
	}
	var codes []string
	for _, code := range state.Codes {
		codes = append(codes, string(code))
	}
	due := int64(0)
	if !state.Due.IsZero() {
		due = seconds(state.Due)
	}
	height := int64(state.Height)
	if state.Height > r.position.Block { // nobody compared with a block that was not there yet
		height = 0
	}
	r.neverVerified(platform, traceability.ShopID(shop))
	r.add(tableVerificationHistory, platform, shop, seconds(state.At), state.Verification, due, height, state.Licence, string(state.Verdict), strings.Join(codes, ","))
	r.verifying = append(r.verifying, []any{due, seconds(state.At), height, state.Verification, state.Licence, string(state.Verdict), strings.Join(codes, ","), platform, shop})
	return nil
}

const verifiedStatement = `-- name: verified
UPDATE verifications SET due = ?, at = ?, height = ?, ref = ?, licence = ?, verdict = ?, codes = ? WHERE platform = ? AND shop = ?`

// verificationColumns are what a question reads of what is on record of a shop v.
const verificationColumns = "v.platform, v.shop, v.due, v.at, v.height, v.ref, v.licence, v.verdict, v.codes"

type verificationRow struct {
	platform, shop, ref, licence, verdict, codes string
	due, at, height                              int64
}

func (r *verificationRow) dest() []any {
	return []any{&r.platform, &r.shop, &r.due, &r.at, &r.height, &r.ref, &r.licence, &r.verdict, &r.codes}
}

func (r *verificationRow) read() (traceability.VerificationRecord, error) {
	record := traceability.VerificationRecord{Platform: traceability.PartyID(r.platform), Shop: traceability.ShopID(r.shop)}
	if r.at == 0 {
		return record, nil
	}
	record.VerifiedState = traceability.VerifiedState{Verification: r.ref, At: fromSeconds(r.at), Height: uint64(r.height), Licence: r.licence,
		Verdict: traceability.LicenceVerdict(r.verdict)}
	if r.due != 0 {
		record.Due = fromSeconds(r.due)
	}
	for code := range strings.SplitSeq(r.codes, ",") {
		if code != "" {
			record.Codes = append(record.Codes, traceability.ViolationCode(code))
		}
	}
	return record, nil
}

// Verifications implements traceability.Reader.
func (s *Store) Verifications(ctx context.Context, platform traceability.PartyID, shops []traceability.ShopID) (map[traceability.ShopID]traceability.VerificationRecord, error) {
	found := make(map[traceability.ShopID]traceability.VerificationRecord, len(shops))
	for part := range slices.Chunk(shops, inListSizes[len(inListSizes)-1]) {
		args := inList(texts(part))
		question := "-- name: verifications\nSELECT " + verificationColumns + " FROM verifications v WHERE v.platform = ? AND v.shop IN (" + placeholders(len(args)) + ")"
		records, err := readAll(ctx, s.db, question, append([]any{string(platform)}, args...), (*verificationRow).dest, (*verificationRow).read)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			found[r.Shop] = r
		}
	}
	return found, nil
}

// VerificationHistory implements traceability.Reader.
func (s *Store) VerificationHistory(ctx context.Context, platform traceability.PartyID, shop traceability.ShopID) ([]traceability.VerificationRecord, error) {
	const question = "-- name: verification history\nSELECT " + verificationColumns + " FROM verification_history v WHERE v.platform = ? AND v.shop = ? ORDER BY v.at DESC, v.ref DESC LIMIT ?"
	return readAll(ctx, s.db, question, []any{string(platform), string(shop), traceability.MaxVerificationHistory}, (*verificationRow).dest, (*verificationRow).read)
}

// dueRow is a shop, and what is on record of it.
type dueRow struct {
	verificationRow
	listing listingRow
}

func (r *dueRow) dest() []any { return append(r.verificationRow.dest(), r.listing.dest()...) }

// dueShop is a shop that falls due, with its sort key.
type dueShop struct {
	traceability.VerificationDue
	listing traceability.ListingRecord
	due     int64
}

func (r *dueRow) read() (dueShop, error) {
	record, err := r.verificationRow.read()
	if err != nil {
		return dueShop{}, err
	}
	listing, err := r.listing.read()
	return dueShop{due: r.due, listing: listing, VerificationDue: traceability.VerificationDue{
		Shop: record.Shop, Name: listing.Name, Address: listing.Address, Licence: listing.Licence,
		Due: record.Due, Verified: record.At, Verdict: record.Verdict, Codes: record.Codes}}, err
}

// VerificationsDue implements traceability.Reader. Shops that are not active any
// more are left out of the page, which may so be shorter than asked for.
func (s *Store) VerificationsDue(ctx context.Context, platform traceability.PartyID, before time.Time, p traceability.Page) (traceability.List[traceability.VerificationDue], error) {
	var none traceability.List[traceability.VerificationDue]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	w.and("v.platform = ?", string(platform))
	w.and("v.due < ?", seconds(before))
	if p.After != "" {
		key, err := decodeNumbers(p.After, "verifications due", 1, 2)
		if err != nil {
			return none, err
		}
		w.and("(v.due, v.shop) > (?, ?)", key...)
	}
	w.and("l.removed = 0")
	question := "-- name: verifications due\nSELECT " + verificationColumns + ", " + listingColumns + " FROM verifications v " +
		"JOIN listings l ON l.platform = v.platform AND l.shop = v.shop JOIN listing_periods k ON k.platform = l.platform AND k.shop = l.shop AND k.since = l.since" +
		w.String() + " ORDER BY v.due, v.shop LIMIT ?"
	result := none
	err = s.db.snapshot(ctx, func(db querier) error {
		shops, err := readAll(ctx, db, question, append(w.args, limit+1), (*dueRow).dest, (*dueRow).read)
		if err != nil {
			return err
		}
		page := cut(shops, limit, func(d *dueShop) string { return encodeCursor("verifications due", number(d.due), string(d.Shop)) })
		listings := make([]traceability.ListingRecord, len(page.Items))
		for i := range page.Items {
			listings[i] = page.Items[i].listing
		}
		if err := newMarks(math.MaxInt64).judge(ctx, db, listings); err != nil {
			return err
		}
		result = traceability.List[traceability.VerificationDue]{Next: page.Next}
		for i := range page.Items {
			if listings[i].Listed && !listings[i].Closed {
				result.Items = append(result.Items, page.Items[i].VerificationDue)
			}
		}
		return nil
	})
	return result, err
}
