package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// watching starts the program on a folder.
func watching(t *testing.T, api *recorder, key, dir string) (c *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	c, _, stderr = command(t, "watch", dir, "--api", api.URL, "--key", key, "--settle", "50ms", "--poll", "20ms", "--patience", "50ms")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, stderr
}

// stop ends it as a service manager does.
func stop(t *testing.T, c *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	interrupt(t, c)
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, stderr)
	}
}

// names lists the files of a folder, its folders left out.
func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if !e.IsDir() {
			list = append(list, e.Name())
		}
	}
	return list
}

// outcome is a result file as a LIMS reads it.
type outcome struct {
	File     string               `json:"file"`
	Party    traceability.PartyID `json:"party"`
	API      string               `json:"api"`
	Begun    time.Time            `json:"begun"`
	Reports  []resultReport       `json:"reports"`
	Problems []map[string]any     `json:"problems"`
	Totals   totals               `json:"totals"`
}

func readOutcome(t *testing.T, path string) outcome {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var o outcome
	if err := json.Unmarshal(text, &o, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%s: %v: %s", path, err, text)
	}
	return o
}

func TestWatch(t *testing.T) {
	t.Parallel()
	key, dir := newKey(t, lab), t.TempDir()
	api := newRecorder(t, key)
	faults, err := os.ReadFile("formats/testdata/faults.csv")
	if err != nil {
		t.Fatal(err)
	}
	export(t, dir, "before.csv", 0, 3)
	c, stderr := watching(t, api, key, dir)
	put(t, dir, "faults.csv", string(faults))
	put(t, dir, "readme.html", "<p>no export</p>")
	put(t, dir, ".hidden.csv", "x")
	put(t, dir, "half.csv.tmp", "x")
	put(t, dir, "half.part", "x")
	eventually(t, "three files are taken", func() bool { return len(names(t, dir)) == 3 })
	export(t, dir, "before.csv", 0, 3) // the same name and content again
	eventually(t, "the file is taken again", func() bool { return len(names(t, dir)) == 3 })
	export(t, dir, "before.csv", 10, 1) // and with other content
	eventually(t, "and again", func() bool { return len(names(t, dir)) == 3 })
	stop(t, c, stderr)

	left := map[string][]string{"": names(t, dir), doneFolder: names(t, filepath.Join(dir, doneFolder)), rejectedFolder: names(t, filepath.Join(dir, rejectedFolder))}
	want := map[string][]string{
		"":             {".hidden.csv", "half.csv.tmp", "half.part"},
		doneFolder:     {"before-2.csv", "before-2.csv.result.json", "before-3.csv", "before-3.csv.result.json", "before.csv", "before.csv.result.json"},
		rejectedFolder: {"faults.csv", "faults.csv.result.json", "readme.html", "readme.html.result.json"},
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Error(diff, stderr)
	}
	if got := api.size(t); got != 5 { // 3, the one good of faults, 1
		t.Errorf("got %d reports", got)
	}
	first, again := readOutcome(t, filepath.Join(dir, doneFolder, "before.csv.result.json")), readOutcome(t, filepath.Join(dir, doneFolder, "before-2.csv.result.json"))
	if first.Totals.ByRow["accepted"] != 6 || again.Totals.ByRow["duplicate"] != 6 || first.File != "before.csv" || first.Party != lab || first.Reports[2].FirstRow != 6 {
		t.Errorf("got %+v and %+v", first, again)
	}
	partly := readOutcome(t, filepath.Join(dir, rejectedFolder, "faults.csv.result.json"))
	if partly.Totals.ByRow["accepted"] != 1 || partly.Totals.ByRow["rejected"] != 7 || len(partly.Reports) != 6 || partly.Reports[5].Status != "accepted" || len(partly.Reports[0].Problems) == 0 {
		t.Errorf("got %+v", partly)
	}
	if page := readOutcome(t, filepath.Join(dir, rejectedFolder, "readme.html.result.json")); len(page.Problems) != 1 || page.Totals.ByRow["unreadable"] != 1 {
		t.Errorf("got %+v", page)
	}
	if n := strings.Count(stderr.String(), "msg=\"file "); n != 5 {
		t.Errorf("%d lines of log for 5 files: %s", n, stderr)
	}
}

// TestWatchLeavesGrowingFiles: a file is taken when it is finished, not before.
func TestWatchLeavesGrowingFiles(t *testing.T) {
	t.Parallel()
	key, dir := newKey(t, lab), t.TempDir()
	api := newRecorder(t, key)
	c, _, stderr := command(t, "watch", dir, "--api", api.URL, "--key", key, "--settle", "400ms", "--poll", "20ms")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, "a.csv"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(file, "报告编号,检验项目,实测值,单项判定")
	for i := range 12 {
		fmt.Fprintf(file, "A%d,铅,1,合格\n", i)
		time.Sleep(100 * time.Millisecond)
		if i < 11 && api.size(t) > 0 {
			t.Fatal("taken while it was written")
		}
	}
	file.Close()
	eventually(t, "the file is taken whole", func() bool { return api.size(t) == 12 })
	eventually(t, "the file is moved", func() bool { return len(names(t, filepath.Join(dir, doneFolder))) == 2 })
	stop(t, c, stderr)
}

