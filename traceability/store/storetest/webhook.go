package storetest

import (
	"errors"
	"fmt"
	"testing"

	"deltatrace/traceability"
)

func webhookCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){"webhook/lists": webhookLists}
}

// Webhook has a party set a webhook.
func (c *Chain) Webhook(party traceability.PartyID, w traceability.Webhook) traceability.WebhookRecord {
	c.tb.Helper()
	entry, id := c.sign(party, traceability.TypeWebhookSet, w)
	c.write(traceability.WebhookKey(party, w.Ref), traceability.WebhookState{Documents: []traceability.Entry{entry}})
	return traceability.WebhookRecord{Webhook: w, Party: party, Province: traceability.Shanghai, Document: c.ref(id, traceability.TypeWebhookSet, party)}
}

func webhookLists(t *testing.T, e Engine) {
	c := NewChain(t)
	c.Admit(traceability.Admission{Party: farm, Name: "农场"})
	c.Admit(traceability.Admission{Party: lab, Name: "检测"})
	c.Close()
	hook := func(ref traceability.WebhookRef, revision int, active bool) traceability.Webhook {
		return traceability.Webhook{Ref: ref, Revision: revision, URL: "https://example.com/" + string(ref), Kinds: []traceability.SignalKind{"notice"}, Active: active}
	}
	labs := c.Webhook(lab, hook("a", 1, true))
	c.Webhook(farm, hook("b", 1, true))
	first := c.Webhook(farm, hook("a", 1, true))
	c.Close()
	later := c.Webhook(farm, hook("b", 2, false))
	c.Close()
	s := applied(t, e, c)
	for name, tt := range map[string]struct {
		filter traceability.WebhookFilter
		want   []traceability.WebhookRecord
	}{
		"all":          {traceability.WebhookFilter{}, []traceability.WebhookRecord{labs, first, later}},
		"active":       {traceability.WebhookFilter{Active: true}, []traceability.WebhookRecord{labs, first}},
		"the farm's":   {traceability.WebhookFilter{Party: farm}, []traceability.WebhookRecord{first, later}},
		"its active":   {traceability.WebhookFilter{Party: farm, Active: true}, []traceability.WebhookRecord{first}},
		"a stranger's": {traceability.WebhookFilter{Party: shop}, nil},
	} {
		for _, limit := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s by %d", name, limit), func(t *testing.T) {
				var got []traceability.WebhookRecord
				page := traceability.Page{Limit: limit}
				for range 10 {
					list := must[traceability.List[traceability.WebhookRecord]](t)(s.Webhooks(t.Context(), tt.filter, page))
					got = append(got, list.Items...)
					if page.After = list.Next; page.After == "" {
						break
					}
				}
				equal(t, tt.want, got)
			})
		}
	}
	equal(t, later, must[traceability.WebhookRecord](t)(s.Webhook(t.Context(), farm, "b")))
	if _, err := s.Webhook(t.Context(), farm, "c"); !errors.Is(err, traceability.ErrNotFound) {
		t.Error(err)
	}
	if _, err := s.Webhooks(t.Context(), traceability.WebhookFilter{}, traceability.Page{After: "x"}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Error(err)
	}
}
