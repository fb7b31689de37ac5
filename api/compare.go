package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"deltatrace/chaincode/embedded"
	"deltatrace/traceability"
	"deltatrace/traceability/store"
)

const (
	// maxDifferences is how many rows a comparison names.
	maxDifferences = 100
	// comparisonFolders are where comparisons keep what they made anew, in the data
	// folder: what the database's administrator does not reach.
	comparisonFolders = "comparison-*"
	// comparisonRest is how many times as long as it works a comparison beside a
	// server rests, so that it takes a quarter of a processor or so.
	comparisonRest = 3
)

// blockReader is a ledger as a comparison reads it.
type blockReader interface {
	Blocks(ctx context.Context, from uint64) iter.Seq2[traceability.Block, error]
	Head(ctx context.Context) (traceability.Head, error)
}

// comparison is what one found.
type comparison struct {
	At          traceability.Head // the block that read model and ledger were compared at
	Differences []store.Difference
	More        bool // than these
}

// comparer compares a read model with what the ledger says, by making another of the
// ledger alone.
type comparer struct {
	ledger blockReader
	model  *store.Store
	folder string // for what is made anew
	log    *slog.Logger
	rest   int // how many times as long as it works it rests
	tell   func(block uint64)
}

// run compares once. The folder takes as much as the read model meanwhile.
func (c *comparer) run(ctx context.Context) (found comparison, err error) {
	folder, err := os.MkdirTemp(c.folder, comparisonFolders)
	if err != nil {
		return found, fmt.Errorf("compare: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	anew, err := store.Open(ctx, filepath.Join(folder, "readmodel.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		return found, fmt.Errorf("compare: %w", err)
	}
	defer func() { err = errors.Join(err, anew.Close()) }()
	head, err := c.model.Head(ctx)
	if err != nil {
		return found, fmt.Errorf("compare: %w", err)
	}
	if err := anew.Load(ctx, func() error { return c.project(ctx, anew, 0, head.Number, c.rest) }); err != nil {
		return found, fmt.Errorf("compare: %w", err)
	}
	// What came meanwhile is less each time, and then the read model stands still for
	// the comparison alone.
	level := func(at traceability.Head) error { return c.project(ctx, anew, head.Number+1, at.Number, 0) }
	for {
		now, err := c.model.Head(ctx)
		if err != nil {
			return found, fmt.Errorf("compare: %w", err)
		}
		if now.Number <= head.Number {
			break
		}
		if err := level(now); err != nil {
			return found, fmt.Errorf("compare: %w", err)
		}
		head = now
	}
	found.At, err = c.model.Compare(ctx, anew, level, func(d store.Difference) bool {
		if found.More = len(found.Differences) == maxDifferences; found.More {
			return false
		}
		found.Differences = append(found.Differences, d)
		return true
	})
	if err != nil {
		err = fmt.Errorf("compare: %w", err)
	}
	return found, err
}

// project applies the ledger's blocks from one to another.
func (c *comparer) project(ctx context.Context, to *store.Store, from, last uint64, rest int) error {
	if from > last {
		return nil
	}
	head, err := c.ledger.Head(ctx)
	if err != nil {
		return err
	}
	if head.Number < last {
		return fmt.Errorf("the read model has block %d, the ledger ends with %d", last, head.Number)
	}
	began := time.Now()
	var blocks []traceability.Block
	bytes := 0
	for block, err := range c.ledger.Blocks(ctx, from) {
		if err != nil {
			return err
		}
		blocks = append(blocks, block)
		for _, tx := range block.Transactions {
			for _, w := range tx.Writes {
				bytes += len(w.Value)
			}
		}
		if block.Number < last && len(blocks) < 64 && bytes < 4<<20 {
			continue
		}
		if err := to.Apply(ctx, blocks...); err != nil {
			return err
		}
		c.tell(block.Number)
		if block.Number == last {
			return nil
		}
		if err := pause(ctx, time.Duration(rest)*time.Since(began)); err != nil {
			return err
		}
		began, blocks, bytes = time.Now(), nil, 0
	}
	return errors.Join(ctx.Err(), errors.New("the ledger gave no more blocks"))
}

// comparisons is what the last comparison of a running server found.
type comparisons struct {
	mu    sync.Mutex
	found comparison
	known bool
}

// Differs returns how many rows of the read model differ from the ledger, at most
// maxDifferences+1; false before the first comparison.
func (c *comparisons) Differs() (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.found.Differences)
	if c.found.More {
		n++
	}
	return n, c.known
}

// Ailments implements traceability.Ailing. It is not severe: one altered row must not
// take the recalls of four provinces off the net.
func (c *comparisons) Ailments() []traceability.Ailment {
	n, _ := c.Differs()
	if n == 0 {
		return nil
	}
	return []traceability.Ailment{{Part: traceability.PartReadModel, Code: traceability.CodeDiffers, Err: fmt.Errorf("%d rows or more differ from the ledger", n)}}
}

// follow compares again and again until ctx ends, at moments that nobody can tell
// beforehand: on average once in the interval, the first time in its first quarter.
func (c *comparisons) follow(ctx context.Context, with *comparer, interval time.Duration) {
	for wait := rand.N(interval/4 + 1); pause(ctx, wait) == nil; wait = interval/2 + rand.N(interval+1) {
		found, err := with.run(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			with.log.WarnContext(ctx, "the read model could not be compared with the ledger", slog.Any("error", err))
			continue
		}
		c.mu.Lock()
		c.found, c.known = found, true
		c.mu.Unlock()
		for _, d := range found.Differences {
			with.log.ErrorContext(ctx, "the read model differs from the ledger", slog.Uint64("block", found.At.Number),
				slog.String("table", d.Table), slog.String("row", d.Key), slog.String("column", d.Column), slog.Bool("added", d.Added))
		}
		if len(found.Differences) > 0 {
			with.log.ErrorContext(ctx, "somebody altered the read model: find out who, then run `api rebuild`",
				slog.Int("differences", len(found.Differences)), slog.Bool("more", found.More))
			continue
		}
		with.log.InfoContext(ctx, "the read model is what the ledger says", slog.Uint64("block", found.At.Number))
	}
}

// forgetComparisons removes what a comparison left that a crash ended.
func forgetComparisons(folder string) error {
	left, err := filepath.Glob(filepath.Join(folder, comparisonFolders))
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// compareReadModel is `api verify --read-model`.
func (v *verify) compareReadModel(to *streams) (err error) {
	log := slog.New(slog.NewTextHandler(to.err, &slog.HandlerOptions{Level: slog.LevelError}))
	ledger, err := v.open(to.ctx, embedded.Options{}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	if v.DB == "" {
		// Opening would make an empty one, which is no answer.
		if _, err := os.Stat(v.readModel()); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
	}
	model, err := store.Open(to.ctx, v.readModel(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	p := newProgress(to.err, "projected")
	found, err := (&comparer{ledger: ledger, model: model, folder: v.data(), log: log, tell: p.block}).run(to.ctx)
	p.end()
	if err != nil {
		return err
	}
	for _, d := range found.Differences {
		fmt.Fprintln(to.out, d)
	}
	if n := len(found.Differences); n > 0 {
		more := ""
		if found.More {
			more = " and more"
		}
		return fmt.Errorf("the read model differs from the ledger in %d rows%s: find out who altered it, then run `api rebuild`", n, more)
	}
	fmt.Fprintf(to.out, "OK read model at block %d\n", found.At.Number)
	return nil
}
