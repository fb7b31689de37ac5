package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// courier carries signed documents to the API in batches. After trouble it sends
// nothing more.
type courier struct {
	api     *client.Client
	key     traceability.SigningKey
	grace   time.Duration
	confirm bool // read each document back before it counts as delivered
	trouble error
	batch   client.Batch
}

// delivery is the receipt of a batch, with the blocks of the documents that were read
// back.
type delivery struct {
	traceability.Receipt
	blocks map[traceability.DocumentID]uint64
}

// place is where a document stands on the ledger. The receipt's block is that of what
// it brought: the block of what came before is known only when it was read back, else
// it is 0.
func (d *delivery) place(o *traceability.Outcome) (traceability.TxID, uint64) {
	if o.Status == traceability.StatusDuplicate {
		return o.First, d.blocks[o.ID]
	}
	return d.Tx, d.Block
}

func newCourier(s sending) (*courier, error) {
	key, err := readKey(s.Key)
	if err != nil {
		return nil, err
	}
	api, err := client.New(s.API)
	if err != nil {
		return nil, usage(fmt.Errorf("--api: %w", err))
	}
	c := &courier{api: api, key: key, grace: s.Grace, confirm: s.Confirm}
	api.Patience = s.Patience
	api.Key = &c.key
	api.Audience = cmp.Or(s.Audience, api.Audience)
	return c, nil
}

// send submits the batch. failed is the status of its reports when there is no
// receipt that can be believed: unknown, or not_sent when surely nothing was written.
func (c *courier) send(ctx context.Context) (receipt *delivery, failed string) {
	switch {
	case c.batch.Len() == 0:
		return nil, ""
	case c.trouble == nil && ctx.Err() != nil:
		c.trouble = errInterrupted
	}
	if c.trouble != nil {
		return nil, statusNotSent
	}
	going, stop := withGrace(ctx, c.grace)
	defer stop()
	receipt = new(delivery)
	var err error
	if receipt.Receipt, err = c.api.Submit(going, c.batch.Documents()); err == nil && c.confirm {
		err = c.readBack(going, receipt)
	}
	switch {
	case err == nil:
		return receipt, ""
	case going.Err() != nil:
		c.trouble = fmt.Errorf("%w: %w", errInterrupted, err)
	default:
		c.trouble = err
	}
	var unread errNotReadBack
	if client.FateKnown(err) && !errors.As(err, &unread) {
		return nil, statusNotSent
	}
	return nil, statusUnknown
}

// errNotReadBack is of a document that the API said to have, and does not give.
type errNotReadBack struct{ error }

func (e errNotReadBack) Unwrap() error { return e.error }

// readBack reads all documents of a batch that are said to be on the ledger. One that
// is not there, or is another, makes the fate of the batch unknown.
func (c *courier) readBack(ctx context.Context, d *delivery) error {
	d.blocks = make(map[traceability.DocumentID]uint64)
	deadline := time.Now().Add(c.api.Patience)
	for i := range d.Outcomes {
		o := &d.Outcomes[i]
		if o.Status == traceability.StatusRejected {
			continue
		}
		record, err := c.api.Document(ctx, o.ID)
		for pause := c.api.Pause; traceability.CodeOf(err) == traceability.CodeNotFound && time.Now().Before(deadline) && ctx.Err() == nil; pause *= 2 {
			select { // the read model follows the ledger
			case <-ctx.Done():
			case <-time.After(min(pause, time.Until(deadline))):
			}
			record, err = c.api.Document(ctx, o.ID)
		}
		if err != nil {
			return errNotReadBack{err}
		}
		d.blocks[o.ID] = record.Position.Block
	}
	return nil
}

// troubled is the problem of the rows that trouble kept from the ledger.
func (c *courier) troubled() formats.Problem {
	code := traceability.CodeOf(c.trouble)
	return formats.Problem{Err: traceability.NewError(code, "", "未能从 API 得到答复："+c.trouble.Error(), "the API gave no answer: "+c.trouble.Error())}
}

// withGrace returns a context that lives on for a while after its parent ended.
func withGrace(parent context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { stop(); cancel() }
}
