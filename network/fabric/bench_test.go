package fabric

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// BenchmarkSubmit measures what each knob does on a real network: reports of about
// 4 kB, each signature checked by every endorser. single is one caller, many is
// 256 callers with one document at a time, batch is four callers with 500
// documents each time. Everything runs on this machine, so the processors' time
// that a document takes of all provinces together is told as well: unlike the
// others, it does not depend on what else the machine does.
func BenchmarkSubmit(b *testing.B) {
	n := realNetwork(b)
	pool := newPool(b, n, 20_000)
	size := func(bytes int) limits { l := defaultLimits; l.batch = bytes; return l }
	for _, knob := range []struct {
		name string
		o    Options
	}{
		{"default", Options{}},
		{"inflight=1", Options{InFlight: 1}},
		{"inflight=2", Options{InFlight: 2}},
		{"inflight=4", Options{InFlight: 4}},
		{"inflight=8", Options{InFlight: 8}},
		{"gateway-chooses", Options{GatewayChooses: true}},
		{"batch=1MiB", Options{limits: size(1 << 20)}},
		{"batch=2MiB", Options{limits: size(2 << 20)}},
	} {
		b.Run("single/"+knob.name, func(b *testing.B) { pool.measure(b, knob.o, 1, 1) })
		b.Run("many/"+knob.name, func(b *testing.B) { pool.measure(b, knob.o, 256, 1) })
		b.Run("batch/"+knob.name, func(b *testing.B) { pool.measure(b, knob.o, 4, 500) })
	}
}

// pool is documents that are signed beforehand, since signing takes as long as
// much of what is measured.
type pool struct {
	network   *testNetwork
	admission string
	documents []string
}

func newPool(b *testing.B, n *testNetwork, size int) *pool {
	b.Helper()
	lab, admission := n.parties.Laboratory(b, 1)
	p := &pool{network: n, admission: admission, documents: make([]string, size)}
	for i := range p.documents {
		p.documents[i] = ledgertest.SignedReport(b, lab, i)
	}
	return p
}

// measure lets callers submit for a few seconds to a new ledger, whatever b.N: one
// operation is one document.
func (p *pool) measure(b *testing.B, o Options, callers, each int) {
	const span = 4 * time.Second
	l := mustOpen(b, p.network.profile(b, "shanghai", p.network.deploy(b)), o)
	ctx := context.Background()
	if _, err := l.Submit(ctx, []string{p.admission}); err != nil {
		b.Fatal(err)
	}
	pids := p.network.pids(b)
	used := func() map[string]time.Duration { return processorTimes(b, pids) }
	var next atomic.Int64
	var mu sync.Mutex
	var latencies []time.Duration
	var group sync.WaitGroup
	before, idle, began := mustHead(b, l), used(), time.Now()
	for range callers {
		group.Go(func() {
			for time.Since(began) < span {
				to := int(next.Add(int64(each)))
				if to > len(p.documents) {
					return
				}
				at := time.Now()
				if _, err := l.Submit(ctx, p.documents[to-each:to]); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				latencies = append(latencies, time.Since(at))
				mu.Unlock()
			}
		})
	}
	group.Wait()
	took, spent := time.Since(began), used()
	slices.Sort(latencies)
	documents, blocks := float64(len(latencies)*each), float64(mustHead(b, l).Number-before.Number)
	milliseconds := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	b.ReportMetric(documents/took.Seconds(), "documents/s")
	b.ReportMetric(milliseconds(latencies[len(latencies)/2]), "p50-ms")
	b.ReportMetric(milliseconds(latencies[len(latencies)*99/100]), "p99-ms")
	b.ReportMetric(documents/blocks, "documents/block")
	for kind := range spent {
		b.ReportMetric(milliseconds(spent[kind]-idle[kind])/documents, kind+"-cpu-ms/document")
	}
	b.ReportMetric(0, "ns/op")
}

func mustHead(tb testing.TB, l *Ledger) traceability.Head {
	tb.Helper()
	head, err := l.Head(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return head
}

// pids are the network's processes by their kind, and this one, the client.
func (n *testNetwork) pids(tb testing.TB) map[int]string {
	tb.Helper()
	status, err := n.Status(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	pids := map[int]string{os.Getpid(): "client"}
	for _, p := range status.Processes {
		_, pids[p.PID], _ = strings.Cut(strings.TrimRight(p.Name, "-0123456789"), "-")
	}
	return pids
}

// processorTimes is what processes of each kind have used so far (proc(5), fields
// 14 and 15).
func processorTimes(tb testing.TB, pids map[int]string) map[string]time.Duration {
	tb.Helper()
	const tick = 10 * time.Millisecond
	sums := make(map[string]time.Duration)
	for pid, kind := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			tb.Skipf("the processors' time is read from /proc: %v", err)
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		for _, field := range fields[11:13] {
			ticks, err := strconv.Atoi(field)
			if err != nil {
				tb.Fatal(err)
			}
			sums[kind] += time.Duration(ticks) * tick
		}
	}
	return sums
}
