package fabricbench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"deltatrace/network/keyring"
	"deltatrace/traceability"
)

const laboratory traceability.PartyID = "lab:250999997777"

// reports makes invented reports of one laboratory, each with a number of its
// own, and signs them.
type reports struct {
	key  traceability.SigningKey
	run  int64 // makes this run's numbers differ from earlier ones'
	made atomic.Int64
}

// newReports admits the laboratory.
func newReports(ctx context.Context, keys keyring.Keyring, ledger traceability.Ledger) (*reports, error) {
	key, err := keys.Key(laboratory)
	if err != nil {
		return nil, err
	}
	regulator, err := keys.Key(traceability.Regulator(traceability.Shanghai))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	admission, err := traceability.Sign(regulator, traceability.TypePartyAdmit, &traceability.Admission{
		Party: laboratory, Name: "测量用示例检验所", Division: "310000", Key: key.Public(),
		Scope: []traceability.Capability{{Parameter: "*", Method: method}},
	}, now)
	if err != nil {
		return nil, err
	}
	receipt, err := ledger.Submit(ctx, []string{admission})
	if err == nil && receipt.Outcomes[0].Status == traceability.StatusRejected {
		err = receipt.Outcomes[0].Problems[0]
	}
	return &reports{key: key, run: now.Unix()}, err
}

const method = "GB 23200.121-2021"

// next returns a new signed report and the key under which the plain way stores
// it.
func (r *reports) next() (key, document string, err error) {
	report := sample(fmt.Sprintf("B%d-%07d", r.run, r.made.Add(1)))
	document, err = traceability.Sign(r.key, traceability.TypeReportSubmit, report, time.Now().Add(-time.Second))
	return "report/" + report.No, document, err
}

// size is a report's length as it is signed.
func (r *reports) size() int {
	_, document, err := r.next()
	if err != nil {
		return 0
	}
	return len(document)
}

// sample is an invented report on vegetables with 14 items.
func sample(no string) *traceability.Report {
	report := &traceability.Report{
		No: no, Revision: 1, Task: traceability.TaskSupervision, TaskName: "市级食品安全监督抽检", Client: "示范市市场监督管理局",
		Sample: traceability.Sample{
			FoodName: "普通白菜", Category: "蔬菜", Spec: "散装", Date: "2025-08-20", DateKind: traceability.DatePurchase,
			SampledUnit: traceability.Firm{Name: "示范超市有限公司", Address: "示范市示范路1号"}, SampledOn: "2025-08-21", ArrivedOn: "2025-08-21",
			Quantity: "3.05kg", BackupQuantity: "1.52kg",
		},
		TestedFrom: "2025-08-22", TestedTo: "2025-08-28", Issued: "2025-08-29",
		Verdict: traceability.VerdictPass, Conclusion: "经抽样检验，所检项目符合 GB 2763-2021 要求，检验结论为合格。",
	}
	for i, pesticide := range []string{"阿维菌素", "倍硫磷", "苯醚甲环唑", "吡虫啉", "啶虫脒", "毒死蜱", "氟虫腈",
		"甲拌磷", "克百威", "噻虫胺", "噻虫嗪", "氧乐果", "乙酰甲胺磷", "三唑磷"} {
		report.Items = append(report.Items, traceability.Item{
			Seq: i + 1, Parameter: pesticide, Unit: "mg/kg", Limit: "≤0.05", Result: "未检出（定量限：0.01）",
			Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: method,
		})
	}
	return report
}
