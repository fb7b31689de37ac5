package exchange

import (
	"slices"
	"strings"

	"deltatrace/traceability"
)

// Layout is a column layout, by the publisher whose tables have it.
type Layout string

// The layouts.
const (
	National       Layout = "national"        // 不合格 template of the former national sampling system
	SAMR           Layout = "samr"            // the national workbooks of 2025 and 2026: a line for each failed item
	Shanghai       Layout = "shanghai"        // 2025, a sheet for each category
	ShanghaiOnline Layout = "shanghai_online" // the same for what was bought on the net
	Jiangsu        Layout = "jiangsu"         // 2021 to 2022
	Zhejiang       Layout = "zhejiang"        // the national template
	Anhui          Layout = "anhui"           // 2021
)

// Layouts lists the layouts, the usual one first.
func Layouts() []Layout {
	return []Layout{National, SAMR, Shanghai, ShanghaiOnline, Jiangsu, Zhejiang, Anhui}
}

// Row is a row of the table: a published row, and what the table says besides.
type Row struct {
	traceability.PublicRow
	Published traceability.Date         // 公告日期
	Province  traceability.ProvinceCode // whose regulator organised the sampling
}

// Lines that stand around the table as the regulators print them. The first
// keeps a reader from taking a finding for more than it is.
const (
	declaration = "声明:以下信息仅指本次抽检标称的生产企业相关产品的生产日期/批号和所检项目"
	noRanking   = "注：排名不分先后"
)

// template is what a layout looks like.
type template struct {
	title       string // of the table
	perCategory bool   // in a workbook each category has a sheet of its own, named in its title
	columns     []column
}

// column is a column: its heading as printed, and its cell. One of each is set: a
// column of the sample, or one of its failed items, which has a line for each.
type column struct {
	heading string
	sample  func(serial string, r *Row) string
	failure func(*traceability.FailedRow) string
}

func of(heading string, cell func(*Row) string) column {
	return column{heading: heading, sample: func(_ string, r *Row) string { return cell(r) }}
}

func each(heading string, cell func(*traceability.FailedRow) string) column {
	return column{heading: heading, failure: cell}
}

// template is the table of layouts (the column sets as the regulators publish them).
// 日期 and 批号 share a cell wherever they are printed so; the heading of the
// separate failed items is that of 2025.
func (l Layout) template() (template, bool) {
	serial := column{heading: "序号", sample: func(n string, _ *Row) string { return n }}
	samplingNo := of("抽样编号", func(r *Row) string { return string(r.SamplingNo) })
	firms := []column{
		of("标称生产企业名称", func(r *Row) string { return r.Producer.Name }),
		of("标称生产企业地址", func(r *Row) string { return r.Producer.Address }),
		of("被抽样单位名称", func(r *Row) string { return r.SampledUnit.Name }),
		of("被抽样单位地址", func(r *Row) string { return r.SampledUnit.Address }),
	}
	food := func(heading string) []column {
		return []column{
			of(heading, func(r *Row) string { return r.FoodName }),
			of("规格型号", func(r *Row) string { return r.Spec }),
			of("商标", func(r *Row) string { return r.Trademark }),
		}
	}
	batch := of("生产日期/批号", dateCell)
	failures := func(heading string) column { return of(heading, failureCell) }
	combined := failures("不合格项目║检验结果║标准值")
	category := of("分类", func(r *Row) string { return r.Category })
	announcement := []column{
		of("公告号", func(r *Row) string { return r.Announcement }),
		of("公告日期", func(r *Row) string { return string(r.Published) }),
	}
	task := of("任务来源/项目名称", func(r *Row) string { return r.Task })
	lab := func(heading string) column { return of(heading, func(r *Row) string { return r.Lab }) }
	remark := of("备注", func(r *Row) string { return r.Remark })

	front := slices.Concat([]column{serial}, firms, food("食品名称"), []column{batch})
	shanghai := slices.Concat(front, []column{combined, category, remark})
	t, ok := map[Layout]template{
		National: {title: "监督抽检不合格产品信息", columns: slices.Concat([]column{samplingNo}, front, []column{combined, category}, announcement, []column{task, lab("检验机构"), remark})},
		SAMR: {title: "监督抽检不合格产品信息", columns: slices.Concat([]column{serial}, firms, food("样品名称"), []column{
			of("生产日期", dateCell),
			of("保质期", func(r *Row) string { return r.ShelfLife }),
			each("不合格项目", func(f *traceability.FailedRow) string { return f.Parameter }),
			each("检验值", func(f *traceability.FailedRow) string { return f.Result }),
			each("标准值", func(f *traceability.FailedRow) string { return f.Limit }),
			each("标签标注要求", func(f *traceability.FailedRow) string { return f.Label }),
			lab("检验机构"),
			of("食品细类", func(r *Row) string { return r.Category }),
			samplingNo, remark,
			of("省份", func(r *Row) string { return r.Province.NameZH() }),
		})},
		Shanghai: {title: "监督抽检不合格产品信息", perCategory: true, columns: shanghai},
		ShanghaiOnline: {title: "网络食品监督抽检不合格产品信息", perCategory: true, columns: append(slices.Clone(shanghai),
			of("网店商铺名称", func(r *Row) string { return r.Shop }), of("网抽平台名称", func(r *Row) string { return r.Platform }))},
		Jiangsu: {title: "监督抽检不合格产品信息", columns: slices.Concat(front, []column{combined, category, task, lab("检验机构"), remark})},
		Anhui:   {title: "监督抽检产品不合格信息", columns: slices.Concat(front, []column{failures("不合格项目"), category, lab("承检机构"), remark})},
	}[l]
	if l == Zhejiang {
		return National.template()
	}
	return t, ok
}

// headings returns the headings in order.
func (t *template) headings() []string {
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		list[i] = c.heading
	}
	return list
}

// lines returns the lines of a row: one, or where failed items have columns of
// their own one for each, those after the first with nothing but the item.
func (t *template) lines(serial string, r *Row) [][]string {
	n := 1
	if slices.ContainsFunc(t.columns, func(c column) bool { return c.failure != nil }) {
		n = max(1, len(r.Failures))
	}
	lines := make([][]string, n)
	for i := range lines {
		line := make([]string, len(t.columns))
		for j, c := range t.columns {
			switch {
			case c.failure != nil && i < len(r.Failures):
				line[j] = printed(c.failure(&r.Failures[i]))
			case c.failure == nil && i == 0:
				line[j] = printed(c.sample(serial, r))
			}
		}
		lines[i] = line
	}
	return lines
}

// printed is a value as a table prints it: "/" for none, without characters that
// no cell can hold.
func printed(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
	if s == "" {
		return "/"
	}
	return s
}
