package formats

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"deltatrace/traceability"
)

func readRegister(tb testing.TB, path string) ([]*LicenceRow, []Notice) {
	tb.Helper()
	var notices []Notice
	r, err := OpenRegister(tb.Context(), path, Options{Notify: func(n Notice) { notices = append(notices, n) }})
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	var rows []*LicenceRow
	for row, err := range r.Rows(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) != r.RowCount {
		tb.Errorf("%d rows, %d counted", len(rows), r.RowCount)
	}
	return rows, notices
}

const fullRegister = `许可证类型,行政区划代码,食品经营许可证编号,企业名称,统一社会信用代码,住所,经营地址,门头名称,主体业态,经营项目,发证日期,有效期至,发证机关,量化分级,评定日期,明厨亮灶,堂食,许可证状态,生效日期,处理文号,备注,电话
食品经营许可,330106,ＪＹ23301060008889,杭州示例餐饮有限公司,91330106MA1FPX121E,示例路 1 号,示例路 2 号,示例小馆,餐饮服务经营者,热食类食品制售；冷食类食品制售（不含冷荤类食品、裱花）、糕点类食品制售(含裱花类糕点)，自制饮品制售（自酿酒除外）,2024年03月01日,2029/2/28,杭州市西湖区市场监督管理局,大笑（优秀）,2026.6.15,有,无,责令停业,2026-11-01,浙示例〔2026〕1号,示例,0571-0000
小餐饮登记,330106,XCY33010600123,示例面馆,/,/,示例路 3 号,/,/,小餐饮,45352,长期,/,B级,/,/,/,/,,,,
`

func TestRegisterRows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte(fullRegister), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, notices := readRegister(t, path)
	yes, no := true, false
	want := []traceability.LicenceRow{
		{Licence: traceability.Licence{ID: "JY23301060008889", Holder: traceability.Firm{Name: "杭州示例餐饮有限公司", USCC: "91330106MA1FPX121E", Address: "示例路 1 号"},
			Premises: "示例路 2 号", Division: "330106", Storefront: "示例小馆", BusinessType: traceability.BusinessTypeCatering, Items: []traceability.LicenceItem{
				{Name: "热食类食品制售"}, {Name: "冷食类食品制售", Without: "不含冷荤类食品、裱花"}, {Name: "糕点类食品制售", With: "含裱花类糕点"}, {Name: "自制饮品制售（自酿酒除外）"}},
			ValidFrom: "2024-03-01", ValidTo: "2029-02-28", Issuer: "杭州市西湖区市场监督管理局",
			Grades: []traceability.Grade{{Scheme: "food_safety_face", Grade: "excellent", Date: "2026-06-15"}}, Camera: &yes, DineIn: &no}, Halt: traceability.LicenceHalted},
		{Licence: traceability.Licence{ID: "small_caterer:330000:XCY33010600123", Holder: traceability.Firm{Name: "示例面馆"}, Premises: "示例路 3 号", Division: "330106",
			Items: []traceability.LicenceItem{{Name: "小餐饮"}}, ValidFrom: "2024-03-01", Grades: []traceability.Grade{{Scheme: "annual", Grade: "B"}}}},
	}
	for i, row := range rows {
		if row.Rejected() {
			t.Errorf("row %d: %v", i, row.Problems[0].Err)
		}
		if diff := cmp.Diff(want[i], row.Row); diff != "" {
			t.Errorf("row %d: -want +got:\n%s", i, diff)
		}
	}
	if rows[0].From != "2026-11-01" || rows[0].Basis != "浙示例〔2026〕1号" || rows[0].Reason != "示例" || rows[0].Line != 2 {
		t.Errorf("beside the licence: %+v", rows[0])
	}
	if len(notices) != 1 || !strings.Contains(notices[0].EN, "电话") {
		t.Errorf("notices: %+v", notices)
	}

	// The same in a workbook.
	book := excelize.NewFile()
	for r, line := range strings.Split(strings.TrimSpace(fullRegister), "\n") {
		for c, cell := range strings.Split(line, ",") {
			at, _ := excelize.CoordinatesToCellName(c+1, r+1)
			book.SetCellStr("Sheet1", at, cell)
		}
	}
	workbook := filepath.Join(t.TempDir(), "a.xlsx")
	if err := book.SaveAs(workbook); err != nil {
		t.Fatal(err)
	}
	again, _ := readRegister(t, workbook)
	for i, row := range again {
		if diff := cmp.Diff(want[i], row.Row); diff != "" || row.Sheet != "Sheet1" {
			t.Errorf("workbook, row %d of %s: -want +got:\n%s", i, row.Sheet, diff)
		}
	}
}

