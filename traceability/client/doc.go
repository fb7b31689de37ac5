// Package client speaks the HTTP API of deltatrace: it submits signed documents
// in batches, tries again when that can help, and reads JSON.
//
// Submitting the same documents again is harmless on the ledger, which is why
// the client may try again after any failure whose outcome is unknown.
//
// It imports the domain and the standard library, and nothing else of
// deltatrace. See the example of Client.Submit.
package client
