package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
)

// rowsAtOnce is how many rows are compared with the ledger by one question, and
// wait for their answers.
const rowsAtOnce = 1000

// registrar brings the register on the ledger to what files say. It keeps no state
// of its own: which rows the ledger has is asked before anything is sent.
type registrar struct {
	courier
	waiting []registration
}

// registration is a row on its way.
type registration struct {
	row   *formats.LicenceRow
	fate  licenceFate
	sum   string
	says  []statement
	first int // place of its first document in the batch
}

func newRegistrar(c *registerSubmitCommand) (*registrar, error) {
	courier, err := newCourier(c.sending)
	if err != nil {
		return nil, err
	}
	if courier.key.Party.Kind() != traceability.KindRegulator {
		return nil, usage(fmt.Errorf("--key: %s 不是监管部门的密钥，只有监管部门可登记许可证 · is the key of no regulator, and only those register licences", courier.key.Party))
	}
	return &registrar{courier: *courier}, nil
}

// file brings a file's rows onto the ledger and tells what became of each, in the
// file's order. The error is one of reading or of told.
func (r *registrar) file(ctx context.Context, file *formats.Register, told func(*formats.LicenceRow, licenceFate) error) error {
	// Reading goes on after an interrupt, to answer for the rest as not sent.
	for row, err := range file.Rows(context.WithoutCancel(ctx)) {
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
		r.waiting = append(r.waiting, registration{row: row, fate: localLicenceFate(row), first: -1})
		if len(r.waiting) == rowsAtOnce {
			if err := r.settle(ctx, told); err != nil {
				return err
			}
		}
	}
	return r.settle(ctx, told)
}

// settle compares the rows that wait, sends what is new, and tells of them all.
func (r *registrar) settle(ctx context.Context, told func(*formats.LicenceRow, licenceFate) error) error {
	if ctx.Err() != nil && r.trouble == nil {
		r.trouble = errInterrupted
	}
	if r.trouble == nil {
		r.trouble = r.compare(ctx)
	}
	if r.trouble == nil {
		if err := r.submit(ctx); err != nil {
			return err
		}
	}
	for i := range r.waiting {
		w := &r.waiting[i]
		if w.fate.status == statusOK { // before anything could be asked or sent
			w.fate.status, w.fate.problems = statusNotSent, []formats.Problem{r.troubled()}
		}
		if err := told(w.row, w.fate); err != nil {
			return err
		}
	}
	clear(r.waiting)
	r.waiting = r.waiting[:0]
	return nil
}

// compare asks how the ledger has the rows, and decides what to say of each.
func (r *registrar) compare(ctx context.Context) error {
	var ask traceability.RegisterRows
	var asked []*registration
	failed := r.each(func(w *registration) error {
		if w.fate.status != statusOK {
			return nil
		}
		sum, err := w.row.Row.Sum()
		w.sum = sum
		return err
	})
	if failed != nil {
		return failed
	}
	for i := range r.waiting {
		if w := &r.waiting[i]; w.fate.status == statusOK {
			ask.Rows = append(ask.Rows, traceability.RegisterRowSum{Licence: w.row.Row.ID, Sum: w.sum})
			asked = append(asked, w)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	going, stop := withGrace(ctx, r.grace)
	defer stop()
	var answer traceability.RegisterAnswer
	if err := r.api.Ask(going, "/v1/licences/compare", ask, &answer); err != nil {
		return err
	}
	if len(answer.Rows) != len(asked) {
		return fmt.Errorf("compare %d rows: %d answers", len(asked), len(answer.Rows))
	}
	for i, w := range asked {
		if got := &answer.Rows[i]; got.Licence != w.row.Row.ID || !decidable(got) {
			return fmt.Errorf("compare %d rows: row %d, asked %s, answered %q is %q: 不是本 API 的答复 the answer is not one of this API", len(asked), i+1, w.row.Row.ID, got.Licence, got.Is)
		}
	}
	today := traceability.DateOf(time.Now())
	for i, w := range asked {
		w.decide(&answer.Rows[i], r.key.Party, today)
	}
	return nil
}

// decidable reports whether an answer says something that can be acted on: a row that
// differs without being told how is none.
func decidable(c *traceability.RegisterCompared) bool {
	switch c.Is {
	case traceability.RowNew, traceability.RowSame:
		return true
	case traceability.RowChanged:
		return c.Row != nil
	}
	return false
}

// submit signs what is to be said, on every processor, and sends it.
func (r *registrar) submit(ctx context.Context) error {
	now := time.Now()
	err := r.each(func(w *registration) error {
		for i := range w.says {
			s := &w.says[i]
			var err error
			if s.signed, err = traceability.Sign(r.key, s.typ, s.payload, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	from := 0
	for i := range r.waiting {
		w := &r.waiting[i]
		if !r.load(w) {
			r.deliver(ctx, r.waiting[from:i])
			from = i
			r.load(w)
		}
	}
	r.deliver(ctx, r.waiting[from:])
	return nil
}

// load puts a row's documents into the batch, all or none.
func (r *registrar) load(w *registration) bool {
	before := r.batch.Len()
	for i := range w.says {
		if !r.batch.Add(w.says[i].signed) {
			r.batch.Cut(before)
			return false
		}
	}
	w.first = before
	return true
}

// deliver sends the batch and records what became of its rows.
func (r *registrar) deliver(ctx context.Context, rows []registration) {
	receipt, failed := r.send(ctx)
	for i := range rows {
		w := &rows[i]
		switch {
		case len(w.says) == 0:
		case failed != "":
			w.fate.status, w.fate.problems = failed, []formats.Problem{r.troubled()}
		default:
			w.settled(receipt)
		}
	}
	r.batch.Reset()
}

// each calls f for every row that waits, on every processor, and returns the first
// error.
func (r *registrar) each(f func(*registration) error) error {
	var workers sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	for n := range errs {
		workers.Go(func() {
			for i := n; i < len(r.waiting) && errs[n] == nil; i += len(errs) {
				errs[n] = f(&r.waiting[i])
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
