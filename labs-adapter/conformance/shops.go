package conformance

import (
	"fmt"
	"io"
	"slices"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Expected is a shop with what is expected to be wrong with it: the codes, none for a
// shop that is as it must be. Without Expect any answer is right.
type Expected struct {
	traceability.Shop
	Expect *[]traceability.ViolationCode `json:"expect,omitzero"`
}

// maxShops bounds a file of shops: one call of the API takes as many.
const maxShops = 10_000

// ReadShops reads a platform's shops as JSON lines: the members of a shop as in
// listing.declare, and expect.
func ReadShops(r io.Reader) ([]Expected, error) {
	var shops []Expected
	lines := jsontext.NewDecoder(r)
	for {
		var shop Expected
		switch err := json.UnmarshalDecode(lines, &shop, json.RejectUnknownMembers(true)); {
		case err == io.EOF:
			return shops, nil
		case err != nil:
			return nil, fmt.Errorf("shop %d: %w", len(shops)+1, err)
		case len(shops) == maxShops:
			return nil, fmt.Errorf("more than %d shops", maxShops)
		}
		shops = append(shops, shop)
	}
}

// testShop is a shop that a run declares, and the fault that it has.
type testShop struct {
	traceability.Shop
	code    traceability.ViolationCode
	verdict traceability.LicenceVerdict
}

// testShops have one fault each that does not depend on what the register has: the
// numbers are of a form, a check digit, a place in the count and a province such that
// no licence of the four provinces is meant.
func testShops(prefix string) []testShop {
	shop := func(name, licence string, code traceability.ViolationCode, verdict traceability.LicenceVerdict) testShop {
		return testShop{traceability.Shop{ID: traceability.ShopID(prefix + name), Name: "接口自测店铺", Address: "上海市黄浦区接口自测路1号", Division: "310101", Licence: licence}, code, verdict}
	}
	return []testShop{
		shop("none", "", traceability.ViolationNotShown, traceability.LicenceFails),
		shop("form", "JY0", traceability.ViolationForged, traceability.LicenceFails),
		shop("digit", "JY23100009999990", traceability.ViolationForged, traceability.LicenceFails),
		shop("absent", "JY23100009999997", traceability.ViolationNoLicence, traceability.LicenceFails),
		shop("beijing", "JY21101089999992", traceability.ViolationNotCovered, traceability.LicenceUnverified),
	}
}

// asSent returns the shops as they are sent.
func (t *trial) asSent() []traceability.Shop {
	shops := make([]traceability.Shop, len(t.shops))
	for i := range t.shops {
		shops[i] = t.shops[i].Shop
	}
	return shops
}

// sameCodes compares codes but for those of a shop's own history on the ledger, which
// say nothing of its page.
func sameCodes(a, b []traceability.ViolationCode) bool {
	return slices.Equal(ofPage(a), ofPage(b))
}

func ofPage(codes []traceability.ViolationCode) []traceability.ViolationCode {
	codes = slices.DeleteFunc(slices.Clone(codes), func(c traceability.ViolationCode) bool {
		return c == traceability.ViolationStale || c == traceability.ViolationDuplicateUse
	})
	slices.Sort(codes)
	return codes
}
