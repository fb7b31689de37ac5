package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes/timestamp"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/msp"
	"github.com/hyperledger/fabric-protos-go/peer"
	"google.golang.org/protobuf/encoding/protowire"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

const (
	channel   = "channel"
	chaincode = "deltatrace"
)

var provinces = []string{"shanghai", "jiangsu", "zhejiang", "anhui"}

// world is a channel with the keys of everybody: it makes the blocks that
// honest peers and orderers would make, and forged ones.
type world struct {
	testing.TB
	members  []*member // of each province
	orderers []*member
	parties  *ledgertest.Network
	lab      traceability.SigningKey

	state    map[string][]byte
	versions map[string]*kvrwset.Version
	blocks   []*common.Block
	clock    time.Time
}

// member is a member of an organisation: its certificate and keys.
type member struct {
	msp        string
	root, cert []byte // PEM
	key        *ecdsa.PrivateKey
}

// newWorld makes a channel with a ledger on it: the genesis, a laboratory's
// admission, and three reports, in blocks 1 to 4. Block 4 has two transactions.
func newWorld(tb testing.TB) *world {
	w := &world{TB: tb, parties: ledgertest.NewNetwork(tb), state: make(map[string][]byte), versions: make(map[string]*kvrwset.Version),
		clock: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	for _, province := range provinces {
		w.members = append(w.members, newSigner(tb, province+"MSP"))
		w.orderers = append(w.orderers, newSigner(tb, "Orderer"+province+"MSP"))
	}
	w.cut(w.configuration())
	genesis, err := w.parties.Genesis().Writes(w.clock)
	if err != nil {
		tb.Fatal(err)
	}
	w.cut(w.envelope(draft{writes: genesis}))
	lab, admission := w.parties.Laboratory(tb, 1)
	w.lab = lab
	w.cut(w.envelope(w.judge(admission)))
	w.cut(w.envelope(w.judge(ledgertest.SignedReport(tb, lab, 1))))
	w.cut(w.envelope(w.judge(ledgertest.SignedReport(tb, lab, 2))), w.envelope(w.judge(ledgertest.SignedReport(tb, lab, 3))))
	return w
}

func newSigner(tb testing.TB, organisation string) *member {
	tb.Helper()
	make := func(name string, authority bool, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, []byte) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			tb.Fatal(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: authority, BasicConstraintsValid: true,
			NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)} // long expired
		if authority {
			template.KeyUsage, parent, parentKey = x509.KeyUsageCertSign, template, key
		}
		content, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
		if err != nil {
			tb.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(content)
		if err != nil {
			tb.Fatal(err)
		}
		return certificate, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: content})
	}
	authority, authorityKey, root := make("ca."+organisation, true, nil, nil)
	_, key, cert := make("member."+organisation, false, authority, authorityKey)
	return &member{msp: organisation, root: root, cert: cert, key: key}
}

func (s *member) serialised(tb testing.TB) []byte {
	return marshal(tb, &msp.SerializedIdentity{Mspid: s.msp, IdBytes: s.cert})
}

func (s *member) sign(tb testing.TB, parts ...[]byte) []byte {
	tb.Helper()
	hash := sha256.New()
	for _, part := range parts {
		hash.Write(part)
	}
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, hash.Sum(nil))
	if err != nil {
		tb.Fatal(err)
	}
	return signature
}

