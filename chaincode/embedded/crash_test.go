package embedded

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// The environment in which the test binary is a process to be killed.
const (
	victimFolder = "DELTATRACE_TEST_VICTIM_FOLDER"
	victimKey    = "DELTATRACE_TEST_VICTIM_KEY"
	victimFirst  = "DELTATRACE_TEST_VICTIM_FIRST"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimFolder) != "" {
		if err := victim(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// victim submits reports from many goroutines until it is killed, and prints
// the number of each that was acknowledged.
func victim() error {
	var lab traceability.SigningKey
	if err := json.Unmarshal([]byte(os.Getenv(victimKey)), &lab); err != nil {
		return err
	}
	first, err := strconv.ParseInt(os.Getenv(victimFirst), 10, 64)
	if err != nil {
		return err
	}
	l, err := Open(os.Getenv(victimFolder), Options{Logger: quiet})
	if err != nil {
		return err
	}
	var next atomic.Int64
	next.Store(first)
	failed := make(chan error)
	for worker := range 32 {
		go func() {
			batch := 1 + worker%3*5 // 1, 6 or 11 reports
			for {
				i := next.Add(int64(batch)) - int64(batch)
				if err := submitReports(l, lab, int(i), batch); err != nil {
					failed <- err
				}
				for n := range batch {
					fmt.Println(i + int64(n)) // one write system call
				}
			}
		}()
	}
	return <-failed
}

func submitReports(l *Ledger, lab traceability.SigningKey, first, n int) error {
	var documents []string
	for i := first; i < first+n; i++ {
		document, err := traceability.Sign(lab, traceability.TypeReportSubmit, ledgertest.Report(i), ledgertest.Signed)
		if err != nil {
			return err
		}
		documents = append(documents, document)
	}
	receipt, err := l.Submit(context.Background(), documents)
	if err != nil {
		return err
	}
	for _, o := range receipt.Outcomes {
		if o.Status != traceability.StatusAccepted {
			return fmt.Errorf("got %s (%s), want accepted", o.Status, o.Code)
		}
	}
	return nil
}

// TestKill kills real processes with SIGKILL at random moments under load: the
// ledger opens, verifies, and holds every acknowledged document.
func TestKill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills processes; left out of the short tests")
	}
	network := ledgertest.NewNetwork(t)
	l := mustStart(t, network)
	lab, admission := network.Laboratory(t, 1)
	mustSubmit(t, l, admission)
	mustClose(t, l)

	const rounds, apart = 6, 100_000
	var acknowledged []int
	for round := range rounds {
		acknowledged = append(acknowledged, killOne(t, l.dir, lab, round*apart)...)
		head, err := Verify(context.Background(), l.dir, nil)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		survivor := mustOpen(t, l.dir, Options{})
		for _, i := range acknowledged {
			if value, err := survivor.Get(context.Background(), ledgertest.ReportKey(lab, i)); err != nil || value == nil {
				t.Errorf("round %d: report %d was acknowledged and is not on the ledger; error %v", round, i, err)
			}
		}
		mustSubmit(t, survivor, ledgertest.SignedReport(t, lab, (round+1)*apart-1))
		mustClose(t, survivor)
		t.Logf("round %d: %d reports acknowledged so far, block %d", round, len(acknowledged), head.Number)
	}
	if len(acknowledged) < rounds {
		t.Errorf("only %d reports were acknowledged in %d rounds; the test tested little", len(acknowledged), rounds)
	}
}

// killOne starts a process on the ledger, kills it at a random moment after it
// has begun, and returns what it acknowledged.
func killOne(t *testing.T, dir string, lab traceability.SigningKey, first int) []int {
	t.Helper()
	key, err := json.Marshal(lab)
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), victimFolder+"="+dir, victimKey+"="+string(key), victimFirst+"="+strconv.Itoa(first))
	process.Stderr = os.Stderr
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []int
	var kill sync.Once
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		kill.Do(func() {
			time.AfterFunc(time.Duration(rand.IntN(400))*time.Millisecond, func() { process.Process.Kill() })
		})
		i, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Error(err)
			continue
		}
		acknowledged = append(acknowledged, i)
	}
	if err := process.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	return acknowledged
}
