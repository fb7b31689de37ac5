package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
)

// listingBytes is how much of a document's bytes may be shops: base64 makes four of
// three, and the rest is for what stands beside them.
const listingBytes = traceability.MaxDocumentBytes/4*3 - 4<<10

// SubmitListings declares how any number of a platform's shops stand: it cuts them
// into documents as the limits say, signs these with c.Key, and returns what became of
// each. More than one document has the ref with .1, .2, … after it. With a snapshot
// the parts are numbered here; its ID is the caller's. Saying the same again, with the
// same ref and At, is harmless: the outcomes are duplicates.
//
// After an error the outcomes are those that are known; submit the same again.
func (c *Client) SubmitListings(ctx context.Context, whole *traceability.Listing) ([]traceability.Outcome, error) {
	if c.Key == nil {
		return nil, errors.New("submit listings: the client has no key")
	}
	parts, err := cutListing(whole)
	if err != nil {
		return nil, err
	}
	var outcomes []traceability.Outcome
	var batch Batch
	send := func() error {
		receipt, err := c.Submit(ctx, batch.Documents())
		outcomes = append(outcomes, receipt.Outcomes...)
		batch.Reset()
		return err
	}
	for i := range parts {
		document, err := traceability.Sign(*c.Key, traceability.TypeListingDeclare, &parts[i], time.Now())
		if err != nil {
			return outcomes, fmt.Errorf("sign listing %s: %w", parts[i].Ref, err)
		}
		if !batch.Add(document) {
			if err := send(); err != nil {
				return outcomes, err
			}
			batch.Add(document)
		}
	}
	return outcomes, send()
}

// cutListing cuts a declaration into such as one document may have.
func cutListing(whole *traceability.Listing) ([]traceability.Listing, error) {
	var parts []traceability.Listing
	from, size := 0, 0
	cut := func(to int) {
		part := *whole
		part.Shops = whole.Shops[from:to]
		parts = append(parts, part)
		from, size = to, 0
	}
	for i := range whole.Shops {
		text, err := json.Marshal(&whole.Shops[i])
		if err != nil {
			return nil, fmt.Errorf("encode shop %s: %w", whole.Shops[i].ID, err)
		}
		if i-from == traceability.MaxListingShops || i > from && size+len(text)+1 > listingBytes {
			cut(i)
		}
		size += len(text) + 1
	}
	cut(len(whole.Shops))
	for i := range parts {
		if len(parts) > 1 {
			parts[i].Ref += "." + strconv.Itoa(i+1)
		}
		if whole.Snapshot != nil {
			parts[i].Snapshot = &traceability.SnapshotPart{ID: whole.Snapshot.ID, Part: i + 1, Parts: len(parts)}
		}
	}
	return parts, nil
}

// Listing returns one of the platform's shops as the ledger has it, with its history.
// It needs c.Key.
func (c *Client) Listing(ctx context.Context, shop traceability.ShopID) (record traceability.ListingRecord, err error) {
	err = c.Get(ctx, "/v1/listings/"+url.PathEscape(string(shop)), &record)
	if err == nil && (record.ID != shop || c.Key != nil && record.Platform != c.Key.Party) {
		err = fmt.Errorf("listing %s: it is shop %q of %q: %w", shop, record.ID, record.Platform, errAnswer)
	}
	return record, err
}
