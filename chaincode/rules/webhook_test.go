package rules_test

import (
	"testing"

	"deltatrace/traceability"
)

func TestWebhook(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	hook := func(revision int, path string) *traceability.Webhook {
		return &traceability.Webhook{Ref: "a", Revision: revision, URL: "https://example.com/" + path, Active: true}
	}
	set := func(by traceability.PartyID, h *traceability.Webhook) string {
		return w.sign(by, traceability.TypeWebhookSet, h)
	}
	for _, by := range []traceability.PartyID{shanghai, lab, shop, platform} {
		if outcome := w.accept(set(by, hook(1, "x"))); outcome.Record != "webhook/"+string(by)+"/a" {
			t.Errorf("%+v", outcome)
		}
	}
	if outcome := w.submit(set(lab, hook(1, "x")))[0]; outcome.Status != traceability.StatusDuplicate {
		t.Errorf("the same again: %+v", outcome)
	}
	w.refuse(set(lab, hook(1, "y")), traceability.CodeSupersedes, "revision")
	w.accept(set(lab, hook(3, "y")))
	w.refuse(set(lab, hook(2, "z")), traceability.CodeSupersedes, "revision")
	w.refuse(set(lab, hook(1, "x")), traceability.CodeSupersedes, "revision")
	w.refuse(w.sign(lab, traceability.TypeWebhookSet, &traceability.Webhook{Ref: "a", Revision: 4, Active: true}), traceability.CodeMissing, "url")

	// Two in one transaction both stay in the record, which then starts anew.
	kept := func() int {
		state, err := traceability.DecodeState[traceability.WebhookState](w.state[traceability.WebhookKey(lab, "a")])
		if err != nil {
			t.Fatal(err)
		}
		return len(state.Documents)
	}
	for _, outcome := range w.submit(set(lab, hook(4, "x")), set(lab, hook(5, "y"))) {
		if outcome.Status != traceability.StatusAccepted {
			t.Errorf("%+v", outcome)
		}
	}
	if kept() != 2 {
		t.Errorf("%d documents are kept", kept())
	}
	if w.accept(set(lab, hook(6, "z"))); kept() != 1 {
		t.Errorf("%d documents are kept", kept())
	}
}