func marshal(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	content, err := proto.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// configuration is the envelope of a configuration block.
func (w *world) configuration() []byte {
	groups := map[string]*common.ConfigGroup{"Application": {Groups: map[string]*common.ConfigGroup{}}, "Orderer": {Groups: map[string]*common.ConfigGroup{}}}
	add := func(kind string, s *member) {
		inner := marshal(w, &msp.FabricMSPConfig{Name: s.msp, RootCerts: [][]byte{s.root}})
		groups[kind].Groups[s.msp] = &common.ConfigGroup{Values: map[string]*common.ConfigValue{"MSP": {Value: marshal(w, &msp.MSPConfig{Config: inner})}}}
	}
	var consenters []byte
	for i := range provinces {
		add("Application", w.members[i])
		add("Orderer", w.orderers[i])
		var c []byte
		c = protowire.AppendVarint(protowire.AppendTag(c, 1, protowire.VarintType), uint64(i+1))
		c = protowire.AppendString(protowire.AppendTag(c, 4, protowire.BytesType), w.orderers[i].msp)
		c = protowire.AppendBytes(protowire.AppendTag(c, 5, protowire.BytesType), w.orderers[i].cert)
		consenters = protowire.AppendBytes(protowire.AppendTag(consenters, 1, protowire.BytesType), c)
	}
	groups["Orderer"].Values = map[string]*common.ConfigValue{"Orderers": {Value: consenters}}
	config := &common.ConfigEnvelope{Config: &common.Config{ChannelGroup: &common.ConfigGroup{Groups: groups}}}
	payload := &common.Payload{Data: marshal(w, config), Header: &common.Header{
		ChannelHeader: marshal(w, &common.ChannelHeader{Type: int32(common.HeaderType_CONFIG), ChannelId: channel, Timestamp: w.now()}),
	}}
	return marshal(w, &common.Envelope{Payload: marshal(w, payload)})
}

func (w *world) now() *timestamp.Timestamp { return &timestamp.Timestamp{Seconds: w.clock.Unix()} }

// draft is a transaction before anybody signs it. The zero value of each field
// is what honest parties do.
type draft struct {
	nonce     []byte
	writes    []traceability.Write
	reads     []*kvrwset.KVRead
	deletes   string                // a key
	endorsers []*member             // three provinces'
	submitter *member               // Shanghai's
	header    *common.ChannelHeader // what the envelope says, when it is not what was endorsed
	// spoil changes the envelope before it is signed, and the endorsements after.
	spoil func(*common.Envelope, *peer.ChaincodeEndorsedAction)
}

// judge lets the rules decide on documents in the state so far, and returns what
// they write. It does not change the state.
func (w *world) judge(documents ...string) draft {
	w.Helper()
	d := draft{nonce: make([]byte, 24)}
	if _, err := rand.Read(d.nonce); err != nil {
		w.Fatal(err)
	}
	var prepared []*rules.Prepared
	for _, document := range documents {
		prepared = append(prepared, rules.Prepare(document))
	}
	outcomes, writes, err := rules.Apply(&reader{w, &d}, rules.Tx{ID: w.id(d), Time: w.clock}, prepared)
	if err != nil {
		w.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Status != traceability.StatusAccepted {
			w.Fatalf("%s: %s, %v", o.ID, o.Status, o.Problems)
		}
	}
	d.writes = writes
	return d
}

// reader notes what is read, as a peer does.
type reader struct {
	w *world
	d *draft
}

func (r *reader) Get(keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = r.w.state[key]
		r.d.reads = append(r.d.reads, &kvrwset.KVRead{Key: key, Version: r.w.versions[key]})
	}
	return values, nil
}

func (d draft) by(w *world) *member {
	if d.submitter != nil {
		return d.submitter
	}
	return w.members[0]
}

func (w *world) id(d draft) traceability.TxID {
	sum := sha256.Sum256(append(append([]byte(nil), d.nonce...), d.by(w).serialised(w)...))
	return traceability.TxID(hex.EncodeToString(sum[:]))
}

// envelope has a draft endorsed and submitted.
func (w *world) envelope(d draft) []byte {
	w.Helper()
	set := &kvrwset.KVRWSet{Reads: d.reads}
	for _, write := range d.writes {
		set.Writes = append(set.Writes, &kvrwset.KVWrite{Key: write.Key, Value: write.Value})
	}
	if d.deletes != "" {
		set.Writes = append(set.Writes, &kvrwset.KVWrite{Key: d.deletes, IsDelete: true})
	}
	results := &rwset.TxReadWriteSet{NsRwset: []*rwset.NsReadWriteSet{{Namespace: "_lifecycle"}, {Namespace: chaincode, Rwset: marshal(w, set)}}}
	header := &common.ChannelHeader{Type: int32(common.HeaderType_ENDORSER_TRANSACTION), ChannelId: channel, TxId: string(w.id(d)), Timestamp: w.now()}
	outer := &common.Header{ChannelHeader: marshal(w, header), SignatureHeader: marshal(w, &common.SignatureHeader{Creator: d.by(w).serialised(w), Nonce: d.nonce})}
	proposal := []byte("what was asked")
	hash := sha256.New()
	for _, part := range [][]byte{outer.ChannelHeader, outer.SignatureHeader, proposal} {
		hash.Write(part)
	}
	response := marshal(w, &peer.ProposalResponsePayload{ProposalHash: hash.Sum(nil),
		Extension: marshal(w, &peer.ChaincodeAction{Results: marshal(w, results), Response: &peer.Response{Status: 200}})})
	action := &peer.ChaincodeEndorsedAction{ProposalResponsePayload: response}
	endorsers := d.endorsers
	if endorsers == nil {
		endorsers = w.members[:3]
	}
	for _, e := range endorsers {
		action.Endorsements = append(action.Endorsements, &peer.Endorsement{Endorser: e.serialised(w), Signature: e.sign(w, response, e.serialised(w))})
	}
	envelope := new(common.Envelope)
	if d.spoil != nil {
		d.spoil(envelope, action)
	}
	if d.header != nil {
		outer.ChannelHeader = marshal(w, d.header)
	}
	data := marshal(w, &peer.Transaction{Actions: []*peer.TransactionAction{{Payload: marshal(w, &peer.ChaincodeActionPayload{ChaincodeProposalPayload: proposal, Action: action})}}})
	envelope.Payload = marshal(w, &common.Payload{Header: outer, Data: data})
	if envelope.Signature == nil {
		envelope.Signature = d.by(w).sign(w, envelope.Payload)
	}
	return marshal(w, envelope)
}

