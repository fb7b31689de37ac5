package page

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/skip2/go-qrcode"

	"deltatrace/api/browsertest"
	"deltatrace/traceability"
)

// policy is the Content-Security-Policy that the pages must work under.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// serve serves the sample as the API would.
func (s *sample) serve() *httptest.Server {
	mux := http.NewServeMux()
	shops := newShops(s.TB)
	mux.Handle("/assets/", Assets())
	answer := func(w http.ResponseWriter, r Result, err error) {
		if err != nil {
			s.Error(err)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("ETag", r.ETag)
		w.WriteHeader(r.Status)
		_, _ = w.Write(r.Body)
	}
	mux.HandleFunc("/v1/lots/", func(w http.ResponseWriter, r *http.Request) {
		id, err := url.PathUnescape(strings.TrimSuffix(strings.TrimPrefix(r.URL.EscapedPath(), "/v1/lots/"), "/qr.svg"))
		png, errQR := qrcode.Encode("https://trace.example/"+id, qrcode.Medium, 256)
		if err != nil || errQR != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(png)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		lang := Negotiate(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
		path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
		id, err := traceability.ParseLotID(path)
		switch {
		case path == "":
			result, err := s.site.Home(r.Context(), s.store, lang)
			answer(w, result, err)
		case path == "notices":
			q := r.URL.Query()
			result, err := s.site.Failures(r.Context(), s.store, lang, FailureQuery{q.Get("text"), q.Get("from"), q.Get("to"), q.Get("after")})
			answer(w, result, err)
		case strings.HasPrefix(path, "notices/"):
			result, err := s.site.Failure(r.Context(), s.store, lang, traceability.NoticeID(strings.TrimPrefix(path, "notices/")), r.URL.Path)
			answer(w, result, err)
		case path == "recalls":
			result, err := s.site.Recalls(r.Context(), s.store, lang, r.URL.Query().Get("after"))
			answer(w, result, err)
		case strings.HasPrefix(path, "recalls/"):
			result, err := s.site.Recall(r.Context(), s.store, lang, traceability.RecallID(strings.TrimPrefix(path, "recalls/")), r.URL.Path)
			answer(w, result, err)
		case strings.HasPrefix(path, "licences/"): // by the names of the pages, as some are looked at later
			id, at := shops.look(strings.TrimPrefix(path, "licences/"))
			result, err := shops.site.Shop(r.Context(), shops.store, lang, id, at)
			answer(w, result, err)
		case path == "error":
			answer(w, s.site.Error(lang, http.StatusInternalServerError, traceability.CodeInternal, "5f0c6d"), nil)
		case strings.HasPrefix(path, "01/") || strings.HasPrefix(path, "cn/"):
			if err != nil {
				answer(w, s.site.Malformed(lang, r.URL.EscapedPath(), err), nil)
				return
			}
			result, err := s.site.Batch(r.Context(), s.store, lang, id, Query{View: r.URL.Query().Get("view")})
			answer(w, result, err)
		default:
			answer(w, s.site.NotFound(lang, r.URL.Path), nil)
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(w, r)
	}))
	s.Cleanup(server.Close)
	return server
}

// complaints collects what the browser objects to: exceptions, console errors,
// violations of the policy, resources that do not load.
func complaints(t *testing.T, ctx context.Context) func() []string {
	t.Helper()
	var mu sync.Mutex
	var found []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			found = append(found, "exception "+e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			found = append(found, fmt.Sprint("console ", e.Type))
		case *log.EventEntryAdded:
			found = append(found, e.Entry.Text+" "+e.Entry.URL)
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	}
	if err == nil {
		_, err = chromedp.Call(ctx, runtime.Enable, cdp.Empty{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		taken := found
		found = nil
		return taken
	}
}

// media sets what style sheets ask for: a medium, a colour scheme.
func media(medium, scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium,
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
}

// window sets its size; a narrow one is a phone's.
func window(width int64) chromedp.Action[chromedp.Void] {
	if width < 500 {
		return chromedp.EmulateViewport(width, 844, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(width, 844)
}

// do runs actions without a value.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// get runs an action and returns its value.
func get[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// overflow lists the elements that stick out of the window.
const overflowScript = `(() => {
  const wide = document.documentElement.clientWidth, out = [];
  if (document.documentElement.scrollWidth > wide) out.push("page " + document.documentElement.scrollWidth + " > " + wide);
  for (const e of document.querySelectorAll("main *, header *, footer *")) {
    if (!e.checkVisibility() || e.closest(".hidden, thead, svg")) continue;
    const r = e.getBoundingClientRect();
    if (r.width > 0 && (r.right > wide + 1 || r.left < -1)) out.push(e.tagName + "." + e.className + " " + Math.round(r.left) + "…" + Math.round(r.right));
  }
  return out;
})()`

// contrastScript lists the texts that are too pale for what is behind them
// (WCAG 2.2, 1.4.3), as the browser has computed both.
const contrastScript = `(() => {
  const luminance = c => c.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parse = s => s.match(/[\d.]+/g).map(Number);
  const out = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || e.closest("svg, .hidden") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    let behind = e, back;
    do { back = parse(getComputedStyle(behind).backgroundColor); behind = behind.parentElement; } while (back[3] === 0 && behind);
    const style = getComputedStyle(e);
    const [a, b] = [luminance(parse(style.color).slice(0, 3)), luminance(back.slice(0, 3))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) out.push(e.tagName + "." + e.className + " " + style.color + " on " + back + ": " + ratio.toFixed(2));
  }
  return out;
})()`

// TestInChromium opens every kind of page, in both languages, on a small and a
// common phone and on a desktop, light and dark.
func TestInChromium(t *testing.T) {
	s := newSample(t)
	server := s.serve()
	ctx := browsertest.Start(t)
	shots := os.Getenv("DELTATRACE_SHOTS") // where to put pictures of all of it, for people to look at
	paths := map[string]string{"home": "/", "unknown": "/01/06901234567892/10/NONE", "malformed": "/01/06901234567893/10/A01", "error": "/error", "notfound": "/nowhere",
		"suspended-record": s.suspended.Path() + "?view=record", "notices": "/notices", "notices-none": "/notices?text=没有"}
	paths["recalls"], paths["recall"], paths["recall-withdrawn"] = "/recalls", recallPath(traceability.RecallID(s.recalled)), recallPath(traceability.RecallID(s.unrecalled))
	for name, id := range s.notices {
		paths["notice-"+name] = noticePath(id)
	}
	for name, id := range s.lots() {
		paths[name] = id.Path()
	}
	for _, name := range []string{"verified", "unverified", "mismatch", "suspended", "revoked", "expired", "barred", "person", "small", "unknown", "stale"} {
		paths["shop-"+name] = "/licences/" + name
	}
	failing := map[string]bool{"shop-unknown": true, "unknown": true, "malformed": true, "error": true, "notfound": true} // their status is an error's
	take := complaints(t, ctx)
	for name, path := range paths {
		for _, lang := range []Lang{LangZH, LangEN} {
			separator := "?"
			if strings.Contains(path, "?") {
				separator = "&"
			}
			for _, width := range []int64{320, 390, 1280} {
				label := fmt.Sprintf("%s-%s-%d", name, lang, width)
				do(t, ctx, window(width), media("", "light"), chromedp.Navigate(server.URL+path+separator+"lang="+string(lang)), chromedp.WaitVisible(chromedp.CSS("footer")))
				if out := get(t, ctx, chromedp.Evaluate[[]string](overflowScript)); len(out) > 0 {
					t.Errorf("%s sticks out of the window: %q", label, out)
				}
				for _, complaint := range take() {
					if !failing[name] || !strings.Contains(complaint, "Failed to load resource") || !strings.Contains(complaint, path) {
						t.Errorf("%s: the browser complains: %s", label, complaint)
					}
				}
				if width == 320 {
					continue // colours are those of 390
				}
				for _, scheme := range []string{"light", "dark"} {
					do(t, ctx, media("", scheme))
					if pale := get(t, ctx, chromedp.Evaluate[[]string](contrastScript)); len(pale) > 0 {
						t.Errorf("%s, %s: too pale: %q", label, scheme, pale)
					}
					if shots == "" {
						continue
					}
					if err := os.WriteFile(filepath.Join(shots, label+"-"+scheme+".png"), get(t, ctx, chromedp.FullScreenshot(100)), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// TestKeyboardInChromium goes through a batch's page without a mouse.
func TestKeyboardInChromium(t *testing.T) {
	s := newSample(t)
	server := s.serve()
	ctx := browsertest.Start(t)
	do(t, ctx, window(390), chromedp.Navigate(server.URL+s.long.Path()+"?lang=zh"), chromedp.WaitVisible(chromedp.CSS("footer")), chromedp.KeyEvent(kb.Tab))
	skip := get(t, ctx, chromedp.Evaluate[string](`document.activeElement.className + " " + (document.activeElement.getBoundingClientRect().top >= 0)`))
	do(t, ctx, chromedp.KeyEvent(kb.Enter))
	focus := get(t, ctx, chromedp.Evaluate[string](`document.activeElement.id + location.hash`))
	do(t, ctx, chromedp.Focus(chromedp.CSS(".report details.fold summary")), chromedp.KeyEvent(kb.Enter))
	opened := get(t, ctx, chromedp.Evaluate[bool](`document.querySelector(".report details.fold").open`))
	row := get(t, ctx, chromedp.Evaluate[bool](`document.querySelector(".report details.fold tbody tr").checkVisibility()`))
	do(t, ctx, chromedp.Focus(chromedp.CSS(".switch")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`html[lang="en"] footer`)))
	lang := get(t, ctx, chromedp.Evaluate[string](`document.documentElement.lang`))
	address := get(t, ctx, chromedp.Evaluate[string](`location.pathname + location.search`))
	if skip != "skip true" {
		t.Errorf("the first Tab leads to %q, not to a visible skip link", skip)
	}
	if focus != "main#main" {
		t.Errorf("the skip link leads to %q", focus)
	}
	if !opened || !row {
		t.Errorf("Enter does not open the folded items: open %v, row visible %v", opened, row)
	}
	if lang != "en" || address != s.long.Path()+"?lang=en" {
		t.Errorf("the language switch leads to %q in %q", address, lang)
	}
}

// TestPrintInChromium checks what paper gets: every item, and the QR code.
func TestPrintInChromium(t *testing.T) {
	s := newSample(t)
	server := s.serve()
	ctx := browsertest.Start(t)
	do(t, ctx, media("print", "light"), chromedp.Navigate(server.URL+s.long.Path()), chromedp.WaitReady(chromedp.CSS("footer")))
	items := get(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll(".items tbody tr")].filter(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().height > 0).length`))
	qr := get(t, ctx, chromedp.Evaluate[bool](`document.querySelector(".share img").checkVisibility()`))
	search := get(t, ctx, chromedp.Evaluate[bool](`document.querySelector(".switch").checkVisibility()`))
	pdf := get(t, ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
	if items != 56 || !qr || search {
		t.Errorf("on paper: %d items of 56, QR code %v, language switch %v", items, qr, search)
	}
	if shots := os.Getenv("DELTATRACE_SHOTS"); shots != "" {
		if err := os.WriteFile(filepath.Join(shots, "long.pdf"), pdf, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
