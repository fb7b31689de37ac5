// Package digitallink reads and writes GS1 Digital Link URIs, the web
// addresses in the QR codes of products (GS1 Digital Link Standard: URI Syntax):
//
//	https://id.example/01/06901234567892/10/A01?17=270105
//	└────── stem ────┘ └─── keys: GTIN, lot ──┘ └ attributes: expiry 2027-01-05 ┘
//
// It reads the uncompressed form only. A value is checked for length, character
// set, GS1 check digit and calendar date; code lists (countries, currencies),
// the check characters of a GMN, and the associations between application
// identifiers (which need which) are not.
//
// Floor: it imports the domain (package traceability) and the standard library.
// It must not import anything that serves or fetches URLs.
package digitallink
