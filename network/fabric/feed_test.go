package fabric

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// tampered lets blocks through a function on their way; it may change them, or
// end the stream with an error.
type tampered struct {
	grpc.ClientStream
	change func(*common.Block) error
}

func (s *tampered) RecvMsg(m any) error {
	if err := s.ClientStream.RecvMsg(m); err != nil {
		return err
	}
	if response, ok := m.(*peer.DeliverResponse); ok && response.GetBlock() != nil {
		err := s.change(response.GetBlock())
		if errors.Is(err, errSkip) {
			return s.RecvMsg(m)
		}
		return err
	}
	return nil
}

var errSkip = errors.New("left out")

func tampering(change func(*common.Block) error) []grpc.DialOption {
	return []grpc.DialOption{grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, streamer grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
		stream, err := streamer(ctx, desc, conn, method, options...)
		return &tampered{ClientStream: stream, change: change}, err
	})}
}

// read reads blocks from a height to another.
func read(l *Ledger, from, to uint64) ([]traceability.Block, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var blocks []traceability.Block
	for block, err := range l.Blocks(ctx, from) {
		if err != nil {
			return blocks, err
		}
		blocks = append(blocks, block)
		if block.Number >= to {
			return blocks, nil
		}
	}
	return blocks, ctx.Err()
}

// TestFeedResumes breaks the connection after every few blocks: the feed goes on
// where it was, without a gap and without anything twice.
func TestFeedResumes(t *testing.T) {
	n := realNetwork(t)
	chaincode := n.deploy(t)
	lab, admission := n.parties.Laboratory(t, 1)
	steady := mustOpen(t, n.profile(t, "jiangsu", chaincode), Options{})
	documents := []string{admission}
	for i := range 12 {
		if _, err := steady.Submit(context.Background(), append(documents, ledgertest.SignedReport(t, lab, i))); err != nil {
			t.Fatal(err)
		}
		documents = nil
	}
	head := mustHead(t, steady).Number
	want, err := read(steady, head-11, head)
	if err != nil {
		t.Fatal(err)
	}
	var seen atomic.Int64
	l := mustOpen(t, n.profile(t, "jiangsu", chaincode), Options{dial: tampering(func(*common.Block) error {
		if seen.Add(1)%3 == 0 {
			return io.ErrUnexpectedEOF
		}
		return nil
	})})
	got, err := read(l, head-11, head)
	if err != nil || len(got) != len(want) || seen.Load() <= int64(len(want)) {
		t.Fatalf("got %d blocks in %d deliveries, error %v; want %d in more deliveries", len(got), seen.Load(), err, len(want))
	}
	for i := range want {
		if got[i].Hash != want[i].Hash || len(got[i].Transactions) != len(want[i].Transactions) {
			t.Errorf("got block %d %s, want %d %s", got[i].Number, got[i].Hash, want[i].Number, want[i].Hash)
		}
	}
}

// TestFeedChecks holds that a peer which leaves out, changes or swaps blocks is not
// believed.
func TestFeedChecks(t *testing.T) {
	n := realNetwork(t)
	profile := n.profile(t, "jiangsu", n.deploy(t))
	const victim = 3
	for name, test := range map[string]struct {
		change func(*common.Block) error
		want   string
	}{
		"left out":         {func(*common.Block) error { return errSkip }, "expected 3"},
		"renumbered":       {func(b *common.Block) error { b.Header.Number = 7; return nil }, "expected 3"},
		"changed":          {func(b *common.Block) error { b.Data.Data[0][50] ^= 1; return nil }, "its header says"},
		"of another chain": {func(b *common.Block) error { b.Header.PreviousHash[0] ^= 1; return nil }, "follows"},
	} {
		l := mustOpen(t, profile, Options{dial: tampering(func(b *common.Block) error {
			if b.GetHeader().GetNumber() == victim {
				return test.change(b)
			}
			return nil
		})})
		blocks, err := read(l, 0, 5)
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), test.want) || len(blocks) != victim {
			t.Errorf("%s: got %d blocks and %v, want %d and an error with %q", name, len(blocks), err, victim, test.want)
		}
	}
}
