package projector_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/projector"
)

// failing is a store whose Apply fails with an error that can be changed.
type failing struct {
	projector.Store
	err   atomic.Pointer[error]
	tries atomic.Int64
}

func (f *failing) Apply(ctx context.Context, blocks ...traceability.Block) error {
	f.tries.Add(1)
	if err := f.err.Load(); err != nil {
		return *err
	}
	return f.Store.Apply(ctx, blocks...)
}

// permanent is an error that stays.
type permanent struct{ error }

func (permanent) Permanent() bool { return true }
func (p permanent) Unwrap() error { return p.error }

// TestFailuresAreTold holds that what fails is told by its code while it lasts,
// that the oldest block's age grows meanwhile however few blocks there are, that
// both end with it, and that a permanent failure is not tried again.
func TestFailuresAreTold(t *testing.T) {
	t.Parallel()
	blocks := region()
	last := uint64(2)
	for _, tt := range []struct {
		name   string
		err    error
		code   traceability.Code
		severe bool
		ends   bool
	}{
		{"any", errors.New("connection refused"), traceability.CodeFailing, false, false},
		{"full disk", fmt.Errorf("commit: %w", traceability.ErrNoSpace), traceability.CodeNoSpace, true, false},
		{"damaged", permanent{traceability.ErrDamaged}, traceability.CodeDamaged, true, true},
		{"another ledger", permanent{errors.New("replaced")}, traceability.CodeStopped, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ledger, s := newChain(blocks[:1]), &failing{Store: openStore(t)}
			p := projector.New(ledger, s, projector.Options{MinRetry: time.Millisecond, MaxRetry: 2 * time.Millisecond})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- p.Run(ctx) }()
			wait(t, p, 0)
			if list := p.Ailments(); len(list) != 0 || p.Behind(0) != 0 {
				t.Fatalf("it works, and says %v, behind by %s", list, p.Behind(0))
			}
			s.err.Store(&tt.err)
			before := s.tries.Load()
			ledger.change(func() { ledger.blocks = blocks[:last+1] })
			for len(p.Ailments()) == 0 || !tt.ends && s.tries.Load() < before+3 {
				time.Sleep(time.Millisecond)
			}
			if tt.ends {
				if err := <-ended; !errors.Is(err, tt.err) {
					t.Errorf("Run: %v", err)
				}
				if n := s.tries.Load() - before; n != 1 {
					t.Errorf("it was tried %d times", n)
				}
			}
			list := p.Ailments()
			if len(list) != 1 || list[0].Code != tt.code || list[0].Severe != tt.severe || !errors.Is(list[0].Err, tt.err) {
				t.Errorf("it says %+v", list)
			}
			first := p.Behind(last)
			time.Sleep(2 * time.Millisecond)
			if second := p.Behind(last); first <= 0 || second < first+2*time.Millisecond {
				t.Errorf("behind by %s, then by %s", first, second)
			}
			if tt.ends {
				return
			}
			s.err.Store(nil)
			wait(t, p, int(last))
			if list := p.Ailments(); len(list) != 0 || p.Behind(last) != 0 {
				t.Errorf("it works again, and says %v, behind by %s", list, p.Behind(last))
			}
		})
	}
}
