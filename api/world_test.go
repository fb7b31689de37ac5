package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// Synthetic parties, with identifiers of the right form.
const (
	lab     traceability.PartyID = "lab:230912340001"
	farm    traceability.PartyID = "op:93330424MA1FPX121R"
	factory traceability.PartyID = "op:91330106MA1FPX121E"
	shop    traceability.PartyID = "op:91310101MA1FPX121X"
	stall   traceability.PartyID = "op:92310101MA1FPX1215" // an individual business
)

// Lots of the way from the field to the shop.
const (
	cucumbers traceability.LotID = "cn/93330424MA1FPX121R/QC-100/20261101"
	pickles   traceability.LotID = "01/06901234567892/10/A01"
	slashed   traceability.LotID = "01/06901234567892/10/A%2F01"
)

var (
	shanghai = traceability.Regulator(traceability.Shanghai)
	zhejiang = traceability.Regulator(traceability.Zhejiang)
)

// world is the real program on a port of its own, with keys for all parties.
type world struct {
	testing.TB
	main  *Main
	dir   string
	args  []string
	keys  map[traceability.PartyID]traceability.SigningKey
	began time.Time
	said  []traceability.Outcome // of all documents that accept has submitted
}

// newWorld starts the program on a new ledger of the four provinces. More flags
// may be given.
func newWorld(tb testing.TB, flags ...string) *world {
	tb.Helper()
	w := &world{TB: tb, dir: tb.TempDir(), keys: make(map[traceability.PartyID]traceability.SigningKey), began: traceability.Instant(time.Now())}
	w.args = append([]string{"serve", "--listen=127.0.0.1:0", "--data=" + filepath.Join(w.dir, "data"), "--reads=0/0", "--writes=0/0",
		"--genesis=" + w.writeGenesis()}, flags...)
	w.start()
	return w
}

// newPopulatedWorld also admits parties and puts a small story on the ledger.
func newPopulatedWorld(tb testing.TB, flags ...string) *world {
	tb.Helper()
	w := newWorld(tb, flags...)
	w.populate()
	return w
}

func (w *world) start() {
	w.Helper()
	w.main = NewMain(mustServe(w, w.args...), slog.New(slog.DiscardHandler))
	if err := w.main.Run(context.Background()); err != nil {
		w.Fatal(err, w.main.Close())
	}
	running := w.main
	w.Cleanup(func() {
		if running == w.main {
			w.stop()
		}
	})
}

func (w *world) stop() {
	w.Helper()
	m := w.main
	w.main = nil
	if m == nil {
		return
	}
	if err := m.Close(); err != nil {
		w.Error(err)
	}
}

// mustServe reads the flags as the command line does.
func mustServe(tb testing.TB, args ...string) Serve {
	tb.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Name("api"))
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		tb.Fatal(err)
	}
	return c.Serve
}

func (w *world) writeGenesis() string {
	w.Helper()
	var genesis traceability.Genesis
	for _, province := range traceability.Provinces() {
		genesis.Provinces = append(genesis.Provinces, traceability.Province{Code: province, Key: w.key(traceability.Regulator(province)).Public()})
	}
	path := filepath.Join(w.dir, "genesis.json")
	if err := os.WriteFile(path, mustEncode(w, genesis), 0o600); err != nil {
		w.Fatal(err)
	}
	return path
}

// key returns a party's key, making it at first use.
func (w *world) key(party traceability.PartyID) traceability.SigningKey {
	w.Helper()
	if key, ok := w.keys[party]; ok {
		return key
	}
	w.keys[party] = mustKey(w, party)
	return w.keys[party]
}

