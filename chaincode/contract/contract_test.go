package contract_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"google.golang.org/protobuf/types/known/timestamppb"

	"deltatrace/chaincode/contract"
	"deltatrace/chaincode/packed"
	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// stub is a peer's side of one transaction, as far as the contract uses it: the
// state before, and the writes, which take effect when the transaction is valid.
// What needs a real peer is tested with one in network/fabric.
type stub struct {
	shim.ChaincodeStubInterface
	state     map[string][]byte
	arguments []string
	transient map[string][]byte
	id        string
	at        time.Time

	batching bool
	writes   map[string][]byte
	trips    int // how often the peer was asked
}

func (s *stub) GetFunctionAndParameters() (string, []string)    { return s.arguments[0], s.arguments[1:] }
func (s *stub) GetCreator() ([]byte, error)                     { return nil, nil }
func (s *stub) GetTransient() (map[string][]byte, error)        { return s.transient, nil }
func (s *stub) GetTxID() string                                 { return s.id }
func (s *stub) GetTxTimestamp() (*timestamppb.Timestamp, error) { return timestamppb.New(s.at), nil }

func (s *stub) GetMultipleStates(keys ...string) ([][]byte, error) {
	s.trips++
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = s.state[key]
	}
	return values, nil
}

func (s *stub) StartWriteBatch() { s.batching = true }

func (s *stub) PutState(key string, value []byte) error {
	if !s.batching {
		return fmt.Errorf("%s is written outside a batch", key)
	}
	s.writes[key] = bytes.Clone(value)
	return nil
}

func (s *stub) FinishWriteBatch() error {
	s.trips++
	s.batching = false
	return nil
}

// world is a ledger with the chaincodes of two provinces that should agree.
type world struct {
	testing.TB
	genesis string
	peers   [2]shim.Chaincode
	state   map[string][]byte
	txs     int
}

// key is a party's key, always the same, so that signatures are golden too.
func key(party traceability.PartyID) traceability.SigningKey { return keyFrom(string(party), party) }

func keyFrom(text string, party traceability.PartyID) traceability.SigningKey {
	seed := sha256.Sum256([]byte(text))
	private := ed25519.NewKeyFromSeed(seed[:])
	encode := base64.RawURLEncoding.EncodeToString
	file := fmt.Sprintf(`{"party":%q,"key":{"kty":"OKP","crv":"Ed25519","d":%q,"x":%q}}`,
		party, encode(seed[:]), encode(private.Public().(ed25519.PublicKey)))
	var key traceability.SigningKey
	if err := json.Unmarshal([]byte(file), &key); err != nil {
		panic(err)
	}
	return key
}

func genesis() traceability.Genesis {
	var g traceability.Genesis
	for _, code := range traceability.Provinces() {
		g.Provinces = append(g.Provinces, traceability.Province{Code: code, Key: key(traceability.Regulator(code)).Public()})
	}
	return g
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{TB: tb, state: make(map[string][]byte)}
	b, err := json.Marshal(genesis(), jsontext.WithIndent(" "))
	if err != nil {
		tb.Fatal(err)
	}
	w.genesis = string(b)
	for i := range w.peers {
		if w.peers[i], err = contract.New(genesis()); err != nil {
			tb.Fatal(err)
		}
	}
	return w
}

// answer is what a transaction comes to: what an endorser signs.
type answer struct {
	Status  int32
	Message string
	Result  string
	Writes  map[string]string
	trips   int
}

// simulate runs a transaction on one peer, without effect on the state.
func (w *world) simulate(peer int, transient []byte, arguments ...string) answer {
	w.Helper()
	s := &stub{
		state: w.state, arguments: arguments, transient: map[string][]byte{contract.Transient: transient},
		id: fmt.Sprintf("%064x", w.txs), at: time.Date(2026, 11, 22, 1, 0, w.txs, 123456789, time.UTC),
		writes: make(map[string][]byte),
	}
	response := w.peers[peer].Invoke(s)
	a := answer{Status: response.GetStatus(), Message: response.GetMessage(), Result: string(response.GetPayload()), Writes: make(map[string]string), trips: s.trips}
	for key, value := range s.writes {
		a.Writes[key] = string(value)
	}
	return a
}

// run simulates a transaction twice on each peer, which must agree, and lets it
// take effect.
func (w *world) run(transient []byte, arguments ...string) answer {
	w.Helper()
	first := w.simulate(0, transient, arguments...)
	for _, peer := range []int{0, 1, 1} {
		again := w.simulate(peer, transient, arguments...)
		if diff := cmp.Diff(first, again, cmp.AllowUnexported(answer{})); diff != "" {
			w.Fatalf("%s again on peer %d (-first +again):\n%s", arguments[0], peer, diff)
		}
	}
	w.txs++
	for key, value := range first.Writes {
		w.state[key] = []byte(value)
	}
	return first
}

