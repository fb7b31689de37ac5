package store

import (
	"slices"
	"strings"

	"deltatrace/traceability"
)

// declaration projects a platform's declaration: its document, and which part of a
// full snapshot it is. The shops have records of their own.
func (r *rows) declaration(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.DeclarationState](w.Value)
	if err != nil {
		return err
	}
	var say traceability.Listing
	d, _, err := r.document(w.Key, state.Document, &say)
	if err != nil {
		return err
	}
	if is := traceability.DeclarationKey(d.Party(), say.Ref); is != w.Key {
		return mismatch(is)
	}
	if p := say.Snapshot; p != nil {
		r.add(tableSnapshotParts, string(d.Party()), p.ID, int64(p.Parts), int64(p.Part), seconds(say.At), int64(r.position.Block))
		r.snapshots = append(r.snapshots, snapshotKey{string(d.Party()), p.ID, int64(p.Parts)})
	}
	return nil
}

// listing projects a shop as it was last declared.
func (r *rows) listing(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.ListingState](w.Value)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(w.Key, "/")
	platform, _, _ := strings.Cut(rest, "/")
	shop := &state.Shop
	if is := traceability.ListingKey(traceability.PartyID(platform), shop.ID); is != w.Key {
		return mismatch(is)
	}
	body, err := traceability.Canonical(shop)
	if err != nil {
		return err
	}
	removed := int64(0)
	if shop.Removed {
		removed = 1
	}
	r.add(tableListings, platform, string(shop.ID), seconds(state.Since), traceability.FoldLicenceNumber(shop.Licence), string(shop.Division), removed)
	r.neverVerified(platform, shop.ID)
	r.add(tableListingPeriods, platform, string(shop.ID), seconds(state.Since), seconds(state.At), state.Declaration, int64(r.position.Block), string(body))
	return nil
}

// snapshotKey names a full snapshot. A platform that says another number of parts
// means another snapshot.
type snapshotKey struct {
	platform, snapshot string
	parts              int64
}

// snapshotsOf lists the snapshots that had a part among these, each once.
func snapshotsOf(parts []*rows) []snapshotKey {
	var keys []snapshotKey
	for _, part := range parts {
		for _, key := range part.snapshots {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// wholeStatement notes that a snapshot is whole, if it is. What it notes is told by
// the parts alone, so it does not matter when it is asked.
const wholeStatement = `-- name: whole snapshot
INSERT INTO snapshots (platform, begin_at, snapshot, parts, end_at, block)
SELECT k.platform, MIN(k.at), k.snapshot, k.parts, MAX(k.at), MAX(k.block) FROM snapshot_parts k
WHERE k.platform = ? AND k.snapshot = ? AND k.parts = ? GROUP BY k.platform, k.snapshot, k.parts HAVING COUNT(*) = k.parts
ON CONFLICT (platform, begin_at, snapshot, parts) DO NOTHING`

func (k snapshotKey) args() []any { return []any{k.platform, k.snapshot, k.parts} }
