package launcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Detached is a process that outlives the program that started it. A file keeps
// its id and when it started, so that a later program finds it, and never takes
// a stranger that got the same id for it. The file goes when the process is
// stopped on purpose, and stays when it dies: what has a file is to run (Died).
//
// Several programs may start, stop and revive the same process; they do so one
// after the other.
type Detached struct {
	Process
	PIDFile string
}

// Start starts the process, unless it runs already, and waits until it is ready.
// If it is not, it is stopped again, and the error has the end of its log.
func (d Detached) Start(ctx context.Context) error {
	ours := false
	err := d.alone(func() error {
		if d.PID() != 0 {
			return nil
		}
		ours = true
		return d.spawn()
	})
	if err != nil {
		return fmt.Errorf("start %s: %w", d.Name, err)
	}
	if err := d.AwaitReady(ctx); err != nil {
		if ours {
			err = errors.Join(err, d.Stop())
		}
		return err
	}
	return nil
}

// Died reports whether the process ended though nobody stopped it.
func (d Detached) Died() bool {
	_, err := os.Stat(d.PIDFile)
	return err == nil && d.PID() == 0
}

// Revive starts a process that died, and waits until it is ready. It does nothing
// when the process runs, or was stopped on purpose.
func (d Detached) Revive(ctx context.Context) error {
	return d.again(ctx, func() (bool, error) { return d.Died(), nil })
}

// Replace ends a process of an id with SIGKILL, starts it anew and waits until it is
// ready. It does nothing when another process has taken its place, or was stopped.
func (d Detached) Replace(ctx context.Context, pid int) error {
	return d.again(ctx, func() (bool, error) {
		if pid == 0 || d.PID() != pid {
			return false, nil
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return false, err
		}
		if !d.awaitEnd(5 * time.Second) {
			return false, errors.New("it does not end, though it was killed")
		}
		return true, nil
	})
}

func (d Detached) again(ctx context.Context, may func() (bool, error)) error {
	err := d.alone(func() error {
		ok, err := may()
		if ok {
			err = d.spawn()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("start %s again: %w", d.Name, err)
	}
	if d.PID() == 0 {
		return nil
	}
	return d.AwaitReady(ctx)
}

// alone does what changes whether the process runs, while no other program does.
func (d Detached) alone(do func() error) error {
	if err := os.MkdirAll(filepath.Dir(d.PIDFile), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(d.PIDFile+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer file.Close() // and let go
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return do()
}

func (d Detached) spawn() error {
	if err := os.MkdirAll(filepath.Dir(d.Log), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(d.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the child has its own descriptor
	cmd := exec.Command(d.Path, d.Args...)
	cmd.Env = append(os.Environ(), d.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal's signal reaches it
	if err := cmd.Start(); err != nil {
		return err
	}
	// This program may be long-lived, too: then it takes note of the end, so
	// that no zombie stays. What the end means is for PID to say.
	go func() { _ = cmd.Wait() }()
	_, started := inspect(cmd.Process.Pid)
	content := fmt.Sprintf("%d %s\n", cmd.Process.Pid, started)
	return os.WriteFile(d.PIDFile, []byte(content), 0o600)
}

// AwaitReady waits until the process is ready, or has ended.
func (d Detached) AwaitReady(ctx context.Context) error {
	if d.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, orDefault(d.StartWithin, 30*time.Second))
	defer cancel()
	for {
		last := d.Ready(ctx)
		switch {
		case last == nil:
			return nil
		case d.PID() == 0:
			return fmt.Errorf("%s ended before it was ready; its log %s ends:\n%s", d.Name, d.Log, Tail(d.Log, 10))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; its log %s ends:\n%s", d.Name, last, d.Log, Tail(d.Log, 10))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// PID returns the running process's id, 0 when it does not run.
func (d Detached) PID() int {
	content, err := os.ReadFile(d.PIDFile)
	if err != nil {
		return 0
	}
	pid, started, _ := strings.Cut(strings.TrimSpace(string(content)), " ")
	id, err := strconv.Atoi(pid)
	if err != nil || id <= 1 {
		return 0
	}
	if alive, since := inspect(id); !alive || since != started {
		return 0
	}
	return id
}

// Signal sends a signal to the process; fs.ErrNotExist when it does not run.
func (d Detached) Signal(signal syscall.Signal) error {
	pid := d.PID()
	if pid == 0 {
		return fmt.Errorf("%s: %w", d.Name, fs.ErrNotExist)
	}
	return syscall.Kill(pid, signal)
}

// Hold asks who watches over the process to leave it as it is, whatever it does;
// Release takes that back.
func (d Detached) Hold() error { return os.WriteFile(d.held(), nil, 0o600) }

// Release takes Hold back.
func (d Detached) Release() error {
	if err := os.Remove(d.held()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Held reports whether the process is to be left as it is.
func (d Detached) Held() bool {
	_, err := os.Stat(d.held())
	return err == nil
}

func (d Detached) held() string { return d.PIDFile + ".held" }

// Stop ends the process with SIGTERM, or, when it does not end in time, with
// SIGKILL, which is an error. A process that does not run is stopped already.
func (d Detached) Stop() error { return d.alone(d.stop) }

func (d Detached) stop() error {
	if d.PID() == 0 {
		return d.forget()
	}
	if err := d.Signal(syscall.SIGTERM); err != nil && d.PID() != 0 {
		return fmt.Errorf("stop %s: %w", d.Name, err)
	}
	if d.awaitEnd(orDefault(d.StopWithin, 15*time.Second)) {
		return d.forget()
	}
	return errors.Join(fmt.Errorf("%s did not stop in time and was killed", d.Name), d.kill())
}

// Kill ends the process with SIGKILL and waits until it is gone.
func (d Detached) Kill() error { return d.alone(d.kill) }

func (d Detached) kill() error {
	if err := d.Signal(syscall.SIGKILL); err != nil && d.PID() != 0 {
		return fmt.Errorf("kill %s: %w", d.Name, err)
	}
	if !d.awaitEnd(5 * time.Second) {
		return fmt.Errorf("%s does not end, though it was killed", d.Name)
	}
	return d.forget()
}

func (d Detached) awaitEnd(within time.Duration) bool {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if d.PID() == 0 {
			return true
		}
	}
	return d.PID() == 0
}

func (d Detached) forget() error {
	if err := d.Release(); err != nil {
		return err
	}
	if err := os.Remove(d.PIDFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// inspect says whether a process runs, and when it started, in the kernel's
// ticks since the machine's start: /proc/<pid>/stat, fields 3 and 22 (proc(5)).
func inspect(pid int) (alive bool, started string) {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false, ""
	}
	// The program's name, in parentheses, may have spaces.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	if len(fields) < 20 {
		return false, ""
	}
	return fields[0] != "Z" && fields[0] != "X", fields[19]
}
