package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/store/postgrestest"
)

// TestVerifyReadModel alters a read model as who administers the database could, and
// holds that `api verify --read-model` names the rows, in SQLite and PostgreSQL.
func TestVerifyReadModel(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var flags []string
			server := (*postgrestest.Server)(nil)
			if engine == "postgres" {
				server = postgrestest.Start(t)
				flags = append(flags, "--db="+server.Database(t))
			}
			w := newPopulatedWorld(t, flags...)
			w.stop()
			args := append([]string{"verify", "--read-model", "--data=" + filepath.Join(w.dir, "data")}, flags...)
			if out := mustRun(t, args...); !strings.Contains(out, "OK read model at block ") {
				t.Errorf("untouched: %s", out)
			}
			change := "UPDATE lots SET product = '篡改' WHERE id = '" + string(pickles) + "'"
			if server != nil {
				server.Exec(t, "test1", change)
			} else {
				alter(t, filepath.Join(w.dir, "data", "readmodel.db"), change)
			}
			var out, said bytes.Buffer
			err := run(t.Context(), args, &out, &said)
			if err == nil || !strings.Contains(err.Error(), "1 rows") || !strings.Contains(out.String(), "lots: the row document=") || !strings.Contains(out.String(), "another product") {
				t.Errorf("altered: %v\n%s", err, out.String())
			}
			if left, _ := filepath.Glob(filepath.Join(w.dir, "data", comparisonFolders)); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
}

// alter changes a SQLite file behind the server's back.
func alter(tb testing.TB, file, statement string) {
	tb.Helper()
	db, err := sql.Open("sqlite", file+"?_busy_timeout=10000")
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	if result, err := db.Exec(statement); err != nil {
		tb.Fatal(err)
	} else if n, err := result.RowsAffected(); err != nil || n == 0 {
		tb.Fatalf("nothing was altered: %v", err)
	}
}

// TestServerComparesItself holds that a running server notices what was altered: in
// its log, its metrics and /readyz, which still lets it be asked.
func TestServerComparesItself(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.stop()
	var said lockedBuffer
	w.main = NewMain(mustServe(t, append(w.args, "--check-read-model=100ms")...), slog.New(slog.NewTextHandler(&said, nil)))
	if err := w.main.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer w.stop()
	await := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not within a minute\n%s", what, said.text())
			}
		}
	}
	metric := func() string {
		for line := range strings.Lines(string(w.get("/metrics").body)) {
			if value, ok := strings.CutPrefix(line, "deltatrace_read_model_differs "); ok {
				return strings.TrimSpace(value)
			}
		}
		return "none"
	}
	await("compared", func() bool { return metric() == "0" })
	if got := mustDecode[health](t, w.get("/readyz").body); got.Status != healthOK {
		t.Errorf("untouched: %+v", got)
	}
	alter(t, filepath.Join(w.dir, "data", "readmodel.db"), "DELETE FROM reports WHERE document = (SELECT MIN(document) FROM reports)")
	await("noticed", func() bool { return metric() == "1" })
	answer := w.get("/readyz")
	if got := mustDecode[health](t, answer.body); answer.status != 200 || got.Status != healthDegraded || len(got.Problems) != 1 || got.Problems[0].Code != traceability.CodeDiffers {
		t.Errorf("altered: %d %+v", answer.status, got)
	}
	await("logged", func() bool {
		text := said.text()
		return strings.Contains(text, "level=ERROR") && strings.Contains(text, "table=reports") && strings.Contains(text, "api rebuild")
	})
	w.accept(w.sign(lab, "report.submit", w.report(fmt.Sprint("SP", 1)))) // blocks that come meanwhile do no harm
	await("still", func() bool { return metric() == "1" })
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

var _ io.Writer = (*lockedBuffer)(nil)

// Write implements io.Writer.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
