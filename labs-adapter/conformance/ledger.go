package conformance

import (
	"context"
	"reflect"
	"slices"
	"time"

	"deltatrace/traceability"
)

func (t *trial) listing() *traceability.Listing {
	return &traceability.Listing{Ref: t.name, At: t.began, Shops: t.asSent()}
}

// declare puts the test shops on the ledger, and reads them back.
func (t *trial) declare(ctx context.Context) (err error) {
	if t.document, err = traceability.Sign(*t.API.Key, traceability.TypeListingDeclare, t.listing(), time.Now()); err != nil {
		return err
	}
	t.receipt, err = t.API.Submit(ctx, []string{t.document})
	if err := accepted(t.receipt, err); err != nil {
		return err
	}
	for i := range t.shops {
		sent := t.shops[i].Shop
		record, err := t.API.Listing(ctx, sent.ID)
		if err != nil {
			return err
		}
		if !record.Listed || !reflect.DeepEqual(record.Shop, sent) {
			return fail("店铺 %s 读回的内容与申报不同", "shop %s is read back as another than declared", sent.ID)
		}
	}
	return nil
}

// again sends the very same document, and the same content signed anew.
func (t *trial) again(ctx context.Context) error {
	anew, err := traceability.Sign(*t.API.Key, traceability.TypeListingDeclare, t.listing(), time.Now().Add(-time.Second))
	if err != nil {
		return err
	}
	for _, document := range []string{t.document, anew} {
		receipt, err := t.API.Submit(ctx, []string{document})
		if err != nil {
			return err
		}
		o := receipt.Outcomes[0]
		if o.Status != traceability.StatusDuplicate || o.First != t.receipt.Tx || o.Record != t.receipt.Outcomes[0].Record {
			return fail("答复为 %s（%s），应为 duplicate，并指向首次提交", "the answer is %s (%s), expected duplicate, with the first submission", o.Status, o.Code)
		}
	}
	return nil
}

// conflict says something else under the declaration's ref.
func (t *trial) conflict(ctx context.Context) error {
	other := t.listing()
	other.Shops = other.Shops[:1]
	_, receipt, err := t.submit(ctx, traceability.TypeListingDeclare, other)
	return refusedAs(receipt, err, traceability.CodeConflict)
}

// maxDuePages bounds how far the list of what falls due is read.
const maxDuePages = 50

// dueShops returns which of the test shops fall due, and whether the list was read far
// enough to tell.
func (t *trial) dueShops(ctx context.Context) (due []traceability.ShopID, certain bool, err error) {
	page := traceability.Page{Limit: 1000}
	for range maxDuePages {
		list, err := t.API.DueVerifications(ctx, time.Time{}, page)
		if err != nil {
			return nil, false, err
		}
		for _, d := range list.Items {
			if slices.ContainsFunc(t.shops, func(s testShop) bool { return s.ID == d.Shop }) {
				due = append(due, d.Shop)
			}
		}
		if page.After = list.Next; page.After == "" || len(due) == len(t.shops) {
			return due, true, nil
		}
	}
	return due, false, nil
}

// due looks for the test shops among those that were never verified.
func (t *trial) due(ctx context.Context) error {
	due, certain, err := t.dueShops(ctx)
	switch {
	case err != nil:
		return err
	case !certain:
		return skip("到期店铺太多，未读到清单末尾", "too many shops fall due to read the list to its end")
	case len(due) != len(t.shops):
		return fail("%d 家测试店铺中只有 %d 家在清单上", "of %d test shops %d are in the list", len(t.shops), len(due))
	}
	return nil
}

// claim is a record of what verification came to, for the test shops.
func (t *trial) claim(ref string) *traceability.Verification {
	record := &traceability.Verification{Ref: t.name + ref, At: t.began, Height: t.verified.AsOf.Block}
	for i := range t.shops {
		codes := ofPage(t.verified.Results[i].Codes())
		record.Shops = append(record.Shops, traceability.VerifiedShop{ID: t.shops[i].ID, Licence: t.shops[i].Licence, Verdict: traceability.VerdictOf(codes), Codes: codes})
	}
	return record
}

// claimsBetter leaves out what is wrong with a shop.
func (t *trial) claimsBetter(ctx context.Context) error {
	better := t.claim("-better")
	better.Shops[0].Codes, better.Shops[0].Verdict = nil, traceability.LicenceHolds
	_, receipt, err := t.submit(ctx, traceability.TypeVerificationRecord, better)
	return refusedAs(receipt, err, traceability.CodeClaimsBetter)
}

// record has the outcome recorded, after which nothing falls due.
func (t *trial) record(ctx context.Context) error {
	_, receipt, err := t.submit(ctx, traceability.TypeVerificationRecord, t.claim(""))
	if err := accepted(receipt, err); err != nil {
		return err
	}
	if slices.ContainsFunc(receipt.Outcomes[0].Warnings, func(w *traceability.Error) bool { return w.Code == traceability.CodeTimerMissing }) {
		return seen("已记录；账本上尚无再次核验的期限（V1）", "recorded; the ledger has no period yet for verifying again (V1)")
	}
	due, _, err := t.dueShops(ctx)
	if err != nil {
		return err
	}
	if len(due) > 0 {
		return fail("已记录核验，仍在到期清单上：%v", "recorded, and due all the same: %v", due)
	}
	return nil
}

// remove takes the test shops off.
func (t *trial) remove(ctx context.Context) error {
	gone := t.listing()
	gone.Ref, gone.At = t.name+"-removed", traceability.Instant(time.Now())
	for i := range gone.Shops {
		gone.Shops[i].Removed = true
	}
	_, receipt, err := t.submit(ctx, traceability.TypeListingDeclare, gone)
	if err := accepted(receipt, err); err != nil {
		return err
	}
	t.removed = true
	for i := range t.shops {
		record, err := t.API.Listing(ctx, t.shops[i].ID)
		if err != nil {
			return err
		}
		if record.Listed {
			return fail("店铺 %s 仍在架", "shop %s is still listed", t.shops[i].ID)
		}
	}
	return nil
}
