package store_test

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
	"deltatrace/traceability/reference"
	"deltatrace/traceability/store/storetest"
)

// court is a consortium whose rules judge the cases of a docket.
type court struct {
	testing.TB
	state  map[string][]byte
	memo   rules.Memo
	blocks []traceability.Block
}

// today is the day as of which the cases stand where they do.
var today = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

// Get implements rules.State.
func (c *court) Get(keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = c.state[key]
	}
	return values, nil
}

// docketLab is the laboratory that tests for a province, or re-inspects for another.
func docketLab(province traceability.ProvinceCode) traceability.PartyID {
	return traceability.PartyID("lab:23" + string(province[:2]) + "09340001")
}

// newCourt has the four provinces, what they agreed, and a laboratory in each.
func newCourt(tb testing.TB) *court {
	tb.Helper()
	c := &court{TB: tb, state: make(map[string][]byte)}
	began := time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)
	var genesis traceability.Genesis
	for _, province := range traceability.Provinces() {
		genesis.Provinces = append(genesis.Provinces, traceability.Province{Code: province, Key: c.key(traceability.Regulator(province)).Public()})
	}
	writes, err := genesis.Writes(began)
	c.must(err)
	c.keep(traceability.Transaction{ID: "genesis", Time: began, Writes: writes})
	agreed, err := reference.Documents()
	c.must(err)
	var documents []string
	for _, province := range traceability.Provinces() {
		for _, d := range agreed {
			documents = append(documents, c.sign(traceability.Regulator(province), d.Type, d.Payload, began))
		}
		lab := docketLab(province)
		documents = append(documents, c.sign(traceability.Regulator(province), traceability.TypePartyAdmit, &traceability.Admission{
			Party: lab, Name: province.NameZH() + "示例检测院", Key: c.key(lab).Public(), Scope: []traceability.Capability{{Parameter: "*", Method: "GB 23200.121-2021"}}}, began))
	}
	c.keep(c.judge("agreed", began, documents))
	return c
}

func (c *court) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *court) key(party traceability.PartyID) traceability.SigningKey {
	return storetest.NewKey(c, party, string(party))
}

func (c *court) sign(party traceability.PartyID, typ traceability.DocumentType, payload any, now time.Time) string {
	c.Helper()
	document, err := traceability.Sign(c.key(party), typ, payload, now)
	c.must(err)
	return document
}

// judge has the rules judge documents, which must be accepted or be known.
func (c *court) judge(id traceability.TxID, now time.Time, documents []string) traceability.Transaction {
	c.Helper()
	var prepared []*rules.Prepared
	for _, d := range documents {
		prepared = append(prepared, rules.Prepare(d))
	}
	outcomes, writes, err := c.memo.Apply(c, rules.Tx{ID: id, Time: now}, prepared)
	c.must(err)
	for i, o := range outcomes {
		if o.Status == traceability.StatusRejected {
			c.Fatalf("%s, document %d: %v", id, i, o.Problems)
		}
	}
	tx := traceability.Transaction{ID: id, Time: now, Writes: writes}
	c.write(tx)
	return tx
}

func (c *court) write(tx traceability.Transaction) {
	for _, w := range tx.Writes {
		c.state[w.Key] = w.Value
	}
}

// keep puts a transaction into a block before those of the docket.
func (c *court) keep(tx traceability.Transaction) {
	b := traceability.Block{Number: uint64(len(c.blocks)), Time: tx.Time, Transactions: []traceability.Transaction{tx}, Hash: sha256.Sum256([]byte(tx.ID))}
	if b.Number > 0 {
		b.Previous = c.blocks[b.Number-1].Hash
	}
	c.blocks = append(c.blocks, b)
	c.write(tx)
}

// course is how far a case has come by today, and how it went.
type course struct {
	share int
	days  int   // that it has been open
	last  stage // that it has reached
	way   way
}

type stage int

const (
	issued stage = iota
	dispatched
	acknowledged
	served
	contested
	determined
	published
	handled
	closed
)

type way int

const (
	waived way = iota
	reinspected
	objected
	overturned
)

// courses are about what a register holds after some years: most cases are over,
// the open ones stand anywhere, a few of them late. Their sum is 100.
func courses() []course {
	return []course{
		{2, 1, issued, waived}, {3, 2, dispatched, waived}, {4, 3, acknowledged, waived}, {5, 5, served, waived},
		{2, 10, contested, reinspected}, {2, 10, contested, objected}, {4, 12, determined, waived}, {34, 14, published, waived},
		{4, 40, published, reinspected}, {4, 60, handled, objected}, {28, 300, closed, waived}, {8, 340, closed, overturned},
	}
}

