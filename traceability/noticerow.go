package traceability

import (
	"strings"
	"unicode"
)

// PublicRow is a failed sample as it is published, in the fields of the national
// table (不合格产品信息). It extends no finding: it speaks of this batch and these
// items only.
type PublicRow struct {
	SamplingNo   SamplingNo  `json:"sampling_no,omitzero"`
	Producer     Firm        `json:"claimed_producer,omitzero"` // 标称生产企业
	SampledUnit  Firm        `json:"sampled_unit,omitzero"`     // 被抽样单位
	FoodName     string      `json:"food_name"`
	Spec         string      `json:"spec,omitzero"`
	Trademark    string      `json:"trademark,omitzero"`
	Batch        string      `json:"batch,omitzero"`
	Date         Date        `json:"date,omitzero"`
	DateKind     DateKind    `json:"date_kind,omitzero"`
	ShelfLife    string      `json:"shelf_life,omitzero"` // 保质期, as printed
	Failures     []FailedRow `json:"failures"`
	Category     string      `json:"category,omitzero"`
	Lab          string      `json:"lab,omitzero"`
	Announcement string      `json:"announcement,omitzero"` // 公告号
	Task         string      `json:"task,omitzero"`         // 任务来源/项目名称
	Shop         string      `json:"shop,omitzero"`         // 网店商铺名称
	Platform     string      `json:"platform,omitzero"`     // 网抽平台名称
	Remark       string      `json:"remark,omitzero"`       // 备注: also that the claimed producer was found not to be it
}

// FailedRow is one failed item of a published row (不合格项目║检验结果║标准值).
type FailedRow struct {
	Parameter string `json:"parameter"`
	Result    string `json:"result"`
	Limit     string `json:"limit"`
	Label     string `json:"label,omitzero"` // 标签标注要求: what the label promises, where the item fails by that
}

// DraftRow prefills the public row from the report and the laboratory's name.
func DraftRow(r *Report, lab string) PublicRow {
	s := &r.Sample
	row := PublicRow{
		SamplingNo: s.No, Producer: s.ClaimedProducer, SampledUnit: s.SampledUnit, FoodName: s.FoodName, Spec: s.Spec, Trademark: s.Trademark,
		Batch: s.Batch, Date: s.Date, DateKind: s.DateKind, ShelfLife: s.ShelfLife, Category: s.Category, Lab: lab, Task: r.TaskName,
	}
	for _, item := range r.Items {
		if item.Verdict == VerdictFail {
			row.Failures = append(row.Failures, FailedRow{Parameter: item.Parameter, Result: withUnit(item.Result, item.Unit), Limit: withUnit(item.Limit, item.Unit)})
		}
	}
	return row
}

// withUnit writes a printed value with its unit, where there is a number: 不得使用
// has none.
func withUnit(value, unit string) string {
	if !strings.ContainsFunc(value, unicode.IsNumber) || unit == "" || unit == "/" {
		return value
	}
	return value + unit
}

func (c *checker) row(field string, r *PublicRow) {
	if r.SamplingNo != "" {
		no, err := ParseSamplingNo(string(r.SamplingNo))
		canonical(c, field+".sampling_no", r.SamplingNo, no, err)
	}
	c.firm(field+".claimed_producer", r.Producer)
	c.firm(field+".sampled_unit", r.SampledUnit)
	c.need(field+".food_name", r.FoodName, 200)
	c.text(field+".spec", r.Spec, 100)
	c.text(field+".trademark", r.Trademark, 100)
	c.text(field+".batch", r.Batch, 100)
	c.dateKind(field+".date_kind", r.DateKind)
	c.text(field+".shelf_life", r.ShelfLife, 200)
	for i, f := range bounded(c, field+".failures", r.Failures, 1, MaxReportItems) {
		c.need(index(field+".failures", i)+".parameter", f.Parameter, 200)
		c.text(index(field+".failures", i)+".result", f.Result, 600)
		c.text(index(field+".failures", i)+".limit", f.Limit, 400)
		c.text(index(field+".failures", i)+".label", f.Label, 400)
	}
	c.text(field+".category", r.Category, 100)
	c.text(field+".lab", r.Lab, 200)
	c.text(field+".announcement", r.Announcement, 100)
	c.text(field+".task", r.Task, 200)
	c.text(field+".shop", r.Shop, 200)
	c.text(field+".platform", r.Platform, 200)
	c.text(field+".remark", r.Remark, 1000)
}
