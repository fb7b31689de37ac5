package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

func TestKeygen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lab.key.json")
	status, stdout, stderr := runProgram(t, "keygen", "--party", lab, "--out", path)
	if status != exitOK {
		t.Fatal(stderr)
	}
	var shown published
	if err := json.Unmarshal([]byte(stdout), &shown); err != nil {
		t.Fatal(err)
	}
	key, err := readKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if shown.Party != lab || shown.KID != key.ID() || shown.Key.ID(lab) != key.ID() || strings.Contains(stdout, `"d"`) {
		t.Errorf("got %s for key %s", stdout, key.ID())
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v", info.Mode(), err)
	}
	if status, _, _ := runProgram(t, "keygen", "--party", lab, "--out", path); status != exitUsage {
		t.Errorf("a second key over the first: got status %d", status)
	}
	if same, err := readKey(path); err != nil || same.ID() != key.ID() {
		t.Error("the key file was overwritten")
	}
	if status, _, stderr := runProgram(t, "keygen", "--party", "op:91310101MA1FPX121X", "--out", path, "--force"); status != exitOK {
		t.Error(stderr)
	}
	if status, _, _ := runProgram(t, "keygen", "--party", "lab:1", "--out", path+"2"); status != exitUsage {
		t.Errorf("no such party: got status %d", status)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("files were left: %v", left)
	}
}

func TestCheckShowsEveryItem(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := runProgram(t, "check", "examples/export.csv", "--format", "json")
	if status != exitOK {
		t.Fatal(status, stderr)
	}
	list := lines(t, stdout)
	if len(list) != 8 {
		t.Fatalf("got %d lines", len(list))
	}
	want := answer{File: "examples/export.csv", Row: 8, ReportNo: "SP202690002", Revision: 1, SamplingNo: "DBJ26330100390000002", FoodName: "韭菜", Seq: 1,
		Parameter: "腐霉利", Method: "GB 23200.113-2018", Result: "8.1", Unit: "mg/kg", Limit: "≤5", Verdict: "fail", VerdictText: "不符合规定", Status: "ok"}
	if diff := cmp.Diff(want, list[5]); diff != "" {
		t.Error(diff)
	}
	if _, text, _ := runProgram(t, "check", "examples/export.csv", "examples/reports.json"); !strings.Contains(text, "合计 total: 2 个文件 files, 5 份报告 reports, 18 行 rows, 18 ok") {
		t.Error(text)
	}
}

func TestCheckStatuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		files  []string
		status int
	}{
		{[]string{"examples/export.csv"}, exitOK},
		{[]string{"formats/testdata/faults.csv"}, exitRejected},
		{[]string{"none.csv"}, exitUsage},
		{[]string{"main.go"}, exitUsage},
		{[]string{"formats/testdata/faults.csv", "none.csv"}, exitUsage},
		{nil, exitUsage},
	} {
		if status, stdout, _ := runProgram(t, append([]string{"check"}, test.files...)...); status != test.status {
			t.Errorf("%v: got status %d, want %d: %s", test.files, status, test.status, stdout)
		}
	}
}

// TestEveryRowOfARejectedReportSaysWhy: its own reason, or where the other is.
func TestEveryRowOfARejectedReportSaysWhy(t *testing.T) {
	t.Parallel()
	_, stdout, _ := runProgram(t, "check", "formats/testdata/faults.csv", "--format", "json")
	for _, a := range lines(t, stdout) {
		if (a.Status == statusRejected) != (len(a.Problems) > 0) {
			t.Errorf("row %d is %s with %d problems", a.Row, a.Status, len(a.Problems))
		}
	}
	text := "报告编号,检验项目,实测值,单项判定\nA,铅,1,合格\nA,镉,1,好\n"
	_, stdout, _ = runProgram(t, "check", put(t, t.TempDir(), "a.csv", text), "--format", "json")
	list := lines(t, stdout)
	if got := list[0].Problems[0].Err.EN; got != "another row of the same report was rejected: row 3" || list[1].Problems[0].Column != "单项判定" {
		t.Errorf("got %s, and column %s", got, list[1].Problems[0].Column)
	}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	for _, want := range []string{"accepted", "duplicate"} {
		status, stdout, stderr := runProgram(t, "submit", "examples/export.csv", "--api", api.URL, "--key", key, "--format", "json")
		if status != exitOK {
			t.Fatal(status, stdout, stderr)
		}
		list := lines(t, stdout)
		for _, a := range list {
			if a.Status != want || a.Document == "" || a.Record == "" || a.Tx == "" || (a.Block == 0) != (want == "duplicate") {
				t.Errorf("got %+v", a)
			}
		}
		if len(list) != 8 || api.size(t) != 2 {
			t.Errorf("got %d rows and %d reports", len(list), api.size(t))
		}
	}
}

