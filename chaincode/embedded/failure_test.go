package embedded

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// TestDiskFails lets the disk fail under load, in each way that a commit can
// meet: the ledger stops, says so to all, and what it acknowledged is there when
// the disk works again.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	onLog := func(kinds ...errorfs.OpKind) func(op errorfs.Op) bool {
		return func(op errorfs.Op) bool {
			for _, kind := range kinds {
				if op.Kind == kind && strings.HasSuffix(op.Path, ".log") {
					return true
				}
			}
			return false
		}
	}
	tests := map[string]func(op errorfs.Op) bool{
		"write": onLog(errorfs.OpFileWrite),
		"sync":  onLog(errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo, errorfs.OpFileFlush),
	}
	for name, fails := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var broken atomic.Bool
			disk := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
				if broken.Load() && fails(op) {
					return errors.New("no space left on device")
				}
				return nil
			}))
			network, dir := ledgertest.NewNetwork(t), t.TempDir()
			genesis := network.Genesis()
			l := mustOpen(t, dir, Options{Genesis: &genesis, fs: disk})
			lab, admission := network.Laboratory(t, 1)
			mustSubmit(t, l, admission)
			feed := make(chan error, 1)
			go func() {
				var last error
				for _, err := range l.Blocks(context.Background(), 0) {
					last = err
				}
				feed <- last
			}()

			acknowledged := submitUntilFailure(t, l, lab, func() { broken.Store(true) })
			for what, err := range map[string]error{
				"Submit": second(l.Submit(context.Background(), []string{admission})),
				"Head":   second(l.Head(context.Background())),
				"Blocks": <-feed,
			} {
				if err == nil || !strings.Contains(err.Error(), "has stopped") || !strings.Contains(err.Error(), "no space left") {
					t.Errorf("%s on the stopped ledger: got %v, want that it has stopped and why", what, err)
				}
			}
			broken.Store(false)
			l.Close() // the error is the one above, or none
			reopened := mustOpen(t, dir, Options{})
			mustVerify(t, reopened)
			for _, i := range acknowledged {
				if value, err := reopened.Get(context.Background(), ledgertest.ReportKey(lab, i)); value == nil || err != nil {
					t.Errorf("report %d was acknowledged and is not there; error %v", i, err)
				}
			}
			mustSubmit(t, reopened, ledgertest.SignedReport(t, lab, 99_999))
		})
	}
}

func second[T any](_ T, err error) error { return err }

// submitUntilFailure submits from many goroutines, lets the disk break, and
// returns what was acknowledged.
func submitUntilFailure(t *testing.T, l *Ledger, lab traceability.SigningKey, breakDisk func()) []int {
	t.Helper()
	var group sync.WaitGroup
	var next atomic.Int64
	var mu sync.Mutex
	var acknowledged []int
	for range 16 {
		group.Go(func() {
			for {
				i := int(next.Add(1))
				if i == 100 {
					breakDisk()
				}
				if err := submitReports(l, lab, i, 1); err != nil {
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, i)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(acknowledged) == 0 {
		t.Error("nothing was acknowledged before the disk broke")
	}
	return acknowledged
}
