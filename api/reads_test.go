package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/api/board"
	"deltatrace/traceability"
)

// TestEveryRouteAnswers asks every GET of the description with the world's
// identifiers; conforms holds each answer to the description. HEAD, ETag and the
// headers that protect a browser are held for all at once.
func TestEveryRouteAnswers(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	report := mustDecode[traceability.ReportRecord](t, w.get("/v1/reports/"+string(lab)+"/SP202611001/1").body)
	failing := w.failing("FAILED-1", "铅")
	w.accept(slices.Concat([]string{w.sign(lab, traceability.TypeReportSubmit, failing)}, w.upheld(failing), []string{w.publish(failing)})...)
	w.disclose()
	forRegulators := []string{"/v1/notices/stats", "/v1/licences", "/v1/licences/checksum", "/v1/listings", "/v1/listings/{shop}", "/v1/listings/{shop}/check", "/v1/disclosure/shops", "/v1/disclosure/failing"}
	forRegulators = append(forRegulators, "/v1/consultations/proposals", "/v1/verifications/due")
	forRegulators = append(forRegulators, "/v1/consultations/proposals", "/v1/alerts")
	consulted, _ := w.consulted()
	w.accept(w.sign(zhejiang, traceability.TypeConsultationAct, traceability.ConsultationAct{Consultation: consulted, Act: traceability.ActPublish, At: w.began, Advice: &traceability.Advice{Title: "提示", Text: "提示"}}))
	w.recall(pickles, "过敏原未标明", traceability.ActAnnounce)
	w.plantRecalls()
	paths := map[string]string{
		"/v1/documents/{document}":   "/v1/documents/" + string(report.Document.ID),
		"/v1/parties":                "/v1/parties?kind=op&province=330000",
		"/v1/parties/{party}":        "/v1/parties/" + string(lab),
		"/v1/lots":                   "/v1/lots?registrant=" + string(factory),
		"/v1/lots/{lot}":             "/v1/lots/" + string(pickles),
		"/v1/lots/{lot}/events":      "/v1/lots/" + string(pickles) + "/events",
		"/v1/lots/{lot}/reports":     "/v1/lots/" + string(pickles) + "/reports?current=true",
		"/v1/lots/{lot}/trace":       "/v1/lots/" + string(pickles) + "/trace?direction=up&depth=5&limit=10",
		"/v1/lots/{lot}/qr.png":      "/v1/lots/" + string(pickles) + "/qr.png?size=236&level=H",
		"/v1/lots/{lot}/qr.svg":      "/v1/lots/" + string(pickles) + "/qr.svg?level=Q",
		"/v1/events":                 "/v1/events?party=" + string(factory) + "&lot=" + string(pickles),
		"/v1/events/{event}":         "/v1/events/" + string(factory) + "/T-1",
		"/v1/reports":                "/v1/reports?lab=" + string(lab) + "&lot=" + string(pickles) + "&current=true",
		"/v1/reports/{report}":       "/v1/reports/" + string(lab) + "/SP202611001/1",
		"/v1/notices":                "/v1/notices?lot=" + string(pickles),
		"/v1/notices/stats":          "/v1/notices/stats",
		"/v1/lots/{lot}/recalls":     "/v1/lots/" + string(pickles) + "/recalls",
		"/v1/recalls":                "/v1/recalls",
		"/v1/recalls/{recall}":       "/v1/recalls/" + string(cucumbers),
		"/v1/recalls/{recall}/scope": "/v1/recalls/" + string(cucumbers) + "/scope",
		"/v1/alerts":                 "/v1/alerts",
		"/v1/notices/{notice}":       "/v1/notices/" + string(noticeID(failing)),
		"/v1/recognition":            "/v1/recognition?province=310000&lot=" + string(pickles),
		"/v1/recognition/rules":      "/v1/recognition/rules?province=310000",
		"/v1/recognition/rate":       "/v1/recognition/rate?accepting=310000",
		"/v1/webhooks":               "/v1/webhooks",
		"/v1/verifications/due":      "/v1/verifications/due?platform=" + string(waimai),
		traceability.DeliveryKeys:    traceability.DeliveryKeys,
		"/v1/feed":                   "/v1/feed?kinds=notice&limit=10",
		"/v1/credit/{company}":       "/v1/credit/" + shop.Number(),
		"/v1/listings/{shop}/check":  "/v1/listings/E1/check?platform=" + string(waimai),
		"/v1/disclosure/failing":     "/v1/disclosure/failing?platform=" + string(waimai),
		"/v1/disclosure/shops":       "/v1/disclosure/shops?platform=plat:91310000MA1FPX131H",
		"/v1/disclosure":             "/v1/disclosure?platform=plat:91310000MA1FPX131H&division=310000&from=2026-01-01",
		"/v1/ledger":                 "/v1/ledger",
		"/v1/licences":               "/v1/licences?province=310000&division=310104",
		"/v1/licences/checksum":      "/v1/licences/checksum?province=310000",
		"/v1/licences/{licence}":     "/v1/licences/" + string(catererNo),
		"/v1/listings":               "/v1/listings?platform=" + string(waimai),
		"/v1/listings/{shop}":        "/v1/listings/E1?platform=" + string(waimai),
		"/01/{gtin}/10/{lot}":        "/" + string(pickles),
		"/cn/{uscc}/{product}/{lot}": "/" + string(cucumbers),
		"/notices":                   "/notices?text=黄瓜&from=2026-01-01",
		"/recalls":                   "/recalls",
		"/recalls/{recall}":          "/recalls/" + string(pickles),
		"/notices/{notice}":          "/notices/" + string(noticeID(failing)),
		"/search":                    "/search?code=" + string(pickles),
		"/":                          "/",
		"/assets/{name}":             w.asset(),
		"/board":                     "/board",
		"/board/{file}":              "/board/app.js",
		"/openapi.yaml":              "/openapi.yaml",
		"/docs":                      "/docs",
		"/docs/errors":               "/docs/errors",
		"/docs/style.css":            "/docs/style.css",
		"/healthz":                   "/healthz",
		"/readyz":                    "/readyz",
		"/metrics":                   "/metrics",

		"/v1/consultations":                "/v1/consultations?public=true",
		"/v1/consultations/proposals":      "/v1/consultations/proposals?as_of=1&answered=true",
		"/v1/consultations/{consultation}": "/v1/consultations/" + string(consulted),
		"/v1/agreements":                   "/v1/agreements?kind=quorum",
		"/v1/limits":                       "/v1/limits?parameter=铅&category=蔬菜&date=2026-01-01",
	}
	for kind, path := range map[string]string{"badge.json": "badge.json", "badge.svg": "badge.svg?lang=en", "qr.svg": "qr.svg"} {
		paths["/v1/licences/{licence}/"+kind] = "/v1/licences/" + string(catererNo) + "/" + path
	}
	paths["/licences/{licence}"] = "/licences/" + string(catererNo) + "?lang=en"
	for name, item := range specification().doc.Paths.Map() {
		path := paths[name]
		if item.Get == nil {
			continue
		}
		if path == "" {
			t.Errorf("%s is not asked", name)
			continue
		}
		if slices.Contains(forRegulators, name) {
			if answer := w.getAs(zhejiang, path); answer.status != http.StatusOK || w.get(path).status != http.StatusUnauthorized {
				t.Errorf("%s: status %d: %s", path, answer.status, answer.body)
			}
			continue
		}
		answer, policy := w.get(path), contentPolicy
		if strings.HasPrefix(name, "/board") {
			policy = board.Policy
		}
		if want := map[bool]int{false: http.StatusOK, true: http.StatusSeeOther}[name == "/search"]; answer.status != want {
			t.Errorf("%s: status %d: %s", path, answer.status, answer.body)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		} {
			if got := answer.header.Get(header); got != want {
				t.Errorf("%s: %s: %q", path, header, got)
			}
		}
		if answer.header.Get("X-Request-Id") == "" || answer.header.Get("Cache-Control") == "" && name != "/metrics" {
			t.Errorf("%s: %v", path, answer.header)
		}
		w.headAndTag(name, path, answer)
	}
}