func TestSubmitByEnvironment(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	c, _, stderr := command(t, "submit", "examples/reports.json")
	c.Env = append(os.Environ(), "DELTATRACE_API="+api.URL, "DELTATRACE_KEY="+key)
	if err := c.Run(); err != nil || api.size(t) != 3 {
		t.Error(err, stderr)
	}
}

func TestSubmitSplitsIntoBatches(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	const reports = 2*traceability.MaxBatchDocuments + 1
	path := export(t, t.TempDir(), "a.csv", 0, reports)
	status, stdout, stderr := runProgram(t, "submit", path, "--api", api.URL, "--key", key, "--format", "json")
	list := lines(t, stdout)
	if status != exitOK || len(list) != 2*reports || api.size(t) != reports || api.asked() != 3 {
		t.Errorf("status %d, %d rows, %d reports in %d requests: %s", status, len(list), api.size(t), api.asked(), stderr)
	}
	for i, a := range list {
		if a.Row != i+2 {
			t.Fatalf("answer %d is for row %d: not in the order of the file", i, a.Row)
		}
	}
}

// TestSubmitPlacesWhatTheLedgerSays: the ledger speaks of fields, people of rows and columns.
func TestSubmitPlacesWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	api.set(func(r *recorder) {
		r.reject = func(r traceability.Report) []*traceability.Error {
			if r.No != "SP202690002" {
				return nil
			}
			return []*traceability.Error{traceability.Invalid("items[1].method", "GB", "a method with its edition"), traceability.Invalid("sample.lot", "x", "a lot")}
		}
	})
	status, stdout, _ := runProgram(t, "submit", "examples/export.csv", "--api", api.URL, "--key", key, "--format", "json")
	var got []string
	for _, a := range lines(t, stdout) {
		for _, p := range a.Problems {
			got = append(got, fmt.Sprintf("%d %s: %d %s", a.Row, a.Status, p.Row, p.Column))
		}
	}
	want := []string{"8 rejected: 8 追溯码", "9 rejected: 9 检验依据", "10 rejected: 9 检验依据"}
	if diff := cmp.Diff(want, got); diff != "" || status != exitRejected || api.size(t) != 1 {
		t.Errorf("status %d: %s", status, diff)
	}
}

// TestWhatConcernsTheSignerConcernsEveryRow: such a problem has no place in the file.
func TestWhatConcernsTheSignerConcernsEveryRow(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	api.set(func(r *recorder) {
		r.reject = func(traceability.Report) []*traceability.Error {
			return []*traceability.Error{traceability.NewError(traceability.CodeUnknownParty, "kid", "未准入", "not admitted")}
		}
	})
	_, stdout, _ := runProgram(t, "submit", "examples/export.csv", "examples/reports.json", "--api", api.URL, "--key", key, "--format", "json")
	list := lines(t, stdout)
	for _, a := range list {
		if len(a.Problems) != 1 || a.Problems[0].Err.EN != "not admitted" || a.Problems[0].Row != 0 {
			t.Errorf("row %d: got %+v", a.Row, a.Problems)
		}
	}
	if len(list) != 18 {
		t.Errorf("got %d rows", len(list))
	}
}

func TestSubmitStatuses(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	well := func(*recorder) {}
	closed := func(r *recorder) { r.Close() }
	refusing := func(r *recorder) {
		r.before = func(w http.ResponseWriter, _ int) bool {
			problem(w, http.StatusRequestEntityTooLarge, traceability.CodeBatchTooBig)
			return true
		}
	}
	dropping := func(r *recorder) { r.after = func(int) { r.CloseClientConnections() } } // kept, but nobody hears of it
	const good, bad = "examples/export.csv", "formats/testdata/faults.csv"
	for _, test := range []struct {
		name      string
		api       func(*recorder)
		arguments []string
		status    int
		fates     map[string]int // rows by status
		kept      int            // reports
	}{
		{"all good", well, []string{good, "--key", key}, exitOK, map[string]int{"accepted": 8}, 2},
		{"twice in a call", well, []string{good, good, "--key", key}, exitOK, map[string]int{"accepted": 8, "duplicate": 8}, 2},
		{"some rejected", well, []string{bad, "--key", key}, exitRejected, map[string]int{"accepted": 1, "rejected": 7}, 1},
		{"unreadable among good", well, []string{good, "main.go", "--key", key}, exitUsage, map[string]int{"accepted": 8, "unreadable": 1}, 2},
		{"not there", closed, []string{good, "--key", key}, exitUnsent, map[string]int{"not_sent": 8}, 0},
		{"not there, and rejected rows", closed, []string{bad, "--key", key}, exitUnsent, map[string]int{"not_sent": 1, "rejected": 7}, 0},
		{"refused", refusing, []string{good, "--key", key}, exitUnsent, map[string]int{"not_sent": 8}, 0},
		{"answer lost", dropping, []string{good, "--key", key}, exitUnsent, map[string]int{"unknown": 8}, 2},
		{"no key", well, []string{good, "--key", "none.json"}, exitUsage, map[string]int{}, 0},
		{"key is no key", well, []string{good, "--key", good}, exitUsage, map[string]int{}, 0},
		{"no laboratory", well, []string{good, "--key", newKey(t, "op:91310101MA1FPX121X")}, exitUsage, map[string]int{}, 0},
		{"no address", well, []string{good, "--key", key, "--api", "trace.example"}, exitUsage, map[string]int{}, 0},
		{"unknown flag", well, []string{good, "--key", key, "--kye", key}, exitUsage, map[string]int{}, 0},
		{"bad task", well, []string{good, "--key", key, "--task", "x"}, exitUsage, map[string]int{}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := newRecorder(t, key)
			api.set(test.api)
			status, stdout, stderr := runProgram(t, append([]string{"submit", "--format", "json", "--patience", "200ms", "--api", api.URL}, test.arguments...)...)
			fates := make(map[string]int)
			for _, a := range lines(t, stdout) {
				fates[a.Status]++
			}
			if diff := cmp.Diff(test.fates, fates); diff != "" || status != test.status || api.size(t) != test.kept {
				t.Errorf("got status %d, want %d; %d reports kept; %s%s", status, test.status, api.size(t), diff, stderr)
			}
			if status >= exitUsage && stdout+stderr == "" {
				t.Error("nothing was said")
			}
		})
	}
}

