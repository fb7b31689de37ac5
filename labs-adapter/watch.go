package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"deltatrace/labs-adapter/formats"
)

type watchCommand struct {
	Dir    string        `arg:"" name:"dir" help:"The folder that the LIMS writes to. done/ and rejected/ are made in it."`
	Settle time.Duration `default:"2s" help:"A file is finished when its size and time have not changed for so long."`
	Poll   time.Duration `default:"1s" help:"How often the folder is looked at; polling also works on network drives."`
	sending
	reading
}

// Help says what becomes of a file.
func (watchCommand) Help() string {
	return `Takes each finished file of the folder, the oldest first, and submits it. When every row has its answer the file moves:
  done/      all its reports were accepted, or were on the ledger already
  rejected/  some were rejected (the others were accepted), or the file cannot be read
Beside it stands <name>.result.json: what became of each report, and for each rejected row the column, what was found and what was expected. A name that is taken gets a suffix, -2, -3 and so on.

The folder is the state: a file stays until it is answered for, so the program can be killed at any moment and started again. What was submitted before is then a duplicate on the ledger, never written twice. While the API cannot be reached, files stay and are tried again.

Left alone: folders, names that begin with a dot, *.tmp, *.part. Let the LIMS write under such a name and rename.
Logs one line a file to stderr. SIGINT and SIGTERM end it with status 0, after the batch under way.`
}

// folder is a drop folder.
type folder struct {
	*watchCommand
	sender *sender
	log    *slog.Logger
	seen   map[string]sighting // by name
}

// sighting is a file as it was when it last changed.
type sighting struct {
	size  int64
	time  time.Time
	since time.Time     // when it was first seen so
	wait  time.Duration // beyond settling, after it could not be taken
}

// Run watches until it is told to stop.
func (c *watchCommand) Run(p *program) error {
	sender, err := newSender(c.sending)
	if err != nil {
		return err
	}
	for _, name := range []string{"", doneFolder, rejectedFolder} {
		if err := os.MkdirAll(filepath.Join(c.Dir, name), 0o755); err != nil {
			return usage(err)
		}
	}
	for _, name := range []string{doneFolder, rejectedFolder} {
		if err := ownFolder(filepath.Join(c.Dir, name)); err != nil {
			return usage(err)
		}
	}
	f := &folder{watchCommand: c, sender: sender, seen: make(map[string]sighting),
		log: slog.New(slog.NewTextHandler(p.stderr, nil))}
	f.log.Info("watching", "dir", c.Dir, "api", c.API, "party", string(sender.key.Party))
	f.watch(p.ctx)
	f.log.Info("stopped", "dir", c.Dir)
	return nil
}

const maxBackoff = time.Minute

// watch looks at the folder again and again. While the API cannot be reached it
// looks less and less often.
func (f *folder) watch(ctx context.Context) {
	pause := f.Poll
	for {
		if f.round(ctx) {
			pause = f.Poll
		} else {
			pause = min(2*pause, maxBackoff)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// round takes the files that are finished. It ends, and reports false, when the
// API cannot be reached; a file that cannot be taken holds up no other.
func (f *folder) round(ctx context.Context) bool {
	names, err := f.finished(time.Now())
	if err != nil {
		f.log.Error("folder not read", "dir", f.Dir, "error", err)
		return false
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return true
		}
		err := f.take(ctx, name)
		if err == nil {
			delete(f.seen, name)
			continue
		}
		f.log.Error("file stays, will be tried again", "file", name, "error", err)
		if f.sender.trouble != nil {
			return false
		}
		s := f.seen[name]
		s.since, s.wait = time.Now(), min(max(2*s.wait, f.Settle, f.Poll), maxBackoff)
		f.seen[name] = s
	}
	return true
}

// finished lists the files that have not changed for a while, the oldest first.
func (f *folder) finished(now time.Time) ([]string, error) {
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return nil, err
	}
	present := make(map[string]sighting, len(entries))
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		info, err := entry.Info()
		if err != nil || !ours(name, info) {
			continue
		}
		s, known := f.seen[name]
		if !known || s.size != info.Size() || !s.time.Equal(info.ModTime()) {
			s = sighting{size: info.Size(), time: info.ModTime(), since: now}
		}
		present[name] = s
		if now.Sub(s.since) >= f.Settle+s.wait {
			names = append(names, name)
		}
	}
	f.seen = present
	slices.SortFunc(names, func(a, b string) int {
		if c := present[a].time.Compare(present[b].time); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return names, nil
}

// ours reports whether a file is one to take.
func ours(name string, info fs.FileInfo) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return info.Mode().IsRegular() && !strings.HasPrefix(name, ".") && ext != ".tmp" && ext != ".part"
}

var errChanged = errors.New("文件在读取时被改动 the file was changed while it was read")

// take submits a file and moves it. After an error the file is where it was.
func (f *folder) take(ctx context.Context, name string) error {
	begun := time.Now()
	path := filepath.Join(f.Dir, name)
	before, err := os.Lstat(path)
	if err != nil {
		return err
	}
	result, err := f.submit(ctx, name)
	if err != nil {
		return err
	}
	defer result.discard()
	after, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(before, after) || !before.Mode().IsRegular() || before.Size() != after.Size() || !before.ModTime().Equal(after.ModTime()) {
		return errChanged
	}
	target, err := result.settle(f.Dir, name)
	if err != nil {
		return err
	}
	t := &result.totals
	f.log.Info("file "+filepath.Base(filepath.Dir(target)), "file", name, "to", filepath.Join(filepath.Base(filepath.Dir(target)), filepath.Base(target)),
		"reports", t.Reports, "rows", t.Rows, "accepted", t.ByRow["accepted"], "duplicate", t.ByRow["duplicate"],
		"rejected", t.ByRow[statusRejected], "unreadable", t.ByRow[statusUnreadable] > 0, "took", time.Since(begun).Round(time.Millisecond))
	return nil
}

// submit sends a file's reports and writes the result of each. The error means
// that the file must stay: it could not be opened, or not every row has an answer.
func (f *folder) submit(ctx context.Context, name string) (*result, error) {
	result, err := newResult(f.Dir, name, f.sender.key.Party, f.API)
	if err != nil {
		return nil, err
	}
	if err := f.answer(ctx, name, result); err != nil {
		result.discard()
		return nil, err
	}
	return result, nil
}

func (f *folder) answer(ctx context.Context, name string, result *result) error {
	f.sender.trouble = nil
	problem, err := f.send(ctx, filepath.Join(f.Dir, name), result)
	switch {
	case err != nil:
		return err
	case problem != nil:
		return result.unreadable(problem)
	case f.sender.trouble != nil:
		return fmt.Errorf("%d 行结果未知，%d 行未发送 · %d rows of unknown fate, %d not sent: %w",
			result.totals.ByRow[statusUnknown], result.totals.ByRow[statusNotSent],
			result.totals.ByRow[statusUnknown], result.totals.ByRow[statusNotSent], f.sender.trouble)
	}
	return result.end()
}

// send submits one file of the folder into a result. problem is what is wrong
// with the file as a whole.
func (f *folder) send(ctx context.Context, path string, result *result) (problem *formats.Problem, err error) {
	file, err := formats.Open(ctx, path, f.options())
	if errors.As(err, &problem) {
		return problem, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return nil, f.sender.file(ctx, file, func(r *formats.Report, fate fate) error {
		if f.sender.trouble != nil && ctx.Err() != nil {
			return f.sender.trouble // stop at once: the file stays anyway
		}
		return result.report(r, fate)
	})
}
