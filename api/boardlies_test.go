package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// liar stands between a browser and the server, and adds to every act that is offered
// what the page does not show.
func liar(t *testing.T, target func() string) *httptest.Server {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to, err := url.Parse(target())
			if err != nil {
				t.Error(err)
				return
			}
			r.SetURL(to)
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: func(r *http.Response) error {
			if !strings.HasPrefix(r.Request.URL.Path, "/v1/notices/") {
				return nil
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			var record map[string]any
			if json.Unmarshal(body, &record) == nil {
				acts, _ := record["acts"].([]any)
				for _, choice := range acts {
					choice := choice.(map[string]any)
					choice["notice"], choice["at"], choice["reason"] = "DBJ25330100319130599", "2020-01-01T00:00:00Z", "planted"
					choice["link"], choice["draft"] = "catering", 7
				}
				if body, err = json.Marshal(record); err != nil {
					return err
				}
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			r.ContentLength = int64(len(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			r.Header.Del("ETag")
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server
}

// TestBoardSignsWhatItShows has a server's answers offer acts with more than their form
// shows: none of it is signed, and what will be is open to be read. A page that does
// not come from the ledger's public address reads no key.
func TestBoardSignsWhatItShows(t *testing.T) {
	t.Parallel()
	var w *world
	between := liar(t, func() string { return w.main.URL() })
	w, r := casework(t, "--public-url="+between.URL)
	b := newTab(w)
	b.through = between.URL
	b.signIn(zhejiang, "en")
	b.notice(noticeID(r))
	holder := `details[data-act="` + string(traceability.ActServe) + `"]`
	b.do(chromedp.Click(chromedp.CSS(holder+" > summary")), chromedp.WaitVisible(chromedp.CSS(holder+" form pre.code")))
	said := mustDecode[map[string]any](b, []byte(js[string](b, `document.querySelector('`+holder+` form pre.code').textContent`)))
	if said["notice"] != string(noticeID(r)) || said["at"] == "2020-01-01T00:00:00Z" || said["act"] != string(traceability.ActServe) {
		t.Errorf("will be signed: %v", said)
	}
	for _, planted := range []string{"reason", "link", "draft"} {
		if _, ok := said[planted]; ok {
			t.Errorf("%s was taken over: %v", planted, said)
		}
	}

	b.through = ""
	b.open("en")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#keyfile"), []string{b.keyFile(zhejiang)}))
	b.shows("not opened under the ledger’s public address")
	if js[bool](b, `!!document.querySelector("#signout")`) {
		t.Error("signed in where tokens are not for")
	}
}
