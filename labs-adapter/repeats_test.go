package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
)

// lotsExport is an export of reports with a lot each, of two items.
func lotsExport(t *testing.T, lots ...string) string {
	t.Helper()
	text := "报告编号,检验项目,标准指标,实测值,单项判定,检验类别,追溯码\n"
	for i, lot := range lots {
		for _, parameter := range []string{"铅(以Pb计)", "镉(以Cd计)"} {
			text += fmt.Sprintf("SP2026%d,%s,≤0.5,0.1,符合规定,监督抽检,%s\n", i, parameter, lot)
		}
	}
	return put(t, t.TempDir(), "lots.csv", text)
}

// recognising answers the questions of recognition: lead in lot A counts in
// Shanghai. It returns true when the question was one.
func recognising(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Content-Type", "application/json")
	switch query := r.URL.Query(); {
	case r.URL.Path == "/v1/parties/"+lab:
		fmt.Fprint(w, `{"id":"lab:230912340001","province":"310000"}`)
	case r.URL.Path != "/v1/recognition":
		return false
	case query.Get("lot") == "01/06901234567892/10/A" && query.Get("province") == "310000":
		fmt.Fprint(w, `{"lot":"01/06901234567892/10/A","province":"310000","on":"2026-11-22","offered":2,"recognised":1,"results":[
			{"report":"lab:231012340001/R1/1","lab":"lab:231012340001","issuing":"320000","seq":1,"parameter":"铅（以Pb计）","result":"0.1","verdict":"pass","standing":"recognised","zh":"","en":"","rule":"MR-31-2026-01","version":2},
			{"report":"lab:231012340001/R1/1","lab":"lab:231012340001","issuing":"320000","seq":2,"parameter":"镉（以Cd计）","result":"0.1","verdict":"pass","standing":"needs_review","zh":"","en":""}]}`)
	default:
		problem(w, http.StatusNotFound, traceability.CodeNotFound)
	}
	return true
}

// warned lists the rows with the warning, and fails the test if one was not sent.
func warned(t *testing.T, stdout, status string) (rows []int) {
	t.Helper()
	for _, a := range lines(t, stdout) {
		if a.Status != status {
			t.Errorf("row %d is %s: %v", a.Row, a.Status, a.Problems)
		}
		for _, w := range a.Warnings {
			if w.Err.Code == traceability.CodeRepeats {
				rows = append(rows, a.Row)
				if w.Column != "检验项目" || !strings.Contains(w.Err.EN, "lab:231012340001/R1/1") || !strings.Contains(w.Err.ZH, "上海市") {
					t.Errorf("%+v %v", w, w.Err)
				}
			}
		}
	}
	return rows
}

// A test that repeats a recognised one is warned of, and sent all the same; check
// says it too when it may ask.
func TestRepeatsAreWarnedOf(t *testing.T) {
	t.Parallel()
	file := lotsExport(t, "01/06901234567892/10/A", "01/06901234567892/10/B", "01/06901234567892/10/A", "")
	key := newKey(t, lab)
	api := newRecorder(t, key)
	api.handle = recognising
	_, stdout, stderr := runProgram(t, "check", file, "--format", "json", "--api", api.URL, "--province", "310000")
	if rows := warned(t, stdout, statusOK); fmt.Sprint(rows) != "[2 6]" {
		t.Errorf("check warns of rows %v: %s", rows, stderr)
	}
	if status, _, stderr := runProgram(t, "check", file, "--api", api.URL); status != exitUsage || !strings.Contains(stderr, "--province") {
		t.Errorf("status %d: %s", status, stderr)
	}
	status, stdout, stderr := runProgram(t, "submit", file, "--format", "json", "--api", api.URL, "--key", key)
	if rows := warned(t, stdout, string(traceability.StatusAccepted)); status != exitOK || fmt.Sprint(rows) != "[2 6]" || api.size(t) != 4 {
		t.Errorf("submit warns of rows %v, status %d: %s", rows, status, stderr)
	}
	if asked, err := json.Marshal(api.asking()); err != nil || strings.Count(string(asked), url.QueryEscape("01/06901234567892/10/A")) != 2 {
		t.Errorf("each lot is asked for once a file: %s", asked)
	}
}

// An API that cannot answer holds nothing up: a note, and everything is sent.
func TestRepeatsNotKnown(t *testing.T) {
	t.Parallel()
	file := lotsExport(t, "01/06901234567892/10/A", "01/06901234567892/10/B")
	key := newKey(t, lab)
	api := newRecorder(t, key)
	asked := 0
	api.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			return false
		}
		asked++
		problem(w, http.StatusInternalServerError, traceability.CodeInternal)
		return true
	}
	status, stdout, stderr := runProgram(t, "submit", file, "--format", "json", "--api", api.URL, "--key", key)
	if rows := warned(t, stdout, string(traceability.StatusAccepted)); status != exitOK || rows != nil || asked != 1 || !strings.Contains(stderr, "not all lots were looked up") {
		t.Errorf("status %d, asked %d times: %s", status, asked, stderr)
	}
}
