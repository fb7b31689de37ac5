package traceability

import "testing"

func TestLicenceID(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in       string
		want     LicenceID // "" for a syntax error
		scheme   LicenceScheme
		division DivisionCode
		number   string
		checkOK  bool
	}{
		{"JY23101040000019", "JY23101040000019", SchemeOperation, "310104", "JY23101040000019", true},
		{"ｊｙ 2310104\u00a00000018", "JY23101040000018", SchemeOperation, "310104", "JY23101040000018", false},
		{"yb13101150123453", "YB13101150123453", SchemePrepackaged, "310115", "YB13101150123453", true},
		{"SC10632058300128", "SC10632058300128", SchemeProduction, "320583", "SC10632058300128", true},
		{"small_caterer:330000:xcy33010600123", "small_caterer:330000:XCY33010600123", SchemeSmallCaterer, "330000", "XCY33010600123", true},
		{"workshop:340000:皖坊〔2024〕１２号", "workshop:340000:皖坊[2024]12号", SchemeWorkshop, "340000", "皖坊[2024]12号", true},
		{"small_shop:110000:XSP110100001", "", "", "", "", false},
		{"canteen:310000:ST310100001", "", "", "", "", false},
		{"small_shop:310000:A B", "", "", "", "", false},
		{"JY2310104000001", "", "", "", "", false},
		{"", "", "", "", "", false},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			got, err := ParseLicenceID(tc.in)
			if tc.want == "" {
				wantInvalid(t, tc.in, err)
				return
			}
			if err != nil || got != tc.want {
				t.Fatalf("ParseLicenceID(%q) = %q, %v, want %q", tc.in, got, err, tc.want)
			}
			if got.Scheme() != tc.scheme || got.Division() != tc.division || got.Number() != tc.number || got.CheckDigitOK() != tc.checkOK {
				t.Errorf("%s: scheme %q, division %q, number %q, check %t", got, got.Scheme(), got.Division(), got.Number(), got.CheckDigitOK())
			}
			if shown := FoldLicenceNumber(tc.in); shown != tc.number {
				t.Errorf("as shown: %q, want %q", shown, tc.number)
			}
		})
	}
	for shown, want := range map[string]string{" xcy３３０１０６００１２３ ": "XCY33010600123", "无": "无", "": ""} {
		if got := FoldLicenceNumber(shown); got != want {
			t.Errorf("FoldLicenceNumber(%q) = %q, want %q", shown, got, want)
		}
	}
}

func TestLicenceStatus(t *testing.T) {
	t.Parallel()
	content := &Licence{ValidFrom: "2024-03-01", ValidTo: "2029-02-28"}
	periods := []LicencePeriod{{From: "2024-03-01"}, {From: "2025-02-01", Halt: LicenceHalted}, {From: "2025-03-01"}}
	for day, want := range map[Date]LicenceStatus{
		"2024-02-29": LicenceNotYet, "2024-03-01": LicenceValid, "2025-01-31": LicenceValid, "2025-02-01": LicenceHalted, "2025-02-28": LicenceHalted,
		"2025-03-01": LicenceValid, "2029-02-28": LicenceValid, "2029-03-01": LicenceExpired,
	} {
		if got := periods[PeriodOn(periods, day)].StatusOn(day, content); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
	content.ValidTo = ""
	if got := periods[2].StatusOn("2099-01-01", content); got != LicenceValid {
		t.Errorf("without an end: %s", got)
	}
}

func FuzzParseLicenceID(f *testing.F) {
	fuzzIdentifier(f, ParseLicenceID, func(t *testing.T, id LicenceID) {
		if id.Number() == "" || id.Scheme() == "" || FoldLicenceNumber(string(id)) != id.Number() {
			t.Errorf("%q: number %q, scheme %q", id, id.Number(), id.Scheme())
		}
	}, "JY23101040000019", "small_caterer:330000:XCY33010600123", "workshop:340000:皖坊〔2024〕１２号")
}

func FuzzParseShopID(f *testing.F) {
	fuzzIdentifier(f, ParseShopID, nil, "E10293847", "a.b_c-d", "店")
}
