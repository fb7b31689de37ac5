package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"deltatrace/traceability"
)

// DefaultFloor is how much room a disk must have for a ledger to take documents,
// in bytes: what Pebble may need to bring to their places the documents that it
// has already. Where it met a full disk it would try again for ever, or end the
// process.
const DefaultFloor = 64 << 20

// lowSpace is by how much more than the floor there should be: with less, the
// operator is told.
const lowSpace = 4

// space returns the disk's free bytes; false where that cannot be known.
func space(fs vfs.FS, dir string) (uint64, bool) {
	usage, err := fs.GetDiskUsage(dir)
	return usage.AvailBytes, err == nil
}

// checkSpace returns a traceability.ErrNoSpace when the disk has less than the
// floor.
func (l *Ledger) checkSpace() error {
	free, known := space(l.fs, l.dir)
	if !known || l.floor <= 0 || free >= uint64(l.floor) {
		return nil
	}
	return fmt.Errorf("%w: the disk of %s has %d MiB free, a ledger needs %d MiB: make room, or set another floor (--disk-floor)",
		traceability.ErrNoSpace, l.dir, free>>20, l.floor>>20)
}

// Pebble tries what fails in the background again, at once and for ever, and tells
// only its listener. So the listener slows it down, and ends the opening of a
// ledger that comes to nothing.
const (
	firstPause  = 10 * time.Millisecond
	longestWait = time.Second
	repeatAfter = time.Minute // the same again in the log
	mostTries   = 8           // that fail one after the other while a ledger is opened
)

// background watches over Pebble's work in the background.
type background struct {
	log *slog.Logger

	mu       sync.Mutex
	failures int   // one after the other
	last     error // nil while it works
	told     time.Time
	opening  chan error    // takes why opening is given up; nil when it is open
	parked   chan struct{} // not nil when opening was given up: never closed
}

// failed is told of each failure. It returns when Pebble may try again.
func (b *background) failed(err error) {
	b.mu.Lock()
	b.failures++
	b.last = err
	if now := time.Now(); now.Sub(b.told) >= repeatAfter {
		b.told = now
		b.log.Error("storage failed in the background; it is tried again", "failures", b.failures, "error", plain(err))
	}
	if b.opening != nil && b.failures >= mostTries {
		select {
		case b.opening <- err:
		default:
		}
	}
	pause, parked := min(firstPause<<min(b.failures-1, 16), longestWait), b.parked
	b.mu.Unlock()
	select {
	case <-time.After(pause):
	case <-parked:
	}
	b.mu.Lock()
	parked = b.parked
	b.mu.Unlock()
	if parked != nil {
		<-parked // whoever waited for it has gone
	}
}

// worked is told of each success.
func (b *background) worked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures, b.last = 0, nil
}

// trouble returns what fails now, nil when nothing does.
func (b *background) trouble() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// park ends the tries of an opening that was given up.
func (b *background) park() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parked = make(chan struct{})
}

// opened ends the watch over the opening.
func (b *background) opened() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opening = nil
}

// listen hears of failures and successes.
func (b *background) listen(to *pebble.EventListener) {
	to.BackgroundError = b.failed
	to.FlushEnd = func(info pebble.FlushInfo) {
		if info.Err == nil {
			b.worked()
		}
	}
	to.CompactionEnd = func(info pebble.CompactionInfo) {
		if info.Err == nil {
			b.worked()
		}
	}
}

var errGivenUp = errors.New("opening was given up")
