// Package disclosure counts how many of the shops that are open for orders disclose
// their licence: the nominal rate, of pages that show one, and the strict rate, of
// pages that show one which is valid, the shop's own, and verified in time. No
// official formula is known; the action plan promises the first, and the second is
// what protects.
//
//	tally := disclosure.NewTally()
//	tally.Add(disclosure.Shop{Platform: "plat:91320106MA1FPX121A", Premises: "JY23101040000019", Division: "310104", Open: true, Fresh: true})
//	tally.Rates() // of the platform and of all, in the county and in all that it is in
//
// Compute counts a whole day from a read model; what is wrong with each shop is judged
// by the package verification. It imports that and traceability, and nothing else of
// deltatrace.
package disclosure