// brief is a case to be judged: its course, in a province, at its source or where
// it was sold, so many days ago.
type brief struct {
	course
	province int
	atSource bool
}

// briefs are all courses in each province at several dates, two of
// three at their source.
func briefs() []brief {
	var list []brief
	const dates = 3
	for _, course := range courses() {
		for province := range traceability.Provinces() {
			for date := range dates {
				b := brief{course, province, len(list)%3 > 0}
				b.days = course.days * (2 + date) / 2
				list = append(list, b)
			}
		}
	}
	return list
}

// newDocket has the briefs judged and repeats them for so many notices.
func newDocket(tb testing.TB, count int) (storetest.Docket, iter.Seq[traceability.Block]) {
	tb.Helper()
	c := newCourt(tb)
	d := storetest.Docket{Seed: 1, Count: count}
	for i, b := range briefs() {
		d.Cases = append(d.Cases, c.play(b, numbersOf(b.province, i), func(step int) traceability.TxID {
			return traceability.TxID(fmt.Sprintf("%032x", i<<8|step))
		}))
	}
	return d, d.Blocks(c.blocks...)
}

// numbersOf invents the numbers of a case that the p-th province organises. The
// producer is in the next province.
func numbersOf(p, n int) storetest.Numbers {
	divisions := []string{"310101", "320106", "330106", "340104"}
	here, there := divisions[p], divisions[(p+1)%4]
	return storetest.Numbers{
		Sampling: traceability.SamplingNo(fmt.Sprintf("DBJ26%s%09d", here, 999_000_000+n)),
		Report:   fmt.Sprintf("SP%09d", 999_000_000+n),
		Lot:      traceability.LotID(fmt.Sprintf("cn/91330106MA1FPX121E/SC/%09d", 999_000_000+n)),
		Unit:     traceability.USCC("91" + here + "MA1000001X"), Producer: traceability.USCC("91" + there + "MA1100001X"),
		Minute: ":17:23Z",
	}
}

// play is a case on its way through the rules.
type play struct {
	*court
	numbers   storetest.Numbers
	provinces [2]traceability.ProvinceCode // of the organiser and establishment, of the producer
	atSource  bool
	id        func(step int) traceability.TxID
	report    traceability.Report
	now       time.Time
	documents []string
	done      []traceability.Transaction
}

// play has a case judged.
func (c *court) play(b brief, numbers storetest.Numbers, id func(step int) traceability.TxID) storetest.Case {
	c.Helper()
	all := traceability.Provinces()
	begun := today.AddDate(0, 0, -b.days)
	minute, err := time.Parse(":04:05Z", numbers.Minute)
	c.must(err)
	p := &play{court: c, numbers: numbers, provinces: [2]traceability.ProvinceCode{all[b.province], all[(b.province+1)%len(all)]}, atSource: b.atSource, id: id,
		now: time.Date(begun.Year(), begun.Month(), begun.Day(), 1+b.days%8, minute.Minute(), minute.Second(), 0, time.UTC)}
	for stage := issued; stage <= b.last; stage++ {
		p.stage(stage, b.way)
	}
	p.submit(0)
	return storetest.Case{Share: b.share, Numbers: numbers, Transactions: p.done}
}

// say signs a document of the transaction at hand.
func (p *play) say(party traceability.PartyID, typ traceability.DocumentType, payload any) {
	p.Helper()
	p.documents = append(p.documents, p.sign(party, typ, payload, p.now))
}

func (p *play) act(by traceability.PartyID, a traceability.NoticeAct) {
	p.Helper()
	a.Notice, a.At = traceability.NoticeID(p.numbers.Sampling), p.now
	p.say(by, traceability.TypeNoticeAct, &a)
}

// submit has what was said judged, if there was anything, and lets days pass.
func (p *play) submit(days int) {
	p.Helper()
	if len(p.documents) == 0 {
		return
	}
	p.done = append(p.done, p.judge(p.id(len(p.done)), p.now, p.documents))
	p.documents, p.now = nil, p.now.AddDate(0, 0, days)
}

func (p *play) organiser() traceability.PartyID { return traceability.Regulator(p.provinces[0]) }

