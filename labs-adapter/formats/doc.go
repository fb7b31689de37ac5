// Package formats reads what laboratories export and turns it into reports: the
// flat item export as CSV and XLSX, and a JSON form.
//
// One file a format; All lists them. A file is read twice, in streams: Open
// reads it whole, so that a file that is broken at its end, or tears a report
// apart, is known before anything is sent; Reports then yields report by report.
// A report is good whole or not at all, and every row of the file is in exactly
// one report or one notice.
//
// It imports traceability and its identifiers, and must not import the network:
// what it yields is what would be sent.
//
//	file, err := formats.Open(ctx, "export.csv", formats.Options{})
//	if err != nil {
//		return err // *Problem: what is wrong with the file as a whole
//	}
//	defer file.Close()
//	for report, err := range file.Reports(ctx) {
//		…
//	}
package formats
