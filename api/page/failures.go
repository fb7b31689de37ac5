package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"deltatrace/traceability"
)

// FailureQuery is what the address of the list of notices may say.
type FailureQuery struct{ Text, From, To, After string }

// failuresOnPage is how many notices a page lists.
const failuresOnPage = 20

// failuresView is the list of published notices.
type failuresView struct {
	Query     FailureQuery
	Wrong     bool // what is looked for cannot be
	Items     []findingView
	Next      string // address of the next page, or empty
	First     string // of the first one, from a later one
	Downloads []downloadView
}

// findingView is a notice as the public sees it.
type findingView struct {
	ID        traceability.NoticeID
	Lot       traceability.LotID
	FoodName  string
	Standing  standing
	Word      sentence
	Row       *traceability.PublicRow // nil where none stands published
	Published traceability.Date       // first
	Cleared   bool
	Closed    bool
	Organiser string
	Versions  []traceability.PublicVersion
}

// downloadView is a table to take away.
type downloadView struct{ Name, Link string }

// StandingKey says how the notice stands.
func (f *findingView) StandingKey() Key { return Key("finding." + string(f.Standing)) }

// WhyKey says why it no longer stands.
func (f *findingView) WhyKey() Key { return Key("finding.why_" + string(f.Standing)) }

// Stands reports whether a row stands published.
func (f *findingView) Stands() bool { return f.Standing == standingFailed }

// State chooses icon and colour.
func (f *findingView) State() state {
	if f.Stands() {
		return stateFail
	}
	return stateNone
}

func finding(lang Lang, n traceability.NoticeRecord) findingView {
	f := findingView{
		ID: n.ID, Lot: n.Lot, FoodName: n.FoodName, Standing: standingOf(&n), Published: traceability.DateOf(n.Publication[0].At), Cleared: n.Cleared,
		Closed: n.Phase == traceability.PhaseClosed, Organiser: regulatorName(lang, n.Organiser), Versions: n.Publication,
	}
	f.Word = sentence{Key: f.StandingKey()}
	if row := n.Publication[len(n.Publication)-1].Row; f.Stands() {
		f.Row, f.FoodName = row, row.FoodName
		f.Word = sentence{"finding.failed_items", []any{strings.Join(failedItems(row), separator(lang))}}
	}
	if f.FoodName == "" {
		f.FoodName = string(n.ID)
	}
	return f
}

func regulatorName(lang Lang, p traceability.ProvinceCode) string {
	record := traceability.PartyRecord{Province: p}
	return prefer(lang, record.Name(), record.NameEN())
}

// Failures renders the list of published notices. What cannot be looked for is
// said on the page, with status 400. Errors are the reader's.
func (s *Site) Failures(ctx context.Context, r traceability.Reader, lang Lang, q FailureQuery) (Result, error) {
	v := failuresView{Query: q}
	status := http.StatusOK
	filter := traceability.PublishedFilter{Text: q.Text, From: traceability.Date(q.From), To: traceability.Date(q.To)}
	list, err := r.PublishedNotices(ctx, filter, traceability.Page{After: q.After, Limit: failuresOnPage})
	var wrong *traceability.Error
	switch {
	case errors.As(err, &wrong) && wrong.Code == traceability.CodeInvalid:
		v.Wrong, status = true, http.StatusBadRequest
	case err != nil:
		return Result{}, err
	}
	for _, n := range list.Items {
		if n, ok := viewer.Notice(n); ok {
			v.Items = append(v.Items, finding(lang, n))
		}
	}
	if list.Next != "" {
		v.Next = q.address(lang, list.Next)
	}
	if q.After != "" {
		v.First = q.address(lang, "")
	}
	for _, format := range []string{"xlsx", "csv", "json"} {
		v.Downloads = append(v.Downloads, downloadView{strings.ToUpper(format), "/v1/notices?" + q.values("format", format)})
	}
	title, _ := lookUp(lang, "failures.title")
	keep := q.values("after", q.After)
	if keep != "" {
		keep += "&"
	}
	return s.render(lang, status, "failures", title, "/notices", keep, &v)
}

// address is that of a page of the list.
func (q FailureQuery) address(lang Lang, after string) string {
	return "/notices?" + q.values("lang", string(lang), "after", after)
}

// values encodes what is looked for, and more.
func (q FailureQuery) values(more ...string) string {
	values := make(url.Values)
	pairs := append([]string{"text", q.Text, "from", q.From, "to", q.To}, more...)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	return values.Encode()
}
