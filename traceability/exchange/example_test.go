package exchange_test

import (
	"os"

	"deltatrace/traceability"
	"deltatrace/traceability/exchange"
)

func Example() {
	row := exchange.Row{Published: "2026-11-20", PublicRow: traceability.PublicRow{
		FoodName: "生菜", Date: "2026-11-01", DateKind: traceability.DatePurchase,
		Failures: []traceability.FailedRow{{Parameter: "毒死蜱", Result: "0.37mg/kg", Limit: "≤0.02mg/kg"}},
	}}
	_ = exchange.Write(os.Stdout, exchange.JSON, exchange.Anhui, func(yield func(exchange.Row, error) bool) { yield(row, nil) })
	// Output:
	// {"layout":"anhui","title":"监督抽检产品不合格信息","declaration":"声明:以下信息仅指本次抽检标称的生产企业相关产品的生产日期/批号和所检项目","columns":["序号","标称生产企业名称","标称生产企业地址","被抽样单位名称","被抽样单位地址","食品名称","规格型号","商标","生产日期/批号","不合格项目","分类","承检机构","备注"],"rows":[{"序号":"1","标称生产企业名称":"/","标称生产企业地址":"/","被抽样单位名称":"/","被抽样单位地址":"/","食品名称":"生菜","规格型号":"/","商标":"/","生产日期/批号":"2026-11-01(购进日期)","不合格项目":"毒死蜱║0.37mg/kg║≤0.02mg/kg","分类":"/","承检机构":"/","备注":"/"}],"note":"注：排名不分先后"}
}
