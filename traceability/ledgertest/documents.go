package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"deltatrace/traceability"
)

// Signed is when the documents of this package are dated: long enough ago for
// any ledger's clock.
var Signed = time.Date(2025, 9, 1, 8, 0, 0, 0, time.UTC)

// Network is the four provinces with their keys, as a test's ledger starts from
// them.
type Network struct {
	keys map[traceability.ProvinceCode]traceability.SigningKey
}

// NewNetwork makes keys for the four provinces.
func NewNetwork(tb testing.TB) *Network {
	tb.Helper()
	n := &Network{keys: make(map[traceability.ProvinceCode]traceability.SigningKey)}
	for _, province := range traceability.Provinces() {
		n.keys[province] = NewKey(tb, traceability.Regulator(province))
	}
	return n
}

// NetworkOf is a network whose provinces have their keys already.
func NetworkOf(keys map[traceability.ProvinceCode]traceability.SigningKey) *Network {
	return &Network{keys: keys}
}

// Genesis is what the network's ledger starts from.
func (n *Network) Genesis() traceability.Genesis {
	var g traceability.Genesis
	for _, province := range traceability.Provinces() {
		g.Provinces = append(g.Provinces, traceability.Province{Code: province, Key: n.keys[province].Public()})
	}
	return g
}

// Regulator returns a province's signing key.
func (n *Network) Regulator(province traceability.ProvinceCode) traceability.SigningKey {
	return n.keys[province]
}

// Laboratory makes a key for the i-th invented laboratory (0 to 9999) and the
// document with which Shanghai's regulator admits it. It is accredited for all
// that Report tests.
func (n *Network) Laboratory(tb testing.TB, i int) (lab traceability.SigningKey, admission string) {
	tb.Helper()
	lab = NewKey(tb, traceability.PartyID(fmt.Sprintf("lab:25099999%04d", i)))
	return lab, n.Admit(tb, &traceability.Admission{
		Party: lab.Party, Name: fmt.Sprintf("示范检验所%d", i), Division: "310000", Key: lab.Public(),
		Scope: []traceability.Capability{{Parameter: "*", Method: method}},
	})
}

// Admit signs an admission as Shanghai's regulator.
func (n *Network) Admit(tb testing.TB, admission *traceability.Admission) string {
	tb.Helper()
	return Sign(tb, n.keys[traceability.Shanghai], traceability.TypePartyAdmit, admission)
}

// NewKey makes a party's key.
func NewKey(tb testing.TB, party traceability.PartyID) traceability.SigningKey {
	tb.Helper()
	key, err := traceability.NewSigningKey(party)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// Sign signs a payload, dated Signed.
func Sign(tb testing.TB, key traceability.SigningKey, typ traceability.DocumentType, payload any) string {
	tb.Helper()
	return SignAt(tb, key, typ, payload, Signed)
}

// SignAt signs a payload, dated at.
func SignAt(tb testing.TB, key traceability.SigningKey, typ traceability.DocumentType, payload any, at time.Time) string {
	tb.Helper()
	document, err := traceability.Sign(key, typ, payload, at)
	if err != nil {
		tb.Fatal(err)
	}
	return document
}

const method = "GB 23200.121-2021"

// pesticides are what the invented reports test, as on a report on vegetables.
var pesticides = [...]string{"阿维菌素", "倍硫磷", "苯醚甲环唑", "吡虫啉", "啶虫脒", "毒死蜱", "氟虫腈",
	"甲氨基阿维菌素苯甲酸盐", "甲拌磷", "克百威", "噻虫胺", "噻虫嗪", "氧乐果", "乙酰甲胺磷"}

// Report is an invented report on vegetables with 14 items, about 4 kB when it
// is signed. Its number follows from i.
func Report(i int) *traceability.Report {
	r := &traceability.Report{
		No: fmt.Sprintf("SP2025%06d", i), Revision: 1, Task: traceability.TaskSupervision, TaskName: "市级食品安全监督抽检",
		Client: "示范市市场监督管理局",
		Sample: traceability.Sample{
			FoodName: "普通白菜", Category: "蔬菜", Spec: "散装", Date: "2025-08-20", DateKind: traceability.DatePurchase,
			SampledUnit: traceability.Firm{Name: "示范超市有限公司", Address: "示范市示范路1号"}, SampledOn: "2025-08-21", ArrivedOn: "2025-08-21",
			Quantity: "3.05kg", BackupQuantity: "1.52kg",
		},
		TestedFrom: "2025-08-22", TestedTo: "2025-08-28", Issued: "2025-08-29",
		Verdict: traceability.VerdictPass, Conclusion: "经抽样检验，所检项目符合 GB 2763-2021《食品安全国家标准 食品中农药最大残留限量》要求，检验结论为合格。",
	}
	for seq, pesticide := range pesticides {
		r.Items = append(r.Items, traceability.Item{
			Seq: seq + 1, Parameter: pesticide, Unit: "mg/kg", Limit: "≤0.05", Result: "未检出（定量限：0.01）",
			Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: method,
		})
	}
	return r
}

// SignedReport signs the i-th invented report.
func SignedReport(tb testing.TB, lab traceability.SigningKey, i int) string {
	tb.Helper()
	return Sign(tb, lab, traceability.TypeReportSubmit, Report(i))
}

// ReportKey is the state key of the i-th invented report.
func ReportKey(lab traceability.SigningKey, i int) string {
	return traceability.ReportKey(traceability.NewReportID(lab.Party, Report(i).No, 1))
}
