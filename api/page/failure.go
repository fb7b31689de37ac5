package page

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"deltatrace/traceability"
)

// failureView is the page of one notice.
type failureView struct {
	findingView
	Banners   []banner // recalls of the lot
	Facts     []factView
	Batch     string // address of the batch's page, or empty
	Data      string
	Downloads []downloadView
}

// Failure renders the page of a notice that was published; of any other it says
// that there is no such page, at path. Errors are the reader's.
func (s *Site) Failure(ctx context.Context, r traceability.Reader, lang Lang, id traceability.NoticeID, path string) (Result, error) {
	record, err := r.Notice(ctx, id)
	if errors.Is(err, traceability.ErrNotFound) {
		return s.NotFound(lang, path), nil
	}
	if err != nil {
		return Result{}, err
	}
	shown, ok := viewer.Notice(record)
	if !ok {
		return s.NotFound(lang, path), nil
	}
	v := failureView{findingView: finding(lang, shown), Data: noticeJSON(id)}
	v.Facts = v.facts(lang)
	for _, format := range []string{"xlsx", "csv", "json"} {
		if v.Stands() {
			v.Downloads = append(v.Downloads, downloadView{strings.ToUpper(format), v.Data + "?format=" + format})
		}
	}
	if v.Lot != "" {
		recalls, err := r.RecallsOf(ctx, v.Lot)
		if err != nil {
			return Result{}, err
		}
		for _, recall := range recalls {
			recall = viewer.LotRecall(recall)
			v.Banners = append(v.Banners, recallBanner(lang, &recall))
		}
		v.Batch = v.Lot.Path() + "?lang=" + string(lang)
	}
	title, _ := lookUp(lang, v.StandingKey())
	return s.render(lang, http.StatusOK, "failure", title+" · "+v.FoodName, noticePath(id), "", &v)
}

// facts are the columns of the published row that say something.
func (v *failureView) facts(lang Lang) []factView {
	facts := []factView{{Label: "row.published", Value: date(lang, v.Published)}, {Label: "failure.no", Value: string(v.ID), Code: true}}
	if v.Row == nil {
		return facts
	}
	producer := factView{Label: "fact.producer", Value: v.Row.Producer.Name, Note: "fact.producer_is"}
	if v.Cleared {
		producer.Note = "fact.producer_cleared"
	}
	day := factView{Label: Key("date." + string(v.Row.DateKind)), Value: date(lang, v.Row.Date)}
	var stated []factView
	for _, f := range append([]factView{
		{Label: "fact.product", Value: v.Row.FoodName}, producer, {Label: "fact.address", Value: v.Row.Producer.Address},
		{Label: "row.unit", Value: v.Row.SampledUnit.Name}, {Label: "row.unit_address", Value: v.Row.SampledUnit.Address},
		{Label: "row.shop", Value: v.Row.Shop}, {Label: "row.platform", Value: v.Row.Platform},
		{Label: "fact.spec", Value: v.Row.Spec}, {Label: "fact.trademark", Value: v.Row.Trademark}, day,
		{Label: "batch.batch", Value: v.Row.Batch, Code: true}, {Label: "fact.shelf_life", Value: v.Row.ShelfLife}, {Label: "fact.category", Value: v.Row.Category},
		{Label: "report.lab", Value: v.Row.Lab}, {Label: "report.sampling_no", Value: string(v.Row.SamplingNo), Code: true},
		{Label: "row.announcement", Value: v.Row.Announcement}, {Label: "row.task", Value: v.Row.Task}, {Label: "row.remark", Value: v.Row.Remark},
	}, facts...) {
		if f.Value != "" {
			stated = append(stated, f)
		}
	}
	return stated
}

// Labelled reports whether an item failed by what the label promises.
func (v *failureView) Labelled() bool {
	for _, f := range v.Row.Failures {
		if f.Label != "" {
			return true
		}
	}
	return false
}
