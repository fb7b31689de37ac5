// Package browsertest runs a real Chromium for tests of the API's pages. Tests alone
// import it; it imports nothing of deltatrace.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience bounds a browser's life.
const patience = 5 * time.Minute

// Start starts a browser that ends with the test. Without DELTATRACE_LONG, or without
// a browser on the machine, the test is skipped.
func Start(tb testing.TB) context.Context {
	tb.Helper()
	if os.Getenv("DELTATRACE_LONG") == "" {
		tb.Skip("a browser test: set DELTATRACE_LONG=1, as make test does")
	}
	program := find()
	if program == "" {
		tb.Skip("no chromium, chromium-browser or google-chrome on this machine: nothing is tried in a browser")
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(tb.TempDir()), chromedp.Env("TMPDIR="+tb.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-dev-shm-usage", true))
	tb.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // starts it; a time limit on this call would be the browser's
		tb.Fatalf("start %s: %v", program, err)
	}
	ctx, cancel = context.WithTimeout(ctx, patience)
	tb.Cleanup(cancel)
	return ctx
}

// find returns the path of a browser, empty when there is none.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