func (w *world) submit(documents ...string) (traceability.Receipt, answer) {
	w.Helper()
	transient, err := json.Marshal(documents)
	if err != nil {
		w.Fatal(err)
	}
	a := w.run(transient, "Submit")
	if a.Status != shim.OK {
		w.Fatalf("Submit: %d %s", a.Status, a.Message)
	}
	var receipt traceability.Receipt
	if err := json.Unmarshal([]byte(a.Result), &receipt); err != nil {
		w.Fatal(err)
	}
	return receipt, a
}

func (w *world) sign(party traceability.PartyID, typ traceability.DocumentType, payload any) string {
	w.Helper()
	return ledgertest.Sign(w, key(party), typ, payload)
}

const (
	lab     traceability.PartyID = "lab:230912340001"
	farm    traceability.PartyID = "op:93330424MA1FPX121R"
	factory traceability.PartyID = "op:91330106MA1FPX121E"
)

// commands is one batch after the other, with every type of document and some of
// each fate.
func (w *world) commands() [][]string {
	regulator := func(code traceability.ProvinceCode) traceability.PartyID { return traceability.Regulator(code) }
	admit := func(party traceability.PartyID) string {
		return w.sign(regulator(traceability.Zhejiang), traceability.TypePartyAdmit, &traceability.Admission{
			Party: party, Name: "示例主体 " + party.Number(), Key: key(party).Public(),
		})
	}
	lot := func(party traceability.PartyID, batch string) traceability.LotID {
		id, err := traceability.ProduceLot(traceability.USCC(party.Number()), "BC01", batch)
		if err != nil {
			w.Fatal(err)
		}
		return id
	}
	amount := func(party traceability.PartyID, batch, kilograms string) traceability.LotQuantity {
		return traceability.LotQuantity{Lot: lot(party, batch), Quantity: traceability.Quantity{Value: traceability.Decimal(kilograms), Unit: "KGM"}}
	}
	register := func(party traceability.PartyID, batch string) string {
		return w.sign(party, traceability.TypeLotRegister, &traceability.Lot{ID: lot(party, batch), Product: "小白菜", Unit: "KGM"})
	}
	event := func(party traceability.PartyID, e traceability.Event) string {
		e.Time = ledgertest.Signed
		return w.sign(party, traceability.TypeEventRecord, &e)
	}
	shipment := traceability.NewEventID(farm, "2")
	report := w.sign(lab, traceability.TypeReportSubmit, ledgertest.Report(1))
	changed := ledgertest.Report(1)
	changed.Remark = "另一内容"
	next := keyFrom("next", regulator(traceability.Anhui))
	rotation := &traceability.Rotation{Party: regulator(traceability.Anhui), Key: next.Public()}
	return [][]string{
		{admit(lab), admit(farm), admit(factory)},
		{register(farm, "B1"), register(factory, "F1"),
			event(farm, traceability.Event{Ref: "1", Type: traceability.EventCommission, Outputs: []traceability.LotQuantity{amount(farm, "B1", "100")}}),
			event(farm, traceability.Event{Ref: "2", Type: traceability.EventShip, To: factory, Lots: []traceability.LotQuantity{amount(farm, "B1", "40.5")}}),
		},
		{event(factory, traceability.Event{Ref: "1", Type: traceability.EventReceive, Shipment: shipment, Lots: []traceability.LotQuantity{amount(farm, "B1", "40.5")}}),
			event(factory, traceability.Event{Ref: "2", Type: traceability.EventTransform, Inputs: []traceability.LotQuantity{amount(farm, "B1", "40")}, Outputs: []traceability.LotQuantity{amount(factory, "F1", "30")}}),
			event(factory, traceability.Event{Ref: "3", Type: traceability.EventSell, Lots: []traceability.LotQuantity{amount(factory, "F1", "99")}}),
		},
		{report, report, w.sign(lab, traceability.TypeReportSubmit, changed), "not a document", report + "x",
			w.sign(lab, traceability.TypeReportSubmit, ledgertest.Report(2)), w.sign("lab:230912349999", traceability.TypeReportSubmit, ledgertest.Report(3))},
		{report},
		{w.sign(regulator(traceability.Shanghai), traceability.TypePartyRotateKey, rotation),
			w.sign(regulator(traceability.Jiangsu), traceability.TypePartyRotateKey, rotation),
			w.sign(regulator(traceability.Zhejiang), traceability.TypePartyRotateKey, rotation)},
		{w.sign(regulator(traceability.Zhejiang), traceability.TypePartySuspend, &traceability.Suspension{Party: lab, Reason: "资质到期", On: "2025-09-01"}),
			w.sign(lab, traceability.TypeReportSubmit, ledgertest.Report(4))},
	}
}

// TestGolden runs every command twice on two peers, compares bytes, and compares
// them with those of earlier versions: peers of different versions must agree,
// or a new version says so (see Version).
func TestGolden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil, "Init", w.genesis)
	for i, documents := range w.commands() {
		receipt, got := w.submit(documents...)
		if (receipt.Tx == "") != (len(got.Writes) == 0) {
			t.Errorf("command %d: the receipt names the transaction %q, which wrote %d records", i, receipt.Tx, len(got.Writes))
		}
		var text strings.Builder
		fmt.Fprintln(&text, got.Result)
		for _, key := range slices.Sorted(maps.Keys(got.Writes)) {
			stored := got.Writes[key]
			fmt.Fprintf(&text, "%s %s stored in %d bytes, SHA-256 %x\n", key, w.unpack(stored), len(stored), sha256.Sum256([]byte(stored)))
		}
		golden(t, fmt.Sprintf("command-%d.txt", i), text.String())
	}
}

