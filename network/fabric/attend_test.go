package fabric

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// TestAttend makes a call that never returns by itself: it is broken off when those
// who take part are unwell, and only then before its time.
func TestAttend(t *testing.T) {
	t.Parallel()
	hangs := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, c := range map[string]struct {
		within time.Duration
		well   func(asked int) bool
		call   func(context.Context) error
		asked  int // at least
		err    error
	}{
		"quick":              {time.Minute, func(int) bool { return false }, func(context.Context) error { return nil }, 0, nil},
		"unwell":             {time.Minute, func(int) bool { return false }, hangs, 1, context.Canceled},
		"unwell later":       {time.Minute, func(asked int) bool { return asked < 3 }, hangs, 3, context.Canceled},
		"well, but it hangs": {2 * lookAfter, func(int) bool { return true }, hangs, 1, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			err := attend(t.Context(), c.within, func(context.Context) bool { return c.well(int(asked.Add(1))) }, c.call)
			if !errors.Is(err, c.err) || int(asked.Load()) < c.asked {
				t.Errorf("got %v after %d questions, want %v after %d", err, asked.Load(), c.err, c.asked)
			}
		})
	}
}
