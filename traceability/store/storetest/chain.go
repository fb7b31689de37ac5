package storetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

// Chain makes blocks of signed documents as a ledger would, but judges nothing:
// what it is told is taken as accepted. The same calls make the same blocks.
type Chain struct {
	tb       testing.TB
	Blocks   []traceability.Block
	parties  map[traceability.PartyID]*traceability.PartyState
	keys     map[traceability.PartyID]traceability.SigningKey
	notices  map[traceability.NoticeID][]traceability.Entry
	recalls  map[traceability.RecallID][]traceability.Entry
	credits  map[traceability.CreditID][]traceability.Entry
	licences map[traceability.LicenceID][]traceability.Entry
	shops    map[string]traceability.ListingState
	open     traceability.Transaction
	entries  int

	agreements    map[string]traceability.AgreementState
	gtins         map[traceability.GTIN]traceability.GTINState
	consultations map[traceability.ConsultationID][]traceability.Entry
}

// Start is the time of block 0; every block is a minute later than the one before.
var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// NewChain makes a chain that has its genesis, block 0: the four provinces.
func NewChain(tb testing.TB) *Chain {
	tb.Helper()
	c := &Chain{tb: tb, agreements: make(map[string]traceability.AgreementState), gtins: make(map[traceability.GTIN]traceability.GTINState), consultations: make(map[traceability.ConsultationID][]traceability.Entry),
		parties: make(map[traceability.PartyID]*traceability.PartyState), keys: make(map[traceability.PartyID]traceability.SigningKey),
		notices:  make(map[traceability.NoticeID][]traceability.Entry),
		recalls:  make(map[traceability.RecallID][]traceability.Entry),
		credits:  make(map[traceability.CreditID][]traceability.Entry),
		licences: make(map[traceability.LicenceID][]traceability.Entry), shops: make(map[string]traceability.ListingState)}
	var genesis traceability.Genesis
	for _, code := range traceability.Provinces() {
		id := traceability.Regulator(code)
		province := traceability.Province{Code: code, Key: c.key(id).Public()}
		genesis.Provinces = append(genesis.Provinces, province)
		c.parties[id] = &traceability.PartyState{Genesis: &province, Province: code, Status: traceability.PartyActive,
			Keys: []traceability.KeyPeriod{{Key: province.Key, From: start}}}
	}
	writes, err := genesis.Writes(start)
	c.must(err)
	c.open.Writes = writes
	c.Close()
	return c
}

func (c *Chain) must(err error) {
	c.tb.Helper()
	if err != nil {
		c.tb.Fatal(err)
	}
}

// Close ends the block: what was written since the last is its one transaction.
// A block may be empty.
func (c *Chain) Close() traceability.Block {
	b := traceability.Block{Number: uint64(len(c.Blocks)), Time: c.now()}
	if b.Number > 0 {
		b.Previous = c.Blocks[b.Number-1].Hash
	}
	if len(c.open.Writes) > 0 {
		c.open.ID, c.open.Time = c.tx(), c.now()
		slices.SortFunc(c.open.Writes, byKey)
		b.Transactions = []traceability.Transaction{c.open}
	}
	b.Hash = blockHash(&b)
	c.Blocks = append(c.Blocks, b)
	c.open, c.entries = traceability.Transaction{}, 0
	return b
}

// byKey is the order of a transaction's writes.
func byKey(a, b traceability.Write) int { return strings.Compare(a.Key, b.Key) }

// blockHash is any hash of what the block holds.
func blockHash(b *traceability.Block) traceability.Hash {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s %s", b.Number, b.Previous, b.Time)
	for _, tx := range b.Transactions {
		for _, w := range tx.Writes {
			fmt.Fprintf(h, "%s\n%s\n", w.Key, w.Value)
		}
	}
	return traceability.Hash(h.Sum(nil))
}

