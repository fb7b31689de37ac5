package audit

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang/protobuf/proto"
	"github.com/google/go-cmp/cmp"
	"github.com/hyperledger/fabric-protos-go/common"
	"google.golang.org/protobuf/encoding/protowire"
)

// encodeBlock writes a block as Fabric's blkstorage does.
func encodeBlock(block *common.Block) []byte {
	b := protowire.AppendVarint(nil, block.Header.Number)
	b = protowire.AppendBytes(b, block.Header.DataHash)
	b = protowire.AppendBytes(b, block.Header.PreviousHash)
	for _, list := range [][][]byte{block.Data.Data, block.Metadata.Metadata} {
		b = protowire.AppendVarint(b, uint64(len(list)))
		for _, entry := range list {
			b = protowire.AppendBytes(b, entry)
		}
	}
	return b
}

// writeFiles writes blocks into files of so many each, as a peer keeps them.
func writeFiles(tb testing.TB, blocks []*common.Block, each int) (data string) {
	tb.Helper()
	data = tb.TempDir()
	chain := filepath.Join(data, "ledgersData", "chains", "chains", channel)
	if err := os.MkdirAll(chain, 0o700); err != nil {
		tb.Fatal(err)
	}
	for n := 0; n*each < len(blocks); n++ {
		var content []byte
		for _, block := range blocks[n*each : min(len(blocks), (n+1)*each)] {
			content = protowire.AppendBytes(content, encodeBlock(block))
		}
		if err := os.WriteFile(blockFile(chain, n), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return data
}

func TestFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := writeFiles(t, w.blocks, 2)
	folder, err := OpenFolder(data, channel)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if height, err := folder.Height(t.Context()); err != nil || height != 5 {
		t.Fatalf("height: got %d, %v, want 5", height, err)
	}
	for _, number := range []uint64{0, 1, 4, 2, 2, 3} { // any order
		block, err := folder.Block(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(encodeBlock(w.blocks[number]), encodeBlock(block)); diff != "" {
			t.Errorf("block %d (-want +got):\n%s", number, diff)
		}
	}
	if _, err := OpenFolder(filepath.Join(data, "ledgersData", "chains", "chains", channel), "any"); err != nil {
		t.Errorf("the folder of the files themselves: %v", err)
	}
	if _, err := OpenFolder(data, "another"); err == nil || !strings.Contains(err.Error(), "no blocks of channel another") {
		t.Errorf("another channel: got %v", err)
	}
}

// TestAuditFolder audits a province's files beside the others' answers.
func TestAuditFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	last, id, hash := uint64(len(w.blocks)-1), idOf(w.blocks[4].Data.Data[0]), w.blocks[4].Header.DataHash
	for name, test := range map[string]struct {
		change func(content []byte) []byte // of the last file, which has the last block
		want   *Divergence
	}{
		"as it is":          {func(b []byte) []byte { return b }, nil},
		"a document":        {func(b []byte) []byte { flip(t, b, `"jws":"`); return b }, &Divergence{Block: last, Transaction: id, Problem: "from byte"}},
		"cut off":           {func(b []byte) []byte { return b[:len(b)-1] }, &Divergence{Block: last, Problem: "ends in the midst of block 4"}},
		"more than a block": {func(b []byte) []byte { return append(b, 200) }, &Divergence{Block: last + 1, Problem: "no length of a block where block 5 should begin"}},
		"lengths":           {func(b []byte) []byte { b[bytes.Index(b, hash)-1] = 0x7f; return b }, &Divergence{Block: last, Problem: "lengths that do not fit"}},
		"nothing":           {func([]byte) []byte { return nil }, nil}, // a peer that is behind
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := writeFiles(t, w.blocks, 2)
			path := blockFile(filepath.Join(data, "ledgersData", "chains", "chains", channel), 2)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, test.change(content), 0o600); err != nil {
				t.Fatal(err)
			}
			folder, err := OpenFolder(data, channel)
			if err != nil {
				t.Fatal(err)
			}
			defer folder.Close()
			config := w.config(w.copies())
			config.Provinces[3].Source = folder
			report, err := Run(context.Background(), config)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == nil {
				if !report.Clean() || report.Blocks != last+1 {
					t.Errorf("got %s, want a clean report of %d blocks", report, last+1)
				}
				return
			}
			test.want.Provinces = []string{"anhui"}
			checkDivergence(t, report, *test.want)
		})
	}
}

func FuzzDecodeBlock(f *testing.F) {
	f.Add(encodeBlock(&common.Block{
		Header: &common.BlockHeader{Number: 3, PreviousHash: []byte("before"), DataHash: []byte("data")}, Data: &common.BlockData{Data: [][]byte{[]byte("one"), {}}},
		Metadata: &common.BlockMetadata{Metadata: [][]byte{{}, []byte("x")}},
	}))
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, stored []byte) {
		block, err := decodeBlock(stored)
		var damage *DamageError
		switch {
		case err != nil && !errors.As(err, &damage):
			t.Errorf("got %v, want a *DamageError", err)
		case err == nil:
			again, err := decodeBlock(encodeBlock(block))
			if err != nil || !proto.Equal(block, again) {
				t.Errorf("it comes back as %v, %v", again, err)
			}
		}
	})
}

// FuzzReadTransaction holds that no envelope ends the process.
func FuzzReadTransaction(f *testing.F) {
	w := newWorld(f)
	who := &identities{trust: mustTrust(f, w.blocks[0])}
	for _, block := range w.blocks {
		f.Add(block.Data.Data[0])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		_, _ = readTransaction(content, channel, chaincode, nil)
		_, _ = readTransaction(content, channel, chaincode, who)
		_, _ = configuration(&common.Block{Data: &common.BlockData{Data: [][]byte{content}}})
	})
}

func mustTrust(tb testing.TB, block *common.Block) *trust {
	tb.Helper()
	found, err := configuration(block)
	if err != nil || found == nil {
		tb.Fatalf("got %v, %v, want a configuration", found, err)
	}
	return found
}
