package fabric

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

var update = flag.Bool("update", false, "write the golden files anew; -record takes new blocks")

var record = flag.Bool("record", false, "record the golden blocks from a real network (DELTATRACE_LONG)")

var jsonLax = jsontext.AllowInvalidUTF8(true)

// goldenChaincode is the namespace of the golden blocks.
const goldenChaincode = "golden"

// TestRecordBlocks records blocks of a real network, with -record: its first
// block, the one of the genesis, and one with reports.
func TestRecordBlocks(t *testing.T) {
	if !*record {
		t.Skip("records the golden blocks with -record -update")
	}
	n := realNetwork(t)
	ctx := context.Background()
	if err := n.Deploy(ctx, goldenChaincode); err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, n.profile(t, "shanghai", goldenChaincode), Options{})
	genesis := mustHead(t, l).Number
	lab, admission := n.parties.Laboratory(t, 1)
	if _, err := l.Submit(ctx, []string{admission}); err != nil {
		t.Fatal(err)
	}
	receipt, err := l.Submit(ctx, []string{ledgertest.SignedReport(t, lab, 2), "not a document", ledgertest.SignedReport(t, lab, 1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, number := range map[string]uint64{"channel": 0, "genesis": genesis, "reports": receipt.Block} {
		b, err := l.peers.all[0].block(ctx, number)
		if err != nil {
			t.Fatal(err)
		}
		content, err := proto.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("testdata", name+".block"), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readBlock(tb testing.TB, name string) *common.Block {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name+".block"))
	if err != nil {
		tb.Fatal(err)
	}
	b := new(common.Block)
	if err := proto.Unmarshal(content, b); err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestDecodeBlock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"channel", "genesis", "reports"} {
		block, err := decodeBlock(readBlock(t, name), goldenChaincode)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(block, jsontext.WithIndent("  "))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDecodeBlockSelects holds what counts of a block: valid transactions of one
// chaincode.
func TestDecodeBlockSelects(t *testing.T) {
	t.Parallel()
	invalid := readBlock(t, "reports")
	for i := range validation(invalid) {
		validation(invalid)[i] = byte(peer.TxValidationCode_MVCC_READ_CONFLICT)
	}
	for name, test := range map[string]struct {
		block     *common.Block
		chaincode string
		want      int
	}{
		"ours":      {readBlock(t, "reports"), goldenChaincode, 1},
		"another's": {readBlock(t, "reports"), "another", 0},
		"invalid":   {invalid, goldenChaincode, 0},
	} {
		block, err := decodeBlock(test.block, test.chaincode)
		if err != nil || len(block.Transactions) != test.want {
			t.Errorf("%s: got %d transactions, error %v; want %d", name, len(block.Transactions), err, test.want)
		}
		if whole, err := decodeBlock(readBlock(t, "reports"), goldenChaincode); err != nil || block.Head() != whole.Head() {
			t.Errorf("%s: got %+v, want the same place and time for whoever reads, %+v (error %v)", name, block.Head(), whole.Head(), err)
		}
	}
}

// TestDecodeBlockRefuses holds that a block which is not what it says is noticed.
func TestDecodeBlockRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*common.Block)
		want   string
	}{
		"changed data":       {func(b *common.Block) { b.Data.Data[0][100] ^= 1 }, "its header says"},
		"removed data":       {func(b *common.Block) { b.Data = nil }, "its header says"},
		"no header":          {func(b *common.Block) { b.Header = nil }, "data hash"},
		"short hash":         {func(b *common.Block) { b.Header.PreviousHash = b.Header.PreviousHash[:31] }, "previous hash"},
		"no validation":      {func(b *common.Block) { b.Metadata = nil }, "validation codes"},
		"too few validation": {func(b *common.Block) { b.Metadata.Metadata[2] = nil }, "validation codes"},
		"valid rubbish": {func(b *common.Block) {
			b.Data.Data[0] = []byte("rubbish")
			hash := dataHash(b.Data.Data)
			b.Header.DataHash = hash[:]
		}, "envelope"},
	} {
		b := readBlock(t, "reports")
		test.change(b)
		if _, err := decodeBlock(b, goldenChaincode); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
}

// FuzzDecodeBlock holds that no block makes the reader fall over, and that what it
// accepts hangs together.
func FuzzDecodeBlock(f *testing.F) {
	for _, name := range []string{"channel", "genesis", "reports"} {
		content, err := os.ReadFile(filepath.Join("testdata", name+".block"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		b := new(common.Block)
		if proto.Unmarshal(content, b) != nil {
			return
		}
		hash := dataHash(b.GetData().GetData()) // let the fuzzer past the first check
		if b.Header != nil {
			b.Header.DataHash = hash[:]
		}
		block, err := decodeBlock(b, goldenChaincode)
		if err != nil {
			return
		}
		for _, tx := range block.Transactions {
			if tx.Time.After(block.Time) || !tx.Time.Equal(traceability.Instant(tx.Time)) {
				t.Errorf("a transaction of %s in a block of %s", tx.Time, block.Time)
			}
			for i, w := range tx.Writes {
				if i > 0 && tx.Writes[i-1].Key >= w.Key {
					t.Errorf("%s is written after %s", w.Key, tx.Writes[i-1].Key)
				}
			}
		}
	})
}
