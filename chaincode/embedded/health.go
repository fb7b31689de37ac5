package embedded

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"deltatrace/traceability"
)

// obstacle says why no block may be written after head now, nil when one may. It
// is looked at before each, so that the ledger takes documents again by itself
// when there is room, or when the clock is set.
func (l *Ledger) obstacle(head traceability.Head) error {
	if err := l.damage(); err != nil {
		return err
	}
	if err := l.checkSpace(); err != nil {
		return err
	}
	return l.checkClock(head)
}

// checkClock returns a traceability.ErrClock when the last block is of a time
// that has not come. Every later block would have that time too: deadlines,
// admissions and licences would be judged by it.
func (l *Ledger) checkClock(head traceability.Head) error {
	now := l.clock()
	l.watch.look(now)
	if !head.Time.After(now.Add(traceability.ClockSkew)) || !head.Time.After(l.accepted) {
		return nil
	}
	return fmt.Errorf("%w: the last block is of %s and this machine's clock says %s: set the clock; if it is right, "+
		"the ledger was written by one that was wrong: restore a backup from before, or accept that time knowingly (--accept-time=%s)",
		traceability.ErrClock, head.Time.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339), head.Time.UTC().Format(time.RFC3339))
}

// Ailments implements traceability.Ailing.
func (l *Ledger) Ailments() []traceability.Ailment {
	var list []traceability.Ailment
	add := func(code traceability.Code, severe bool, err error) {
		list = append(list, traceability.Ailment{Part: traceability.PartLedger, Code: code, Severe: severe, Err: err})
	}
	head, _, ended := l.position()
	switch damage := l.damage(); {
	case errors.Is(ended, traceability.ErrClosed):
		return nil
	case ended != nil:
		add(traceability.CodeStopped, true, ended)
	case damage != nil:
		add(traceability.CodeDamaged, true, damage)
	}
	if err := l.checkSpace(); err != nil {
		add(traceability.CodeNoSpace, true, err)
	} else if free, known := space(l.fs, l.dir); known && l.floor > 0 && free < uint64(lowSpace*l.floor) {
		add(traceability.CodeLowSpace, false, fmt.Errorf("the disk of %s has %d MiB free", l.dir, free>>20))
	}
	if err := l.checkClock(head); err != nil {
		add(traceability.CodeClock, true, err)
	} else if err := l.watch.jumped(); err != nil {
		add(traceability.CodeClockJumped, false, err)
	}
	if err := l.background.trouble(); err != nil {
		add(traceability.CodeFailing, false, err)
	}
	return list
}

// hurt remembers the first damage that was met, and returns the error with what
// is known of it.
func (l *Ledger) hurt(err error, block *uint64) error {
	err = damaged(err, block)
	var damage *DamageError
	if errors.As(err, &damage) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.damaged == nil {
			l.damaged = damage
			l.log.Error("the ledger is damaged: it takes no documents any more; what can be read is read", "dir", l.dir, "error", damage)
		}
	}
	return err
}

// damage returns the damage that was met, nil while none was.
func (l *Ledger) damage() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.damaged == nil {
		return nil
	}
	return l.damaged
}

// watch compares the machine's clock with the time that has really passed.
type watch struct {
	passed func() time.Duration // since some moment, whatever the clock is set to
	tell   func(by time.Duration)

	mu   sync.Mutex
	seen bool
	wall time.Time
	at   time.Duration
	by   time.Duration // the last jump
	when time.Duration
}

// jumpTold is for how long a jump is told of.
const jumpTold = time.Hour

// look notes what the clock says, and tells of a jump since it was last looked at.
// A machine that slept jumps too.
func (w *watch) look(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, wall := w.passed(), now.Round(0)
	if by := wall.Sub(w.wall) - (at - w.at); w.seen && by.Abs() > traceability.ClockSkew {
		w.by, w.when = by, at
		w.tell(by)
	}
	w.seen, w.wall, w.at = true, wall, at
}

// jumped returns an error for some time after a jump.
func (w *watch) jumped() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == 0 || w.passed()-w.when > jumpTold {
		return nil
	}
	return fmt.Errorf("the machine's clock jumped by %s: compare it with a clock that is right", w.by.Round(time.Second))
}
