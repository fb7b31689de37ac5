package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	cdpnetwork "github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"deltatrace/api/browsertest"
	"deltatrace/traceability"
)

// tab is a tab of a real Chromium on the board of a world's server. It notes all
// that the browser sends and all that it objects to.
type tab struct {
	*world
	ctx     context.Context
	through string // the address that the board is opened under, if it is not the server's own

	mu         sync.Mutex
	sent       []string // address, header and body of each request
	complaints []string // exceptions, console messages, violations of the policy, resources that do not load
}

func newTab(w *world) *tab {
	w.Helper()
	b := &tab{world: w, ctx: browsertest.Start(w)}
	if err := chromedp.Listen(b.ctx, b.note); err != nil {
		w.Fatal(err)
	}
	for _, enable := range []func() (cdp.Empty, error){
		func() (cdp.Empty, error) { return chromedp.Call(b.ctx, cdpnetwork.Enable, cdpnetwork.EnableParams{}) },
		func() (cdp.Empty, error) { return chromedp.Call(b.ctx, log.Enable, cdp.Empty{}) },
		func() (cdp.Empty, error) { return chromedp.Call(b.ctx, runtime.Enable, cdp.Empty{}) },
	} {
		if _, err := enable(); err != nil {
			w.Fatal(err)
		}
	}
	b.media("light")
	return b
}

// media sets what the style sheet asks for: the colours, and that nothing moves by
// itself, so that a click finds what it aims at.
func (b *tab) media(scheme string) {
	b.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		b.Fatal(err)
	}
}

func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *cdpnetwork.EventRequestWillBeSent:
		var body strings.Builder
		for _, part := range e.Request.PostDataEntries {
			body.Write(part.Bytes)
		}
		b.sent = append(b.sent, fmt.Sprint(e.Request.Method, " ", e.Request.URL, e.Request.URLFragment, " ", e.Request.Headers, " ", body.String()))
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		b.complaints = append(b.complaints, "exception "+text)
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, fmt.Sprint("console ", e.Type))
	case *log.EventEntryAdded:
		b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
	}
}

// quiet fails for all that the browser objected to, but for answers with an
// error's status to addresses that are expected to have one.
func (b *tab) quiet(expected ...string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, complaint := range b.complaints {
		known := false
		for _, part := range expected {
			known = known || strings.Contains(complaint, "Failed to load resource") && strings.Contains(complaint, part)
		}
		if !known {
			b.Errorf("the browser complains: %s", complaint)
		}
	}
	b.complaints = nil
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// js evaluates an expression; a promise is awaited.
func js[T any](b *tab, expression string) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits until an expression is true.
func (b *tab) until(expression string) {
	b.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if js[bool](b, "!!("+expression+")") {
			return
		}
	}
	b.Fatalf("does not come true: %s\nThe page:\n%s", expression, js[string](b, `document.body.innerText`))
}

// shows waits until a text is on the page, or said by it.
func (b *tab) shows(text string) {
	b.Helper()
	b.until(`document.body.innerText.includes(` + strconv.Quote(text) + `)`)
}

// open opens the board anew, as a tab that nobody is signed in.
func (b *tab) open(lang string) {
	b.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(cmp.Or(b.through, b.main.URL())+"/board?lang="+lang), chromedp.WaitReady(chromedp.CSS("#keyfile")))
}

// keyFile writes a party's key as labs-adapter keygen does.
func (b *tab) keyFile(party traceability.PartyID) string {
	b.Helper()
	path := filepath.Join(b.dir, strings.ReplaceAll(string(party), ":", "-")+".json")
	if err := os.WriteFile(path, mustEncode(b, b.key(party)), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// signIn signs a party in with its key file.
func (b *tab) signIn(party traceability.PartyID, lang string) {
	b.Helper()
	b.open(lang)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#keyfile"), []string{b.keyFile(party)}))
	b.until(`document.querySelector("#signout") && document.querySelector("main .view")`)
}

// visit opens a place of the board by its address, signed in as before.
func (b *tab) visit(place, selector string) {
	b.Helper()
	js[bool](b, `(location.hash = `+strconv.Quote(place)+`, true)`)
	b.until(`document.querySelector(` + strconv.Quote(selector) + `)`)
}

// case opens a notice.
func (b *tab) notice(id traceability.NoticeID) {
	b.Helper()
	b.visit("#/notices/"+string(id), ".acts")
	b.until(`document.querySelector(".head .code")?.innerText === ` + strconv.Quote(string(id)))
}

// act opens an act's form, fills in fields by their names, signs and submits.
func (b *tab) act(act traceability.Act, fields map[string]string) {
	b.Helper()
	holder := `details[data-act="` + string(act) + `"]`
	if !js[bool](b, `document.querySelector('`+holder+`').open`) {
		b.do(chromedp.Click(chromedp.CSS(holder + " > summary")))
	}
	b.do(chromedp.WaitVisible(chromedp.CSS(holder + " form")))
	for name, value := range fields {
		target := holder + ` [data-field="` + name + `"] :is(select, textarea, input)`
		if n, ok := strings.CutPrefix(name, "region/"); ok {
			target = holder + ` .region label:nth-child(` + n + `) input`
		}
		switch name {
		case "about":
			target = holder + ` form > .field > select[id^="about"]`
		case "evidence":
			target = holder + ` .paper input`
		}
		js[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (e.tagName === "SELECT") e.value = [...e.options].find(o => o.value === %q || o.text === %q).value; else e.value = %q;
			e.dispatchEvent(new Event("input", {bubbles: true})); return true; })()`, target, value, value, value))
	}
	js[bool](b, `(document.querySelector("#status").textContent = "", true)`) // what the act before has said
	b.do(chromedp.Click(chromedp.CSS(holder + ` form button[type="submit"]`)))
}