// TestWatchWaitsForTheAPI: files stay while it is down, and go when it is back.
func TestWatchWaitsForTheAPI(t *testing.T) {
	t.Parallel()
	key, dir := newKey(t, lab), t.TempDir()
	api := newRecorder(t, key)
	api.set(func(r *recorder) {
		r.before = func(w http.ResponseWriter, _ int) bool {
			problem(w, http.StatusServiceUnavailable, traceability.CodeBusy)
			return true
		}
	})
	export(t, dir, "a.csv", 0, 2)
	c, stderr := watching(t, api, key, dir)
	eventually(t, "the program asks several times", func() bool { return api.asked() > 3 })
	if got := names(t, dir); !slices.Contains(got, "a.csv") { // beside it there may be the result that is tried
		t.Errorf("the file did not stay: %v", got)
	}
	api.set(func(r *recorder) { r.before = nil })
	eventually(t, "the file goes", func() bool { return len(names(t, filepath.Join(dir, doneFolder))) == 2 && len(names(t, dir)) == 0 })
	stop(t, c, stderr)
	if api.size(t) != 2 || !strings.Contains(stderr.String(), "file stays, will be tried again") {
		t.Errorf("%d reports; %s", api.size(t), stderr)
	}
}

// TestWatchIsNotHeldUp: a file that cannot be opened holds up no other.
func TestWatchIsNotHeldUp(t *testing.T) {
	t.Parallel()
	key, dir := newKey(t, lab), t.TempDir()
	api := newRecorder(t, key)
	blocked := filepath.Join(dir, ".a.csv.result.json.tmp") // no result for a.csv can be begun
	if err := os.Mkdir(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	export(t, dir, "a.csv", 0, 1)
	c, stderr := watching(t, api, key, dir)
	export(t, dir, "b.csv", 1, 1)
	eventually(t, "b.csv is taken", func() bool { return len(names(t, filepath.Join(dir, doneFolder))) == 2 })
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a.csv is taken later", func() bool { return len(names(t, filepath.Join(dir, doneFolder))) == 4 })
	stop(t, c, stderr)
}

// TestWatchSurvivesKill kills the program again and again, at any moment, while
// files come in. In the end each file is in done/ once with its result, and each
// report is on the ledger once.
func TestWatchSurvivesKill(t *testing.T) {
	t.Parallel()
	key, dir := newKey(t, lab), t.TempDir()
	api := newRecorder(t, key)
	api.set(func(r *recorder) {
		r.after = func(int) { time.Sleep(rand.N(10 * time.Millisecond)) } // kept, not yet answered
	})
	const files, each = 30, 20
	kills := 0
	for i := range files {
		export(t, dir, fmt.Sprintf("%02d.csv", i), each*i, each)
		if i%3 > 0 {
			continue
		}
		c, _ := watching(t, api, key, dir)
		time.Sleep(60*time.Millisecond + rand.N(120*time.Millisecond)) // settling takes 50 ms
		if c.Process.Kill() == nil {
			kills++
		}
		c.Wait()
	}
	c, stderr := watching(t, api, key, dir)
	done := filepath.Join(dir, doneFolder)
	eventually(t, "all files are done", func() bool { return len(names(t, dir)) == 0 && len(names(t, done)) == 2*files })
	stop(t, c, stderr)
	if got := api.size(t); got != files*each {
		t.Errorf("got %d reports, want %d", got, files*each)
	}
	for i := range files {
		o := readOutcome(t, filepath.Join(done, fmt.Sprintf("%02d.csv.result.json", i)))
		if len(o.Reports) != each || o.Totals.ByRow["accepted"]+o.Totals.ByRow["duplicate"] != 2*each {
			t.Errorf("%02d.csv: got %+v", i, o.Totals)
		}
		if _, err := os.Stat(filepath.Join(done, fmt.Sprintf("%02d.csv", i))); err != nil {
			t.Error(err)
		}
	}
	if rejected := names(t, filepath.Join(dir, rejectedFolder)); len(rejected) > 0 {
		t.Errorf("rejected: %v", rejected)
	}
	t.Logf("%d kills", kills)
}

// TestWatchOverwritesAnOrphanedResult is the moment between the two renames.
func TestWatchOverwritesAnOrphanedResult(t *testing.T) {
	t.Parallel()
	key, dir := newKey(t, lab), t.TempDir()
	api := newRecorder(t, key)
	if err := os.MkdirAll(filepath.Join(dir, doneFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, doneFolder), "a.csv.result.json", "left by a killed program")
	put(t, dir, ".a.csv.result.json.tmp", "half written")
	export(t, dir, "a.csv", 0, 1)
	c, stderr := watching(t, api, key, dir)
	eventually(t, "the file is done", func() bool { return len(names(t, dir)) == 0 })
	stop(t, c, stderr)
	if diff := cmp.Diff([]string{"a.csv", "a.csv.result.json"}, names(t, filepath.Join(dir, doneFolder))); diff != "" {
		t.Error(diff)
	}
	if o := readOutcome(t, filepath.Join(dir, doneFolder, "a.csv.result.json")); o.Totals.Rows != 2 {
		t.Errorf("got %+v", o)
	}
}
