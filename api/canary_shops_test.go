package main

import (
	"time"

	"deltatrace/traceability"
)

// canaryShop is the name of a shop that only its platform and the regulators see.
const canaryShop = "CANARYSHOP"

// plantShops puts a person's licence, a licence's decisions and two platforms' shops
// beside the rest.
func (w *world) plantShops() {
	w.Helper()
	w.disclose()
	another := catererLicence()
	another.ID, another.Holder.USCC = "JY23101040000035", traceability.USCC(factory.Number())
	w.accept(
		w.sign(shanghai, traceability.TypeLicenceGrant, another),
		w.sign(shanghai, traceability.TypeLicenceChange, traceability.LicenceChange{ID: another.ID, Change: traceability.LicenceSuspended, From: "2025-02-01", Reason: canaryCase}),
		w.sign(rival, traceability.TypeListingDeclare, traceability.Listing{Ref: "2", At: w.at(1),
			Shops: []traceability.Shop{{ID: "S9", Name: canaryShop, Address: canaryShop, Licence: string(catererNo), Holder: canaryPerson},
				{ID: "S10", Name: "示例小馆", Address: canaryShop, Licence: string(catererNo), Holder: canaryPerson, Page: "https://delivery.example/s10"}}}),
		// Once it is compared its name and page are for all, and no more of it.
		w.sign(rival, traceability.TypeVerificationRecord, traceability.Verification{Ref: "S10", At: w.at(1), Height: 1, Shops: []traceability.VerifiedShop{
			{ID: "S10", Licence: string(catererNo), Verdict: traceability.LicenceFails, Codes: []traceability.ViolationCode{traceability.ViolationNoPremises, traceability.ViolationBorrowed, traceability.ViolationAddressMismatch,
				traceability.ViolationAddressIncomplete, traceability.ViolationNameMismatch, traceability.ViolationDuplicateUse}}}}),
	)
	w.countDay(traceability.DateOf(time.Now())) // so that the failing shops are listed
}

// shopInstances are the identifiers of shops, and a file of the board.
func (w *world) shopInstances(all map[string][]string) {
	w.Helper()
	all["shop"] = []string{"E1", "E2", "S9"}
	all["platform"] = []string{string(waimai), string(rival)}
	all["file"] = []string{"app.js"}
}

// shopWords are what a parameter of the addresses about shops may be.
func shopWords(name string) []string {
	return map[string][]string{
		"division": {"310104", "310000"}, "day": {"2026-11-20"}, "holder": {shop.Number(), stall.Number()},
		"public": {"true"}, "answered": {"true"}, "parameter": {"腐霉利"}, "category": {"食用农产品"}, "date": {"2026-11-20"},
		"number": {string(catererNo)}, "at": {"2026-11-20T00:00:00Z"}, "before": {"2099-01-01T00:00:00Z"},
	}[name]
}