// now is the open block's time.
func (c *Chain) now() time.Time { return start.Add(time.Duration(len(c.Blocks)) * time.Minute) }

// tx is the id of the open block's transaction.
func (c *Chain) tx() traceability.TxID { return txID(len(c.Blocks)) }

func txID(block int) traceability.TxID {
	return traceability.TxID(fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, "tx", block))))
}

// key returns a party's key, made from its id.
func (c *Chain) key(party traceability.PartyID) traceability.SigningKey {
	if key, ok := c.keys[party]; ok {
		return key
	}
	key := NewKey(c.tb, party, string(party))
	c.keys[party] = key
	return key
}

// NewKey makes a party's key from a seed, so that it is always the same.
func NewKey(tb testing.TB, party traceability.PartyID, seed string) traceability.SigningKey {
	tb.Helper()
	sum := sha256.Sum256([]byte(seed))
	private := ed25519.NewKeyFromSeed(sum[:])
	file := fmt.Sprintf(`{"party":%q,"key":{"kty":"OKP","crv":"Ed25519","x":%q,"d":%q}}`, party,
		base64.RawURLEncoding.EncodeToString(private.Public().(ed25519.PublicKey)), base64.RawURLEncoding.EncodeToString(sum[:]))
	var key traceability.SigningKey
	if err := key.UnmarshalJSON([]byte(file)); err != nil {
		tb.Fatal(err)
	}
	return key
}

// sign makes the entry of a document.
func (c *Chain) sign(signer traceability.PartyID, typ traceability.DocumentType, payload any) (traceability.Entry, traceability.DocumentID) {
	c.tb.Helper()
	jws, err := traceability.Sign(c.key(signer), typ, payload, c.now())
	c.must(err)
	d, err := traceability.ParseDocument(jws)
	c.must(err)
	entry := traceability.Entry{JWS: jws, Tx: c.tx(), N: c.entries}
	c.entries++
	return entry, d.ID
}

// write sets a key; as on a ledger, a key occurs once in a transaction.
func (c *Chain) write(key string, record any) {
	c.tb.Helper()
	value, err := traceability.Canonical(record)
	c.must(err)
	at := slices.IndexFunc(c.open.Writes, func(w traceability.Write) bool { return w.Key == key })
	if at < 0 {
		c.open.Writes = append(c.open.Writes, traceability.Write{Key: key, Value: value})
		return
	}
	c.open.Writes[at].Value = value
}

// Admit has Shanghai's regulator admit a party. Its key is filled in.
func (c *Chain) Admit(a traceability.Admission) traceability.DocumentID {
	c.tb.Helper()
	a.Key = c.key(a.Party).Public()
	entry, id := c.sign(traceability.Regulator(traceability.Shanghai), traceability.TypePartyAdmit, a)
	p := c.parties[a.Party]
	if p == nil {
		p = &traceability.PartyState{Province: traceability.Shanghai, Keys: []traceability.KeyPeriod{{Key: a.Key, From: c.now()}}}
		c.parties[a.Party] = p
	}
	p.Status = traceability.PartyActive
	p.Documents = append(p.Documents, entry)
	c.write(traceability.PartyKey(a.Party), p)
	return id
}

// Suspend has Shanghai's regulator suspend a party.
func (c *Chain) Suspend(s traceability.Suspension) traceability.DocumentID {
	c.tb.Helper()
	entry, id := c.sign(traceability.Regulator(traceability.Shanghai), traceability.TypePartySuspend, s)
	p := c.parties[s.Party]
	p.Status = traceability.PartySuspended
	p.Documents = append(p.Documents, entry)
	c.write(traceability.PartyKey(s.Party), p)
	return id
}

