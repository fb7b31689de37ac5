package verification

import (
	"strconv"

	"deltatrace/traceability"
)

// Numbers returns the licences that the number on a shop's page may name: one for a
// national number; for any other the registrations of that number in the shop's
// province, or in each of the four when the page's division is not stated. None says
// that no licence has such a number.
func Numbers(shop *traceability.Shop) []traceability.LicenceID {
	if shop.Licence == "" {
		return nil
	}
	if id, err := traceability.ParseLicenceID(shop.Licence); err == nil {
		return []traceability.LicenceID{id}
	}
	number := traceability.FoldLicenceNumber(shop.Licence)
	if nationalPrefix(number) {
		return nil // JY with a digit too few is no registration
	}
	provinces := traceability.Provinces()
	if p := shop.Division.Province(); p != "" {
		provinces = []traceability.ProvinceCode{p}
	}
	var ids []traceability.LicenceID
	for _, p := range provinces {
		for _, scheme := range []traceability.LicenceScheme{traceability.SchemeSmallCaterer, traceability.SchemeSmallShop, traceability.SchemeWorkshop} {
			if id, err := traceability.ParseLicenceID(string(scheme) + ":" + string(p) + ":" + number); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func nationalPrefix(number string) bool {
	if len(number) < 3 || number[2] < '0' || number[2] > '9' {
		return false
	}
	switch traceability.LicenceScheme(number[:2]) {
	case traceability.SchemeOperation, traceability.SchemePrepackaged, traceability.SchemeProduction:
		return true
	}
	return false
}

func count(n int) string { return strconv.Itoa(n) }
