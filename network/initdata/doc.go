// Package initdata puts the reference data on a new ledger, through any API of it:
// calendars, statutory periods, the parameters that are microbiological, the quorum,
// the rule of recurrence, limits, and each province's rules of recognition. Nothing
// counts before enough provinces have signed it, so each runs it with its own key:
//
//	survey, err := initdata.Look(ctx, api, time.Now()) // what is missing, and who has signed
//	result, err := initdata.Sign(ctx, api, key, survey)
//
// Signing again is harmless: what a province has signed, or a later revision has
// replaced, is left out, and the rest is a duplicate on the ledger.
package initdata