func TestSubmitTriesAgain(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	api.set(func(r *recorder) {
		r.before = func(w http.ResponseWriter, n int) bool {
			if n < 3 {
				w.Header().Set("Retry-After", "1")
				problem(w, http.StatusServiceUnavailable, traceability.CodeBusy)
			}
			return n < 3
		}
	})
	status, _, stderr := runProgram(t, "submit", "examples/export.csv", "--api", api.URL, "--key", key)
	if status != exitOK || api.size(t) != 2 {
		t.Error(status, stderr)
	}
}

// TestSubmitInterrupted: the batch under way ends, the rest is not sent, and all
// rows have an answer.
func TestSubmitInterrupted(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	underway, told := make(chan struct{}), make(chan struct{})
	api.set(func(r *recorder) {
		r.after = func(n int) {
			if n == 1 {
				close(underway)
				<-told
			}
		}
	})
	const reports = 3 * traceability.MaxBatchDocuments
	c, stdout, stderr := command(t, "submit", export(t, t.TempDir(), "a.csv", 0, reports), "--api", api.URL, "--key", key, "--format", "json")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-underway
	interrupt(t, c)
	close(told)
	c.Wait()
	counts := make(map[string]int)
	for _, a := range lines(t, stdout.String()) {
		counts[a.Status]++
	}
	want := map[string]int{"accepted": 2 * traceability.MaxBatchDocuments, "not_sent": 4 * traceability.MaxBatchDocuments}
	if diff := cmp.Diff(want, counts); diff != "" || c.ProcessState.ExitCode() != exitUnsent {
		t.Errorf("status %d: %s%s", c.ProcessState.ExitCode(), diff, stderr)
	}
	if !strings.Contains(stderr.String(), "2000 rows answered, 0 of unknown fate, 4000 not sent") {
		t.Errorf("got %s", stderr)
	}
}

// TestSubmitAbandonsABatchAfterGrace: a batch that hangs is of unknown fate.
func TestSubmitAbandonsABatchAfterGrace(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	api := newRecorder(t, key)
	underway, end := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(end) })
	api.set(func(r *recorder) {
		r.before = func(http.ResponseWriter, int) bool {
			close(underway)
			<-end
			return true
		}
	})
	c, stdout, _ := command(t, "submit", "examples/export.csv", "--api", api.URL, "--key", key, "--format", "json", "--grace", "100ms")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-underway
	interrupt(t, c)
	c.Wait()
	list := lines(t, stdout.String())
	if c.ProcessState.ExitCode() != exitUnsent || len(list) != 8 || list[0].Status != statusUnknown {
		t.Errorf("status %d, answers %+v", c.ProcessState.ExitCode(), list)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"--help"}, {"keygen", "--help"}, {"check", "--help"}, {"submit", "--help"}, {"watch", "--help"}, {"schema", "--help"}} {
		if status, stdout, _ := runProgram(t, arguments...); status != exitOK || !strings.Contains(stdout, "Usage: labs-adapter") {
			t.Errorf("%v: status %d: %s", arguments, status, stdout)
		}
	}
	_, stdout, _ := runProgram(t, "--help")
	for _, status := range []string{"\n    0  ", "\n    1  ", "\n    2  ", "\n    3  ", "DELTATRACE_"} {
		if !strings.Contains(stdout, status) {
			t.Errorf("the help does not tell of %q", status)
		}
	}
}

func TestSchemaIsPrinted(t *testing.T) {
	t.Parallel()
	status, stdout, _ := runProgram(t, "schema")
	var schema map[string]any
	if err := json.Unmarshal([]byte(stdout), &schema); err != nil || status != exitOK || schema["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Error(status, err)
	}
}
