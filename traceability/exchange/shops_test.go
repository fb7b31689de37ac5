package exchange

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

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

// dueShops are one that was never verified, and one with a finding.
func dueShops(failing error) iter.Seq2[traceability.VerificationDue, error] {
	return func(yield func(traceability.VerificationDue, error) bool) {
		_ = yield(traceability.VerificationDue{Shop: "E1", Name: "+示例", Address: "示例路1号"}, nil) &&
			yield(traceability.VerificationDue{Shop: "E2", Name: "示例餐厅", Licence: "JY23301060000019", Due: time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC), Verified: time.Date(2026, 5, 30, 16, 0, 0, 0, time.UTC),
				Verdict: traceability.LicenceHolds, Codes: []traceability.ViolationCode{traceability.ViolationNoGrade}}, failing)
	}
}

// TestShopsGolden holds the tables of shops to what they were.
func TestShopsGolden(t *testing.T) {
	t.Parallel()
	shops := func(w io.Writer, f Format) error {
		return WriteShops(w, f, "问题店铺（示例）", failingShops(nil))
	}
	due := func(w io.Writer, f Format) error { return WriteDue(w, f, "待核验店铺（示例）", dueShops(nil)) }
	for file, write := range map[string]func(io.Writer, Format) error{"shops.csv": shops, "shops.xlsx.txt": shops, "due.csv": due, "due.xlsx.txt": due} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			format := CSV
			if strings.HasSuffix(file, ".txt") {
				format = XLSX
			}
			var b bytes.Buffer
			if err := write(&b, format); err != nil {
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
		if err := WriteDue(new(bytes.Buffer), format, "x", dueShops(broken)); !errors.Is(err, broken) {
			t.Errorf("%s: got %v, want the rows' error", format, err)
		}
	}
	if err := WriteShops(new(bytes.Buffer), JSON, "x", failingShops(nil)); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a format that there is not: %v", err)
	}
}
