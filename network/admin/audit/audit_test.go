package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/peer"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

func TestClean(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// A conflict that is one, and another configuration.
	late := w.judge(ledgertest.SignedReport(t, w.lab, 9))
	late.reads = []*kvrwset.KVRead{{Key: traceability.PartyKey(w.lab.Party)}} // it was not there
	w.cutMarked([]peer.TxValidationCode{peer.TxValidationCode_MVCC_READ_CONFLICT}, w.envelope(late))
	w.cut(w.configuration())
	w.cut(w.envelope(w.judge(ledgertest.SignedReport(t, w.lab, 10), ledgertest.SignedReport(t, w.lab, 11))))

	copies := w.copies()
	copies["anhui"].blocks = copies["anhui"].blocks[:3] // it is behind
	var seen []uint64
	config := w.config(copies)
	config.Progress = func(block, last uint64) { seen = append(seen, block, last) }
	report, err := Run(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	want := &Report{
		Provinces: []Reach{{"shanghai", 8}, {"jiangsu", 8}, {"zhejiang", 8}, {"anhui", 3}},
		Blocks:    8, Transactions: 6, Documents: 6, Last: Head{Number: 7, Hash: headerHash(w.blocks[7].Header)},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s\n%s", diff, report)
	}
	if diff := cmp.Diff([]uint64{0, 7, 1, 7, 2, 7, 3, 7, 4, 7, 5, 7, 6, 7, 7, 7}, seen); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}

	config.From = 4
	report, err = Run(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	want.Blocks, want.Transactions, want.Documents = 4, 3, 4
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report from block 4 (-want +got):\n%s", diff)
	}
}

// TestOneCopy alters one province's copy.
func TestOneCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := idOf(w.blocks[4].Data.Data[0]), idOf(w.blocks[4].Data.Data[1])
	metadata := func(b *common.Block, i common.BlockMetadataIndex) []byte { return b.Metadata.Metadata[i] }
	for name, test := range map[string]struct {
		alter       func(m *memory, b *common.Block)
		block       uint64
		transaction traceability.TxID
		problem     string
	}{
		"a byte of a document": {func(_ *memory, b *common.Block) { flip(t, b.Data.Data[1], `"jws":"`) }, 4, second, "transaction 1 of the block is not as shanghai has it"},
		"made good, unsigned": {func(_ *memory, b *common.Block) {
			flip(t, b.Data.Data[0], `"jws":"`)
			hash := dataHash(b.Data)
			b.Header.DataHash = hash[:]
		}, 4, first, "good signatures of 0 orderers"},
		"signed by two":            {func(_ *memory, b *common.Block) { w.seal(b, 1, 3) }, 4, "", "good signatures of 2 orderers under the block, expected 3 of 4"},
		"signed by one, thrice":    {func(_ *memory, b *common.Block) { w.seal(b, 1, 1, 1) }, 4, "", "good signatures of 1 orderers"},
		"nobody's signatures":      {func(_ *memory, b *common.Block) { b.Metadata.Metadata = nil }, 4, "", "good signatures of 0 orderers"},
		"another block before":     {func(_ *memory, b *common.Block) { b.Header.PreviousHash[0] ^= 1 }, 4, "", "the block before it has"},
		"another number":           {func(_ *memory, b *common.Block) { b.Header.Number = 7 }, 4, "", "its number is 7"},
		"a transaction cut off":    {func(_ *memory, b *common.Block) { b.Data.Data = b.Data.Data[:1] }, 4, second, "shanghai has this transaction, too"},
		"a transaction more":       {func(_ *memory, b *common.Block) { b.Data.Data = append(b.Data.Data, b.Data.Data[0]) }, 4, first, "shanghai does not have this transaction"},
		"one is said not to count": {func(_ *memory, b *common.Block) { metadata(b, common.BlockMetadataIndex_TRANSACTIONS_FILTER)[1] = 11 }, 4, second, "counts as MVCC_READ_CONFLICT; at [shanghai jiangsu zhejiang] as VALID"},
		"marks cut off": {func(_ *memory, b *common.Block) {
			b.Metadata.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = nil
		}, 4, "", "validation codes of 0 transactions"},
		"another state":  {func(_ *memory, b *common.Block) { metadata(b, common.BlockMetadataIndex_COMMIT_HASH)[0]++ }, 4, "", "the peer's state has gone its own way"},
		"cannot be read": {func(m *memory, _ *common.Block) { m.err = &DamageError{"torn"} }, 4, "", "torn"},
		"no header":      {func(_ *memory, b *common.Block) { b.Header = nil }, 4, "", "no header"},
		"another channel": {func(m *memory, _ *common.Block) {
			b := m.blocks[0]
			b.Data.Data[0] = w.configuration()
			hash := dataHash(b.Data)
			b.Header.DataHash = hash[:]
		}, 0, "", "the channel's first block is another than the auditor knows"},
	} {
		t.Run(name, func(t *testing.T) {
			copies := w.copies()
			last := len(w.blocks) - 1
			test.alter(copies["anhui"], copies["anhui"].blocks[last])
			report, err := Run(context.Background(), w.config(copies))
			if err != nil {
				t.Fatal(err)
			}
			checkDivergence(t, report, Divergence{Block: test.block, Transaction: test.transaction, Provinces: []string{"anhui"}, Problem: test.problem})
			if report.Blocks != test.block {
				t.Errorf("%d blocks were checked before, want %d", report.Blocks, test.block)
			}
		})
	}
}

