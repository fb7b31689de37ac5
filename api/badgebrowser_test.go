package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"deltatrace/api/browsertest"
	"deltatrace/traceability"
)

// badgesShown are badges of every state, with the longest number that there is.
func badgesShown() []traceability.Badge {
	at := time.Date(2026, 11, 23, 3, 4, 0, 0, time.UTC)
	long := traceability.LicenceID("small_caterer:310000:" + strings.Repeat("沪备0", 10))
	var list []traceability.Badge
	for _, status := range []traceability.LicenceStatus{traceability.LicenceValid, traceability.LicenceNotYet, traceability.LicenceExpired, traceability.LicenceHalted, traceability.LicenceStruck, traceability.LicenceSurrender} {
		list = append(list, traceability.Badge{Licence: catererNo, Status: status, Time: at})
	}
	return append(list, traceability.Badge{Licence: catererNo, Status: traceability.LicenceValid, Verified: at, Time: at},
		traceability.Badge{Licence: catererNo, Status: traceability.LicenceValid, Stale: true, Time: at},
		traceability.Badge{Licence: long, Status: traceability.LicenceValid, Verified: at, Time: at})
}

// TestBadgeInChromium holds that every badge's text stays in its picture, and that a
// platform's page of another origin can show a badge and read it.
func TestBadgeInChromium(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.disclose()
	badge := w.main.URL() + "/v1/licences/" + string(catererNo) + "/badge"
	var page strings.Builder
	fmt.Fprintf(&page, `<!doctype html><meta charset="utf-8"><title>示例外卖</title><body><h1>示例小馆</h1><p><a href=%q><img src="%s.svg" alt="许可证"></a></p><p id="read"></p>
<script>fetch("%s.json").then(r => r.json()).then(b => { document.querySelector("#read").textContent = b.status + " " + b.jws.split(".").length })</script><ul>`, "#", badge, badge)
	for _, b := range badgesShown() {
		fmt.Fprintf(&page, "<li>%s %s</li>\n", drawBadge(&b, false), drawBadge(&b, true))
	}
	other := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(out, page.String())
	}))
	defer other.Close()
	ctx := browsertest.Start(t)
	get := func(script string) string {
		t.Helper()
		value, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(640, 900), chromedp.Navigate(strings.Replace(other.URL, "127.0.0.1", "localhost", 1)), chromedp.WaitVisible(chromedp.CSS("#read:not(:empty)"))); err != nil {
		t.Fatal(err)
	}
	if got := get(`document.querySelector("#read").textContent`); got != "valid 3" {
		t.Errorf("another site's script reads %q", got)
	}
	if got := get(`(i => i.naturalWidth + "×" + i.naturalHeight)(document.querySelector("img"))`); got != "260×72" {
		t.Errorf("another site's page shows a picture of %s", got)
	}
	const room = 250 // of 260, for a margin and other fonts
	if got := get(fmt.Sprintf(`[...document.querySelectorAll("svg text")].filter(e => { const b = e.getBBox(); return b.x + b.width > %d }).map(e => e.textContent + " " + Math.round(e.getBBox().x + e.getBBox().width)).join("\n")`, room)); got != "" {
		t.Errorf("text sticks out of the picture:\n%s", got)
	}
	if shots := os.Getenv("DELTATRACE_SHOTS"); shots != "" {
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(shots, "badges.png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
