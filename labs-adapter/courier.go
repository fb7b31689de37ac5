package main

import (
	"context"
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
	trouble error
	batch   client.Batch
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
	api.Patience = s.Patience
	return &courier{api: api, key: key, grace: s.Grace}, nil
}

// send submits the batch. failed is the status of its reports when there is no
// receipt: unknown, or not_sent when surely nothing was written.
func (c *courier) send(ctx context.Context) (receipt *traceability.Receipt, failed string) {
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
	got, err := c.api.Submit(going, c.batch.Documents())
	switch {
	case err == nil:
		return &got, ""
	case going.Err() != nil:
		c.trouble = fmt.Errorf("%w: %w", errInterrupted, err)
	default:
		c.trouble = err
	}
	if client.FateKnown(err) {
		return nil, statusNotSent
	}
	return nil, statusUnknown
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
