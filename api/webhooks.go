package main

import (
	"strings"

	"deltatrace/traceability"
)

// webhookOf returns the webhook that a record's key names.
func webhookOf(record string) (traceability.PartyID, traceability.WebhookRef, bool) {
	rest, ok := strings.CutPrefix(record, "webhook/")
	party, ref, _ := strings.Cut(rest, "/")
	return traceability.PartyID(party), traceability.WebhookRef(ref), ok
}
