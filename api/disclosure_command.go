package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/chaincode/embedded"
	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
	"deltatrace/traceability/store"
)

// disclose is `api disclosure`.
type disclose struct {
	Storage
	Logging
	Day string `arg:"" help:"The day in China, such as 2026-11-22."`
}

// Run computes the disclosure rate of a day anew from the ledger alone: it makes a
// read model of the blocks up to the end of that day, and counts. No server may have
// the embedded ledger open.
func (d *disclose) Run(to *streams) (err error) {
	day, err := traceability.ParseDate(d.Day)
	if err != nil {
		return err
	}
	log, err := d.logger(to.err)
	if err != nil {
		return err
	}
	ledger, err := d.open(to.ctx, embedded.Options{}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	dir, err := os.MkdirTemp("", "deltatrace-disclosure-")
	if err != nil {
		return fmt.Errorf("disclosure: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	model, err := store.Open(to.ctx, dir+"/model.db", log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	p := newProgress(to.err, "projected")
	err = model.Load(to.ctx, func() error { return applyUntil(to.ctx, ledger, model, day.End(), p) })
	p.end()
	if err != nil {
		return err
	}
	computed, err := disclosure.Compute(to.ctx, model, day, func(int) {})
	if errors.Is(err, traceability.ErrNotFound) {
		return fmt.Errorf("disclosure: the ledger begins after %s", day)
	}
	if err != nil {
		return err
	}
	if err := json.MarshalWrite(to.out, computed, json.Deterministic(true), jsontext.WithIndent(" ")); err != nil {
		return err
	}
	_, err = fmt.Fprintln(to.out)
	return err
}

// blocksAtOnce is how many blocks go to the read model in one transaction.
const blocksAtOnce = 100

// applyUntil applies the blocks that were made until an instant. Clocks of several
// orderers may differ a little, so a block after it does not end the search at once;
// an hour later does.
func applyUntil(ctx context.Context, ledger traceability.Ledger, model *store.Store, end time.Time, p *progress) error {
	head, err := ledger.Head(ctx)
	if err != nil {
		return err
	}
	var batch, later []traceability.Block
	for block, err := range ledger.Blocks(ctx, 0) {
		if err != nil {
			return err
		}
		later = append(later, block)
		if !block.Time.After(end) {
			batch, later = append(batch, later...), nil
		}
		last := block.Number == head.Number || block.Time.After(end.Add(time.Hour))
		if len(batch) >= blocksAtOnce || last && len(batch) > 0 {
			if err := model.Apply(ctx, batch...); err != nil {
				return err
			}
			p.block(batch[len(batch)-1].Number)
			batch = nil
		}
		if last {
			return nil
		}
	}
	return ctx.Err()
}