// Vote has a province sign a key of another; in force says that it is the one
// that puts the key in force.
func (c *Chain) Vote(voter traceability.PartyID, r traceability.Rotation, inForce bool) traceability.DocumentID {
	c.tb.Helper()
	entry, id := c.sign(voter, traceability.TypePartyRotateKey, r)
	if inForce {
		p := c.parties[r.Party]
		p.Keys[len(p.Keys)-1].To = c.now()
		p.Keys = append(p.Keys, traceability.KeyPeriod{Key: r.Key, From: c.now()})
		c.write(traceability.PartyKey(r.Party), p)
	}
	c.write(traceability.RotationKey(r.Key.ID(r.Party), voter), traceability.Vote{Document: entry})
	return id
}

// Agree has provinces sign content in one transaction, which brings it into
// force with the last that it needs.
func (c *Chain) Agree(typ traceability.DocumentType, say traceability.Agreed, provinces ...traceability.ProvinceCode) []traceability.DocumentID {
	c.tb.Helper()
	state := c.agreements[say.Record()]
	var ids []traceability.DocumentID
	for i, province := range provinces {
		entry, id := c.sign(traceability.Regulator(province), typ, say)
		state.Documents, ids = append(state.Documents, entry), append(ids, id)
		if i == say.Signers()-1 {
			state.InForce = append(state.InForce, len(state.Documents)-1)
		}
	}
	c.agreements[say.Record()] = state
	c.write(say.Record(), state)
	return ids
}

// Lot registers a lot.
func (c *Chain) Lot(registrant traceability.PartyID, lot traceability.Lot, remarks ...traceability.Remark) traceability.DocumentID {
	c.tb.Helper()
	entry, id := c.sign(registrant, traceability.TypeLotRegister, lot)
	c.write(traceability.LotKey(lot.ID), traceability.LotState{Document: entry, Remarks: remarks})
	return id
}

// Event records an event.
func (c *Chain) Event(party traceability.PartyID, e traceability.Event, remarks ...traceability.Remark) traceability.EventID {
	c.tb.Helper()
	entry, _ := c.sign(party, traceability.TypeEventRecord, e)
	id := traceability.NewEventID(party, e.Ref)
	c.write(traceability.EventKey(id), traceability.EventState{Document: entry, Remarks: remarks})
	for _, lot := range e.Outputs {
		c.write(traceability.HoldingKey(lot.Lot, party), traceability.Holding{In: traceability.Balance(lot.Quantity.Value), Out: "0"})
	}
	return id
}

// Report submits a revision of a report.
func (c *Chain) Report(lab traceability.PartyID, r traceability.Report, outOfScope []int, remarks ...traceability.Remark) traceability.DocumentID {
	c.tb.Helper()
	entry, id := c.sign(lab, traceability.TypeReportSubmit, r)
	key := traceability.ReportKey(traceability.NewReportID(lab, r.No, r.Revision))
	c.write(key, traceability.ReportState{Document: entry, OutOfScope: outOfScope, Remarks: remarks})
	return id
}

// RecognitionRule puts a version of a rule on the ledger.
func (c *Chain) RecognitionRule(r traceability.RecognitionRule, remarks ...traceability.Remark) traceability.DocumentID {
	c.tb.Helper()
	entry, id := c.sign(traceability.Regulator(r.Accepting), traceability.TypeRecognitionRule, r)
	c.write(traceability.RecognitionRuleKey(r.Accepting, r.Rule, r.Version), traceability.RecognitionRuleState{Document: entry, Remarks: remarks})
	return id
}

// Recognise records a decision on a result of Shanghai's.
func (c *Chain) Recognise(d traceability.RecognitionDecision, lot traceability.LotID, e traceability.RecognitionEvaluation) traceability.DocumentID {
	c.tb.Helper()
	entry, id := c.sign(traceability.Regulator(d.Accepting), traceability.TypeRecognitionDecide, d)
	c.write(traceability.RecognitionKey(d.Report, d.Parameter, d.Accepting, id),
		traceability.RecognitionState{Document: entry, Evaluation: e.Bare(), Issuing: traceability.Shanghai, Lot: lot})
	return id
}
