package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// registry speaks the API's contract for registers, over the real rules.
type registry struct {
	*httptest.Server
	mu      sync.Mutex
	state   map[string][]byte
	txs     int
	grants  int // accepted documents
	changes int
	// before answers in its stead when it returns true; nil for never.
	before func(w http.ResponseWriter, r *http.Request) bool
	// after is called when documents are kept, before the answer goes out.
	after func(tx int)
}

func (g *registry) Get(keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = g.state[key]
	}
	return values, nil
}

func newRegistry(t *testing.T, keyFile string) *registry {
	t.Helper()
	key, err := readKey(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	g := &registry{state: make(map[string][]byte)}
	genesis := traceability.Genesis{Provinces: []traceability.Province{{Code: traceability.Zhejiang, Key: key.Public()}}}
	writes, err := genesis.Writes(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range writes {
		g.state[w.Key] = w.Value
	}
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.Close)
	return g
}

func (g *registry) serve(w http.ResponseWriter, r *http.Request) {
	if g.before != nil && g.before(w, r) {
		return
	}
	var answer any
	switch {
	case r.URL.Path == "/v1/documents":
		answer = g.keep(w, r)
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
		w.WriteHeader(http.StatusForbidden)
		return
	case r.URL.Path == "/v1/licences/compare":
		answer = g.compare(r)
	case r.URL.Path == "/v1/licences/checksum":
		answer = g.sum()
	}
	w.Header().Set("Content-Type", "application/json")
	json.MarshalWrite(w, answer)
}

func (g *registry) keep(w http.ResponseWriter, r *http.Request) traceability.Receipt {
	var body struct {
		Documents []string `json:"documents"`
	}
	json.UnmarshalRead(r.Body, &body)
	g.mu.Lock()
	defer g.mu.Unlock()
	var prepared []*rules.Prepared
	for _, d := range body.Documents {
		prepared = append(prepared, rules.Prepare(d))
	}
	g.txs++
	tx := traceability.TxID(fmt.Sprintf("%08x", g.txs))
	outcomes, writes, err := rules.Apply(g, rules.Tx{ID: tx, Time: traceability.Instant(time.Now())}, prepared)
	if err != nil {
		panic(err)
	}
	for _, write := range writes {
		g.state[write.Key] = write.Value
	}
	for _, o := range outcomes {
		switch {
		case o.Status != traceability.StatusAccepted:
		case o.Type == traceability.TypeLicenceGrant:
			g.grants++
		default:
			g.changes++
		}
	}
	if g.after != nil {
		g.after(g.txs)
	}
	return traceability.Receipt{Tx: tx, Block: uint64(g.txs), Time: time.Now(), Outcomes: outcomes}
}

// row returns a licence as it was registered last; nil when there is none.
func (g *registry) row(id traceability.LicenceID) *traceability.LicenceRow {
	value := g.state[traceability.LicenceKey(id)]
	if value == nil {
		return nil
	}
	state, err := traceability.DecodeState[traceability.LicenceState](value)
	if err != nil {
		panic(err)
	}
	last := state.Periods[len(state.Periods)-1]
	d, err := traceability.ParseDocument(state.Documents[last.Content].JWS)
	if err != nil {
		panic(err)
	}
	row := &traceability.LicenceRow{Halt: last.Halt}
	if d.Type == traceability.TypeLicenceGrant {
		err = d.Decode(&row.Licence)
	} else {
		var change traceability.LicenceChange
		err = d.Decode(&change)
		row.Licence = *change.Content
	}
	if err != nil {
		panic(err)
	}
	return row
}

func (g *registry) compare(r *http.Request) traceability.RegisterAnswer {
	var ask traceability.RegisterRows
	json.UnmarshalRead(r.Body, &ask)
	g.mu.Lock()
	defer g.mu.Unlock()
	var answer traceability.RegisterAnswer
	for _, asked := range ask.Rows {
		compared := traceability.RegisterCompared{Licence: asked.Licence, Is: traceability.RowNew}
		if row := g.row(asked.Licence); row != nil {
			compared.Is = traceability.RowSame
			if sum, _ := row.Sum(); sum != asked.Sum {
				compared.Is, compared.Row = traceability.RowChanged, row
			}
		}
		answer.Rows = append(answer.Rows, compared)
	}
	return answer
}

func (g *registry) sum() traceability.RegisterSum {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ids []traceability.LicenceID
	for key := range g.state {
		if id, ok := strings.CutPrefix(key, "licence/"); ok {
			ids = append(ids, traceability.LicenceID(id))
		}
	}
	slices.Sort(ids)
	var h traceability.RegisterHash
	for _, id := range ids {
		sum, _ := g.row(id).Sum()
		h.Add(id, sum)
	}
	return h.Sum()
}

// registerFile writes a file of licences; a line has number, holder, premises,
// items, first day, last day, state and day of the state.
func registerFile(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "register.csv")
	text := "浙江省食品经营许可登记（示例）\n许可证编号,经营者名称,经营场所,经营项目,有效期自,有效期至,许可证状态,变更日期\n" + strings.Join(lines, "\n") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// licenceLine is a line of such a file for the n-th licence.
func licenceLine(n int, premises, state string) string {
	return fmt.Sprintf("%s,示例餐饮%d有限公司,%s,热食类食品制售；冷食类食品制售（不含冷荤类食品、裱花）,2024-03-01,2029-02-28,%s,", licenceNumber(n), n, premises, state)
}

// licenceNumber returns the n-th number of a caterer in 杭州市西湖区.
func licenceNumber(n int) traceability.LicenceID {
	for check := range 10 {
		if id := traceability.LicenceID(fmt.Sprintf("JY2330106%06d%d", n, check)); id.CheckDigitOK() {
			return id
		}
	}
	panic("no check digit")
}