// asset returns the address of the pages' style sheet.
func (w *world) asset() string {
	w.Helper()
	_, rest, _ := strings.Cut(string(w.get("/").body), `href="/assets/`)
	name, _, ok := strings.Cut(rest, `"`)
	if !ok {
		w.Fatal("the start page has no style sheet")
	}
	return "/assets/" + name
}

func (w *world) headAndTag(name, path string, answer reply) {
	w.Helper()
	if head := w.do(http.MethodHead, path, nil); head.status != answer.status || len(head.body) != 0 {
		w.Errorf("HEAD %s: %d, %d bytes", path, head.status, len(head.body))
	}
	tag := answer.header.Get("Etag")
	switch name {
	case "/search", "/assets/{name}", "/healthz", "/readyz", "/metrics":
		return
	}
	if tag == "" {
		w.Errorf("%s has no ETag", path)
		return
	}
	for _, match := range []string{tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag, "*"} {
		if again := w.get(path, "If-None-Match: "+match); again.status != http.StatusNotModified || len(again.body) != 0 || again.header.Get("Etag") != tag {
			w.Errorf("%s with If-None-Match %s: %d %v", path, match, again.status, again.header)
		}
	}
	if again := w.get(path, `If-None-Match: "x"`); again.status != http.StatusOK {
		w.Errorf("%s with another tag: %d", path, again.status)
	}
}

