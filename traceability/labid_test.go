package traceability

import "testing"

func TestCMANumber(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in  string
		want      CMANumber // "" for a syntax error
		year      int
		authority string
		province  ProvinceCode
	}{
		{"Shanghai", "230912340001", "230912340001", 2023, "09", Shanghai},
		{"Jiangsu", "221012340002", "221012340002", 2022, "10", Jiangsu},
		{"Zhejiang", "211112340003", "211112340003", 2021, "11", Zhejiang},
		{"Anhui", "201212340004", "201212340004", 2020, "12", Anhui},
		{"national", "190012340005", "190012340005", 2019, "00", ""},
		{"another province", "152712340006", "152712340006", 2015, "27", ""},
		{"suffix, full-width", "２３０９１２３４０００１ｚ", "230912340001Z", 2023, "09", Shanghai},
		{"11 digits", "23091234000", "", 0, "", ""},
		{"13 digits", "2309123400011", "", 0, "", ""},
		{"empty", "", "", 0, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseCMANumber(tc.in)
			if tc.want == "" {
				wantInvalid(t, tc.in, err)
				return
			}
			if err != nil || got != tc.want {
				t.Fatalf("ParseCMANumber(%q) = %q, %v, want %q", tc.in, got, err, tc.want)
			}
			if got.Year() != tc.year || got.Authority() != tc.authority || got.Province() != tc.province {
				t.Errorf("%s: %d, %q, %q; want %d, %q, %q", got,
					got.Year(), got.Authority(), got.Province(), tc.year, tc.authority, tc.province)
			}
		})
	}
	if n := CMANumber("x"); n.Year() != 0 || n.Authority() != "" || n.Province() != "" {
		t.Error("a number that was not parsed has parts")
	}
}

func TestParseCNASNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]CNASNumber{
		"CNAS L0192": "CNAS L0192", "cnasL12345": "CNAS L12345", "ＣＮＡＳ　ＩＢ0123": "CNAS IB0123",
	} {
		if got, err := ParseCNASNumber(in); err != nil || got != want {
			t.Errorf("ParseCNASNumber(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "L0192", "CNAS L019", "CNAS L123456", "CNAS IB12345", "CNAS C0001"} {
		_, err := ParseCNASNumber(in)
		wantInvalid(t, in, err)
	}
}

func FuzzParseCMANumber(f *testing.F) {
	fuzzIdentifier(f, ParseCMANumber, nil, "230912340001", "230912340001Z")
}

func FuzzParseCNASNumber(f *testing.F) {
	fuzzIdentifier(f, ParseCNASNumber, nil, "CNAS L0192", "CNASIB0123")
}
