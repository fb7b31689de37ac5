// Package verification compares how a shop shows its licence with the register: the
// codes of what is wrong, each with what was found and what was expected, and the
// verdict that they come to.
//
// Verify is deterministic and works on what it is given, so that the rules on every
// peer and a reader of the read model come to the same, on any day. Ask gathers that
// from a Reader, for thousands of shops at once. Which codes refuse service is said by traceability.ViolationTable.
//
//	answer := verification.Verify(&verification.Case{Shop: shop, Day: day, Licence: licence, Status: status})
//	answer.Verdict  // valid, invalid or unverified
//	answer.Findings // every reason, in Chinese and English
//
// The package imports traceability and traceability/address, and nothing else of
// deltatrace.
package verification
