package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// asProgram, in the environment, makes the test binary be the program, so that
// tests can kill it.
const asProgram = "DELTATRACE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process is the program in a process of its own.
type process struct {
	testing.TB
	cmd *exec.Cmd
	url string
	log *bytes.Buffer
}

func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// mustProcess starts the program and waits until it serves.
func mustProcess(tb testing.TB, args ...string) *process {
	tb.Helper()
	p := &process{TB: tb, cmd: program(args...), log: new(bytes.Buffer)}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.kill()
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = p.cmd.Wait() // what it wrote matters, not how it ended
		tb.Fatalf("the program did not start: %v\n%s", err, p.log)
	}
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "serving on "))
	return p
}

// kill ends the process as a power cut does.
func (p *process) kill() {
	p.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.Fatal(err)
	}
	_ = p.cmd.Wait() // says that it was killed
}

// terminate asks the process to end, which it must do well.
func (p *process) terminate() {
	p.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.Fatalf("after SIGTERM: %v\n%s", err, p.log)
	}
}

// mustRun runs a command of the program to its end and returns its output.
func mustRun(tb testing.TB, args ...string) string {
	tb.Helper()
	cmd := program(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		tb.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	return stdout.String()
}

// TestKill kills the program under load, again and again. Nothing that was
// acknowledged is lost, nothing is doubled, the ledger verifies, and the read
// model equals one that is made anew.
func TestKill(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	rounds := 3
	if os.Getenv("DELTATRACE_LONG") != "" {
		rounds = 10
	}
	l := &load{world: w}
	for round := range rounds {
		p := mustProcess(t, w.args...)
		l.check(p.url, l.fresh)
		l.run(p, time.Duration(150+130*round)*time.Millisecond)
	}
	if len(l.acknowledged) == 0 || len(l.open) == 0 {
		t.Fatalf("%d documents were acknowledged and %d left open: the test has no teeth", len(l.acknowledged), len(l.open))
	}
	p := mustProcess(t, w.args...)
	for _, batch := range l.open {
		l.submit(p.url, batch)
	}
	l.check(p.url, l.acknowledged)
	if found := countReports(t, p.url); found != l.signed.Load()+1 { // and the one of the world
		t.Errorf("%d reports are on the ledger, %d were signed", found, l.signed.Load()+1)
	}
	p.terminate()

	data := "--data=" + filepath.Join(w.dir, "data")
	if out := mustRun(t, "verify", data); !strings.HasPrefix(out, "OK block ") {
		t.Errorf("verify: %s", out)
	}
	before := mustRun(t, "dump", data)
	if out := mustRun(t, "rebuild", data); !strings.HasPrefix(out, "OK block ") {
		t.Errorf("rebuild: %s", out)
	}
	if diff := cmp.Diff(before, mustRun(t, "dump", data)); diff != "" || before == "" {
		t.Errorf("the read model differs from a rebuilt one:\n%s", diff)
	}
	t.Logf("%d documents over %d kills, %d batches left open", l.signed.Load(), rounds, len(l.open))
}

// load submits batches of reports and remembers what was acknowledged.
type load struct {
	*world
	signed atomic.Int64

	mu           sync.Mutex
	acknowledged []traceability.DocumentID
	fresh        []traceability.DocumentID // of these, those since the last check
	open         [][]byte                  // batches whose answer never came
}

// run submits from several clients and kills the process in the middle.
func (l *load) run(p *process, after time.Duration) {
	l.Helper()
	l.key(lab) // made before the clients ask for it at the same time
	ctx, stop := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for ctx.Err() == nil {
				if !l.submit(p.url, l.batch()) {
					return
				}
			}
		})
	}
	time.Sleep(after)
	p.kill()
	stop()
	clients.Wait()
}

// batch signs a few new reports.
func (l *load) batch() []byte {
	l.Helper()
	var documents []string
	for range 5 {
		documents = append(documents, l.sign(lab, traceability.TypeReportSubmit, l.report(fmt.Sprintf("KILL-%d", l.signed.Add(1)))))
	}
	return mustEncode(l, map[string]any{"documents": documents})
}

// submit sends a batch; without an answer it is left open.
func (l *load) submit(url string, batch []byte) bool {
	l.Helper()
	response, err := http.Post(url+"/v1/documents", mediaJSON, bytes.NewReader(batch))
	var body []byte
	if err == nil {
		body, err = io.ReadAll(response.Body)
		response.Body.Close()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.open = append(l.open, batch)
		return false
	}
	if response.StatusCode != http.StatusOK {
		l.Errorf("%d %s", response.StatusCode, body)
		return false
	}
	for _, o := range mustDecode[traceability.Receipt](l, body).Outcomes {
		if o.Status == traceability.StatusRejected {
			l.Errorf("rejected: %+v", o)
		}
		l.acknowledged, l.fresh = append(l.acknowledged, o.ID), append(l.fresh, o.ID)
	}
	return true
}

// check reads documents that were acknowledged.
func (l *load) check(url string, acknowledged []traceability.DocumentID) {
	l.Helper()
	l.fresh = nil
	for _, id := range acknowledged {
		response, err := client.Get(url + "/v1/documents/" + string(id))
		if err != nil {
			l.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			l.Fatalf("document %s was acknowledged and is lost: %d", id, response.StatusCode)
		}
	}
}

