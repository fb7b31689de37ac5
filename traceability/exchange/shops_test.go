package exchange

import (
	"bytes"
	"errors"
	"iter"
	"testing"

	"deltatrace/traceability"
)

// failingShops are shops with much and with little known of them, and with names
// that look like formulas.
func failingShops(failing error) iter.Seq2[Shop, error] {
	return func(yield func(Shop, error) bool) {
		_ = yield(Shop{Platform: "plat:91320106MA1FPX121A", PlatformName: "示例外卖", ID: "E1", Name: "=HYPERLINK(\"x\")", Address: "杭州市西湖区示例路1号", Division: "330106",
			Licence: "JY23301060000019", Page: "https://example.test/E1", Severity: traceability.SeverityRefuse,
			Codes: []traceability.ViolationCode{traceability.ViolationExpired, traceability.ViolationStale}, Now: "过期"}, nil) &&
			yield(Shop{Platform: "plat:91320106MA1FPX121A", PlatformName: "＋示例", ID: "E2", Severity: traceability.SeverityUnknown,
				Codes: []traceability.ViolationCode{traceability.ViolationNotCovered}, Now: "已下架或停业"}, failing)
	}
}

// TestShopsGolden holds the tables of shops to what they were.
func TestShopsGolden(t *testing.T) {
	t.Parallel()
	for file, format := range map[string]Format{"shops.csv": CSV, "shops.xlsx.txt": XLSX} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := WriteShops(&b, format, "问题店铺（示例）", failingShops(nil)); err != nil {
				t.Fatal(err)
			}
			holdTable(t, file, format, b.Bytes())
		})
	}
}

// TestShopsFail holds that an error of the rows ends the table.
func TestShopsFail(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, format := range []Format{CSV, XLSX} {
		if err := WriteShops(new(bytes.Buffer), format, "x", failingShops(broken)); !errors.Is(err, broken) {
			t.Errorf("%s: got %v, want the rows' error", format, err)
		}
	}
	if err := WriteShops(new(bytes.Buffer), JSON, "x", failingShops(nil)); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a format that there is not: %v", err)
	}
}
