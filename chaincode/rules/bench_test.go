package rules_test

import (
	"fmt"
	"testing"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// BenchmarkReport judges one report of a laboratory with so many rows of scope.
func BenchmarkReport(b *testing.B) {
	for _, rows := range []int{2, 200, 2000} {
		b.Run(fmt.Sprintf("scope=%d", rows), func(b *testing.B) {
			w := newWorld(b)
			admission := w.admission(lab)
			for i := range rows {
				admission.Scope = append(admission.Scope, traceability.Capability{Parameter: fmt.Sprintf("参数%d", i), Method: fmt.Sprintf("GB 5009.%d-2016 第一法", i%300)})
			}
			w.accept(w.sign(zhejiang, traceability.TypePartyAdmit, admission))
			p := rules.Prepare(w.sign(lab, traceability.TypeReportSubmit, report("R1")))
			p.Verify(w.key(lab).Public())
			var memo rules.Memo
			for b.Loop() {
				if _, _, err := memo.Apply(w.state, rules.Tx{ID: "tx", Time: w.now}, []*rules.Prepared{p}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
