package rules_test

import (
	"fmt"
	"testing"
	"time"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
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

// BenchmarkBatch takes a batch of signed reports of 14 items through all that
// an endorsing peer does with it, and reports where the time goes, in ns for
// each document.
func BenchmarkBatch(b *testing.B) {
	for _, size := range []int{200, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			network := ledgertest.NewNetwork(b)
			writes, err := network.Genesis().Writes(ledgertest.Signed)
			if err != nil {
				b.Fatal(err)
			}
			ledger := state{}
			var memo rules.Memo
			tx := rules.Tx{ID: "0123456789abcdef0123456789abcdef", Time: ledgertest.Signed}
			keep := func(writes []traceability.Write) {
				for _, w := range writes {
					ledger[w.Key] = w.Value
				}
			}
			keep(writes)
			lab, admission := network.Laboratory(b, 1)
			_, writes, err = memo.Apply(ledger, tx, []*rules.Prepared{rules.Prepare(admission)})
			if err != nil || len(writes) != 1 {
				b.Fatal(writes, err)
			}
			keep(writes)
			documents := make([]string, size)
			for i := range documents {
				documents[i] = ledgertest.SignedReport(b, lab, i)
			}

			var total, parsing, decoding, checking, verifying, applying time.Duration
			prepared := make([]*rules.Prepared, size)
			for b.Loop() {
				began, key := time.Now(), lab.Public()
				for i, document := range documents {
					prepared[i] = rules.Prepare(document)
				}
				verifying += timed(func() {
					for _, p := range prepared {
						p.Verify(key)
					}
				})
				applying += timed(func() {
					if _, writes, err := memo.Apply(ledger, tx, prepared); err != nil || len(writes) != size {
						b.Fatal(len(writes), err)
					}
				})
				total += time.Since(began)

				// The parts of Prepare, once more by themselves.
				for _, document := range documents {
					d, payload := new(traceability.Document), new(traceability.Report)
					parse := timed(func() { d, _ = traceability.ParseDocument(document) })
					decode := timed(func() { err = d.Decode(payload) })
					if err != nil {
						b.Fatal(err)
					}
					checking += timed(func() { payload.Check() })
					parsing, decoding = parsing+parse, decoding+decode
				}
			}
			for name, took := range map[string]time.Duration{"all": total, "parse": parsing, "decode": decoding, "check": checking, "signature": verifying, "apply": applying} {
				b.ReportMetric(float64(took.Nanoseconds())/float64(b.N*size), name+"-ns/doc")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}
