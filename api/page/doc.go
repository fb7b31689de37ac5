// Package page renders what a person sees after scanning a code: the page of a
// batch, and the few pages around it (start, unknown, malformed, suspended,
// error). It turns what a traceability.Reader answers into HTML, in Chinese or
// English, and judges nothing: verdicts are the laboratories'.
//
//	site, err := page.New(page.Options{PublicURL: "https://trace.example"})
//	lang := page.Negotiate(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
//	result, err := site.Batch(ctx, reader, lang, id, page.Query{})
//
// The pages need no script, no cookie and no other host. They work under
//
//	default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
//
// so there are no inline styles. Everything shown is what the public may see:
// every record passes through traceability.Viewer{} before a template meets it.
//
// Floor: it imports the domain (package traceability) and golang.org/x/text. It
// must not import a store, a ledger or a web framework.
//
// Reading order: site.go, batch.go, gather.go, then one file for each part of
// the batch page: verdict.go, report.go, way.go, graph.go, record.go. All words
// are in texts.go.
package page