func mustKey(tb testing.TB, party traceability.PartyID) traceability.SigningKey {
	tb.Helper()
	key, err := traceability.NewSigningKey(party)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func (w *world) sign(party traceability.PartyID, typ traceability.DocumentType, payload any) string {
	w.Helper()
	return mustSign(w, w.key(party), typ, payload)
}

func mustSign(tb testing.TB, key traceability.SigningKey, typ traceability.DocumentType, payload any) string {
	tb.Helper()
	compact, err := traceability.Sign(key, typ, payload, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	return compact
}

func mustEncode(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func mustDecode[T any](tb testing.TB, b []byte) T {
	tb.Helper()
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		tb.Fatalf("%v in %s", err, b)
	}
	return v
}

// reply is an answer that has been read and has passed the API's description.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// get asks with header lines of the form `Name: value`.
func (w *world) get(path string, header ...string) reply {
	w.Helper()
	return w.do(http.MethodGet, path, nil, header...)
}

// getAs asks with a fresh token of the party.
func (w *world) getAs(party traceability.PartyID, path string) reply {
	w.Helper()
	return w.get(path, "Authorization: Bearer "+w.token(party))
}

func (w *world) token(party traceability.PartyID) string {
	w.Helper()
	token, err := traceability.NewToken(w.key(party), w.main.publicURL(), time.Now())
	if err != nil {
		w.Fatal(err)
	}
	return token
}

func (w *world) do(method, path string, body []byte, header ...string) reply {
	w.Helper()
	answer := w.plain(method, path, body, header...)
	conforms(w, method, path, answer)
	return answer
}

// plain is do without the comparison with the API's description.
func (w *world) plain(method, path string, body []byte, header ...string) reply {
	w.Helper()
	r, err := http.NewRequest(method, w.main.URL()+path, bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	response, err := client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		w.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, b}
}

// client follows no redirections and shares no connections between tests' ends.
var client = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (w *world) postOne(compact string) reply {
	w.Helper()
	return w.do(http.MethodPost, "/v1/documents", []byte(compact), "Content-Type: application/jose")
}

func (w *world) postBatch(documents ...string) reply {
	w.Helper()
	return w.do(http.MethodPost, "/v1/documents", mustEncode(w, map[string]any{"documents": documents}), "Content-Type: application/json")
}

// accept submits documents, all of which must be accepted.
func (w *world) accept(documents ...string) []traceability.Outcome {
	w.Helper()
	answer := w.postBatch(documents...)
	if answer.status != http.StatusOK {
		w.Fatalf("status %d: %s", answer.status, answer.body)
	}
	receipt := mustDecode[traceability.Receipt](w, answer.body)
	for i, o := range receipt.Outcomes {
		if o.Status != traceability.StatusAccepted {
			w.Fatalf("document %d: %s", i, mustEncode(w, o))
		}
	}
	w.said = append(w.said, receipt.Outcomes...)
	return receipt.Outcomes
}

// at is a time in the past, so many hours before the test.
func (w *world) at(hours int) time.Time { return w.began.Add(time.Duration(-hours) * time.Hour) }

func (w *world) admission(party traceability.PartyID) traceability.Admission {
	w.Helper()
	a := traceability.Admission{
		Party: party, Name: "演示主体" + party.Number()[8:] + "有限公司", NameEN: "Demo " + party.Number()[8:], Division: "330106",
		Address: "杭州市西湖区文三路18号", Key: w.key(party).Public(),
	}
	if party.Kind() == traceability.KindLaboratory {
		a.Scope = []traceability.Capability{{Parameter: "*", Method: "GB 23200.113-2018"}, {Parameter: "*", Method: "GB 5009.28-2016"}}
	}
	return a
}

// Words that only those entitled may read.
const (
	canaryRisk     = "CANARYRISK"
	canaryOrder    = "CANARYORDER"
	canaryUnstated = "CANARYUNSTATED"
	canaryClient   = "CANARYCLIENT"
	canaryNote     = "CANARYNOTE"
	canaryAmount   = "137.531"
	canaryPerson   = "欧阳明珠"
	canaryHome     = "301室"
)

func (w *world) populate() {
	w.Helper()
	var documents []string
	for _, party := range []traceability.PartyID{lab, farm, factory} {
		documents = append(documents, w.sign(zhejiang, traceability.TypePartyAdmit, w.admission(party)))
	}
	for _, party := range []traceability.PartyID{shop, stall} {
		a := w.admission(party)
		if party == stall {
			a.Address = "上海市黄浦区南京路1号" + canaryHome
		}
		documents = append(documents, w.sign(shanghai, traceability.TypePartyAdmit, a))
	}
	w.accept(documents...)
	w.accept(
		w.sign(farm, traceability.TypeLotRegister, traceability.Lot{ID: cucumbers, Product: "黄瓜", ProductEN: "Cucumbers", Unit: "KGM",
			Date: "2026-11-01", DateKind: traceability.DateHarvest, Producer: traceability.Firm{Name: canaryPerson}, Origin: traceability.Place{Division: "330424"}}),
		w.sign(factory, traceability.TypeLotRegister, w.picklesLot(pickles)),
		w.sign(factory, traceability.TypeLotRegister, w.picklesLot(slashed)),
		w.sign(farm, traceability.TypeEventRecord, traceability.Event{Ref: "C-1", Type: traceability.EventCommission, Time: w.at(90), Outputs: amounts(cucumbers, canaryAmount, "KGM"), Note: canaryNote}),
		w.sign(farm, traceability.TypeEventRecord, traceability.Event{Ref: "S-1", Type: traceability.EventShip, Time: w.at(80), Lots: amounts(cucumbers, canaryAmount, "KGM"), To: factory}),
		w.sign(factory, traceability.TypeEventRecord, traceability.Event{Ref: "R-1", Type: traceability.EventReceive, Time: w.at(70), Lots: amounts(cucumbers, canaryAmount, "KGM"), Shipment: traceability.NewEventID(farm, "S-1")}),
		w.sign(factory, traceability.TypeEventRecord, traceability.Event{Ref: "T-1", Type: traceability.EventTransform, Time: w.at(60), Inputs: amounts(cucumbers, canaryAmount, "KGM"), Outputs: amounts(pickles, "400", "XBO"), Process: "腌制"}),
	)
	hidden := func(no, canary string, task traceability.Task) string {
		r := w.report(no)
		r.Task, r.Verdict, r.Conclusion, r.Items[0].Verdict, r.Items[0].Parameter = task, traceability.VerdictProblem, canary, traceability.VerdictProblem, canary
		return w.sign(lab, traceability.TypeReportSubmit, r)
	}
	published := w.report("SP202611001")
	published.Client = canaryClient
	w.accept(
		w.sign(lab, traceability.TypeReportSubmit, published),
		hidden("RISK-1", canaryRisk, traceability.TaskRiskMonitoring),
		hidden("ORDER-1", canaryOrder, traceability.TaskCommissioned),
		hidden("UNSTATED-1", canaryUnstated, ""),
	)
}

func (w *world) picklesLot(id traceability.LotID) traceability.Lot {
	return traceability.Lot{ID: id, Product: "腌黄瓜", ProductEN: "Pickled cucumbers", Spec: "500g/瓶", Unit: "XBO", Date: "2026-11-10",
		DateKind: traceability.DateProduction, Producer: traceability.Firm{Name: "杭州演示食品有限公司", USCC: "91330106MA1FPX121E"}}
}

// report is a first revision about the pickles, in which all conformed.
func (w *world) report(no string) traceability.Report {
	return traceability.Report{
		No: no, Revision: 1, Task: traceability.TaskSupervision, Verdict: traceability.VerdictPass, Conclusion: "合格",
		Sample: traceability.Sample{Lot: pickles, FoodName: "腌黄瓜", SampledUnit: traceability.Firm{Name: canaryPerson, Address: "杭州市西湖区文三路18号" + canaryHome}},
		Issued: traceability.DateOf(w.at(24)), TestedFrom: traceability.DateOf(w.at(48)), TestedTo: traceability.DateOf(w.at(36)),
		Items: []traceability.Item{{Seq: 1, Parameter: "苯甲酸", Unit: "g/kg", Limit: "≤1.0", Result: "0.12", Verdict: traceability.VerdictPass, Method: "GB 5009.28-2016"}},
	}
}

func amounts(lot traceability.LotID, value traceability.Decimal, unit traceability.Unit) []traceability.LotQuantity {
	return []traceability.LotQuantity{{Lot: lot, Quantity: traceability.Quantity{Value: value, Unit: unit}}}
}

func escaped(id fmt.Stringer) string {
	return strings.ReplaceAll(strings.ReplaceAll(id.String(), "%", "%25"), "/", "%2F")
}
