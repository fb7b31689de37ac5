package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

// fixed is a ledger, or a read model, whose last block is known.
type fixed struct {
	traceability.Reader
	brokenLedger
	number uint64
}

func (f fixed) Head(context.Context) (traceability.Head, error) {
	return traceability.Head{Number: f.number}, nil
}

// sufferer is a part that ails.
type sufferer struct{ traceability.Ailment }

func (p sufferer) Ailments() []traceability.Ailment { return []traceability.Ailment{p.Ailment} }

// unfitMachines holds what /readyz says of each thing that can be wrong: one that
// is severe makes it unavailable, another degraded; a lag does by its age, however
// few blocks it is. It says no cause, and the log says it once.
func unfitMachines(t *testing.T, seen map[traceability.Code]bool) {
	t.Helper()
	limits := mustServe(t, "serve").Limits
	for _, tt := range []struct {
		name   string
		code   traceability.Code
		severe bool
		behind time.Duration
		status string
	}{
		{"sound", "", false, 0, healthOK},
		{"a moment behind", "", false, limits.LagWarn, healthOK},
		{"behind", traceability.CodeLagging, false, limits.LagWarn + time.Second, healthDegraded},
		{"one block, for long", traceability.CodeLagging, true, limits.Lag + time.Second, healthUnavailable},
		{"disk low", traceability.CodeLowSpace, false, 0, healthDegraded},
		{"disk full", traceability.CodeNoSpace, true, 0, healthUnavailable},
		{"failing", traceability.CodeFailing, false, 0, healthDegraded},
		{"stopped", traceability.CodeStopped, true, 0, healthUnavailable},
		{"damaged", traceability.CodeDamaged, true, 0, healthUnavailable},
		{"clock behind", traceability.CodeClock, true, 0, healthUnavailable},
		{"clock jumped", traceability.CodeClockJumped, false, 0, healthDegraded},
		{"differs", traceability.CodeDiffers, false, 0, healthDegraded},
	} {
		var log bytes.Buffer
		o := Options{Ledger: fixed{number: 112}, Reader: fixed{number: 111}, PublicURL: "http://example.test", Limits: limits,
			Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now, Behind: func(uint64) time.Duration { return tt.behind }}
		if tt.code != "" && tt.code != traceability.CodeLagging {
			o.Parts = []traceability.Ailing{sufferer{traceability.Ailment{Part: traceability.PartLedger, Code: tt.code, Severe: tt.severe, Err: fmt.Errorf("SECRET-CAUSE")}}}
		}
		s, err := NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // the log says it once
			recorder := httptest.NewRecorder()
			s.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			answer := reply{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
			conforms(t, http.MethodGet, "/readyz", answer)
			found := mustDecode[health](t, answer.body)
			status := http.StatusOK
			if tt.status == healthUnavailable {
				status = http.StatusServiceUnavailable
			}
			if answer.status != status || found.Status != tt.status || found.Behind != int64(tt.behind/time.Second) || found.ReadModel != 111 {
				t.Errorf("%s: %d %s", tt.name, answer.status, answer.body)
			}
			if strings.Contains(string(answer.body), "SECRET") {
				t.Errorf("%s: the cause leaves the process: %s", tt.name, answer.body)
			}
			if (tt.code == "") != (len(found.Problems) == 0) || len(found.Problems) > 0 && found.Problems[0].Code != tt.code {
				t.Errorf("%s: it says %+v", tt.name, found.Problems)
			}
			for _, p := range found.Problems {
				seen[p.Code] = true
			}
		}
		if n := strings.Count(log.String(), "msg=health"); (n == 1) != (tt.code != "") || n > 1 {
			t.Errorf("%s: the log says it %d times", tt.name, n)
		}
	}
}