// TestAllCopies has orderers, endorsers or peers of all provinces do wrong.
func TestAllCopies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := newSigner(t, "shanghaiMSP")
	nobody := newSigner(t, "nobody")
	forge := func(change func(d *draft)) func(*world) []byte {
		return func(w *world) []byte {
			d := w.judge(ledgertest.SignedReport(t, w.lab, 50))
			change(&d)
			return w.envelope(d)
		}
	}
	valid := peer.TxValidationCode_VALID
	for name, test := range map[string]struct {
		make    func(w *world) []byte
		code    peer.TxValidationCode
		key     string
		problem string
	}{
		"two endorse":         {forge(func(d *draft) { d.endorsers = w.members[:2] }), valid, "", "found endorsements of 2 organisations, expected 3"},
		"one endorses thrice": {forge(func(d *draft) { d.endorsers = []*member{w.members[0], w.members[0], w.members[0]} }), valid, "", "found endorsements of 1 organisations"},
		"a stranger endorses": {forge(func(d *draft) { d.endorsers = append(w.members[:3:3], stranger) }), valid, "", `the certificate "member.shanghaiMSP" is none of shanghaiMSP`},
		"nobody endorses":     {forge(func(d *draft) { d.endorsers = append(w.members[:3:3], nobody) }), valid, "", `organisation "nobody" is not in the channel's configuration`},
		"nobody submits":      {forge(func(d *draft) { d.submitter = nobody }), valid, "", "its submitter: organisation"},
		"another's endorsement": {forge(func(d *draft) {
			d.spoil = func(_ *common.Envelope, a *peer.ChaincodeEndorsedAction) {
				a.Endorsements[1].Signature = a.Endorsements[0].Signature
			}
		}), valid, "", "the endorser of jiangsuMSP: the signature is not good"},
		"submitter's signature": {forge(func(d *draft) {
			d.spoil = func(e *common.Envelope, _ *peer.ChaincodeEndorsedAction) { e.Signature = []byte("x") }
		}), valid, "", "its submitter, of shanghaiMSP: the signature is not good"},
		"another time": {forge(func(d *draft) { d.header = w.header(*d, 5*time.Minute, "") }), valid, "", "its endorsements are of another proposal"},
		"another id":   {forge(func(d *draft) { d.header = w.header(*d, 0, "00") }), valid, "", "it has another id than follows from its submitter"},
		"a forged value": {forge(func(d *draft) {
			d.writes[0].Value = bytes.Replace(d.writes[0].Value, []byte(`{"document"`), []byte(`{"a":1,"document"`), 1)
		}), valid, ledgertest.ReportKey(w.lab, 50), "the value is not what the rules write"},
		"a deletion":       {forge(func(d *draft) { d.deletes = "lot/x" }), valid, "", "it deletes lot/x"},
		"a key of its own": {forge(func(d *draft) { d.writes = append(d.writes, traceability.Write{Key: "zzz", Value: []byte(`{}`)}) }), valid, "zzz", "the rules do not"},
		"not a record":     {forge(func(d *draft) { d.writes[0].Value = []byte("x") }), valid, ledgertest.ReportKey(w.lab, 50), "not JSON of a record"},
		"a stale read":     {forge(func(d *draft) { d.reads[0].Version = &kvrwset.Version{BlockNum: 1} }), valid, traceability.PartyKey(w.lab.Party), "had been written anew"},
		"a read of nothing": {forge(func(d *draft) {
			d.reads = append(d.reads, &kvrwset.KVRead{Key: "lot/x", Version: &kvrwset.Version{BlockNum: 1}})
		}), valid, "lot/x", "had been written anew"},
		"set aside for nothing": {forge(func(*draft) {}), peer.TxValidationCode_MVCC_READ_CONFLICT, "", "nothing that it read had changed"},
		"signed by another key": {func(w *world) []byte {
			return w.envelope(w.swapSignature(w.judge(ledgertest.SignedReport(t, w.lab, 50))))
		}, valid, "", "bad_signature"},
		"not an envelope": {func(*world) []byte { return []byte("x") }, valid, "", "envelope"},
		"another channel": {forge(func(d *draft) { d.header = &common.ChannelHeader{ChannelId: "another"} }), valid, "", `it is of channel "another"`},
	} {
		t.Run(name, func(t *testing.T) {
			forged := w.fork()
			envelope := test.make(forged)
			forged.cutMarked([]peer.TxValidationCode{test.code}, envelope)
			report, err := Run(context.Background(), forged.config(forged.copies()))
			if err != nil {
				t.Fatal(err)
			}
			checkDivergence(t, report, Divergence{Block: 5, Transaction: idOf(envelope), Provinces: provinces, Key: test.key, Problem: test.problem})
		})
	}
}