// cut orders envelopes: it appends a block in which all are valid.
func (w *world) cut(envelopes ...[]byte) *common.Block {
	w.Helper()
	codes := make([]peer.TxValidationCode, len(envelopes))
	return w.cutMarked(codes, envelopes...)
}

// cutMarked appends a block, with what the peers make of its transactions.
func (w *world) cutMarked(codes []peer.TxValidationCode, envelopes ...[]byte) *common.Block {
	w.Helper()
	block := &common.Block{
		Header:   &common.BlockHeader{Number: uint64(len(w.blocks))},
		Data:     &common.BlockData{Data: envelopes},
		Metadata: &common.BlockMetadata{Metadata: make([][]byte, len(common.BlockMetadataIndex_name))},
	}
	if n := len(w.blocks); n > 0 {
		previous := headerHash(w.blocks[n-1].Header)
		block.Header.PreviousHash = previous[:]
	}
	for i, code := range codes {
		block.Metadata.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = append(block.Metadata.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER], byte(code))
		if code == peer.TxValidationCode_VALID {
			w.take(block.Header.Number, uint64(i), envelopes[i])
		}
	}
	block.Metadata.Metadata[common.BlockMetadataIndex_COMMIT_HASH] = []byte(fmt.Sprintf("commit %d", block.Header.Number))
	w.seal(block, 0, 1, 3)
	w.blocks = append(w.blocks, block)
	w.clock = w.clock.Add(time.Minute)
	return block
}

// take makes a transaction's writes the state.
func (w *world) take(block, place uint64, envelope []byte) {
	w.Helper()
	tx, err := readTransaction(envelope, channel, chaincode, nil)
	if err != nil {
		return
	}
	for _, write := range tx.Writes {
		w.state[write.Key], w.versions[write.Key] = write.Value, &kvrwset.Version{BlockNum: block, TxNum: place}
	}
}

// seal makes a block's header fit its data and has orderers sign it.
func (w *world) seal(block *common.Block, orderers ...int) {
	w.Helper()
	hash := dataHash(block.Data)
	block.Header.DataHash = hash[:]
	metadata := &common.Metadata{Value: []byte("last configuration")}
	for _, i := range orderers {
		identifier := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(i+1))
		identifier = protowire.AppendBytes(protowire.AppendTag(identifier, 2, protowire.BytesType), []byte("nonce"))
		metadata.Signatures = append(metadata.Signatures, &common.MetadataSignature{
			Signature:        w.orderers[i].sign(w, metadata.Value, identifier, headerBytes(block.Header)),
			XXX_unrecognized: protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), identifier),
		})
	}
	block.Metadata.Metadata[common.BlockMetadataIndex_SIGNATURES] = marshal(w, metadata)
}

// memory is a copy of the ledger to do with as one likes.
type memory struct {
	blocks []*common.Block
	err    error // for the last block
}

var _ Source = (*memory)(nil)

func (m *memory) Height(context.Context) (uint64, error) { return uint64(len(m.blocks)), nil }
func (m *memory) Close() error                           { return nil }
func (m *memory) Block(_ context.Context, number uint64) (*common.Block, error) {
	if m.err != nil && number == uint64(len(m.blocks)-1) {
		return nil, m.err
	}
	return m.blocks[number], nil
}

// copies gives each province a copy.
func (w *world) copies() map[string]*memory {
	copies := make(map[string]*memory)
	for _, province := range provinces {
		m := new(memory)
		for _, b := range w.blocks {
			m.blocks = append(m.blocks, proto.Clone(b).(*common.Block))
		}
		copies[province] = m
	}
	return copies
}

// config is what the auditor knows.
func (w *world) config(copies map[string]*memory) Config {
	genesis := w.parties.Genesis()
	c := Config{Channel: channel, Chaincode: chaincode, Endorsements: 3, Genesis: w.blocks[0], Regulators: &genesis}
	for _, province := range provinces {
		if m, ok := copies[province]; ok {
			c.Provinces = append(c.Provinces, Province{Name: province, Source: m})
		}
	}
	return c
}
