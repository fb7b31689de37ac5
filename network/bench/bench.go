package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"deltatrace/network/node"
	"deltatrace/traceability"
)

// Config says what to measure.
type Config struct {
	Listen string    // host:port for the API
	Data   string    // folder for the ledger; a new one
	Bin    string    // folder of the program api
	Lots   int       // how many lots are registered
	Chain  int       // how many of them make one chain, each coming from the one before
	Asks   int       // how many answers are timed of each kind
	Out    io.Writer // where the figures go
}

// Run loads and measures, and removes nothing: the data folder can be looked at.
func Run(ctx context.Context, c Config) (err error) {
	if c.Chain < 2 || c.Chain > c.Lots {
		return traceability.Invalid("chain", strconv.Itoa(c.Chain), "2 to the number of lots")
	}
	n, err := node.Start(ctx, node.Config{Listen: c.Listen, Data: c.Data, Bin: c.Bin, Flags: []string{"--reads=0/0", "--writes=0/0"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop()) }()
	l, err := newLoad(ctx, n)
	if err != nil {
		return err
	}
	began := time.Now()
	documents, err := l.run(ctx, c)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(c.Out, "%-34s %d lots, %d documents in %s: %.0f documents/s\n", "loaded through POST /v1/documents", c.Lots, documents, took.Round(time.Millisecond), float64(documents)/took.Seconds())
	if err := tellMemory(c.Out, n.PID(), "memory after loading"); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2))
	anyLot := func() traceability.LotID { return l.lot(random.IntN(c.Lots)) }
	last := l.lot(c.Chain - 1)
	for _, q := range []struct {
		what string
		ask  func() (path, accept string)
	}{
		{fmt.Sprintf("trace of a %d-lot chain", c.Chain), func() (string, string) {
			return "/v1/lots" + last.Path() + "/trace?depth=1000", "application/json"
		}},
		{"a lot, any", func() (string, string) { return "/v1/lots" + anyLot().Path(), "application/json" }},
		{"a scan as JSON, any lot", func() (string, string) { return anyLot().Path(), "application/json" }},
		{"a scan as page, any lot", func() (string, string) { return anyLot().Path(), "text/html" }},
		{"a scan as page, the same lot", func() (string, string) { return last.Path(), "text/html" }},
	} {
		times, err := ask(ctx, n.URL, c.Asks, q.ask)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.Out, "%-34s p50 %s  p99 %s  (%d asked, one after the other)\n", q.what, percentile(times, 50), percentile(times, 99), len(times))
	}
	return tellMemory(c.Out, n.PID(), "memory at the end")
}

// ask times answers, one after the other.
func ask(ctx context.Context, url string, count int, question func() (path, accept string)) ([]time.Duration, error) {
	var times []time.Duration
	for range count {
		path, accept := question()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Accept", accept)
		began := time.Now()
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s %w", path, response.Status, err)
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	return times, nil
}

func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*p/100)].Round(10 * time.Microsecond)
}

// tellMemory prints a process's resident memory, now and at its highest.
func tellMemory(w io.Writer, pid int, what string) error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return fmt.Errorf("read the memory of the API: %w", err)
	}
	figures := map[string]string{}
	for _, line := range strings.Split(string(status), "\n") {
		name, value, _ := strings.Cut(line, ":")
		figures[name] = strings.TrimSpace(value)
	}
	fmt.Fprintf(w, "%-34s resident %s, highest %s\n", what, megabytes(figures["VmRSS"]), megabytes(figures["VmHWM"]))
	return nil
}

func megabytes(kilobytes string) string {
	n, _ := strconv.Atoi(strings.TrimSuffix(kilobytes, " kB"))
	return fmt.Sprintf("%d MB", n/1024)
}
