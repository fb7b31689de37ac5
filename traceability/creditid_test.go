package traceability

import "testing"

func FuzzParseCreditID(f *testing.F) {
	fuzzIdentifier(f, ParseCreditID, func(t *testing.T, id CreditID) {
		if _, err := ParseUSCC(string(id.Company())); err != nil {
			t.Error(err)
		}
		if _, err := ParsePartyID(string(id.By())); err != nil {
			t.Error(err)
		}
	}, "91310101MA1FPX121X/reg:330000/YZ-2026-17", "91310101MA1FPX121X/op:91310101MA1FPX121X/1")
}
