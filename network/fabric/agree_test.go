package fabric

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// TestFourPeersAgree has the same proposal judged by each of the four provinces by
// itself: what they would sign is the same to the byte, results, reads and writes.
func TestFourPeersAgree(t *testing.T) {
	n := realNetwork(t)
	l := mustOpen(t, n.profile(t, "zhejiang", n.deploy(t)), Options{})
	lab, admission := n.parties.Laboratory(t, 1)
	shop := ledgertest.NewKey(t, "op:91310101MA1FPX121X")
	lot, err := traceability.ProduceLot("91310101MA1FPX121X", "QC-100", "20250820")
	if err != nil {
		t.Fatal(err)
	}
	first := ledgertest.SignedReport(t, lab, 1)
	changed := ledgertest.Report(1)
	changed.Remark = "另一内容"
	reports := make([]string, 200)
	for i := range reports {
		reports[i] = ledgertest.SignedReport(t, lab, 100+i)
	}
	amount := traceability.LotQuantity{Lot: lot, Quantity: traceability.Quantity{Value: "12.50", Unit: "KGM"}}
	for name, documents := range map[string][]string{
		"1 parties": {admission, n.parties.Admit(t, &traceability.Admission{Party: shop.Party, Name: "示范超市有限公司", Key: shop.Public()})},
		"2 lots and events": {
			ledgertest.Sign(t, shop, traceability.TypeLotRegister, &traceability.Lot{ID: lot, Product: "黄瓜", Unit: "KGM"}),
			ledgertest.Sign(t, shop, traceability.TypeEventRecord, &traceability.Event{Ref: "1", Type: traceability.EventCommission, Time: ledgertest.Signed, Outputs: []traceability.LotQuantity{amount}}),
			ledgertest.Sign(t, shop, traceability.TypeEventRecord, &traceability.Event{Ref: "2", Type: traceability.EventSell, Time: ledgertest.Signed, Lots: []traceability.LotQuantity{amount}}),
		},
		"3 every fate":  {first, first, ledgertest.Sign(t, lab, traceability.TypeReportSubmit, changed), first[:strings.LastIndexByte(first, '.')+1], "not a document", "\xff\x00"},
		"4 a big batch": reports,
		"5 again":       {first, reports[3]},
	} {
		payloads := l.simulate(t, documents)
		for i, payload := range payloads {
			if !bytes.Equal(payload, payloads[0]) {
				t.Errorf("%s: %s comes to another result than %s (%d and %d bytes)", name, l.profile.Peers[i].MSP, l.profile.Peers[0].MSP, len(payload), len(payloads[0]))
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if _, err := l.Submit(ctx, documents); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		n.settled(t, l)
	}
}

// simulate has one proposal endorsed by each organisation alone, and returns what
// each would sign.
func (l *Ledger) simulate(t *testing.T, documents []string) [][]byte {
	t.Helper()
	g := l.peers.all[0]
	transient, err := json.Marshal(documents, jsonLax)
	if err != nil {
		t.Fatal(err)
	}
	proposal, err := g.ledger.NewProposal("Submit", client.WithTransient(map[string][]byte{"documents": transient}))
	if err != nil {
		t.Fatal(err)
	}
	b, err := proposal.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var payloads [][]byte
	for _, endpoint := range l.profile.Peers {
		var proposed gatewaypb.ProposedTransaction
		if err := proto.Unmarshal(b, &proposed); err != nil {
			t.Fatal(err)
		}
		proposed.EndorsingOrganizations = []string{endpoint.MSP}
		again, err := proto.Marshal(&proposed)
		if err != nil {
			t.Fatal(err)
		}
		one, err := g.client.NewProposal(again)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := one.Endorse()
		if err != nil {
			t.Fatalf("%s: %v", endpoint.MSP, err)
		}
		payloads = append(payloads, signed(t, tx))
	}
	return payloads
}

// signed is what the endorsers of a transaction have signed.
func signed(t *testing.T, tx *client.Transaction) []byte {
	t.Helper()
	b, err := tx.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var prepared gatewaypb.PreparedTransaction
	var payload common.Payload
	var transaction peer.Transaction
	var action peer.ChaincodeActionPayload
	for _, layer := range []struct {
		bytes func() []byte
		into  proto.Message
	}{
		{func() []byte { return b }, &prepared},
		{func() []byte { return prepared.GetEnvelope().GetPayload() }, &payload},
		{func() []byte { return payload.GetData() }, &transaction},
		{func() []byte { return transaction.GetActions()[0].GetPayload() }, &action},
	} {
		if err := proto.Unmarshal(layer.bytes(), layer.into); err != nil {
			t.Fatal(err)
		}
	}
	return action.GetAction().GetProposalResponsePayload()
}

// settled waits until all four peers have the same height.
func (n *testNetwork) settled(t *testing.T, l *Ledger) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		heights := make(map[uint64]bool)
		for _, g := range l.peers.all {
			info, err := g.info(context.Background())
			heights[info.GetHeight()] = err == nil
		}
		if len(heights) == 1 && !heights[0] {
			return
		}
	}
	t.Fatal("the peers do not come to the same height")
}