func countReports(tb testing.TB, url string) (count int64) {
	tb.Helper()
	path := "/v1/reports?limit=1000"
	for path != "" {
		response, err := client.Get(url + path)
		if err != nil {
			tb.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			tb.Fatal(err)
		}
		count += int64(len(mustDecode[traceability.List[traceability.ReportRecord]](tb, body).Items))
		path = ""
		if link := response.Header.Get("Link"); link != "" {
			path, _, _ = strings.Cut(strings.TrimPrefix(link, "<"), ">")
		}
	}
	return count
}

// TestShutdownFinishesRequests sends SIGTERM while a submission is half sent:
// it is answered, nothing new is taken, and the process ends well.
func TestShutdownFinishesRequests(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	document := w.sign(lab, traceability.TypeReportSubmit, w.report("SHUTDOWN-1"))
	w.stop()
	p := mustProcess(t, w.args...)
	host := strings.TrimPrefix(p.url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	half := len(document) / 2
	fmt.Fprintf(conn, "POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\nContent-Length: %d\r\n\r\n%s", len(document), document[:half])
	time.Sleep(200 * time.Millisecond) // until the handler reads the body
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		other, err := net.Dial("tcp", host)
		if err != nil {
			break
		}
		other.Close()
		if time.Now().After(deadline) {
			t.Fatal("it still takes connections")
		}
	}
	io.WriteString(conn, document[half:])
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusCreated {
		t.Errorf("status %d", response.StatusCode)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	if out := mustRun(t, "verify", "--data="+filepath.Join(w.dir, "data")); !strings.HasPrefix(out, "OK") {
		t.Error(out)
	}
}

// TestCommandsSayWhatIsWrong runs the program as people run it wrongly.
func TestCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	busy := strings.TrimPrefix(w.main.URL(), "http://")
	data := filepath.Join(w.dir, "data")
	for _, tt := range []struct {
		name string
		args []string
		says string
	}{
		{"new ledger without a genesis", []string{"serve", "--listen=127.0.0.1:0", "--data=" + t.TempDir()}, "genesis"},
		{"genesis is not there", []string{"serve", "--listen=127.0.0.1:0", "--data=" + t.TempDir(), "--genesis=none.json"}, "none.json"},
		{"port in use", []string{"serve", "--listen=" + busy, "--data=" + t.TempDir()}, "in use"},
		{"second owner", []string{"serve", "--listen=127.0.0.1:0", "--data=" + data}, "in use"},
		{"verify while serving", []string{"verify", "--data=" + data}, "in use"},
		{"verify nothing", []string{"verify", "--data=" + t.TempDir()}, "no such file"},
		{"dump nothing", []string{"dump", "--data=" + t.TempDir()}, "no such file"},
		{"public URL", []string{"serve", "--listen=127.0.0.1:0", "--data=" + t.TempDir(), "--genesis=" + filepath.Join(w.dir, "genesis.json"), "--public-url=ftp://x"}, "http"},
		{"proxies", []string{"serve", "--listen=127.0.0.1:0", "--data=" + t.TempDir(), "--genesis=" + filepath.Join(w.dir, "genesis.json"), "--trusted-proxies=x"}, "trusted-proxies"},
		{"read model of another ledger", []string{"serve", "--listen=127.0.0.1:0", "--data=" + t.TempDir(), "--genesis=" + newWorld(t).writeGenesis(), "--db=" + filepath.Join(data, "readmodel.db")}, "rebuild"},
		{"rate", []string{"serve", "--reads=fast"}, "50/100"},
		{"unknown flag", []string{"serve", "--colour"}, "colour"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := program(tt.args...)
			stuck := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			defer stuck.Stop()
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.says) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestVerifySaysWhereItBreaks spoils a byte of the ledger's tables, which hold
// what the log held once the program has started again.
func TestVerifySaysWhereItBreaks(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	w.start()
	w.stop()
	tables, err := filepath.Glob(filepath.Join(w.dir, "data", "ledger", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("the ledger has no tables: %v", err)
	}
	for _, table := range tables {
		b, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/3] ^= 1
		if err := os.WriteFile(table, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := program("verify", "--data="+filepath.Join(w.dir, "data")).CombinedOutput()
	if err == nil || strings.Contains(string(out), "OK block") || !strings.Contains(string(out), "block ") {
		t.Errorf("verify did not say where it breaks: %s", out)
	}
	t.Logf("%s", out)
}

// TestLedgerThatLostBlocksIsNoticed puts an older copy of the ledger beside the
// read model, as a restored backup does.
func TestLedgerThatLostBlocksIsNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stop()
	data := filepath.Join(w.dir, "data")
	if err := os.CopyFS(filepath.Join(w.dir, "old"), os.DirFS(filepath.Join(data, "ledger"))); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.populate()
	w.stop()
	if err := os.MkdirAll(filepath.Join(w.dir, "restored"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(w.dir, "old"), filepath.Join(w.dir, "restored", "ledger")); err != nil {
		t.Fatal(err)
	}
	m := NewMain(mustServe(t, append(w.args, "--db="+filepath.Join(data, "readmodel.db"), "--data="+filepath.Join(w.dir, "restored"))...), slog.New(slog.DiscardHandler))
	if err := m.Run(t.Context()); !errors.Is(err, errOtherChain) {
		t.Errorf("the loss was not noticed: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
