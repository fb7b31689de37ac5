package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

const zhejiangParty = "reg:330000"

// submitRegister submits files and returns the answers.
func submitRegister(t *testing.T, g *registry, key string, files ...string) (status int, answers []licenceAnswer, stderr string) {
	t.Helper()
	arguments := append([]string{"register", "submit", "--format", "json", "--api", g.URL, "--key", key, "--patience", "1s"}, files...)
	status, stdout, stderr := runProgram(t, arguments...)
	for line := range strings.Lines(stdout) {
		var a licenceAnswer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		answers = append(answers, a)
	}
	return status, answers, stderr
}

// told lists what became of rows, as `row status changes`.
func toldOf(answers []licenceAnswer) []string {
	var list []string
	for _, a := range answers {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s %s", a.Row, a.Status, strings.Trim(fmt.Sprint(a.Changes), "[]"))))
	}
	return list
}

// TestRegister follows a register from its first load over a file of changes to one
// that has drifted apart.
func TestRegister(t *testing.T) {
	t.Parallel()
	key := newKey(t, zhejiangParty)
	g := newRegistry(t, key)
	first := registerFile(t, licenceLine(1, "示例路1号", "有效"), licenceLine(2, "示例路2号", "停业"), licenceLine(3, "示例路3号", ""),
		licenceLine(1, "示例路9号", "有效"), string(licenceNumber(4))+",示例,,热食类食品制售,2024-13-01,,,",
		"JY23101040000019,上海示例餐饮有限公司,示例路,热食类食品制售,2024-03-01,,,", "注：以上为示例")
	status, answers, stderr := submitRegister(t, g, key, first)
	want := []string{"3 accepted", "4 accepted suspended", "5 accepted", "6 rejected", "7 rejected", "8 rejected"}
	if status != exitRejected || !slices.Equal(want, toldOf(answers)) {
		t.Fatalf("status %d: %v\n%s", status, toldOf(answers), stderr)
	}
	for i, column := range map[int]string{3: "许可证编号", 5: "许可证编号"} {
		if p := answers[i].Problems[0]; p.Column != column || p.Row != i+3 {
			t.Errorf("row %d: %+v", i+3, p)
		}
	}
	if columns := []string{answers[4].Problems[0].Column, answers[4].Problems[1].Column}; !slices.Equal(columns, []string{"有效期自", "经营场所"}) {
		t.Errorf("a row with two faults: %v", columns)
	}
	status, answers, _ = submitRegister(t, g, key, first)
	want = []string{"3 duplicate", "4 duplicate", "5 duplicate", "6 rejected", "7 rejected", "8 rejected"}
	if !slices.Equal(want, toldOf(answers)) || status != exitRejected || g.grants != 3 || g.changes != 1 {
		t.Errorf("again: %v, %d grants, %d changes", toldOf(answers), g.grants, g.changes)
	}

	renewed := strings.Replace(licenceLine(3, "示例路3号", ""), "2024-03-01,2029-02-28", "2029-03-01,2034-02-28", 1)
	whole := registerFile(t, licenceLine(1, "示例路11号", "吊销"), licenceLine(2, "示例路2号", "有效"), renewed)
	status, sum, stderr := runProgram(t, "register", "checksum", whole)
	if status != exitOK {
		t.Fatal(stderr)
	}
	if err := os.WriteFile(whole+sumSuffix, []byte(sum), 0o600); err != nil {
		t.Fatal(err)
	}
	status, answers, stderr = submitRegister(t, g, key, whole)
	want = []string{"3 changed altered revoked", "4 changed resumed", "5 changed renewed"}
	if status != exitOK || !slices.Equal(want, toldOf(answers)) || !strings.Contains(stderr, "the same as the ledger's register: 3 licences") {
		t.Fatalf("status %d: %v\n%s", status, toldOf(answers), stderr)
	}
	state, err := traceability.DecodeState[traceability.LicenceState](g.state[traceability.LicenceKey(licenceNumber(3))])
	if err != nil || len(state.Periods) != 2 || state.Periods[1].From != "2029-03-01" {
		t.Errorf("renewed: %+v, %v", state.Periods, err)
	}

	again := registerFile(t, licenceLine(1, "示例路11号", "有效"))
	os.Rename(whole+sumSuffix, again+sumSuffix)
	status, answers, stderr = submitRegister(t, g, key, again)
	if status != exitRejected || answers[0].Problems[0].Err.Code != traceability.CodeWrongState || !strings.Contains(stderr, "the same") {
		t.Errorf("a revoked one that comes back: %+v\n%s", answers, stderr)
	}
	drifted := registerFile(t, licenceLine(5, "示例路5号", "有效"))
	os.Rename(again+sumSuffix, drifted+sumSuffix)
	status, _, stderr = submitRegister(t, g, key, drifted)
	if status != exitRejected || !strings.Contains(stderr, "drifted apart") {
		t.Errorf("drifted: status %d\n%s", status, stderr)
	}
}

