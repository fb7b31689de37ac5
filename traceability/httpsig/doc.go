// Package httpsig signs HTTP requests and verifies their signatures, as RFC 9421
// (HTTP Message Signatures) says, with Ed25519 and no other algorithm, and with the
// digest of the body as RFC 9530 says. It has what a delivery to a webhook needs:
// the components @method, @target-uri, @authority, @path and header fields, without
// component parameters. A signature that names anything else is refused.
//
// It imports the standard library and a parser of structured fields (RFC 9651), and
// nothing of deltatrace.
package httpsig
