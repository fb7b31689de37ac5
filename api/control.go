package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"deltatrace/api/backup"
	"deltatrace/traceability"
	"deltatrace/traceability/store"
)

// A running server has the embedded ledger for itself. So commands that need it
// ask the server, through a socket in its data folder, which is its owner's alone.
const controlFile = "control.sock"

func (s Storage) control() string { return filepath.Join(s.data(), controlFile) }

// snapshotter is a ledger in this process, of which a copy can be made while it
// works.
type snapshotter interface {
	Snapshot(to string) (traceability.Head, error)
}

// openControl listens for commands.
func (m *Main) openControl(ctx context.Context) error {
	path := m.config.control()
	if conn, err := dialControl(ctx, path); err == nil {
		conn.Close()
		return fmt.Errorf("%s is the data folder of another server that runs: use another folder (--data)", m.config.data())
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("control: %w", err)
	}
	address, release, err := socketAddress(path)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	defer release()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	listener.SetUnlinkOnClose(false) // Close removes it by its name
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(fmt.Errorf("control: %w", err), listener.Close())
	}
	commands := http.NewServeMux()
	commands.HandleFunc("POST /backup", m.serveBackup)
	commands.HandleFunc("POST /rebuild", m.serveRebuild)
	m.control = &http.Server{Handler: commands, BaseContext: func(net.Listener) context.Context { return ctx }, ReadHeaderTimeout: headerTimeout}
	m.start("control", func() error {
		if err := m.control.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

// closeControl ends commands that run.
func (m *Main) closeControl() error {
	if m.control == nil {
		return nil
	}
	err := m.control.Close()
	if gone := os.Remove(m.config.control()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// serveBackup writes a backup out.
func (m *Main) serveBackup(w http.ResponseWriter, r *http.Request) {
	stage, err := m.config.stage(r.Context(), m.ledger)
	if err != nil {
		m.log.Error("no backup was made", "error", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	err = errors.Join(stage.Write(r.Context(), w), stage.Close())
	if err != nil {
		m.log.Error("a backup was broken off", "error", err)
		panic(http.ErrAbortHandler) // so that nobody takes what came for all
	}
	made := stage.Manifest()
	m.log.Info("backup made", "files", len(made.Files), "bytes", made.Size())
}

// serveRebuild makes the read model anew while the old one is asked.
func (m *Main) serveRebuild(w http.ResponseWriter, r *http.Request) {
	if !m.rebuilding.TryLock() {
		http.Error(w, "the read model is being made anew already", http.StatusConflict)
		return
	}
	defer m.rebuilding.Unlock()
	m.log.Info("the read model is made anew")
	var head traceability.Head
	err := m.store.Rebuild(r.Context(), func(fresh *store.Store) (err error) {
		head, err = replay(r.Context(), m.ledger, fresh, m.log, func(uint64) {})
		return err
	})
	if err != nil {
		m.log.Error("the read model could not be made anew; the old one is kept", "error", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	m.log.Info("the read model was made anew", "block", head.Number)
	fmt.Fprintf(w, "OK block %d hash %s\n", head.Number, head.Hash)
	if m.follower.Ended() != nil {
		fmt.Fprintln(w, "restart the server: it had given up following the ledger")
	}
}

// stage copies what a backup has; of the ledger in this process too.
func (s Storage) stage(ctx context.Context, ledger traceability.Ledger) (*backup.Stage, error) {
	if l, embedded := ledger.(snapshotter); embedded {
		return backup.Take(ctx, s.data(), l.Snapshot)
	}
	return backup.Take(ctx, s.data(), nil)
}

// errNoServer says that no server has the data folder.
var errNoServer = errors.New("no server has the data folder")

// askServer has a running server carry out a command, and copies its answer to w.
// Without a server it is errNoServer.
func (s Storage) askServer(ctx context.Context, command string, w io.Writer) error {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialControl(ctx, s.control())
	}}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/"+command, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return errNoServer
	case err != nil:
		return fmt.Errorf("the running server: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // what came of it
		return fmt.Errorf("the running server: %s", strings.TrimSpace(string(text)))
	}
	if _, err := io.Copy(w, answer.Body); err != nil {
		return fmt.Errorf("the running server broke off; its log says why: %w", err)
	}
	return nil
}

func dialControl(ctx context.Context, path string) (net.Conn, error) {
	address, release, err := socketAddress(path)
	if err != nil {
		return nil, err
	}
	defer release()
	return new(net.Dialer).DialContext(ctx, "unix", address)
}

// longestSocket is what the name of a socket may have on every system.
const longestSocket = 100

// socketAddress names a socket within the bounds of the system. Linux reaches a
// folder with a long name by the number of its open file.
func socketAddress(path string) (address string, release func(), err error) {
	if len(path) <= longestSocket || runtime.GOOS != "linux" {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}
