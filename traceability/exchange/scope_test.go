package exchange

import (
	"bytes"
	"errors"
	"iter"
	"testing"

	"deltatrace/traceability"
)

// scope are lots with and without holders, and with a name that looks like a
// formula.
func scope(failing error) iter.Seq2[traceability.ScopeLot, error] {
	lot := traceability.TraceLot{ID: "cn/91320106MA1FPX121A/SC/A01", Product: "生菜", Date: "2026-11-01", Registrant: "op:91320106MA1FPX121A"}
	of := traceability.TraceLot{ID: "01/06901234567892/10/B02", Product: "=1+1", Registrant: "op:91310101MA1FPX121X"}
	return func(yield func(traceability.ScopeLot, error) bool) {
		_ = yield(traceability.ScopeLot{Lot: lot, Holders: []traceability.ScopeHolder{
			{Party: "op:91310101MA1FPX121X", Name: "上海示例餐饮有限公司", Province: traceability.Shanghai, Division: "310101", Unit: "KGM", Sent: "4", Received: "3.5", Used: "1", Sold: "0.75"},
			{Party: "op:91320106MA1FPX121A", Name: "@示例", Province: traceability.Jiangsu, Unit: "KGM", Made: "120", Shipped: "4"},
		}}, nil) && yield(traceability.ScopeLot{Distance: 1, Lot: of}, failing)
	}
}

// TestScopeGolden holds the tables of a recall's scope to what they were.
func TestScopeGolden(t *testing.T) {
	t.Parallel()
	for file, format := range map[string]Format{"scope.csv": CSV, "scope.xlsx.txt": XLSX} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := WriteScope(&b, format, "召回范围（示例）", scope(nil)); err != nil {
				t.Fatal(err)
			}
			holdTable(t, file, format, b.Bytes())
		})
	}
}

// TestScopeFails holds that an error of the rows or of the writer ends the table.
func TestScopeFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, format := range []Format{CSV, XLSX} {
		if err := WriteScope(new(bytes.Buffer), format, "x", scope(broken)); !errors.Is(err, broken) {
			t.Errorf("%s: got %v, want the rows' error", format, err)
		}
		if err := WriteScope(failing{}, format, "x", scope(nil)); err == nil {
			t.Errorf("%s: a failing writer is no error", format)
		}
	}
	if err := WriteScope(new(bytes.Buffer), JSON, "x", scope(nil)); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a format that there is not: %v", err)
	}
}