func TestListsPageByCursor(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	var found []string
	path := "/v1/parties?limit=2"
	for range 10 {
		answer := w.get(path)
		list := mustDecode[traceability.List[traceability.PartyRecord]](t, answer.body)
		for _, p := range list.Items {
			found = append(found, string(p.ID))
		}
		link := answer.header.Get("Link")
		if (list.Next == "") != (link == "") {
			t.Fatalf("next %q, Link %q", list.Next, link)
		}
		if list.Next == "" {
			break
		}
		target, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
		path = target
	}
	want := []string{string(lab), string(shop), string(factory), string(stall), string(farm), "reg:310000", "reg:320000", "reg:330000", "reg:340000"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("parties (-want +got):\n%s", diff)
	}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	status := mustDecode[ledgerStatus](t, w.get("/v1/ledger").body)
	if status.Head != status.ReadModel || status.Head.Number == 0 || len(status.Provinces) != 4 || status.Provinces[0].ZH != "上海市" || len(status.Provinces[0].Keys) != 1 {
		t.Errorf("%+v", status)
	}
}

// TestReadYourWrite holds that what was answered can be read at once.
func TestReadYourWrite(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for i := range 20 {
		no := fmt.Sprintf("RYW-%d", i)
		answer := w.postOne(w.sign(lab, traceability.TypeReportSubmit, w.report(no)))
		if answer.status != http.StatusCreated || answer.header.Get(headerProjected) != "true" {
			t.Fatalf("%d %v %s", answer.status, answer.header, answer.body)
		}
		if got := w.get("/v1/reports/" + string(lab) + "/" + no + "/1"); got.status != http.StatusOK {
			t.Fatalf("%s: %d", no, got.status)
		}
		if got := w.get(answer.header.Get("Location")); got.status != http.StatusOK {
			t.Fatalf("%s: %d", answer.header.Get("Location"), got.status)
		}
		receipt := mustDecode[traceability.Receipt](t, answer.body)
		if answer.header.Get(headerBlock) != fmt.Sprint(receipt.Block) {
			t.Errorf("%s is %s, the receipt says %d", headerBlock, answer.header.Get(headerBlock), receipt.Block)
		}
	}
}