// recipients are who is served, each with its regulator and link.
func (p *play) recipients() []recipient {
	unit := recipient{traceability.ToUnit, p.organiser(), traceability.LinkDistribution}
	if p.atSource {
		unit.link = traceability.LinkProduction
		return []recipient{unit}
	}
	return []recipient{unit, {traceability.ToProducer, traceability.Regulator(p.provinces[1]), traceability.LinkProduction}}
}

type recipient struct {
	as        traceability.Recipient
	regulator traceability.PartyID
	link      traceability.Link
}

var paper = []traceability.Evidence{{Name: "送达回证（示例）.pdf", SHA256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"}}

// stage takes the case one stage further.
func (p *play) stage(s stage, how way) {
	p.Helper()
	switch s {
	case issued:
		p.issue()
	case dispatched:
		p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActDispatch})
		p.submit(1)
	case acknowledged:
		p.acknowledge()
	case served:
		for _, r := range p.recipients() {
			p.act(r.regulator, traceability.NoticeAct{Act: traceability.ActServe, For: r.as, Evidence: paper})
			p.act(r.regulator, traceability.NoticeAct{Act: traceability.ActHandlingOpen, Link: r.link})
		}
		p.submit(2)
	case contested:
		p.contest(how)
	case determined:
		p.determine(how)
	case published:
		p.publish(how)
	case handled:
		p.handle(how)
	case closed:
		p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActClose})
	}
}

// acknowledge has the producer's province, where there is one, acknowledge what it
// was sent.
func (p *play) acknowledge() {
	p.Helper()
	if !p.atSource {
		p.act(traceability.Regulator(p.provinces[1]), traceability.NoticeAct{Act: traceability.ActAcknowledge})
		p.submit(1)
	}
}

func (p *play) issue() {
	p.Helper()
	day := traceability.DateOf(p.now)
	p.report = traceability.Report{No: p.numbers.Report, Revision: 1, Task: traceability.TaskSupervision, TaskName: "市级食品安全监督抽检", Issued: day, Verdict: traceability.VerdictFail,
		Conclusion: "经抽样检验，毒死蜱项目不符合 GB 2763-2021 要求，检验结论为不合格。",
		Sample: traceability.Sample{No: p.numbers.Sampling, Lot: p.numbers.Lot, FoodName: "生菜", Category: "食用农产品", Spec: "散装", Date: day.AddDays(-12), DateKind: traceability.DatePurchase, SampledOn: day.AddDays(-11),
			SampledUnit:     traceability.Firm{Name: "示例农产品经营有限公司", USCC: p.numbers.Unit, Address: "示例路100号"},
			ClaimedProducer: traceability.Firm{Name: "示例蔬菜有限公司", USCC: p.numbers.Producer, Address: "示例镇"}}}
	for i, parameter := range []string{"毒死蜱", "氧乐果", "阿维菌素", "铅(以Pb计)", "啶虫脒", "克百威"} {
		item := traceability.Item{Seq: i + 1, Parameter: parameter, Unit: "mg/kg", Limit: "≤0.02", Result: "未检出", Verdict: traceability.VerdictPass, VerdictText: "符合规定", Method: "GB 23200.121-2021"}
		if i == 0 {
			item.Result, item.Verdict, item.VerdictText = "0.37", traceability.VerdictFail, "不符合规定"
		}
		p.report.Items = append(p.report.Items, item)
	}
	lab := docketLab(p.provinces[0])
	p.say(lab, traceability.TypeReportSubmit, &p.report)
	p.submit(1)
	issue := traceability.NoticeIssue{Report: traceability.NewReportID(lab, p.report.No, 1), At: p.now, Stage: traceability.StageDistribution, Packaging: traceability.Bulk,
		SampledIn: p.numbers.Unit.Division(), ProducedIn: p.numbers.Producer.Division()}
	if p.atSource {
		issue.Stage = traceability.StageProduction
	}
	p.say(p.organiser(), traceability.TypeNoticeIssue, &issue)
}

// contest has the establishment's regulator speak for it; whoever else was served
// waives.
func (p *play) contest(how way) {
	p.Helper()
	for i, r := range p.recipients() {
		switch {
		case i == 0 && (how == reinspected || how == overturned):
			p.act(r.regulator, traceability.NoticeAct{Act: traceability.ActReinspectionApply, For: r.as, Items: []int{1}, Reason: "对检验结论有异议", Evidence: paper})
			p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActReinspectionAccept})
			p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActReinspectionAssign, Lab: docketLab(p.provinces[1])})
		case i == 0 && how == objected:
			p.act(r.regulator, traceability.NoticeAct{Act: traceability.ActObjectionFile, For: r.as, Kind: traceability.ObjectTesting, Reason: "检验方法不适用", Evidence: paper})
			p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActObjectionAccept, For: r.as, Kind: traceability.ObjectTesting})
		default:
			p.act(r.regulator, traceability.NoticeAct{Act: traceability.ActWaive, For: r.as, Evidence: paper})
		}
	}
	if how == waived {
		p.submit(3)
	} else {
		p.submit(20) // who used one right may use the other until its period ends
	}
}

