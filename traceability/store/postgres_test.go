package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgproto3"

	"deltatrace/traceability"
	"deltatrace/traceability/store/postgrestest"
)

// discard is the log of tests that do not read it.
var discard = slog.New(slog.DiscardHandler)

func TestNumber(t *testing.T) {
	t.Parallel()
	var e postgresEngine
	for range 2 { // the second time it is remembered
		for statement, want := range map[string]string{
			"SELECT 1": "SELECT 1", "?": "$1", "(?, ?), (?)": "($1, $2), ($3)", strings.Repeat("?", 10): "$1$2$3$4$5$6$7$8$9$10",
		} {
			if got := e.number(statement); got != want {
				t.Errorf("%s: %s, want %s", statement, got, want)
			}
		}
	}
}

// TestSerializationFailure has two transactions read what the other writes, so
// that PostgreSQL must refuse one of them: the first time when one has written,
// the second time at its commit. Both come through, one after the other.
func TestSerializationFailure(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	for name, when := range map[string]string{"in a statement": "UPDATE doctors SET on_call = ? WHERE on_call = 1 AND name <> ?", "at the commit": "UPDATE doctors SET on_call = ? WHERE name = ?"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := openPostgres(t.Context(), server.Database(t), "")
			if err != nil {
				t.Fatal(err)
			}
			defer db.close()
			err = db.write(t.Context(), func(tx transaction) error {
				return tx.exec(t.Context(), "CREATE TABLE doctors (name TEXT PRIMARY KEY, on_call BIGINT); INSERT INTO doctors VALUES ('a', 1), ('b', 1)")
			})
			if err != nil {
				t.Fatal(err)
			}
			// Each goes home if the other stays. Both have read before one writes.
			var attempts [2]int
			var both sync.WaitGroup
			both.Add(2)
			var group sync.WaitGroup
			for i, doctor := range []string{"a", "b"} {
				group.Go(func() {
					err := db.write(t.Context(), func(tx transaction) error {
						var left int
						if err := one(t.Context(), tx, "SELECT SUM(on_call)::BIGINT FROM doctors", nil, &left); err != nil {
							return err
						}
						if attempts[i]++; attempts[i] == 1 {
							both.Done()
							both.Wait()
						}
						if left < 2 {
							return nil
						}
						return tx.exec(t.Context(), when, 0, doctor)
					})
					if err != nil {
						t.Errorf("%s: %v", doctor, err)
					}
				})
			}
			group.Wait()
			var left int
			if err := one(t.Context(), db, "SELECT SUM(on_call)::BIGINT FROM doctors", nil, &left); err != nil || left != 1 {
				t.Errorf("%d are left, %v: a transaction was lost or taken twice", left, err)
			}
			if attempts[0]+attempts[1] < 3 {
				t.Errorf("%v attempts: nothing was tried again", attempts)
			}
		})
	}
}

// TestRetryEnds holds that a transaction which never succeeds ends with what is
// wrong.
func TestRetryEnds(t *testing.T) {
	t.Parallel()
	db, err := openPostgres(t.Context(), postgrestest.Start(t).Database(t), "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.close()
	attempts := 0
	err = db.write(t.Context(), func(tx transaction) error {
		attempts++
		return tx.exec(t.Context(), "DO $$BEGIN RAISE EXCEPTION 'never' USING ERRCODE = '40001'; END$$")
	})
	if err == nil || !strings.Contains(err.Error(), "never") || attempts < 10 {
		t.Errorf("%d attempts: %v", attempts, err)
	}
	wrong := errors.New("not the database's")
	if err := db.write(t.Context(), func(transaction) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = db.write(ctx, func(tx transaction) error {
		cancel()
		return tx.exec(ctx, "SELECT 1")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestOpenTogether has programs open an empty database at the same time.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	url := postgrestest.Start(t).Database(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			s, err := Open(t.Context(), url, discard)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if _, err := s.Head(t.Context()); !errors.Is(err, traceability.ErrNotFound) {
				t.Errorf("head: %v", err)
			}
		})
	}
	group.Wait()
}

// TestOpenPostgresErrors holds that who names a database wrongly learns why,
// and nobody learns the password.
func TestOpenPostgresErrors(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	right := server.URL("postgres")
	for name, test := range map[string]struct {
		url  string
		code traceability.Code
		says string
	}{
		"port":           {"postgresql://u:secret@host:port/db", traceability.CodeInvalid, "port"},
		"escape":         {"postgresql://u:secret%@host/db", traceability.CodeInvalid, "percent"},
		"setting":        {"postgresql://u@host/db?password=secret&connect_timeout=x", traceability.CodeInvalid, "connect_timeout"},
		"password":       {strings.Replace(right, "postgres:postgrestest@", "postgres:secret@", 1), traceability.CodeInvalid, `user "postgres"`},
		"user":           {strings.Replace(right, "postgres:postgrestest@", "nobody:secret@", 1), traceability.CodeInvalid, `user "nobody"`},
		"database":       {server.URL("absent"), traceability.CodeInvalid, "createdb absent"},
		"nobody listens": {"postgresql://u:secret@127.0.0.1:1/db", traceability.CodeInternal, "127.0.0.1:1"},
		"too old":        {fakeServer(t, map[string]string{"server_version": "9.6.24"}), traceability.CodeInvalid, "PostgreSQL 14 or newer"},
		"too old too":    {fakeServer(t, map[string]string{"crdb_version": "CockroachDB CCL v22.2.19 (x86_64)", "server_version": "13.0.0"}), traceability.CodeInvalid, "CockroachDB 23 or newer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := openFile(t, test.url, discard)
			if traceability.CodeOf(err) != test.code || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "postgrestest")) {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

// fakeServer says the parameters of a server that cannot be had here.
func fakeServer(t *testing.T, parameters map[string]string) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			server := pgproto3.NewBackend(c, c)
			if _, err := server.ReceiveStartupMessage(); err == nil {
				server.Send(&pgproto3.AuthenticationOk{})
				for name, value := range parameters {
					server.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
				}
				server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
				server.Flush()
			}
			c.Close()
		}
	}()
	return fmt.Sprintf("postgresql://u:secret@%s/db?sslmode=disable", listener.Addr())
}

func TestCheckServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		server, cockroach string
		want              [2]bool // CockroachDB, good
	}{
		{"15.18 (Debian 15.18-0+deb12u1)", "", [2]bool{false, true}},
		{"18beta1", "", [2]bool{false, true}},
		{"14.0", "", [2]bool{false, true}},
		{"13.21", "", [2]bool{false, false}},
		{"", "", [2]bool{false, false}},
		{"13.0.0", "CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu)", [2]bool{true, true}},
		{"13.0.0", "CockroachDB OSS v23.1.0", [2]bool{true, true}},
		{"13.0.0", "CockroachDB", [2]bool{true, false}},
	} {
		cockroach, err := checkServer(func(name string) string {
			return map[string]string{"server_version": test.server, "crdb_version": test.cockroach}[name]
		})
		if diff := cmp.Diff(test.want, [2]bool{cockroach, err == nil}); diff != "" {
			t.Errorf("%q, %q: %s (%v)", test.server, test.cockroach, diff, err)
		}
	}
}
