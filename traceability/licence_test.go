package traceability

import "testing"

func TestOperationLicenceNo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     OperationLicenceNo // "" for a syntax error
		business BusinessType
		division DivisionCode
		checkOK  bool
	}{
		{"caterer", "JY23101040000019", "JY23101040000019", BusinessTypeCatering, "310104", true},
		{"Nanjing", "JY23201060001238", "JY23201060001238", BusinessTypeCatering, "320106", true},
		{"Hangzhou", "JY23301060008889", "JY23301060008889", BusinessTypeCatering, "330106", true},
		{"Hefei", "JY23401040004563", "JY23401040004563", BusinessTypeCatering, "340104", true},
		{"canteen", "JY33205080000075", "JY33205080000075", BusinessTypeCanteen, "320508", true},
		{"retail", "JY13101150123453", "JY13101150123453", BusinessTypeSale, "310115", true},
		{"full-width, lower case and spaces", "ｊｙ 2310104\u00a00000019", "JY23101040000019", BusinessTypeCatering, "310104", true},
		{"wrong check digit is parsed", "JY23101040000018", "JY23101040000018", BusinessTypeCatering, "310104", false},
		{"other letters", "SC23101040000019", "", "", "", false},
		{"13 digits", "JY2310104000001", "", "", "", false},
		{"15 digits", "JY231010400000190", "", "", "", false},
		{"letter O", "JY2310104000O019", "", "", "", false},
		{"empty", "", "", "", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseOperationLicenceNo(tc.in)
			if tc.want == "" {
				wantInvalid(t, tc.in, err)
				return
			}
			if err != nil || got != tc.want {
				t.Fatalf("ParseOperationLicenceNo(%q) = %q, %v, want %q", tc.in, got, err, tc.want)
			}
			if got.BusinessType() != tc.business || got.Division() != tc.division || got.CheckDigitOK() != tc.checkOK {
				t.Errorf("%s: business %q, division %q, check %t; want %q, %q, %t", got,
					got.BusinessType(), got.Division(), got.CheckDigitOK(), tc.business, tc.division, tc.checkOK)
			}
		})
	}
}

func TestProductionLicenceNo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in, class string
		division  DivisionCode
		checkOK   bool
	}{
		{"SC10531011500014", "105", "310115", true},
		{"SC10632058300128", "106", "320583", true},
		{"SC11133010900036", "111", "330109", true},
		{"SC10334012300458", "103", "340123", true},
		{"SC12434010400026", "124", "340104", true},
		{"SC12434010400027", "124", "340104", false},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			got, err := ParseProductionLicenceNo(tc.in)
			if err != nil || got.String() != tc.in {
				t.Fatalf("ParseProductionLicenceNo(%q) = %q, %v", tc.in, got, err)
			}
			if got.FoodClass() != tc.class || got.Division() != tc.division || got.CheckDigitOK() != tc.checkOK {
				t.Errorf("%s: class %q, division %q, check %t; want %q, %q, %t", got,
					got.FoodClass(), got.Division(), got.CheckDigitOK(), tc.class, tc.division, tc.checkOK)
			}
		})
	}
	for _, in := range []string{"", "SC1063205830012", "QS106320583001", "JY23101040000019"} {
		_, err := ParseProductionLicenceNo(in)
		wantInvalid(t, in, err)
	}
}

func TestPrepackagedFilingNo(t *testing.T) {
	t.Parallel()
	got, err := ParsePrepackagedFilingNo("yb13101150123453")
	if err != nil || got != "YB13101150123453" || got.Division() != "310115" || !got.CheckDigitOK() {
		t.Errorf("ParsePrepackagedFilingNo = %q (division %q, check %t), %v", got, got.Division(), got.CheckDigitOK(), err)
	}
	if PrepackagedFilingNo("YB13101150123454").CheckDigitOK() {
		t.Error("a wrong check digit passes")
	}
	_, err = ParsePrepackagedFilingNo("JY13101150123453")
	wantInvalid(t, "JY13101150123453", err)
}

// MOD 11,10 finds every single wrong digit.
func TestMod1110FindsEveryWrongDigit(t *testing.T) {
	t.Parallel()
	const good = "23101040000019"
	if !mod1110OK(good) {
		t.Fatal("the right number fails")
	}
	for i := range good {
		for d := '0'; d <= '9'; d++ {
			if bad := good[:i] + string(d) + good[i+1:]; bad != good && mod1110OK(bad) {
				t.Errorf("%s passes", bad)
			}
		}
	}
}

func TestLicenceNumbersThatWereNotParsed(t *testing.T) {
	t.Parallel()
	n := OperationLicenceNo("JY1")
	if n.BusinessType() != "" || n.Division() != "" || n.CheckDigitOK() {
		t.Errorf("%q has parts", n)
	}
}

func FuzzParseOperationLicenceNo(f *testing.F) {
	fuzzIdentifier(f, ParseOperationLicenceNo, nil, "JY23101040000019", "ＪＹ２３１０１０４０００００１９")
}

func FuzzParseProductionLicenceNo(f *testing.F) {
	fuzzIdentifier(f, ParseProductionLicenceNo, nil, "SC10531011500014")
}

func FuzzParsePrepackagedFilingNo(f *testing.F) {
	fuzzIdentifier(f, ParsePrepackagedFilingNo, nil, "YB13101150123453")
}
