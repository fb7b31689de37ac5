package traceability

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseLotID(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     LotID // "" for an error
	}{
		{"canonical", "01/06901234567892/10/A01", "01/06901234567892/10/A01"},
		{"GTIN-13", "01/6901234567892/10/A01", "01/06901234567892/10/A01"},
		{"GTIN-8", "01/69012341/10/A01", "01/00000069012341/10/A01"},
		{"escaped slash", "01/06901234567892/10/A%2F01", "01/06901234567892/10/A%2F01"},
		{"lower-case hex", "01/06901234567892/10/A%2f01", "01/06901234567892/10/A%2F01"},
		{"too little escaping", "01/06901234567892/10/A+(1)", "01/06901234567892/10/A%2B%281%29"},
		{"too much escaping", "01/06901234567892/10/%41-1", "01/06901234567892/10/A-1"},
		{"escaped percent", "01/06901234567892/10/50%25", "01/06901234567892/10/50%25"},
		{"full-width lot", "01/06901234567892/10/Ａ０１", "01/06901234567892/10/A01"},
		{"case is kept", "01/06901234567892/10/a01", "01/06901234567892/10/a01"},
		{"produce", "cn/91330106MA1FPX121E/QC-100/20260104", "cn/91330106MA1FPX121E/QC-100/20260104"},
		{"produce, lower-case USCC", "cn/91330106ma1fpx121e/qc.1/A%2F1", "cn/91330106MA1FPX121E/qc.1/A%2F1"},
		{"produce, wrong check digit of the USCC", "cn/91310101MA1FPX121Y/P/1", "cn/91310101MA1FPX121Y/P/1"},
		{"20 characters", "01/06901234567892/10/12345678901234567890", "01/06901234567892/10/12345678901234567890"},

		{"empty", "", ""},
		{"a path", "/01/06901234567892/10/A01", ""},
		{"no lot", "01/06901234567892", ""},
		{"empty lot", "01/06901234567892/10/", ""},
		{"serial", "01/06901234567892/21/A01", ""},
		{"serial after the lot", "01/06901234567892/10/A01/21/7", ""},
		{"wrong check digit of the GTIN", "01/06901234567893/10/A01", ""},
		{"21 characters", "01/06901234567892/10/123456789012345678901", ""},
		{"space", "01/06901234567892/10/A 01", ""},
		{"Chinese", "01/06901234567892/10/第1批", ""},
		{"raw percent", "01/06901234567892/10/50%", ""},
		{"dots", "01/06901234567892/10/..", ""},
		{"escaped dot", "01/06901234567892/10/%2E", ""},
		{"NUL", "01/06901234567892/10/A%00", ""},
		{"USCC with I", "cn/91310101MA1FPXI21X/P/1", ""},
		{"product of dots", "cn/91330106MA1FPX121E/../1", ""},
		{"product with a slash", "cn/91330106MA1FPX121E/a%2Fb/1", ""},
		{"long product", "cn/91330106MA1FPX121E/" + strings.Repeat("p", 31) + "/1", ""},
		{"another country", "jp/91330106MA1FPX121E/P/1", ""},
		{"far too long", "01/06901234567892/10/" + strings.Repeat("%41", 1000), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseLotID(tc.in)
			if tc.want == "" {
				wantInvalid(t, tc.in, err)
				return
			}
			if err != nil || got != tc.want {
				t.Errorf("ParseLotID(%q) = %q, %v, want %q", tc.in, got, err, tc.want)
			}
		})
	}
}

func TestLotIDParts(t *testing.T) {
	t.Parallel()
	type parts struct {
		GTIN           GTIN
		HasGTIN        bool
		USCC           USCC
		HasUSCC        bool
		Product, Batch string
		Path           string
	}
	for id, want := range map[LotID]parts{
		"01/06901234567892/10/A%2F01":        {GTIN: "06901234567892", HasGTIN: true, Batch: "A/01", Path: "/01/06901234567892/10/A%2F01"},
		"cn/91330106MA1FPX121E/QC-100/50%25": {USCC: "91330106MA1FPX121E", HasUSCC: true, Product: "QC-100", Batch: "50%", Path: "/cn/91330106MA1FPX121E/QC-100/50%25"},
		"":                                   {Path: "/"},
		"not/a lot":                          {Path: "/not/a lot"},
	} {
		var got parts
		got.GTIN, got.HasGTIN = id.GTIN()
		got.USCC, got.HasUSCC = id.USCC()
		got.Product, got.Batch, got.Path = id.Product(), id.Batch(), id.Path()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q, -want +got:\n%s", id, diff)
		}
	}
}

func TestNewLots(t *testing.T) {
	t.Parallel()
	const every = `!"%&'()*+,-./:;<=>?_` // the 20 characters that are not letters or digits
	id, err := GTINLot("6901234567892", every)
	if want := LotID("01/06901234567892/10/%21%22%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F_"); err != nil || id != want {
		t.Errorf("GTINLot = %q, %v, want %q", id, err, want)
	}
	if id.Batch() != every {
		t.Errorf("Batch = %q, want %q", id.Batch(), every)
	}
	id, err = ProduceLot("91330106MA1FPX121E", "qc.1", " 20260104 ")
	if want := LotID("cn/91330106MA1FPX121E/qc.1/20260104"); err != nil || id != want {
		t.Errorf("ProduceLot = %q, %v, want %q", id, err, want)
	}
	_, err = GTINLot("6901234567893", "A")
	wantInvalid(t, "wrong GTIN", err)
	_, err = GTINLot("6901234567892", "")
	wantInvalid(t, "no lot", err)
	_, err = ProduceLot("9133", "p", "A")
	wantInvalid(t, "wrong USCC", err)
	_, err = ProduceLot("91330106MA1FPX121E", "", "A")
	wantInvalid(t, "no product", err)
}

func FuzzParseLotID(f *testing.F) {
	fuzzIdentifier(f, ParseLotID, func(t *testing.T, id LotID) {
		var again LotID
		var err error
		if gtin, ok := id.GTIN(); ok {
			again, err = GTINLot(gtin, id.Batch())
		} else if uscc, ok := id.USCC(); ok {
			again, err = ProduceLot(uscc, id.Product(), id.Batch())
		}
		if err != nil || again != id {
			t.Errorf("parts of %q make %q, %v", id, again, err)
		}
	}, "01/06901234567892/10/A%2F01", "01/6901234567892/10/A+(1)", "cn/91330106MA1FPX121E/QC-100/20260104", "01/06901234567892/10/%2e%2E")
}