// TestBatchIsAnsweredInOrder mixes good and bad documents.
func TestBatchIsAnsweredInOrder(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	good := w.sign(lab, traceability.TypeReportSubmit, w.report("ORDERED-1"))
	receipt := mustDecode[traceability.Receipt](t, w.postBatch("x", good, good, w.forge(good)).body)
	var got []traceability.Status
	for _, o := range receipt.Outcomes {
		got = append(got, o.Status)
	}
	want := []traceability.Status{traceability.StatusRejected, traceability.StatusAccepted, traceability.StatusDuplicate, traceability.StatusRejected}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	plain := w.get("/openapi.yaml", "Accept-Encoding: identity")
	r, err := http.NewRequest(http.MethodGet, w.main.URL()+"/openapi.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(response.Header.Get("Vary"), "Accept-Encoding") {
		t.Fatal(response.Header)
	}
	unpacked, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(plain.body), string(body)); diff != "" {
		t.Error(diff)
	}
	if response.Header.Get("Etag") != plain.header.Get("Etag") {
		t.Error("the tags differ")
	}
	if got := w.get("/v1/lots/"+string(pickles)+"/qr.png", "Accept-Encoding: gzip"); got.header.Get("Content-Encoding") != "" {
		t.Error("a picture is compressed again")
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for sent, kept := range map[string]bool{"abcdefgh-1": true, "short": false, "with space 12345": false, strings.Repeat("a", 65): false, "<script>alert(1)": false} {
		if got := w.get("/healthz", "X-Request-Id: "+sent).header.Get("X-Request-Id"); (got == sent) != kept || got == "" {
			t.Errorf("%q → %q", sent, got)
		}
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := mustDecode[health](t, w.get("/readyz").body); got.Status != "ok" {
		t.Errorf("%+v", got)
	}
	metrics := string(w.get("/metrics").body)
	for _, want := range []string{"deltatrace_ledger_height 0", "deltatrace_projected_height 0", `deltatrace_http_request_seconds_count{method="GET",route="/readyz",status="200"}`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

// TestMetricsHaveNoIdentifiers asks for many things by name and looks for the
// names.
func TestMetricsHaveNoIdentifiers(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.get("/v1/lots/" + string(pickles))
	w.get("/v1/parties/" + string(lab))
	w.get("/nowhere/" + string(pickles))
	w.do("BREW", "/v1/ledger", nil)
	metrics := string(w.get("/metrics").body)
	for _, name := range []string{"06901234567892", lab.Number(), "BREW", "nowhere"} {
		if strings.Contains(metrics, name) {
			t.Errorf("metrics have %s", name)
		}
	}
	for _, want := range []string{`deltatrace_documents_total{type="report.submit"} 4`, `deltatrace_submissions_total{code="",status="accepted"} 16`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

// TestTraceBreaksVisibly holds that a client sees that a stream broke, having
// got what came before.
func TestTraceBreaksVisibly(t *testing.T) {
	t.Parallel()
	server := mustBroken(t, brokenReader{steps: 3 * flushEvery})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/lots/"+string(pickles)+"/trace?limit=1000000", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", mediaLines)
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil || response.StatusCode != http.StatusOK {
		t.Errorf("a broken stream ends as if it were whole: %d %v", response.StatusCode, err)
	}
	if lines := strings.Count(string(body), "\n"); lines < flushEvery {
		t.Errorf("%d lines came before the break", lines)
	}
}

// TestSlowReadTimesOut holds the time limit of a request.
func TestSlowReadTimesOut(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--read-timeout=1ns")
	answer := w.get("/v1/lots/" + string(pickles))
	if answer.status != http.StatusGatewayTimeout || answer.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := w.get("/healthz"); answer.status != http.StatusOK {
		t.Errorf("healthz: %d", answer.status)
	}
}

// TestSlowBodyTimesOut holds that a client that stops sending is let go.
func TestSlowBodyTimesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--grace=300ms")
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.main.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"documents\":[")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d", response.StatusCode)
	}
}
