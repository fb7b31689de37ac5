package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"deltatrace/traceability"
)

// lies are answers that are wrong in what they say. The documents are kept or not:
// who is told so must not believe it.
var lies = map[string]func(*traceability.Receipt){
	"foreign id":      func(r *traceability.Receipt) { r.Outcomes[1].ID = traceability.DocumentID(strings.Repeat("0", 64)) },
	"foreign type":    func(r *traceability.Receipt) { r.Outcomes[1].Type = traceability.TypeLotRegister },
	"splendid":        func(r *traceability.Receipt) { r.Outcomes[1].Status = "splendid" },
	"no status":       func(r *traceability.Receipt) { r.Outcomes[1].Status = "" },
	"in disorder":     func(r *traceability.Receipt) { slices.Reverse(r.Outcomes) },
	"fewer":           func(r *traceability.Receipt) { r.Outcomes = r.Outcomes[:1] },
	"more":            func(r *traceability.Receipt) { r.Outcomes = append(r.Outcomes, r.Outcomes...) },
	"no transaction":  func(r *traceability.Receipt) { r.Tx, r.Outcomes[1].First = "", "" },
	"rejected, mute":  func(r *traceability.Receipt) { r.Outcomes[1] = traceability.Outcome{Status: "rejected"} },
	"accepted, wrong": func(r *traceability.Receipt) { r.Outcomes[1].Problems = []*traceability.Error{{Code: "invalid"}} },
}

// forgeries are answers that are none.
var forgeries = map[string]func(http.ResponseWriter){
	"HTML":         func(w http.ResponseWriter) { io.WriteString(w, "<html>welcome</html>") },
	"nothing":      func(w http.ResponseWriter) {},
	"empty object": func(w http.ResponseWriter) { io.WriteString(w, "{}") },
	"null":         func(w http.ResponseWriter) { io.WriteString(w, "null") },
	"a list":       func(w http.ResponseWriter) { io.WriteString(w, `["accepted","accepted"]`) },
	"half":         func(w http.ResponseWriter) { io.WriteString(w, `{"tx":"ab","block":3,"outcomes":[{"status":"acc`) },
	"created":      func(w http.ResponseWriter) { w.WriteHeader(http.StatusCreated); io.WriteString(w, "{}") },
	"no content":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
	"elsewhere": func(w http.ResponseWriter) {
		w.Header().Set("Location", "/a")
		w.WriteHeader(http.StatusTemporaryRedirect)
	},
	"found elsewhere": func(w http.ResponseWriter) { w.Header().Set("Location", "/a"); w.WriteHeader(http.StatusFound) },
	"without end": func(w http.ResponseWriter) {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(w, strings.Repeat(" ", 1<<16))
		}
	},
}

// liars returns an API for each lie and forgery.
func liars(t *testing.T, key string) map[string]*recorder {
	all := make(map[string]*recorder)
	for name, lie := range lies {
		all[name] = newRecorder(t, key)
		all[name].lie = lie
	}
	for name, forge := range forgeries {
		all[name] = newRecorder(t, key)
		all[name].before = func(w http.ResponseWriter, _ int) bool { forge(w); return true }
	}
	return all
}

// Submit never says of a report that it is on the ledger, or was refused, when the
// answer is not one about it.
func TestSubmitBelievesNoLiar(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	path := export(t, t.TempDir(), "a.csv", 1, 2)
	for name, api := range liars(t, key) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := runProgram(t, "submit", path, "--api", api.URL, "--key", key, "--patience", "0s", "--format", "json")
			if status != exitUnsent || stderr == "" {
				t.Errorf("status %d: %s", status, stderr)
			}
			for _, a := range lines(t, stdout) {
				if a.Status != statusUnknown && a.Status != statusNotSent || len(a.Problems) == 0 {
					t.Errorf("row %d is %s", a.Row, a.Status)
				}
			}
		})
	}
}

// A file stays in the drop folder as long as the answers are no answers, and is sent
// again; when the truth comes, it goes.
func TestWatchBelievesNoLiar(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	all := liars(t, key)
	delete(all, "without end") // 64 MB a time are enough once, for submit, which has the same client
	for name, api := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := export(t, dir, "a.csv", 1, 2)
			program, stderr := watching(t, api, key, dir)
			eventually(t, "sent again", func() bool { return api.asked() >= 2 })
			if got := names(t, dir); !slices.Contains(got, "a.csv") {
				t.Errorf("%v: %s has left the folder", got, path)
			}
			for _, folder := range []string{doneFolder, rejectedFolder} {
				if got := names(t, filepath.Join(dir, folder)); len(got) > 0 {
					t.Errorf("%s: %v", folder, got)
				}
			}
			api.set(func(r *recorder) { r.lie, r.before = nil, nil })
			eventually(t, "done", func() bool { return len(names(t, filepath.Join(dir, doneFolder))) == 2 })
			if got := api.size(t); got != 2 {
				t.Errorf("%d reports are kept", got)
			}
			stop(t, program, stderr)
		})
	}
}

// With --confirm a report counts as delivered when it can be read back as it was
// signed, and a duplicate is told with the block that it is in.
func TestConfirm(t *testing.T) {
	t.Parallel()
	key := newKey(t, lab)
	for name, tc := range map[string]struct {
		forge  func(compact string) string // what is read back; "" for nothing
		status string
	}{
		"as signed": {func(compact string) string { return compact }, "accepted"},
		"lost":      {func(string) string { return "" }, statusUnknown},
		"changed":   {func(compact string) string { return compact[:len(compact)/2] + "A" + compact[len(compact)/2:] }, statusUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newRecorder(t, key)
			api.handle = func(w http.ResponseWriter, request *http.Request) bool {
				id := traceability.DocumentID(strings.TrimPrefix(request.URL.Path, "/v1/documents/"))
				compact := tc.forge(api.signed[id])
				if compact == "" {
					return false
				}
				if request.Header.Get("Authorization") == "" {
					t.Error("asked without a token")
				}
				fmt.Fprintf(w, `{"id":%q,"position":{"block":41},"jws":%q}`, id, compact)
				return true
			}
			arguments := []string{"submit", export(t, t.TempDir(), "a.csv", 1, 2), "--api", api.URL, "--key", key, "--patience", "100ms", "--format", "json", "--confirm"}
			_, stdout, stderr := runProgram(t, arguments...)
			for _, a := range lines(t, stdout) {
				if a.Status != tc.status {
					t.Errorf("row %d is %s: %s", a.Row, a.Status, stderr)
				}
			}
			if tc.status != "accepted" {
				return
			}
			_, stdout, _ = runProgram(t, arguments...)
			for _, a := range lines(t, stdout) {
				if a.Status != "duplicate" || a.Tx != "first" || a.Block != 41 {
					t.Errorf("again: %+v", a)
				}
			}
		})
	}
}
