// Package reference holds what the law says and the rules only count with: the
// holidays of the years, the statutory periods with their articles, which test
// parameters are microbiological, how many votes resolve a consultation, when
// failures propose one, and a few limits. It is data to start with: nothing reads
// it but those who put it on a ledger, where it counts once three provinces have
// signed it, and where they change it by signing a later revision.
//
//	for _, d := range documents {           // reference.Documents()
//		traceability.Sign(key, d.Type, d.Payload, now)
//	}
//
// Every period says in `confidence` how sure its source is (A read in the text,
// B agreed among published sources, C to be confirmed) and in `note` why. The
// calendar of 2026 is to be compared with the State Council's notice before it
// is signed.
//
// The package imports traceability and nothing else of deltatrace.
package reference
