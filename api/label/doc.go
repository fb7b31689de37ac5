// Package label draws the QR code of a lot: as PNG and SVG for a screen, and
// as an A4 sheet of labels (PDF, Chinese or English) for a producer's printer.
//
//	png, err := label.PNG("https://trace.example.cn/01/06901234567892/10/A01", label.High, 236)
//
// A symbol has the quiet zone of four modules that ISO/IEC 18004 asks for, and
// every drawing is deterministic: the same input gives the same bytes, so an
// answer can carry an ETag.
//
// It is a leaf: of deltatrace it imports the domain only, and knows neither
// the API, nor the ledger, nor the read model. What the URL means is the
// caller's affair; here it is a web address in ASCII.
package label
