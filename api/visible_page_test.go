package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// listing is a list as the read model has it, with a cursor for each item.
func listing(items []string) func(context.Context, traceability.Page) (traceability.List[string], error) {
	return func(_ context.Context, p traceability.Page) (traceability.List[string], error) {
		from := 0
		if p.After != "" {
			from, _ = strconv.Atoi(p.After)
		}
		to := min(from+p.Limit, len(items))
		list := traceability.List[string]{Items: items[from:to]}
		if to < len(items) {
			list.Next = strconv.Itoa(to)
		}
		return list, nil
	}
}

// pages reads a list to its end, page by page.
func pages(t *testing.T, items []string, limit int) (all [][]string) {
	t.Helper()
	see := func(s string) (string, bool) { return s, s != "" }
	for page := (traceability.Page{Limit: limit}); ; {
		list, err := visible(t.Context(), page, listing(items), see)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list.Items)
		if page.After = list.Next; page.After == "" {
			return all
		}
	}
}

// TestPagesTellNothingOfTheHidden holds that lists with and without hidden items come in
// the same pages, wherever those lie.
func TestPagesTellNothingOfTheHidden(t *testing.T) {
	t.Parallel()
	same := func(hidden []uint8, limit uint8) bool {
		var with, without []string
		for i, n := range hidden {
			with = append(with, make([]string, int(n)*2)...)
			if i%3 > 0 {
				with, without = append(with, fmt.Sprint(i)), append(without, fmt.Sprint(i))
			}
		}
		most := int(limit)%7 + 1
		return cmp.Equal(pages(t, with, most), pages(t, without, most))
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}

// TestHiddenReportsDoNotShow puts reports that the public may not see beside one that it
// may: its pages stay the same to the byte.
func TestHiddenReportsDoNotShow(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	seen := w.report("SEEN-2")
	w.accept(w.sign(lab, traceability.TypeReportSubmit, seen))
	asked := []string{"/v1/reports?limit=1", "/v1/reports?limit=1&lot=" + url.QueryEscape(string(pickles)), "/v1/reports?limit=1&lab=" + string(lab),
		"/v1/reports?limit=2", "/v1/lots/" + string(pickles) + "/reports?limit=1"}
	ask := func() (bodies []string) {
		for _, path := range asked {
			for next := "-"; next != ""; {
				answer := w.get(path)
				bodies = append(bodies, string(answer.body))
				list := mustDecode[traceability.List[traceability.ReportRecord]](t, answer.body)
				if len(list.Items) == 0 {
					t.Errorf("%s: an empty page", path)
				}
				if next = list.Next; next != "" {
					base, _ := url.Parse(path)
					q := base.Query()
					q.Set("after", next)
					base.RawQuery = q.Encode()
					path = base.String()
				}
			}
		}
		return bodies
	}
	before := ask()
	for i := range 3 {
		hidden := w.report(fmt.Sprintf("HIDDEN-%d", i))
		hidden.Task = traceability.TaskCommissioned
		w.accept(w.sign(lab, traceability.TypeReportSubmit, hidden))
	}
	if diff := cmp.Diff(before, ask()); diff != "" {
		t.Errorf("(-before +with hidden reports):\n%s", diff)
	}
}

// TestOthersWebhooksDoNotShow holds that asking for another's webhooks tells neither
// their names nor their number.
func TestOthersWebhooksDoNotShow(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	path := "/v1/webhooks?limit=1&party=" + string(factory)
	before := w.getAs(shop, path)
	for i := range 3 {
		w.accept(w.sign(factory, traceability.TypeWebhookSet, traceability.Webhook{Ref: traceability.WebhookRef(fmt.Sprintf("r%d", i)), Revision: 1, URL: "https://factory.example/x", Active: true}))
	}
	if after := w.getAs(shop, path); string(before.body) != string(after.body) {
		t.Errorf("before %s, after %s", before.body, after.body)
	}
	own := mustDecode[traceability.List[webhookAnswer]](t, w.getAs(factory, path).body)
	if len(own.Items) != 1 || own.Next == "" {
		t.Errorf("its own: %+v", own)
	}
}
