package launcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process says how to run a program and how to see that it is ready.
type Process struct {
	Name string
	Path string
	Args []string
	Env  []string // added to the environment of this program
	Log  string   // file that gets stdout and stderr, appended
	// Ready returns nil once the process can be used; nil means at once.
	Ready func(ctx context.Context) error
	// Alive returns nil while a process that was ready answers; Ready when nil. It is
	// asked again and again.
	Alive func(ctx context.Context) error
	// StartWithin and StopWithin bound the waiting; 30 s and 15 s when zero.
	// A process that does not stop on SIGTERM in time is killed.
	StartWithin, StopWithin time.Duration
}

// Group is a set of running processes.
type Group struct {
	mu      sync.Mutex
	running []*running
	died    chan error
}

type running struct {
	Process
	cmd      *exec.Cmd
	done     chan struct{} // closed when the process has ended
	err      error         // how it ended; read after done
	stopping bool
}

// Start starts the processes one after the other, each when the one before it
// is ready. If one fails, those already started are stopped and the error names
// the process, the end of its log and where the log is.
func Start(ctx context.Context, processes ...Process) (*Group, error) {
	g := &Group{died: make(chan error, len(processes))}
	for _, p := range processes {
		if err := g.start(ctx, p); err != nil {
			return nil, errors.Join(err, g.Stop())
		}
	}
	return g, nil
}

func (g *Group) start(ctx context.Context, p Process) error {
	if err := os.MkdirAll(filepath.Dir(p.Log), 0o755); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer log.Close() // the child has its own descriptor
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	// A process group of its own: Ctrl-C in the terminal reaches the launcher
	// alone, which then stops its processes in their order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	r := &running{Process: p, cmd: cmd, done: make(chan struct{})}
	g.mu.Lock()
	g.running = append(g.running, r)
	g.mu.Unlock()
	go g.watch(r)
	return g.awaitReady(ctx, r)
}

// watch waits for the process to end and reports a death that nobody asked for.
func (g *Group) watch(r *running) {
	r.err = r.cmd.Wait()
	close(r.done)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !r.stopping {
		g.died <- fmt.Errorf("%s ended by itself (%s); its log %s ends:\n%s", r.Name, r.cmd.ProcessState, r.Log, Tail(r.Log, 10))
	}
}

func (g *Group) awaitReady(ctx context.Context, r *running) error {
	if r.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, orDefault(r.StartWithin, 30*time.Second))
	defer cancel()
	var last error
	for {
		if last = r.Ready(ctx); last == nil {
			return nil
		}
		select {
		case <-r.done:
			return fmt.Errorf("%s ended before it was ready (%s); its log %s ends:\n%s", r.Name, r.cmd.ProcessState, r.Log, Tail(r.Log, 10))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; its log %s ends:\n%s", r.Name, last, r.Log, Tail(r.Log, 10))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// PID returns a running process's id, 0 when there is none of that name.
func (g *Group) PID(name string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.running {
		if r.Name == name {
			return r.cmd.Process.Pid
		}
	}
	return 0
}

// Died delivers the error of a process that ended without being stopped.
func (g *Group) Died() <-chan error { return g.died }

// Stop stops the processes in reverse order and waits for each.
func (g *Group) Stop() error {
	g.mu.Lock()
	running := g.running
	g.running = nil
	for _, r := range running {
		r.stopping = true
	}
	g.mu.Unlock()
	var errs []error
	for i := len(running) - 1; i >= 0; i-- {
		errs = append(errs, running[i].stop())
	}
	return errors.Join(errs...)
}

func (r *running) stop() error {
	select {
	case <-r.done:
		return nil
	default:
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", r.Name, err)
	}
	select {
	case <-r.done:
	case <-time.After(orDefault(r.StopWithin, 15*time.Second)):
		if err := r.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("kill %s: %w", r.Name, err)
		}
		<-r.done
		return fmt.Errorf("%s did not stop in time and was killed", r.Name)
	}
	if r.err != nil {
		return fmt.Errorf("%s stopped with %w; its log is %s", r.Name, r.err, r.Log)
	}
	return nil
}

// HTTPReady asks an address until it answers 200.
func HTTPReady(url string) func(context.Context) error {
	client := &http.Client{Timeout: 2 * time.Second}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, response.Status)
		}
		return nil
	}
}

// Tail returns the last lines of a file, for error messages. It reads no more
// than the last 64 KiB, however long the file has grown.
func Tail(path string, lines int) string {
	const most = 64 << 10
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		_, err = file.Seek(max(0, size-most), io.SeekStart)
		if err != nil {
			return err.Error()
		}
	}
	content, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
