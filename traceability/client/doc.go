// Package client speaks the HTTP API of deltatrace: it submits signed documents
// in batches, tries again when that can help, and reads JSON. For platforms it
// declares shops (SubmitListings), verifies them (Verify, VerifyLines), lists what is
// due (DueVerifications), reads the feed (Feed), and proves deliveries and badges
// genuine (DeliveryKeys).
//
// An error that the API gave holds a *traceability.Error, with its code; RetryAfter
// tells how long it asks to wait.
//
// Submitting the same documents again is harmless on the ledger, which is why
// the client may try again after any failure whose outcome is unknown.
//
// It imports the domain, what compares licences and what verifies signatures of HTTP
// messages, and nothing else of deltatrace. See the example of Client.Submit.
package client
