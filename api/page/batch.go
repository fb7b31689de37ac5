package page

import (
	"context"
	"errors"
	"net/http"

	"deltatrace/traceability"
)

// ViewRecord is the view of a batch whose registrant is suspended that shows
// the record from before.
const ViewRecord = "record"

// Query is what the address of a batch's page may say besides the lot.
type Query struct {
	View string // ?view=; ViewRecord or empty, others are empty
}

// factView is a line of the product's description.
type factView struct {
	Label  Key
	Value  string
	Detail string // of the value, as another line
	Note   Key    // of ours
	Code   bool   // a number to compare, in a fixed-width type
}

// batchView is the page of a batch.
type batchView struct {
	Lot        traceability.LotRecord
	Product    string
	Batch      string
	DateLabel  Key
	Banners    []banner
	Suspension *suspensionView // nil when the registrant may take part
	Suspended  bool            // the page is about the suspension; the record is another view
	Verdict    verdictView
	Facts      []factView
	Reports    []*reportView // with their items
	Further    []*reportView // as a line each
	Superseded []traceability.ReportRecord
	Way        wayView
	Record     recordView
	Address    string // of this page, as its QR code has it
	QR         string
}

// Batch renders what a consumer sees of a lot: its page, or, while its
// registrant is suspended and the reader has not asked for the record, the page
// that says so, or, for a lot that nobody registered, Unknown. Errors are the
// reader's, or the context's.
func (s *Site) Batch(ctx context.Context, r traceability.Reader, lang Lang, id traceability.LotID, q Query) (Result, error) {
	head, err := r.Head(ctx)
	if err != nil {
		return Result{}, err
	}
	rec, err := gatherLot(ctx, r, head, id)
	switch {
	case errors.Is(err, traceability.ErrNotFound):
		return s.Unknown(lang, id), nil
	case err != nil:
		return Result{}, err
	}
	return s.renderBatch(ctx, r, lang, rec, q)
}

func (s *Site) renderBatch(ctx context.Context, r traceability.Reader, lang Lang, rec *records, q Query) (Result, error) {
	v := s.batchView(lang, rec, q)
	path := rec.lot.ID.Path()
	if v.Suspended {
		title, _ := lookUp(lang, "suspended.title")
		return s.render(lang, http.StatusOK, "suspended", title+" · "+v.Product, path, "", v)
	}
	if err := rec.gatherWay(ctx, r); err != nil {
		return Result{}, err
	}
	v.Way = rec.way(lang)
	v.Record = rec.record(lang)
	keep := ""
	if v.Suspension != nil {
		keep = "view=" + ViewRecord + "&"
	}
	return s.render(lang, http.StatusOK, "batch", v.Product+" "+v.Batch, path, keep, v)
}

// batchView prepares what does not need the way.
func (s *Site) batchView(lang Lang, rec *records, q Query) batchView {
	lot := rec.lot
	suspension, suspended := rec.suspension(lang, lot.Registrant)
	record := "" // the address of the page that has the reports: this one
	if suspended && q.View != ViewRecord {
		record = lot.ID.Path() + "?lang=" + string(lang) + "&view=" + ViewRecord
	}
	current, superseded := inForce(rec.reports)
	reports := rec.reportViews(lang, current)
	for _, r := range reports {
		r.Link = record + "#" + r.Anchor
	}
	v := batchView{
		Lot: lot, Product: prefer(lang, lot.Product, lot.ProductEN), Batch: lot.ID.Batch(), DateLabel: Key("date." + string(lot.DateKind)),
		Verdict:    judge(lang, reports, rec.published(), len(superseded) > 0, rec.moreReports),
		Facts:      rec.facts(lang),
		Reports:    reports[:min(len(reports), maxReportsShown)],
		Further:    reports[min(len(reports), maxReportsShown):],
		Superseded: superseded,
		Address:    s.publicURL + lot.ID.Path(),
		QR:         lotJSON(lot.ID) + "/qr.svg",
		Suspended:  record != "",
		Banners:    rec.banners(lang),
	}
	if suspended {
		v.Suspension = &suspension
	}
	return v
}

// facts describes the product; what is not stated is left out.
func (rec *records) facts(lang Lang) []factView {
	lot := rec.lot
	producer := factView{Label: "fact.producer", Value: prefer(lang, lot.Producer.Name, lot.Producer.NameEN), Note: "fact.producer_is"}
	if rec.cleared() {
		producer.Note = "fact.producer_cleared"
	}
	code := factView{Label: "fact.uscc", Value: string(lot.Producer.USCC), Code: true}
	for _, remark := range lot.Remarks {
		if remark.Code == traceability.CodeCheckDigit && remark.Field == "claimed_producer.uscc" {
			code.Note = "fact.uscc_wrong"
		}
	}
	registrant := rec.party(lang, lot.Registrant)
	registered := factView{Label: "fact.registrant", Value: registrant.Name, Detail: registrant.Province}
	if lot.Stranger() {
		registered.Note = "fact.registrant_other"
	}
	gtin, _ := lot.ID.GTIN()
	product := factView{Label: "fact.product", Value: prefer(lang, lot.Product, lot.ProductEN)}
	if product.Value != lot.Product {
		product.Detail = lot.Product
	}
	all := []factView{
		product,
		{Label: "batch.batch", Value: lot.ID.Batch(), Code: true},
		{Label: Key("date." + string(lot.DateKind)), Value: date(lang, lot.Date)},
		{Label: "fact.shelf_life", Value: lot.ShelfLife},
		{Label: "fact.spec", Value: lot.Spec},
		{Label: "fact.trademark", Value: lot.Trademark},
		{Label: "fact.category", Value: lot.Category},
		producer,
		code,
		{Label: "fact.address", Value: lot.Producer.Address},
		{Label: "fact.origin", Value: place(lang, lot.Origin)},
		registered,
		{Label: "fact.gtin", Value: string(gtin), Code: true},
		{Label: "fact.code", Value: string(lot.ID), Code: true},
	}
	var stated []factView
	for _, f := range all {
		if f.Value != "" {
			stated = append(stated, f)
		}
	}
	return stated
}
