package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/client"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// answer is one thing that a server does.
type answer func(w http.ResponseWriter, documents []string)

func problem(status int, code traceability.Code, retryAfter string) answer {
	return func(w http.ResponseWriter, _ []string) {
		w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"type":"about:blank","title":"T","status":%d,"detail":"D","code":%q,"zh":"中","en":"E","request_id":"r1"}`, status, code)
	}
}

func accept(w http.ResponseWriter, documents []string) {
	receipt := traceability.Receipt{Tx: "ab", Block: 7}
	for _, compact := range documents {
		document, err := traceability.ParseDocument(compact)
		if err != nil {
			panic(err)
		}
		receipt.Outcomes = append(receipt.Outcomes, traceability.Outcome{ID: document.ID, Type: document.Type, Status: traceability.StatusAccepted})
	}
	w.Header().Set("Content-Type", "application/json")
	body, _ := json.Marshal(receipt)
	w.Write(body)
}

// signed returns so many different documents.
func signed(t *testing.T, n int) []string {
	t.Helper()
	key, err := traceability.NewSigningKey("lab:230912340001")
	if err != nil {
		t.Fatal(err)
	}
	documents := make([]string, n)
	for i := range documents {
		report := &traceability.Report{No: fmt.Sprint("SP", i), Revision: 1, Verdict: traceability.VerdictPass}
		if documents[i], err = traceability.Sign(key, traceability.TypeReportSubmit, report, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return documents
}

func hangUp(w http.ResponseWriter, _ []string) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		connection.Close()
	}
}

func text(status int, body string) answer {
	return func(w http.ResponseWriter, _ []string) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// serve starts a server that gives the answers in turn, the last one for ever.
func serve(t *testing.T, answers ...answer) (*client.Client, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(calls.Add(1))
		var body struct {
			Documents []string `json:"documents"`
		}
		if r.Method == http.MethodPost {
			if err := json.UnmarshalRead(r.Body, &body, json.RejectUnknownMembers(true)); err != nil || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("the request is not in the contract: %v, %v", err, r.Header)
			}
		}
		answers[min(n, len(answers))-1](w, body.Documents)
	}))
	t.Cleanup(server.Close)
	c, err := client.New(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	c.Pause, c.Patience = time.Millisecond, 5*time.Second
	return c, &calls
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		answers []answer
		code    traceability.Code // "" for success
		known   bool              // whether a failure's fate is known
		calls   int64
	}{
		{"accepted", []answer{accept}, "", false, 1},
		{"busy, then accepted", []answer{problem(503, traceability.CodeBusy, ""), accept}, "", false, 2},
		{"rate limited, then accepted", []answer{problem(429, traceability.CodeRateLimited, "1"), accept}, "", false, 2},
		{"connection lost twice", []answer{hangUp, hangUp, accept}, "", false, 3},
		{"gateway's own page", []answer{text(502, "<html>bad gateway"), accept}, "", false, 2},
		{"refused", []answer{problem(413, traceability.CodeBatchTooBig, "")}, traceability.CodeBatchTooBig, true, 1},
		{"not this API", []answer{text(404, "no such page")}, traceability.CodeInternal, true, 1},
		{"not JSON", []answer{text(200, "<html>")}, traceability.CodeInternal, false, 1},
		{"outcomes missing", []answer{text(200, `{"block":1,"time":"2026-01-01T00:00:00Z","outcomes":[]}`)}, traceability.CodeInternal, false, 1},
		{"asked to wait longer than patience", []answer{problem(503, traceability.CodeBusy, "3600")}, traceability.CodeBusy, true, 1},
		{"perhaps kept, then refused", []answer{hangUp, problem(413, traceability.CodeBatchTooBig, "")}, traceability.CodeBatchTooBig, false, 2},
		{"timed out, then refused", []answer{problem(504, traceability.CodeTimeout, ""), problem(413, traceability.CodeBatchTooBig, "")}, traceability.CodeBatchTooBig, false, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, calls := serve(t, test.answers...)
			receipt, err := c.Submit(t.Context(), signed(t, 2))
			if got := traceability.CodeOf(err); got != test.code {
				t.Fatalf("got %v (%v), want code %q", got, err, test.code)
			}
			if err == nil && (len(receipt.Outcomes) != 2 || receipt.Block != 7) {
				t.Errorf("got receipt %+v", receipt)
			}
			if got := client.FateKnown(err); got != test.known {
				t.Errorf("fate known: got %v for %v", got, err)
			}
			if calls.Load() != test.calls {
				t.Errorf("got %d requests, want %d", calls.Load(), test.calls)
			}
		})
	}
}

func TestSubmitHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, problem(503, traceability.CodeBusy, "1"), accept)
	start := time.Now()
	if _, err := c.Submit(t.Context(), signed(t, 1)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < time.Second {
		t.Errorf("tried again after %v, the server asked for 1 s", took)
	}
}

func TestSubmitGivesUp(t *testing.T) {
	t.Parallel()
	c, calls := serve(t, hangUp)
	c.Patience = 500 * time.Millisecond
	if _, err := c.Submit(t.Context(), signed(t, 1)); err == nil || client.FateKnown(err) {
		t.Errorf("got %v, want an error of unknown fate", err)
	}
	if calls.Load() < 2 {
		t.Errorf("got %d requests, want several", calls.Load())
	}
}

func TestSubmitEndsWithContext(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, problem(503, traceability.CodeBusy, "3600"))
	c.Patience = 2 * time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := c.Submit(ctx, signed(t, 1)); err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := client.New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.Patience = 0
	if _, err := c.Submit(t.Context(), signed(t, 1)); !client.FateKnown(err) {
		t.Errorf("got %v, want an error of known fate", err)
	}
}

func TestRedirectedSubmissionIsRefused(t *testing.T) {
	t.Parallel()
	c, calls := serve(t, func(w http.ResponseWriter, _ []string) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusMovedPermanently)
	})
	if _, err := c.Submit(t.Context(), signed(t, 1)); err == nil || calls.Load() != 1 {
		t.Errorf("got %v after %d requests", err, calls.Load())
	}
}

func TestProblemKeepsItsFields(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, problem(415, traceability.CodeMediaType, ""))
	_, err := c.Submit(t.Context(), signed(t, 1))
	var got *traceability.Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(&traceability.Error{Code: traceability.CodeMediaType, ZH: "中", EN: "E"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGetSignsAToken(t *testing.T) {
	t.Parallel()
	key, err := traceability.NewSigningKey("lab:230912340001")
	if err != nil {
		t.Fatal(err)
	}
	var audience string
	seen := make(map[string]bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		compact, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		token, err := traceability.ParseToken(compact)
		if err != nil {
			t.Error(err)
			return
		}
		if err := token.Verify(key.Public(), audience, time.Now()); err != nil {
			t.Error(err)
		}
		seen[token.ID] = true
		if len(seen) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, `{"path":"`+r.URL.Path+`"}`)
	}))
	t.Cleanup(server.Close)
	audience = server.URL
	c, err := client.New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.Key, c.Pause = &key, time.Millisecond
	var got struct {
		Path string `json:"path"`
	}
	if err := c.Get(t.Context(), "/v1/parties", &got); err != nil {
		t.Fatal(err)
	}
	if got.Path != "/v1/parties" || len(seen) != 2 {
		t.Errorf("got %+v with %d different tokens, want 2", got, len(seen))
	}
}

func TestNewRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "trace.example", "ftp://trace.example", "http://", "http://a?b=c", "::"} {
		if _, err := client.New(address); traceability.CodeOf(err) != traceability.CodeInvalid {
			t.Errorf("%q: got %v", address, err)
		}
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	var b client.Batch
	for i := range traceability.MaxBatchDocuments {
		if !b.Add("a.b.c") {
			t.Fatalf("document %d did not fit", i)
		}
	}
	if b.Add("a.b.c") {
		t.Error("one document too many was taken")
	}
	b.Reset()
	big := strings.Repeat("x", traceability.MaxDocumentBytes)
	n := 0
	for b.Add(big) {
		n++
	}
	body, err := json.Marshal(map[string][]string{"documents": b.Documents()})
	if err != nil || len(body) > traceability.MaxBatchBytes || n != 7 {
		t.Errorf("%d documents of 1 MiB make a body of %d bytes, want 7 and at most %d", n, len(body), traceability.MaxBatchBytes)
	}
}

func ExampleClient_Submit() {
	key, err := traceability.NewSigningKey("lab:230912340001")
	if err != nil {
		panic(err)
	}
	report := &traceability.Report{No: "SP202690001", Revision: 1, Verdict: traceability.VerdictPass,
		Items: []traceability.Item{{Seq: 1, Parameter: "铅(以Pb计)", Result: "0.05", Verdict: traceability.VerdictPass}}}
	document, err := traceability.Sign(key, traceability.TypeReportSubmit, report, time.Now())
	if err != nil {
		panic(err)
	}

	read, err := traceability.ParseDocument(document)
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"tx":"5e","block":12,"time":"2026-11-22T08:00:00Z","outcomes":[{"id":%q,"type":"report.submit","status":"accepted"}]}`, read.ID)
	}))
	defer server.Close()

	api, err := client.New(server.URL)
	if err != nil {
		panic(err)
	}
	receipt, err := api.Submit(context.Background(), []string{document})
	if err != nil {
		panic(err)
	}
	fmt.Println(receipt.Block, receipt.Outcomes[0].Status)
	// Output: 12 accepted
}
