package main

import (
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/traceability/store/postgrestest"
)

// TestPostgres serves from a read model in PostgreSQL while documents come in,
// and holds that its dump is that of one in SQLite, and that verify, rebuild and
// dump work beside it; and that nothing tells the password.
func TestPostgres(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	db := "--db=" + server.Database(t)
	w := newWorld(t, db)
	w.populate()
	w.stop()
	data := "--data=" + filepath.Join(w.dir, "data")
	served := mustRun(t, "dump", data, db)
	if out := mustRun(t, "verify", data, db); !strings.HasPrefix(out, "OK block ") {
		t.Errorf("verify: %s", out)
	}
	for _, other := range []string{db, "--db=" + filepath.Join(w.dir, "other.db")} {
		if out := mustRun(t, "rebuild", data, other); !strings.HasPrefix(out, "OK block ") {
			t.Errorf("rebuild %s: %s", other, out)
		}
		if dump := mustRun(t, "dump", data, other); dump != served || strings.Count(dump, "\n") < 10 {
			t.Errorf("%s has %d bytes of rows, the served read model %d", other, len(dump), len(served))
		}
	}
	p := mustProcess(t, append(w.args, "--log-level=debug")...)
	if count := countReports(t, p.url); count == 0 {
		t.Error("no reports")
	}
	p.terminate()
	wrong := program(append(w.args, strings.Replace(db, "postgrestest@", "secret@", 1))...)
	out, err := wrong.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "check user and password") {
		t.Errorf("with a wrong password: %v: %s", err, out)
	}
	if said := p.log.String() + string(out); strings.Contains(said, "secret") || strings.Contains(said, "postgrestest") {
		t.Errorf("the password is told: %s", said)
	}
}