// TestRegisterNeedsItsKey holds who may register, and that a broken file sends
// nothing.
func TestRegisterNeedsItsKey(t *testing.T) {
	t.Parallel()
	key := newKey(t, zhejiangParty)
	g := newRegistry(t, key)
	file := registerFile(t, licenceLine(1, "示例路1号", "有效"))
	if status, _, stderr := submitRegister(t, g, newKey(t, lab), file); status != exitUsage || !strings.Contains(stderr, "no regulator") {
		t.Errorf("a laboratory: %d %s", status, stderr)
	}
	broken := registerFile(t, licenceLine(1, "示例路1号", "有效"), `"no end`)
	if status, answers, _ := submitRegister(t, g, key, broken); status != exitUsage || len(answers) != 1 || answers[0].Status != statusUnreadable || g.txs > 0 {
		t.Errorf("a broken file: %d %v, %d transactions", status, answers, g.txs)
	}
	g.before = func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	if status, answers, _ := submitRegister(t, g, key, file); status != exitUnsent || !slices.Equal(toldOf(answers), []string{"3 not_sent"}) {
		t.Errorf("without the API: %d %v", status, toldOf(answers))
	}
	if status, stdout, _ := runProgram(t, "register", "check", file); status != exitOK || !strings.Contains(stdout, "1 ok") {
		t.Errorf("check: %d %s", status, stdout)
	}
}

// TestRegisterSurvivesKill kills the program when some of the file is on the
// ledger; the next run brings the rest and nothing twice.
func TestRegisterSurvivesKill(t *testing.T) {
	t.Parallel()
	key := newKey(t, zhejiangParty)
	g := newRegistry(t, key)
	const rows = 3500
	var lines []string
	for n := range rows {
		lines = append(lines, licenceLine(n, fmt.Sprintf("示例路%d号", n), map[bool]string{true: "停业", false: "有效"}[n%50 == 0]))
	}
	file := registerFile(t, lines...)
	c, _, _ := command(t, "register", "submit", file, "--api", g.URL, "--key", key)
	g.after = func(tx int) {
		if tx == 2 {
			c.Process.Kill()
		}
	}
	if err := c.Run(); err == nil {
		t.Fatal("it was not killed")
	}
	g.mu.Lock()
	kept := g.grants
	g.after = nil
	g.mu.Unlock()
	if kept == 0 || kept == rows {
		t.Fatalf("killed after %d grants", kept)
	}
	status, answers, stderr := submitRegister(t, g, key, file)
	count := make(map[string]int)
	for _, a := range answers {
		count[a.Status]++
	}
	if status != exitOK || count["duplicate"] != kept || count["accepted"] != rows-kept || g.grants != rows || g.changes != rows/50 {
		t.Errorf("status %d: %v, %d grants and %d changes after %d\n%s", status, count, g.grants, g.changes, kept, stderr)
	}
}

// TestRegisterMemoryStaysSmall: a register of 100,000 licences is read with little
// memory.
func TestRegisterMemoryStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 rows take a while")
	}
	path := filepath.Join(t.TempDir(), "big.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	to := bufio.NewWriter(file)
	io.WriteString(to, "许可证编号,经营者名称,经营场所,经营项目,有效期自\n")
	for n := range 100_000 {
		fmt.Fprintf(to, "%s,示例餐饮有限公司,示例路%d号,热食类食品制售,2024-03-01\n", licenceNumber(n), n)
	}
	if err := to.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if got := peak(t, "register", "check", path); got > 100 {
		t.Errorf("a peak of %d MiB", got)
	} else {
		t.Logf("a peak of %d MiB", got)
	}
}
