// Package exchange writes the public table of failed samples (不合格产品信息) in
// the column layouts in which the regulators publish it, as CSV, XLSX and JSON:
// what a province takes over from another by hand today it can take over by file,
// and what is shown to the public looks like what the public knows.
//
// The layouts are data (layout.go); a publisher that is new is a row there. The
// rows come one by one and are not kept, so that a table of any length takes the
// same memory. Which rows a reader may have, and what of them is masked, was
// decided before: by traceability.Viewer.
//
// Floor: it imports the domain (package traceability). It must not import the
// store, the API or the laboratory's formats.
package exchange