// fork returns a world that goes on from the same ledger.
func (w *world) fork() *world {
	forked := *w
	forked.blocks = w.blocks[:len(w.blocks):len(w.blocks)]
	forked.state, forked.versions = make(map[string][]byte), make(map[string]*kvrwset.Version)
	for key := range w.state {
		forked.state[key], forked.versions[key] = w.state[key], w.versions[key]
	}
	return &forked
}

// header is what an envelope says when it lies about time or id.
func (w *world) header(d draft, later time.Duration, id string) *common.ChannelHeader {
	if id == "" {
		id = string(w.id(d))
	}
	at := w.now()
	at.Seconds += int64(later / time.Second)
	return &common.ChannelHeader{Type: int32(common.HeaderType_ENDORSER_TRANSACTION), ChannelId: channel, TxId: id, Timestamp: at}
}

// swapSignature gives a report the signature of somebody else.
func (w *world) swapSignature(d draft) draft {
	state, err := traceability.DecodeState[traceability.ReportState](d.writes[0].Value)
	if err != nil {
		w.Fatal(err)
	}
	mine := strings.Split(state.Document.JWS, ".")
	theirs := strings.Split(ledgertest.SignedReport(w, ledgertest.NewKey(w, w.lab.Party), 50), ".")
	state.Document.JWS = mine[0] + "." + mine[1] + "." + theirs[2]
	if d.writes[0].Value, err = traceability.Canonical(state); err != nil {
		w.Fatal(err)
	}
	return d
}

// TestSplit has the orderers sign two blocks of one height.
func TestSplit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.fork()
	w.cut(w.envelope(w.judge(ledgertest.SignedReport(t, w.lab, 60))))
	other.cut(other.envelope(other.judge(ledgertest.SignedReport(t, w.lab, 61))))
	copies := w.copies()
	copies["zhejiang"] = other.copies()["zhejiang"]
	report, err := Run(context.Background(), w.config(copies))
	if err != nil {
		t.Fatal(err)
	}
	checkDivergence(t, report, Divergence{Block: 5, Transaction: idOf(w.blocks[5].Data.Data[0]), Provinces: []string{"zhejiang"}, Problem: "the ledger has split"})
}

func TestRegulators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.config(w.copies())
	other := ledgertest.NewNetwork(t).Genesis()
	config.Regulators = &other
	report, err := Run(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	checkDivergence(t, report, Divergence{Block: 1, Transaction: idOf(w.blocks[1].Data.Data[0]), Provinces: provinces, Key: "party/reg:310000", Problem: "other regulators or keys"})
	config.Regulators = nil
	if report, err := Run(context.Background(), config); err != nil || !report.Clean() {
		t.Errorf("regulators not known: got %v, %v, want a clean report", report, err)
	}
}

// TestNoAudit holds that what cannot be audited is an error and no finding.
func TestNoAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	down := errors.New("the peer is down")
	for name, test := range map[string]struct {
		change func(c *Config, copies map[string]*memory)
		want   string
	}{
		"a peer fails":     {func(_ *Config, copies map[string]*memory) { copies["jiangsu"].err = down }, "jiangsu: block 4: the peer is down"},
		"nobody":           {func(c *Config, _ map[string]*memory) { c.Provinces = nil }, "no province"},
		"from too far":     {func(c *Config, _ map[string]*memory) { c.From = 5 }, "the provinces have 5 blocks"},
		"no configuration": {func(c *Config, _ map[string]*memory) { c.Genesis = w.blocks[1] }, "has no configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			copies := w.copies()
			config := w.config(copies)
			test.change(&config, copies)
			if _, err := Run(context.Background(), config); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	config := w.config(w.copies())
	config.Progress = func(uint64, uint64) { cancel() }
	if _, err := Run(ctx, config); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want %v", err, context.Canceled)
	}
}

func TestQuorum(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 1, 4: 3, 5: 4, 6: 4, 7: 5, 10: 7} {
		tr := &trust{consenters: make(map[uint64]*identity)}
		for i := range n {
			tr.consenters[uint64(i)] = nil
		}
		if got := tr.quorum(); got != want {
			t.Errorf("of %d: got %d, want %d", n, got, want)
		}
	}
}

// flip changes the first byte after a text.
func flip(t *testing.T, content []byte, after string) {
	t.Helper()
	i := bytes.Index(content, []byte(after))
	if i < 0 {
		t.Fatalf("there is no %q", after)
	}
	content[i+len(after)] ^= 1
}

func checkDivergence(t *testing.T, report *Report, want Divergence) {
	t.Helper()
	if len(report.Divergences) != 1 {
		t.Fatalf("got %d divergences, want 1:\n%s", len(report.Divergences), report)
	}
	got := report.Divergences[0]
	if !strings.Contains(got.Problem, want.Problem) {
		t.Errorf("got %s\nwant a problem with %q", got, want.Problem)
	}
	got.Problem, want.Problem = "", ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("divergence (-want +got):\n%s\n%s", diff, report)
	}
	if text := report.String(); !strings.Contains(text, "DIVERGENCE block "+fmt.Sprint(want.Block)) {
		t.Errorf("the report does not say so:\n%s", text)
	}
}
