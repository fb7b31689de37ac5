package rules

import (
	"fmt"

	"deltatrace/traceability"
)

// setWebhook keeps where a party wants its signals sent. Any party may have
// webhooks; each is its own.
func (s *statement) setWebhook(say *traceability.Webhook) *traceability.Error {
	key := traceability.WebhookKey(s.signer, say.Ref)
	entries := []traceability.Entry{s.entry}
	if state := get[traceability.WebhookState](s.view, key); state != nil {
		document := s.read(state.Documents[len(state.Documents)-1])
		if document == nil {
			return nil // the view has failed
		}
		before := decode[traceability.Webhook](s.view, document)
		if before == nil {
			return nil
		}
		if say.Revision <= before.Revision {
			s.outcome.Record, s.outcome.Existing = key, document.ID
			return refuse(traceability.CodeSupersedes, "revision", fmt.Sprint(say.Revision), fmt.Sprintf("more than %d, the revision in force", before.Revision),
				fmt.Sprintf("第 %d 版已经生效，请以第 %d 版提出", before.Revision, before.Revision+1),
				fmt.Sprintf("revision %d is in force; submit yours as revision %d", before.Revision, before.Revision+1))
		}
		if state.Documents[0].Tx == s.tx.ID {
			entries = append(state.Documents, s.entry)
		}
	}
	put(s.view, key, &traceability.WebhookState{Documents: entries})
	s.outcome.Record = key
	return nil
}
