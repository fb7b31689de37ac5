package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Settings beyond PostgreSQL's own, which suit a test or a measurement. What is
// durable stays so.
type Settings map[string]string

// Server is a running PostgreSQL.
type Server struct {
	dir       string // holds the cluster, the socket and the log
	bin       string // folder of the programs
	run       *syscall.SysProcAttr
	settings  Settings
	process   *exec.Cmd
	databases atomic.Int64
}

// password is that of the only user; the socket is in a private folder.
const password = "postgrestest"

// patience bounds how long a server may take to start or to stop.
const patience = 30 * time.Second

// Start starts a server that ends with the test.
func Start(tb testing.TB) *Server { return StartWith(tb, nil) }

// StartWith starts a server with settings.
func StartWith(tb testing.TB, settings Settings) *Server {
	tb.Helper()
	bin, err := find()
	if err != nil {
		if os.Getenv("DELTATRACE_LONG") != "" {
			tb.Fatal(err)
		}
		tb.Skip(err)
	}
	s, err := newServer(bin, settings)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("PostgreSQL's log:\n%s", s.Log())
		}
		if err := s.remove(); err != nil {
			tb.Error(err)
		}
	})
	if err := s.initialise(); err != nil {
		tb.Fatal(err)
	}
	if err := s.start(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// find returns the folder of the programs: PATH's, or Debian's newest.
func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path)
		return filepath.Dir(path), err
	}
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(folders) == 0 {
		return "", errors.New("PostgreSQL is not here: .ci/tools installs it")
	}
	return slices.MaxFunc(folders, func(a, b string) int { return major(a) - major(b) }), nil
}

// major is the version in /usr/lib/postgresql/15/bin.
func major(folder string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return n
}

func newServer(bin string, settings Settings) (*Server, error) {
	dir, err := os.MkdirTemp("", "deltatrace-pg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, settings: settings, run: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT}}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		const nobody = 65534
		s.run.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		err = os.Chown(dir, nobody, nobody)
	}
	return s, err
}

func (s *Server) initialise() error {
	file := filepath.Join(s.dir, "password")
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		return err
	}
	if c := s.run.Credential; c != nil {
		if err := os.Chown(file, int(c.Uid), int(c.Gid)); err != nil {
			return err
		}
	}
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "--pgdata="+s.data(), "--username=postgres", "--pwfile="+file,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = s.dir, s.run
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) start() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses="}
	for name, value := range s.settings {
		args = append(args, "-c", name+"="+value)
	}
	s.process = exec.Command(filepath.Join(s.bin, "postgres"), args...)
	s.process.Dir, s.process.SysProcAttr, s.process.Stderr = s.dir, s.run, log
	if err := s.process.Start(); err != nil {
		s.process = nil
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, s.Log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// URL names a database of the server.
func (s *Server) URL(database string) string {
	return (&url.URL{Scheme: "postgresql", User: url.UserPassword("postgres", password), Path: "/" + database,
		RawQuery: url.Values{"host": {s.dir}}.Encode()}).String()
}

// Database makes an empty database, with an order of texts that is not that of
// their bytes, and returns its URL.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := "test" + strconv.FormatInt(s.databases.Add(1), 10)
	s.Exec(tb, "postgres", "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'")
	return s.URL(name)
}

// Exec has the server carry out a statement in a database.
func (s *Server) Exec(tb testing.TB, database, statement string) {
	tb.Helper()
	c, err := pgx.Connect(context.Background(), s.URL(database))
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(context.Background(), statement); err != nil {
		tb.Fatal(err)
	}
}

// Kill ends the server as a failure of power would, as far as a process can.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	if err := s.process.Process.Kill(); err != nil {
		tb.Fatal(err)
	}
	s.process.Wait() // killed, as it says
	s.process = nil
}

// Restart starts a server that was killed. Its children notice that they are
// orphans a moment later, and it refuses to start before.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	if s.process != nil {
		tb.Fatal("the server runs")
	}
	for until := time.Now().Add(patience); s.orphans() && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
	if err := s.start(); err != nil {
		tb.Fatal(err)
	}
}

// orphans tells whether a process of the killed server is still there.
func (s *Server) orphans() bool {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return false
	}
	return slices.ContainsFunc(links, func(link string) bool {
		folder, err := os.Readlink(link)
		return err == nil && strings.TrimSuffix(folder, " (deleted)") == s.data()
	})
}

// Process returns the id of the server's first process.
func (s *Server) Process() int { return s.process.Process.Pid }

// Size returns the bytes of a database.
func (s *Server) Size(tb testing.TB, database string) (bytes int64) {
	tb.Helper()
	c, err := pgx.Connect(context.Background(), s.URL(database))
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close(context.Background())
	if err := c.QueryRow(context.Background(), "SELECT pg_database_size(current_database())").Scan(&bytes); err != nil {
		tb.Fatal(err)
	}
	return bytes
}

// Log returns what the server has written.
func (s *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// remove stops the server and deletes its folder.
func (s *Server) remove() error {
	var stop error
	if s.process != nil {
		// Immediate shutdown: nobody needs the data any more.
		stop = s.process.Process.Signal(syscall.SIGQUIT)
		killer := time.AfterFunc(patience, func() { s.process.Process.Kill() })
		s.process.Wait()
		killer.Stop()
	}
	return errors.Join(stop, os.RemoveAll(s.dir))
}
