package fabricbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"deltatrace/network/cluster"
	"deltatrace/network/fabric"
	"deltatrace/network/keyring"
	"deltatrace/traceability"
)

// Config says what to measure.
type Config struct {
	Cluster  *cluster.Cluster // built, running or not; left running
	Duration time.Duration    // of each measurement
	Workers  int              // of the measurements of one document a submission
	Batches  []int            // documents in a submission, a measurement each
	InFlight int              // transactions of deltatrace under way; its default when 0
	Gateway  bool             // leave the choice of endorsers to the gateway
	Out      io.Writer        // the figures
}

// figure is one line of the result.
type figure struct {
	what      string
	records   int
	took      time.Duration
	latencies []time.Duration // of submissions, sorted
}

func (f figure) rate() float64 { return float64(f.records) / f.took.Seconds() }

func (f figure) percentile(p float64) time.Duration {
	return f.latencies[min(len(f.latencies)-1, int(p*float64(len(f.latencies))))]
}

// submit hands over one submission and returns how many records it made durable.
type submit func(ctx context.Context) (records int, err error)

// Run brings the network up if it is not, measures, and writes a table.
func Run(ctx context.Context, c Config) (err error) {
	if err := c.Cluster.Up(ctx); err != nil {
		return err
	}
	plain, err := openPlain(ctx, c.Cluster)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.Close()) }()
	own := c.Cluster.Topology.Provinces[0]
	ledger, err := fabric.Open(ctx, c.Cluster.Topology.Profile(c.Cluster.Files(), own), fabric.Options{InFlight: c.InFlight, GatewayChooses: c.Gateway})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	reports, err := newReports(ctx, keyring.Keyring{Dir: c.Cluster.Files().Keys()}, ledger)
	if err != nil {
		return err
	}

	one := func(ctx context.Context) (int, error) {
		key, document, err := reports.next()
		if err != nil {
			return 0, err
		}
		// The plain way has no second try: what fails is not counted.
		if err := plain.put(ctx, key, document); err != nil {
			return 0, ctx.Err()
		}
		return 1, nil
	}
	ours := func(documents int) submit {
		return func(ctx context.Context) (int, error) { return documents, reports.submit(ctx, ledger, documents) }
	}
	measurements := []struct {
		what    string
		workers int
		submit  submit
	}{
		{"plain, one record a transaction, one client", 1, one},
		{"deltatrace, one report, one client", 1, ours(1)},
		{fmt.Sprintf("plain, one record a transaction, %d clients", c.Workers), c.Workers, one},
		{fmt.Sprintf("deltatrace, one report each, %d clients", c.Workers), c.Workers, ours(1)},
	}
	for _, batch := range c.Batches {
		measurements = append(measurements, struct {
			what    string
			workers int
			submit  submit
		}{fmt.Sprintf("deltatrace, %d reports each, 8 clients", batch), 8, ours(batch)})
	}
	var figures []figure
	for _, m := range measurements {
		f, err := measure(ctx, m.what, m.workers, c.Duration, m.submit)
		if err != nil {
			return fmt.Errorf("%s: %w", m.what, err)
		}
		figures = append(figures, f)
		fmt.Fprintf(c.Out, "%s: %.0f records/s\n", m.what, f.rate())
	}
	return tell(c.Out, figures, reports.size())
}

// measure lets workers submit for some time. A warm-up second is not counted.
func measure(ctx context.Context, what string, workers int, duration time.Duration, f submit) (figure, error) {
	const warmUp = time.Second
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu      sync.Mutex
		result  = figure{what: what}
		running sync.WaitGroup
		records atomic.Int64
	)
	begin := time.Now().Add(warmUp)
	end := begin.Add(duration)
	for range workers {
		running.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				start := time.Now()
				n, err := f(ctx)
				if err != nil {
					cancel(err)
					return
				}
				if done := time.Now(); n > 0 && done.After(begin) && done.Before(end) {
					records.Add(int64(n))
					mu.Lock()
					result.latencies = append(result.latencies, done.Sub(start))
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	if err := context.Cause(ctx); err != nil {
		return result, err
	}
	if len(result.latencies) == 0 {
		return result, fmt.Errorf("not one submission ended within %s", duration)
	}
	slices.Sort(result.latencies)
	result.records, result.took = int(records.Load()), duration
	return result, nil
}

// tell writes the table. The first and third lines are the plain way, against
// which the others are held.
func tell(out io.Writer, figures []figure, size int) error {
	fmt.Fprintf(out, "\nreports of %d bytes, signed; each checked by every endorser, except by the plain way\n", size)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\trecords/s\ttimes plain\tp50 ms\tp99 ms\t")
	plain := figures[2].rate()
	for _, f := range figures {
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%.1f\t%.1f\t\n", f.what, f.rate(), f.rate()/plain,
			milliseconds(f.percentile(0.5)), milliseconds(f.percentile(0.99)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "single commit, p50: %.2f times the plain way's\n", float64(figures[1].percentile(0.5))/float64(figures[0].percentile(0.5)))
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

var errNotAccepted = errors.New("a report was not accepted")

// submit signs new reports and hands them over; every one must be accepted.
func (r *reports) submit(ctx context.Context, ledger traceability.Ledger, documents int) error {
	batch := make([]string, documents)
	for i := range batch {
		_, document, err := r.next()
		if err != nil {
			return err
		}
		batch[i] = document
	}
	receipt, err := ledger.Submit(ctx, batch)
	if err != nil {
		return err
	}
	for _, o := range receipt.Outcomes {
		if o.Status != traceability.StatusAccepted {
			return fmt.Errorf("%w: %s %s %v", errNotAccepted, o.Status, o.Code, o.Problems)
		}
	}
	return nil
}
