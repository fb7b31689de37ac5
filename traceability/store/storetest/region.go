package storetest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
)

// Region is an invented region as large as one likes: the trade of farms,
// wholesale markets, factories and shops; chains of lots, each made from the one
// before and now and then from a bought ingredient, longer than any that the
// field knows; and one lot that went into a great many. Every tenth lot has a
// report. The same Region makes the same blocks, one after the other: nothing
// grows with its size.
//
// It signs nothing: the ledger has verified what a read model reads, and a
// million signatures would take longer than all the rest.
type Region struct {
	Seed  uint64
	Lots  int // about so many, beside those of the trade
	Chain int // lots in a chain; 50 when 0
	Scope int // how many lots come of the recalled one; none when 0
	Trade int // lots of farms, markets, factories and shops; none when 0
	Block int // documents in a block; 1000 when 0
}

// The shape of the recalled lot's tree: it goes into so many lots, each of
// those into equally many.
const recallParts = 200

func (r Region) chain() int {
	if r.Chain == 0 {
		return 50
	}
	return r.Chain
}

// Chains returns how many chains the region has.
func (r Region) Chains() int { return max(1, (r.Lots-r.Scope)/r.chain()) }

// ChainLot returns the n-th lot of a chain, from 0.
func (r Region) ChainLot(chain, n int) traceability.LotID {
	return traceability.LotID(fmt.Sprintf("cn/%s/QC-%d/%d-%d", chainOperator(chain).Number(), n, r.Seed, chain))
}

// RecalledLot returns the lot that Scope lots came of.
func (r Region) RecalledLot() traceability.LotID {
	return traceability.LotID("cn/" + chainOperator(0).Number() + "/YH/RECALL")
}

func (r Region) recallLot(level, n int) traceability.LotID {
	return traceability.LotID(fmt.Sprintf("cn/%s/YH-%d/%d", chainOperator(n).Number(), level, n))
}

// chainOperators is how many operators share the chains.
const chainOperators = 1000

// regionOperator returns an operator, of an invented number without right check
// characters; there are 100,000.
func regionOperator(n int) traceability.PartyID {
	return traceability.PartyID(fmt.Sprintf("op:91310101MA1%05d1X", n))
}

func chainOperator(n int) traceability.PartyID { return regionOperator(n % chainOperators) }

func regionLab(n int) traceability.PartyID {
	return traceability.PartyID(fmt.Sprintf("lab:2309%08d", n%20))
}

// Blocks makes the region's blocks, one transaction each.
func (r Region) Blocks() iter.Seq[traceability.Block] {
	return func(yield func(traceability.Block) bool) {
		w := &regionWriter{most: r.Block, yield: yield}
		if w.most == 0 {
			w.most = traceability.MaxBatchDocuments
		}
		w.flush() // block 0 is empty
		random := rand.New(rand.NewPCG(r.Seed, 1))
		for chain := range r.Chains() {
			if w.stopped {
				return
			}
			r.writeChain(w, random, chain)
		}
		r.writeTrade(w, random)
		if r.Scope > 0 {
			r.writeRecall(w)
		}
		w.flush()
	}
}

func (r Region) writeChain(w *regionWriter, random *rand.Rand, chain int) {
	party := chainOperator(chain)
	kilograms := func(lot traceability.LotID) []traceability.LotQuantity {
		return []traceability.LotQuantity{{Lot: lot, Quantity: traceability.Quantity{Value: "1250.5", Unit: "KGM"}}}
	}
	for n := range r.chain() {
		lot := r.ChainLot(chain, n)
		w.lot(party, lot, n, "上海青", "Shanghai pak choi")
		e := traceability.Event{Ref: fmt.Sprintf("%d-%d-%d", r.Seed, chain, n), Type: traceability.EventCommission, Time: w.now(),
			Place: traceability.Place{Division: "310101"}, Outputs: kilograms(lot)}
		if n > 0 {
			e.Type, e.Process, e.Inputs = traceability.EventTransform, "清洗分装", kilograms(r.ChainLot(chain, n-1))
			if chain > 0 && random.IntN(10) == 0 { // an ingredient from elsewhere
				e.Inputs = append(e.Inputs, kilograms(r.ChainLot(random.IntN(chain), 0))...)
			}
		}
		w.event(party, e)
		if n%10 == 0 {
			w.report(regionLab(chain), lot, fmt.Sprintf("SP%d%07d%02d", r.Seed, chain, n))
		}
	}
}