func TestRegisterFaults(t *testing.T) {
	t.Parallel()
	const header = "许可证编号,经营者名称,经营场所,经营项目,有效期自,许可证状态,主体业态,统一社会信用代码,行政区划代码,许可证类型,明厨亮灶,有效期至\n"
	const good = "JY23301060008889,示例,示例路,热食类食品制售,2024-03-01"
	for name, tt := range map[string]struct{ line, column string }{
		"a number of nothing":            {"JY1,示例,示例路,热食类食品制售,2024-03-01", "许可证编号"},
		"no number":                      {",示例,示例路,热食类食品制售,2024-03-01", "许可证编号"},
		"a province's without division":  {"XCY33010600123,示例,示例路,热食,2024-03-01,,,,,小餐饮", "许可证编号"},
		"a day that is none":             {"JY23301060008889,示例,示例路,热食类食品制售,2024-02-30", "有效期自"},
		"ends before it begins":          {good + ",,,,,,,2023-01-01", "有效期至"},
		"a state of nothing":             {good + ",睡着", "许可证状态"},
		"a business of nothing":          {good + ",,理发", "主体业态"},
		"a person's number":              {good + ",,,330106199001011234", "统一社会信用代码"},
		"a division of nothing":          {good + ",,,,西湖", "行政区划代码"},
		"a licence of nothing":           {good + ",,,,,驾驶证", "许可证类型"},
		"neither yes nor no":             {good + ",,,,,,也许", "明厨亮灶"},
		"a number that lost its digits":  {"2.33010600088891E+13,示例,示例路,热食,2024-03-01", "许可证编号"},
		"items that are only separators": {"JY23301060008889,示例,示例路,；；,2024-03-01", "经营项目"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "a.csv")
			if err := os.WriteFile(path, []byte(header+tt.line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			rows, _ := readRegister(t, path)
			if len(rows) != 1 || len(rows[0].Problems) == 0 {
				t.Fatalf("got %+v", rows)
			}
			for _, p := range rows[0].Problems {
				if strings.Contains(p.Err.ZH+p.Err.EN+p.Err.Found, "19900101") {
					t.Errorf("the number of a person is told on: %v", p.Err)
				}
			}
			if p := rows[0].Problems[0]; p.Column != tt.column || p.Row != 2 || p.Err.ZH == "" || p.Err.EN == "" {
				t.Errorf("%+v: %v", p, p.Err)
			}
		})
	}
	for name, text := range map[string]string{"no header": "a,b\n1,2\n", "a column missing": "许可证编号,经营者名称,有效期自\n1,2,3\n", "JSON": `{"a":1}`} {
		path := filepath.Join(t.TempDir(), "a.csv")
		if name == "JSON" {
			path = strings.TrimSuffix(path, "csv") + "json"
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := OpenRegister(t.Context(), path, Options{}); err == nil {
			r.Close()
			t.Errorf("%s: opened", name)
		}
	}
}

// FuzzParseItems holds that no text is lost or invented between items.
func FuzzParseItems(f *testing.F) {
	for _, s := range []string{"热食类食品制售；冷食类食品制售（不含冷荤类食品、裱花）", "（、）", "a)(b；c", "；", "含(不含"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		length := 0
		for _, item := range parseItems(cell) {
			if item.Name == "" {
				t.Errorf("%q has an item without a name", cell)
			}
			length += len(item.Name) + len(item.With) + len(item.Without)
		}
		if length > len(cell) {
			t.Errorf("%q became longer", cell)
		}
	})
}
