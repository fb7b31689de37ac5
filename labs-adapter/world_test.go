package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
)

// binary builds the program once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "labs-adapter-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "labs-adapter")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// command returns the real program, ready to start.
func command(t *testing.T, arguments ...string) (c *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	c = exec.CommandContext(t.Context(), path, arguments...)
	c.Stdout, c.Stderr = stdout, stderr
	return c, stdout, stderr
}

// runProgram runs the real program to its end.
func runProgram(t *testing.T, arguments ...string) (status int, stdout, stderr string) {
	t.Helper()
	c, out, errs := command(t, arguments...)
	err := c.Run()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

// newKey makes a key file with the program itself.
func newKey(t *testing.T, party string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.key.json")
	if status, _, stderr := runProgram(t, "keygen", "--party", party, "--out", path); status != exitOK {
		t.Fatal(stderr)
	}
	return path
}

const lab = "lab:230912340001"

// recorder speaks the API's contract: it verifies signatures, keeps what is new,
// knows what it has, and rejects what a test tells it to.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	key      traceability.PublicKey
	kept     map[traceability.DocumentID]traceability.Report
	numbers  map[string]traceability.DocumentID
	writes   map[traceability.DocumentID]int
	signed   map[traceability.DocumentID]string // as JWS
	requests int
	// handle answers questions, and returns true; nil for knowing nothing.
	handle func(w http.ResponseWriter, request *http.Request) bool
	asks   []string // what it was asked, by its address
	// before answers in its stead when it returns true; nil for never.
	before func(w http.ResponseWriter, request int) bool
	// lie changes the receipt; nil for the truth.
	lie func(*traceability.Receipt)
	// after is called with what was kept, before the answer goes out.
	after func(request int)
	// reject says what is wrong with a report; nil for nothing.
	reject func(traceability.Report) []*traceability.Error
}

func newRecorder(t *testing.T, keyFile string) *recorder {
	t.Helper()
	key, err := readKey(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{key: key.Public(), kept: make(map[traceability.DocumentID]traceability.Report),
		numbers: make(map[string]traceability.DocumentID), writes: make(map[traceability.DocumentID]int),
		signed: make(map[traceability.DocumentID]string)}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) serve(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	if request.Method == http.MethodGet {
		r.asks = append(r.asks, request.URL.String())
		answered := r.handle != nil && r.handle(w, request)
		r.mu.Unlock()
		if !answered {
			problem(w, http.StatusNotFound, traceability.CodeNotFound)
		}
		return
	}
	r.requests++
	n, before, after, lie := r.requests, r.before, r.after, r.lie
	r.mu.Unlock()
	if before != nil && before(w, n) {
		return
	}
	body, err := io.ReadAll(io.LimitReader(request.Body, traceability.MaxBatchBytes+1))
	var submission struct {
		Documents []string `json:"documents"`
	}
	if err == nil {
		err = json.Unmarshal(body, &submission, json.RejectUnknownMembers(true))
	}
	switch {
	case request.Method != http.MethodPost || request.URL.Path != "/v1/documents":
		problem(w, http.StatusNotFound, traceability.CodeNotFound)
	case len(body) > traceability.MaxBatchBytes || len(submission.Documents) > traceability.MaxBatchDocuments:
		problem(w, http.StatusRequestEntityTooLarge, traceability.CodeBatchTooBig)
	case err != nil:
		problem(w, http.StatusBadRequest, traceability.CodeMalformed)
	default:
		receipt := traceability.Receipt{Tx: traceability.TxID(fmt.Sprintf("%08x", n)), Block: uint64(n), Time: time.Now().UTC()}
		for _, document := range submission.Documents {
			receipt.Outcomes = append(receipt.Outcomes, r.keep(document))
		}
		if after != nil {
			after(n)
		}
		if lie != nil {
			lie(&receipt)
		}
		w.Header().Set("Content-Type", "application/json")
		json.MarshalWrite(w, receipt)
	}
}

func problem(w http.ResponseWriter, status int, code traceability.Code) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"about:blank","title":"T","status":%d,"code":%q,"zh":"不行","en":"no"}`, status, code)
}

// keep judges one document as the ledger's rules would at their simplest.
func (r *recorder) keep(compact string) traceability.Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	document, err := traceability.ParseDocument(compact)
	if err == nil {
		err = document.Verify(r.key)
	}
	var report traceability.Report
	if err == nil {
		err = document.Decode(&report)
	}
	if err != nil {
		return traceability.Outcome{Status: traceability.StatusRejected, Code: traceability.CodeOf(err)}
	}
	outcome := traceability.Outcome{ID: document.ID, Type: document.Type, Record: "report/" + string(traceability.NewReportID(document.Party(), report.No, report.Revision))}
	problems, warnings := report.Check()
	if r.reject != nil {
		problems = append(problems, r.reject(report)...)
	}
	existing, taken := r.numbers[outcome.Record]
	switch {
	case len(problems) > 0:
		outcome.Status, outcome.Code, outcome.Problems = traceability.StatusRejected, problems[0].Code, problems
	case taken && existing == document.ID:
		outcome.Status, outcome.Code, outcome.First = traceability.StatusDuplicate, traceability.CodeDuplicate, "first"
	case taken:
		outcome.Status, outcome.Code, outcome.Existing = traceability.StatusRejected, traceability.CodeConflict, existing
		outcome.Problems = []*traceability.Error{traceability.NewError(traceability.CodeConflict, "report_no", "编号已有不同内容", "the number has other content")}
	default:
		outcome.Status, outcome.Warnings = traceability.StatusAccepted, warnings
		r.kept[document.ID], r.signed[document.ID] = report, compact
		r.numbers[outcome.Record] = document.ID
		r.writes[document.ID]++
	}
	return outcome
}

// set changes the recorder's behaviour while it runs.
func (r *recorder) set(change func(*recorder)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

// size returns how many reports are kept, and fails the test if one is twice.
func (r *recorder) size(t *testing.T) int {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, n := range r.writes {
		if n != 1 {
			t.Errorf("document %s was written %d times", id, n)
		}
	}
	return len(r.kept)
}

// asked returns how many requests came.
func (r *recorder) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// asking returns the addresses of the questions that came.
func (r *recorder) asking() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asks)
}

// lines reads NDJSON answers.
func lines(t *testing.T, text string) []answer {
	t.Helper()
	var list []answer
	for line := range strings.Lines(text) {
		var a answer
		if err := json.Unmarshal([]byte(line), &a, json.RejectUnknownMembers(true)); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		list = append(list, a)
	}
	return list
}

// export writes a flat export of so many reports with two items each.
func export(t *testing.T, folder, name string, from, reports int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("报告编号,序号,检验项目,计量单位,标准指标,实测值,单项判定,检验依据,备注,检验类别\n")
	for i := range reports {
		for seq, parameter := range []string{"铅(以Pb计)", "镉(以Cd计)"} {
			fmt.Fprintf(&text, "SP2026%06d,%d,%s,mg/kg,≤0.5,0.1%d,符合规定,GB 5009.12-2023,/,监督抽检\n", from+i, seq+1, parameter, i%10)
		}
	}
	return put(t, folder, name, text.String())
}

// put writes a file as a careful LIMS does: whole, then under its name.
func put(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path+".part", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		t.Fatal(err)
	}
	return path
}

// eventually waits for something that another process does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func interrupt(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}