func (p *play) determine(how way) {
	p.Helper()
	lab, relab := docketLab(p.provinces[0]), docketLab(p.provinces[1])
	switch how {
	case reinspected, overturned:
		verdict := map[way]traceability.Verdict{reinspected: traceability.VerdictFail, overturned: traceability.VerdictPass}[how]
		p.act(lab, traceability.NoticeAct{Act: traceability.ActReinspectionTransfer, Evidence: paper})
		p.act(relab, traceability.NoticeAct{Act: traceability.ActReinspectionConclude, Verdict: verdict})
		p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActReinspectionNotify})
	case objected:
		p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActObjectionDecide, For: traceability.ToUnit, Kind: traceability.ObjectTesting, Decision: traceability.Rejected, Reason: "方法适用"})
	}
	decision := traceability.Upheld
	if how == overturned {
		decision = traceability.Overturned
	}
	p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActDetermine, Decision: decision, Reason: "依据检验、复检和异议结果"})
	if how == overturned {
		p.submit(1)
	}
}

// publish publishes the row; of what was overturned the provinces acknowledge the
// withdrawal.
func (p *play) publish(how way) {
	p.Helper()
	if how == overturned {
		p.acknowledge()
		return
	}
	row := traceability.DraftRow(&p.report, "示例检测院")
	p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActPublish, Row: &row})
	p.submit(5)
}

func (p *play) handle(how way) {
	p.Helper()
	if how == overturned {
		return
	}
	for _, r := range p.recipients() {
		for _, step := range []traceability.Step{traceability.StepStart, traceability.StepProductControl, traceability.StepCause, traceability.StepNoPenalty, traceability.StepRectification} {
			a := traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: r.link, Step: step, Reason: "已核查，见附件"}
			if step == traceability.StepCause {
				a.Cause = traceability.CauseMaterial
			}
			p.act(r.regulator, a)
		}
		p.act(r.regulator, traceability.NoticeAct{Act: traceability.ActHandlingSubmit, Link: r.link})
		p.act(p.organiser(), traceability.NoticeAct{Act: traceability.ActHandlingPass, Link: r.link})
	}
}

// TestDocket holds that a notice of a docket is what the rules write about it, but
// for its signatures, and that a docket has notices of all kinds.
func TestDocket(t *testing.T) {
	t.Parallel()
	const count = 60
	d, blocks := newDocket(t, count)
	written := make(map[traceability.TxID]traceability.Transaction)
	phases := make(map[traceability.Phase]int)
	for b := range blocks {
		for _, tx := range b.Transactions {
			written[tx.ID] = tx
		}
	}
	c := newCourt(t)
	for n := range count {
		want := c.play(briefs()[d.CaseOf(n)], d.Numbers(n), func(step int) traceability.TxID { return d.TxID(n, step) })
		for _, tx := range want.Transactions {
			if diff := cmp.Diff(unsigned(tx), unsigned(written[tx.ID])); diff != "" {
				t.Fatalf("notice %d (-judged +written):\n%s", n, diff)
			}
		}
		state, err := traceability.DecodeState[traceability.NoticeState](c.state[traceability.NoticeKey(traceability.NoticeID(d.Numbers(n).Sampling))])
		c.must(err)
		phases[state.Notice.Phase]++
	}
	for _, phase := range traceability.Phases() {
		if phases[phase] == 0 && phase != traceability.PhaseOverturned {
			t.Errorf("no notice is %s: %v", phase, phases)
		}
	}
}

var signature = regexp.MustCompile(`("jws":"[^".]+\.[^".]+)\.[^"]+"`)

// unsigned writes a transaction without its signatures.
func unsigned(tx traceability.Transaction) []string {
	lines := []string{tx.Time.String()}
	for _, w := range tx.Writes {
		lines = append(lines, w.Key+" "+string(signature.ReplaceAll(w.Value, []byte(`$1"`))))
	}
	return lines
}
