package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// peak runs the program and returns its largest resident set, in MiB, as the system
// tells while it runs: what it tells of a process that has ended includes what this
// test had when it started it.
func peak(t *testing.T, arguments ...string) int64 {
	t.Helper()
	c, _, stderr := command(t, arguments...)
	c.Stdout = io.Discard
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var most int64
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err, stderr)
			}
			if most == 0 {
				t.Skip("this system does not tell a process's peak memory")
			}
			return most >> 10
		case <-time.After(10 * time.Millisecond):
			most = max(most, residentPeak(c.Process.Pid))
		}
	}
}

// residentPeak is a running process's largest resident set so far, in KiB; 0 when it
// cannot be told.
func residentPeak(pid int) (kib int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Sscan(after, &kib)
	return kib
}

// bigExport writes a flat export of so many rows, in reports of 14.
func bigExport(t *testing.T, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "big.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	to := bufio.NewWriter(file)
	fmt.Fprintln(to, "报告编号,序号,检验项目,计量单位,标准指标,实测值,单项判定,检验依据,备注,检验类别")
	for i := range rows {
		fmt.Fprintf(to, "SP2026%07d,%d,铅(以Pb计),mg/kg,≤0.5,未检出(定量限：0.01),符合规定,GB 5009.12-2023,/,监督抽检\n", i/14, i%14+1)
	}
	if err := to.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMemoryStaysSmall: a file of a million rows needs no gigabyte, and neither
// do the batches of a submission.
func TestMemoryStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows take a while")
	}
	const million, batches, most = 1_000_000, 140_000, 250 // rows, rows, MiB
	key := newKey(t, lab)
	api := newRecorder(t, key)
	for _, test := range []struct {
		rows      int
		arguments []string
	}{
		{million, []string{"check", bigExport(t, million), "--format", "json"}},
		{batches, []string{"submit", bigExport(t, batches), "--format", "json", "--api", api.URL, "--key", key}},
	} {
		got := peak(t, test.arguments...)
		t.Logf("%s: %d rows with a peak of %d MiB", test.arguments[0], test.rows, got)
		if got > most {
			t.Errorf("%s: %d rows took %d MiB, want at most %d", test.arguments[0], test.rows, got, most)
		}
	}
	if api.size(t) != batches/14 {
		t.Errorf("got %d reports", api.size(t))
	}
}
