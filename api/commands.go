package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"deltatrace/chaincode/embedded"
	"deltatrace/traceability"
	"deltatrace/traceability/projector"
	"deltatrace/traceability/store"
)

// verify is `api verify`.
type verify struct {
	Storage
	ReadModel bool `help:"Compare the read model with what the ledger says, too: name each row that differs, exit 1 if there is one."`
}

// Run recomputes the ledger, which no server may have open, and says its head,
// to be compared with one noted earlier.
func (v *verify) Run(to *streams) error {
	if v.Ledger == onFabric && v.ReadModel {
		return v.compareReadModel(to)
	}
	if v.Ledger == onFabric {
		return errors.New("the blocks of the provinces' network are verified by `network audit`, which compares all peers")
	}
	p := newProgress(to.err, "verified")
	head, err := embedded.Verify(to.ctx, v.ledger(), p.block)
	p.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "OK block %d hash %s time %s\n", head.Number, head.Hash, head.Time.Format(time.RFC3339))
	if v.ReadModel {
		return v.compareReadModel(to)
	}
	return nil
}

// rebuild is `api rebuild`.
type rebuild struct {
	Storage
	Logging
}

// Run makes the read model anew beside the old, which is kept and asked until the
// new one is whole. A running server does it itself.
func (r *rebuild) Run(to *streams) (err error) {
	if err := r.askServer(to.ctx, "rebuild", to.out); !errors.Is(err, errNoServer) {
		return err
	}
	log, err := r.logger(to.err)
	if err != nil {
		return err
	}
	ledger, err := r.open(to.ctx, embedded.Options{}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	p := newProgress(to.err, "projected")
	head, err := remake(to.ctx, r.readModel(), ledger, log, p.block)
	p.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "OK block %d hash %s\n", head.Number, head.Hash)
	return nil
}

// remake makes the read model that url names anew from the ledger.
func remake(ctx context.Context, url string, ledger traceability.Ledger, log *slog.Logger, progress func(uint64)) (head traceability.Head, err error) {
	err = store.Remake(ctx, url, log, func(fresh *store.Store) (err error) {
		head, err = replay(ctx, ledger, fresh, log, progress)
		return err
	})
	return head, err
}

// replay lets a projector work until the read model has the ledger's last block.
func replay(ctx context.Context, ledger traceability.Ledger, model *store.Store, log *slog.Logger, progress func(uint64)) (traceability.Head, error) {
	head, err := ledger.Head(ctx)
	if err != nil {
		return head, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	follower := projector.New(ledger, model, projector.Options{Logger: log})
	var running sync.WaitGroup
	running.Go(func() { stop(follower.Run(ctx)) })
	defer running.Wait()
	defer stop(nil)
	for {
		slice, cancel := context.WithTimeout(ctx, progressEvery)
		err := follower.Wait(slice, head.Number)
		cancel()
		if ctx.Err() != nil {
			return head, context.Cause(ctx)
		}
		if err == nil {
			return head, nil
		}
		if at, err := model.Head(ctx); err == nil {
			progress(at.Number)
		}
	}
}

// dump is `api dump`.
type dump struct {
	Storage
	Logging
}

// Run writes the read model, which a server may have open.
func (d *dump) Run(to *streams) (err error) {
	if d.DB == "" {
		// Opening would make an empty one, which is no answer.
		if _, err := os.Stat(d.readModel()); err != nil {
			return fmt.Errorf("dump: %w", err)
		}
	}
	log, err := d.logger(to.err)
	if err != nil {
		return err
	}
	model, err := store.Open(to.ctx, d.readModel(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	return model.Dump(to.ctx, to.out)
}

const progressEvery = time.Second

// progress tells on standard error how far a long work is.
type progress struct {
	w     io.Writer
	done  string
	last  uint64
	next  time.Time
	spoke bool
}

func newProgress(w io.Writer, done string) *progress {
	return &progress{w: w, done: done, next: time.Now().Add(progressEvery)}
}

// block notes a block; now and then it is said.
func (p *progress) block(number uint64) {
	p.last = number
	if now := time.Now(); now.After(p.next) {
		fmt.Fprintf(p.w, "\r%s block %d", p.done, number)
		p.next, p.spoke = now.Add(progressEvery), true
	}
}

func (p *progress) end() {
	if p.spoke {
		fmt.Fprintf(p.w, "\r%s block %d\n", p.done, p.last)
	}
}