// writeRecall makes the tree of the recalled lot, two levels deep.
func (r Region) writeRecall(w *regionWriter) {
	one := traceability.Quantity{Value: "1", Unit: "XBX"}
	into := func(from traceability.LotID, ref string, level, first, count int) {
		e := traceability.Event{Ref: ref, Type: traceability.EventTransform, Time: w.now(),
			Inputs: []traceability.LotQuantity{{Lot: from, Quantity: one}}}
		for n := first; n < first+count; n++ {
			lot := r.recallLot(level, n)
			w.lot(chainOperator(n), lot, n, "上海青", "Shanghai pak choi")
			e.Outputs = append(e.Outputs, traceability.LotQuantity{Lot: lot, Quantity: one})
		}
		w.event(chainOperator(first), e)
	}
	w.lot(chainOperator(0), r.RecalledLot(), 0, "上海青", "Shanghai pak choi")
	parts := min(recallParts, r.Scope)
	into(r.RecalledLot(), "recall", 1, 0, parts)
	left := r.Scope - parts
	for n := 0; n < parts && left > 0; n++ {
		count := min((r.Scope-parts+parts-1)/parts, left)
		into(r.recallLot(1, n), fmt.Sprintf("recall-%d", n), 2, n*recallParts*10, count)
		left -= count
	}
}

// regionWriter gathers records into blocks.
type regionWriter struct {
	most     int
	number   uint64
	previous traceability.Hash
	writes   []traceability.Write
	entries  int // documents in the block
	stopped  bool
	yield    func(traceability.Block) bool
}

func (w *regionWriter) now() time.Time { return start.Add(time.Duration(w.number) * time.Second) }

func (w *regionWriter) flush() {
	b := traceability.Block{Number: w.number, Time: w.now(), Previous: w.previous}
	if len(w.writes) > 0 {
		slices.SortFunc(w.writes, byKey)
		b.Transactions = []traceability.Transaction{{ID: txID(int(w.number)), Time: w.now(), Writes: w.writes}}
	}
	b.Hash = sha256.Sum256(fmt.Append(nil, b.Number, b.Previous, len(w.writes)))
	w.number, w.previous, w.writes, w.entries = w.number+1, b.Hash, nil, 0
	if !w.stopped {
		w.stopped = !w.yield(b)
	}
}

func (w *regionWriter) lot(party traceability.PartyID, id traceability.LotID, n int, product, productEN string) {
	w.document(party, traceability.TypeLotRegister, traceability.LotKey(id), traceability.Lot{
		ID: id, Product: product, ProductEN: productEN, Category: "蔬菜", Unit: "KGM", Spec: "500g/袋",
		Date: "2026-10-30", DateKind: traceability.DateHarvest, ShelfLife: "7天",
		Producer: traceability.Firm{Name: fmt.Sprintf("上海示例%d食品有限公司", n)}, Origin: traceability.Place{Division: "310118"},
	})
}

func (w *regionWriter) event(party traceability.PartyID, e traceability.Event) {
	w.document(party, traceability.TypeEventRecord, traceability.EventKey(traceability.NewEventID(party, e.Ref)), e)
}

func (w *regionWriter) report(lab traceability.PartyID, lot traceability.LotID, no string) {
	r := traceability.Report{No: no, Revision: 1, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass,
		Sample: traceability.Sample{Lot: lot, FoodName: "上海青"}}
	for n, parameter := range []string{"毒死蜱", "阿维菌素", "铅(以Pb计)", "镉(以Cd计)", "啶虫脒", "甲氨基阿维菌素苯甲酸盐", "氟虫腈", "克百威", "氧乐果", "甲胺磷"} {
		r.Items = append(r.Items, traceability.Item{Seq: n + 1, Parameter: parameter, Unit: "mg/kg", Limit: "≤0.02",
			Result: "未检出(定量限：0.01)", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 23200.121-2021"})
	}
	w.document(lab, traceability.TypeReportSubmit, traceability.ReportKey(traceability.NewReportID(lab, no, 1)), r)
}

// document writes a record; lot, event and report have the same shape.
func (w *regionWriter) document(signer traceability.PartyID, typ traceability.DocumentType, key string, payload any) {
	w.write(key, &traceability.LotState{Document: w.entry(signer, typ, payload)})
}

// entry makes a document's entry, with a signature of the right length.
func (w *regionWriter) entry(signer traceability.PartyID, typ traceability.DocumentType, payload any) traceability.Entry {
	body, err := traceability.Canonical(payload)
	if err != nil {
		panic(err) // the payloads above always encode
	}
	header := fmt.Appendf(nil, `{"alg":"EdDSA","iat":%d,"kid":"%s#%s","typ":"%s"}`, w.now().Unix(), signer, strings.Repeat("A", 43), typ)
	jws := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body) + "." + strings.Repeat("A", 86)
	w.entries++
	return traceability.Entry{JWS: jws, Tx: txID(int(w.number)), N: w.entries - 1}
}

// write sets a key, which the block has not set before.
func (w *regionWriter) write(key string, record any) {
	value, err := traceability.Canonical(record)
	if err != nil {
		panic(err)
	}
	w.writes = append(w.writes, traceability.Write{Key: key, Value: value})
	if len(w.writes) >= w.most || w.entries >= traceability.MaxBatchDocuments-1 {
		w.flush()
	}
}
