package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"deltatrace/traceability"
)

// recallsOnPage is how many recalls a page lists.
const recallsOnPage = 20

// recallsView is the list of announced recalls.
type recallsView struct {
	Wrong       bool // there is no such part of the list
	Items       []recallView
	Next, First string // addresses of other parts, or empty
}

// recallView is a recall as the public sees it.
type recallView struct {
	traceability.Recall
	Name     string // of the product
	Producer partyView
	By       sentence // who wanted it
	On       traceability.Date
	Facts    []factView
	Data     string
}

// LevelKey names the level.
func (v *recallView) LevelKey() Key { return levelKey(v.Level) }

// DoKey is what to do with the goods.
func (v *recallView) DoKey() Key { return doKey(v.Level) }

// StateKey says how far the recall is.
func (v *recallView) StateKey() Key { return Key("recall." + string(v.Phase)) }

// State chooses icon and colour: red as long as the goods are not to be sold, which
// outlasts the end of the recall.
func (v *recallView) State() state {
	if v.Binding() {
		return stateFail
	}
	return stateNone
}

// LotsKey says which batches are recalled.
func (v *recallView) LotsKey() Key {
	if v.Downstream {
		return "recall.lots_down"
	}
	return "recall.lots_text"
}

func levelKey(l traceability.RecallLevel) Key { return Key("recall.level_" + string(l)) }

func doKey(l traceability.RecallLevel) Key {
	if l == traceability.RecallFlaw {
		return "recall.do_flaw"
	}
	return "recall.do"
}

// recallPath is the address of a recall's page.
func recallPath(id traceability.RecallID) string { return "/recalls/" + id.Path() }

func newRecallView(lang Lang, r traceability.RecallRecord) recallView {
	v := recallView{Recall: r.Recall, Name: prefer(lang, r.Product, r.ProductEN), On: traceability.DateOf(r.Announced), By: sentence{Key: "recall.by_producer"}, Data: "/v1/recalls/" + url.PathEscape(string(r.ID))}
	if r.OrderedBy != "" {
		v.By = sentence{"recall.by_order", []any{regulatorName(lang, r.OrderedBy)}}
	}
	return v
}

// Recalls renders the list of announced recalls, or a later part of it. Errors are
// the reader's.
func (s *Site) Recalls(ctx context.Context, r traceability.Reader, lang Lang, after string) (Result, error) {
	v, status, keep := recallsView{}, http.StatusOK, ""
	list, err := r.Recalls(ctx, traceability.RecallFilter{Public: true, Newest: true}, traceability.Page{After: after, Limit: recallsOnPage})
	var wrong *traceability.Error
	switch {
	case errors.As(err, &wrong) && wrong.Code == traceability.CodeInvalid:
		v.Wrong, status = true, http.StatusBadRequest
	case err != nil:
		return Result{}, err
	}
	for _, recall := range list.Items {
		if shown, ok := viewer.Recall(recall); ok {
			v.Items = append(v.Items, newRecallView(lang, shown))
		}
	}
	if list.Next != "" {
		v.Next = "/recalls?" + url.Values{"lang": {string(lang)}, "after": {list.Next}}.Encode()
	}
	if after != "" {
		v.First, keep = "/recalls?lang="+string(lang), url.Values{"after": {after}}.Encode()+"&"
	}
	title, _ := lookUp(lang, "recalls.title")
	return s.render(lang, status, "recalls", title, "/recalls", keep, &v)
}

// Recall renders the page of a recall that was announced; of any other it says that
// there is no such page, at path. Errors are the reader's.
func (s *Site) Recall(ctx context.Context, r traceability.Reader, lang Lang, id traceability.RecallID, path string) (Result, error) {
	record, err := r.Recall(ctx, id)
	if errors.Is(err, traceability.ErrNotFound) {
		return s.NotFound(lang, path), nil
	}
	if err != nil {
		return Result{}, err
	}
	shown, ok := viewer.Recall(record)
	if !ok {
		return s.NotFound(lang, path), nil
	}
	rec := &records{parties: make(map[traceability.PartyID]traceability.PartyRecord)}
	if err := rec.meet(ctx, r, []traceability.PartyID{shown.Recall.Producer}); err != nil {
		return Result{}, err
	}
	v := newRecallView(lang, shown)
	v.Producer = rec.party(lang, shown.Recall.Producer)
	v.Facts = v.facts(lang)
	title, _ := lookUp(lang, v.LevelKey())
	return s.render(lang, http.StatusOK, "recall", title+" · "+v.Name, recallPath(id), "", &v)
}

// facts describe the recall; what is not stated is left out.
func (v *recallView) facts(lang Lang) []factView {
	word := func(k Key) string {
		s, _ := lookUp(lang, k)
		return s
	}
	var regions []string
	for _, region := range v.Regions {
		name := place(lang, traceability.Place{Division: region})
		if region == traceability.Abroad {
			name = word("recall.abroad")
		}
		regions = append(regions, name)
	}
	product := factView{Label: "fact.product", Value: v.Name}
	if v.Name != v.Product {
		product.Detail = v.Product
	}
	ended, effect := factView{Label: "recall.ended"}, factView{Label: "recall.effect"}
	if !v.Ended.IsZero() {
		ended.Value = date(lang, traceability.DateOf(v.Ended))
	}
	if v.Effect != "" {
		effect.Value = word(Key("recall." + string(v.Effect)))
	}
	var stated []factView
	for _, f := range []factView{
		product, {Label: "recall.producer", Value: v.Producer.Name, Detail: v.Producer.Province},
		{Label: "recall.level", Value: word(v.LevelKey()), Detail: word(Key("recall.mean_" + string(v.Level)))},
		{Label: "recall.hazard", Value: v.Hazard}, {Label: "recall.reason", Value: v.Reason}, {Label: "recall.measures", Value: v.Measures},
		{Label: "recall.regions", Value: strings.Join(regions, separator(lang))},
		{Label: "recall.on", Value: date(lang, v.On)}, {Label: "recall.state", Value: word(v.StateKey())}, effect, ended, {Label: "recall.end_reason", Value: v.EndReason},
	} {
		if f.Value != "" {
			stated = append(stated, f)
		}
	}
	return stated
}
