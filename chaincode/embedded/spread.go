package embedded

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// spread calls f for 0 to n-1, over the processors when there is enough to
// share out, and returns an error if there was one.
func spread(n int, f func(i int) error) error {
	const worthIt = 8 // calls for each goroutine
	workers := max(1, min(runtime.GOMAXPROCS(0), n/worthIt))
	errs := make([]error, workers)
	var next atomic.Int64
	work := func(w int) {
		for errs[w] == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			errs[w] = contain(func() error { return f(i) })
		}
	}
	var others sync.WaitGroup
	for w := 1; w < workers; w++ {
		others.Go(func() { work(w) })
	}
	work(0)
	others.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// contain turns a panic into an error: what one submission brings about must
// not end the process for all.
func contain(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &panicError{cause: cause, stack: debug.Stack()}
		}
	}()
	return f()
}

// panicError is a contained panic; the stack is for the log.
type panicError struct {
	cause any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("embedded: panic: %v", e.cause) }

// stack returns where a contained panic came from, for the log.
func stack(err error) string {
	var p *panicError
	if errors.As(err, &p) {
		return string(p.stack)
	}
	return ""
}