func (w *world) unpack(stored string) string {
	w.Helper()
	record, err := packed.Unpack([]byte(stored))
	if err != nil {
		w.Fatal(err)
	}
	return string(record)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update writes it anew:\n%s", name, diff)
	}
}

// TestInit holds who may start a ledger, and from what.
func TestInit(t *testing.T) {
	t.Parallel()
	other := genesis()
	other.Provinces[3].Key = key("lab:230912340001").Public()
	stranger, err := json.Marshal(other)
	if err != nil {
		t.Fatal(err)
	}
	reordered := genesis()
	slices.Reverse(reordered.Provinces)
	same, err := json.Marshal(reordered)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	for name, text := range map[string]string{"another key": string(stranger), "not JSON": "{", "no provinces": `{"provinces":[]}`, "unknown member": `{"x":1}`} {
		if a := w.run(nil, "Init", text); a.Status == shim.OK || len(a.Writes) > 0 {
			t.Errorf("%s: got %+v, want a refusal", name, a)
		}
	}
	if a := w.run(nil, "Init", string(same)); a.Status != shim.OK || len(a.Writes) != 4 {
		t.Fatalf("got %+v, want four provinces", a)
	}
	if a := w.run(nil, "Init", w.genesis); a.Status != shim.OK || len(a.Writes) != 0 {
		t.Errorf("again: got %+v, want nothing written", a)
	}
	if w.peers[0], err = contract.New(other); err != nil {
		t.Fatal(err)
	}
	if a := w.simulate(0, nil, "Init", string(stranger)); a.Status == shim.OK || !strings.Contains(a.Message, "another genesis") {
		t.Errorf("another genesis on a started ledger: got %+v", a)
	}
}

// TestSubmitRefuses holds the errors that are no document's.
func TestSubmitRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil, "Init", w.genesis)
	many, err := json.Marshal(make([]string, traceability.MaxBatchDocuments+1))
	if err != nil {
		t.Fatal(err)
	}
	large, err := json.Marshal([]string{strings.Repeat("x", traceability.MaxBatchBytes+1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, transient := range map[string][]byte{"none": nil, "not JSON": []byte("["), "not strings": []byte("[1]"), "too many": many, "too large": large} {
		if a := w.run(transient, "Submit"); a.Status == shim.OK || a.Message == "" || len(a.Writes) > 0 {
			t.Errorf("%s: got %d %q, want a refusal", name, a.Status, a.Message)
		}
	}
}

// TestRoundTrips holds that a batch asks the peer a few times, whatever its
// size: each question costs about as much as checking a signature.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil, "Init", w.genesis)
	w.submit(w.commands()[0]...)
	documents := make([]string, 200)
	for i := range documents {
		documents[i] = w.sign(lab, traceability.TypeReportSubmit, ledgertest.Report(i))
	}
	if _, a := w.submit(documents...); len(a.Writes) != len(documents) || a.trips > 3 {
		t.Errorf("%d reports: %d writes, %d round trips; want all, in at most 3", len(documents), len(a.Writes), a.trips)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil, "Init", w.genesis)
	record := traceability.PartyKey(traceability.Regulator(traceability.Anhui))
	for key, want := range map[string]string{record: w.unpack(string(w.state[record])), "party/reg:none": ""} {
		if a := w.run(nil, "Record", key); a.Status != shim.OK || a.Result != want {
			t.Errorf("%s: got %d %q %q, want %q", key, a.Status, a.Message, a.Result, want)
		}
	}
	if a := w.run(nil, "Record", ""); a.Status == shim.OK {
		t.Error("an empty key was answered")
	}
}

// TestMetadata holds what a stranger's client can ask the chaincode about itself.
func TestMetadata(t *testing.T) {
	t.Parallel()
	a := newWorld(t).run(nil, "org.hyperledger.fabric:GetMetadata")
	var got struct {
		Contracts map[string]struct {
			Info         struct{ Title, Version, Description string }
			Transactions []struct {
				Name string
				Tag  []string
			}
		}
	}
	if err := json.Unmarshal([]byte(a.Result), &got, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	ours := got.Contracts["deltatrace"]
	if ours.Info.Title != "deltatrace" || ours.Info.Version != contract.Version || !strings.Contains(ours.Info.Description, "compact JWS") {
		t.Errorf("info: got %+v", ours.Info)
	}
	tags := make(map[string]bool)
	for _, tx := range ours.Transactions {
		tags[tx.Name+" "+strings.Join(tx.Tag, " ")] = true
	}
	want := map[string]bool{"Init submit SUBMIT": true, "Submit submit SUBMIT": true, "Record evaluate EVALUATE": true}
	if diff := cmp.Diff(want, tags); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
}
