package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"deltatrace/api/webhook"
	"deltatrace/traceability"
)

// Deliveries knows how far the deliveries to webhooks are.
type Deliveries interface {
	Status(ctx context.Context, party traceability.PartyID, ref traceability.WebhookRef) (webhook.Status, error)
}

// webhookAnswer is a webhook with how far its deliveries are, if this server makes
// them.
type webhookAnswer struct {
	traceability.WebhookRecord
	Delivery *webhook.Status `json:"delivery,omitzero"`
}

// listWebhooks lists a party's webhooks: the viewer's own unless a regulator names
// one of its province's parties. For the public there are none.
func (s *Server) listWebhooks(c echo.Context) error {
	q := newQuery(c, "party", "limit", "after")
	party, page := optional(q, "party", traceability.ParsePartyID), q.page()
	if q.wrong != nil {
		return q.wrong
	}
	ctx, who := c.Request().Context(), viewer(c)
	answers := traceability.List[webhookAnswer]{}
	if party == "" {
		party = who.As
	}
	if who.As == "" {
		return answerList(c, answers, always(func(a webhookAnswer) webhookAnswer { return a }))
	}
	if allowed, err := s.seesWebhooks(ctx, who, party); err != nil {
		return err
	} else if !allowed {
		return answerList(c, answers, always(func(a webhookAnswer) webhookAnswer { return a }))
	}
	list, err := s.Reader.Webhooks(ctx, traceability.WebhookFilter{Party: party}, page)
	if err != nil {
		return err
	}
	answers.Next = list.Next
	for _, record := range list.Items {
		shown, ok := who.Webhook(record)
		if !ok {
			continue
		}
		answer := webhookAnswer{WebhookRecord: shown}
		if s.Deliveries != nil {
			status, err := s.Deliveries.Status(ctx, record.Party, record.Ref)
			if err != nil {
				return err
			}
			answer.Delivery = &status
		}
		answers.Items = append(answers.Items, answer)
	}
	return answerList(c, answers, always(func(a webhookAnswer) webhookAnswer { return a }))
}

// seesWebhooks reports whether the viewer may see a party's webhooks, before any is
// read: how many there are is not for others either.
func (s *Server) seesWebhooks(ctx context.Context, who traceability.Viewer, party traceability.PartyID) (bool, error) {
	if who.As == party {
		return true, nil
	}
	record, err := s.Reader.Party(ctx, party)
	if errors.Is(err, traceability.ErrNotFound) {
		return false, nil
	}
	_, ok := who.Webhook(traceability.WebhookRecord{Party: party, Province: record.Province})
	return ok, err
}

const mediaKeys = "application/http-message-signatures-directory+json"

// getDeliveryKeys publishes the keys that deliveries are signed with.
func (s *Server) getDeliveryKeys(c echo.Context) error {
	keys := s.DeliveryKeys
	if len(keys) == 0 {
		keys = []byte(`{"keys":[]}`)
	}
	return answerTagged(c, http.StatusOK, mediaKeys, cacheAsk, tagOf(keys), keys)
}

// webhookOf returns the webhook that a record's key names.
func webhookOf(record string) (traceability.PartyID, traceability.WebhookRef, bool) {
	rest, ok := strings.CutPrefix(record, "webhook/")
	party, ref, _ := strings.Cut(rest, "/")
	return traceability.PartyID(party), traceability.WebhookRef(ref), ok
}
