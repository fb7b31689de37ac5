package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
)

// The folders in a drop folder that files move to.
const (
	doneFolder     = "done"
	rejectedFolder = "rejected"
	resultSuffix   = ".result.json"
)

// result is the file that tells what became of a file. It is written as the
// answers come, under a name of its own, and put in place when it is whole.
type result struct {
	totals totals
	file   *os.File
	to     *bufio.Writer
	many   int // reports so far
}

// resultHead and resultReport are the result file's members.
type resultHead struct {
	File  string               `json:"file"`
	Party traceability.PartyID `json:"party"`
	API   string               `json:"api"`
	Begun time.Time            `json:"begun"`
}

type resultReport struct {
	ReportNo string                  `json:"report_no"`
	Revision int                     `json:"revision"`
	Sheet    string                  `json:"sheet,omitzero"`
	FirstRow int                     `json:"first_row"`
	LastRow  int                     `json:"last_row"`
	Items    int                     `json:"items"`
	Status   string                  `json:"status"`
	Document traceability.DocumentID `json:"document,omitzero"`
	Record   string                  `json:"record,omitzero"`
	Tx       traceability.TxID       `json:"tx,omitzero"`
	Block    uint64                  `json:"block,omitzero"`
	Problems []formats.Problem       `json:"problems,omitempty"`
	Warnings []formats.Problem       `json:"warnings,omitempty"`
}

// newResult begins a result in the drop folder, under a name that is left alone.
// One that a killed program left there is replaced.
func newResult(dir, name string, party traceability.PartyID, api string) (*result, error) {
	path := filepath.Join(dir, "."+name+resultSuffix+".tmp")
	if info, err := os.Lstat(path); err == nil && !info.IsDir() {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	// Exclusive: a link that is planted there is not followed.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	r := &result{file: file, to: bufio.NewWriterSize(&printable{to: file}, 64<<10)}
	head, err := json.Marshal(resultHead{name, party, api, traceability.Instant(time.Now())})
	if err != nil {
		r.discard()
		return nil, err
	}
	_, err = fmt.Fprintf(r.to, "%s,\n\"reports\":[", head[:len(head)-1])
	return r, err
}

// report adds what became of a report.
func (r *result) report(report *formats.Report, f fate) error {
	r.totals.add(f.status, max(1, len(report.Rows)))
	separator := ",\n"
	if r.many++; r.many == 1 {
		separator = "\n"
	}
	r.to.WriteString(separator)
	last := report.Line
	if n := len(report.Rows); n > 0 {
		last = report.Rows[n-1]
	}
	return json.MarshalWrite(r.to, resultReport{
		ReportNo: report.Payload.No, Revision: report.Payload.Revision, Sheet: report.Sheet,
		FirstRow: report.Line, LastRow: last, Items: len(report.Rows), Status: f.status,
		Document: f.document, Record: f.record, Tx: f.tx, Block: f.block, Problems: f.problems, Warnings: f.warnings,
	})
}

// unreadable ends the result of a file that cannot be read.
func (r *result) unreadable(problem *formats.Problem) error {
	r.totals.ByRow = map[string]int{statusUnreadable: 1}
	return r.finish("problems", []formats.Problem{*problem})
}

// end ends the result of a file that was read.
func (r *result) end() error { return r.finish("", nil) }

func (r *result) finish(name string, problems []formats.Problem) error {
	r.totals.Files = 1
	fmt.Fprint(r.to, "\n],\n")
	if name != "" {
		fmt.Fprintf(r.to, "%q:", name)
		if err := json.MarshalWrite(r.to, problems); err != nil {
			return err
		}
		fmt.Fprint(r.to, ",\n")
	}
	fmt.Fprint(r.to, `"totals":`)
	if err := json.MarshalWrite(r.to, &r.totals, json.Deterministic(true)); err != nil {
		return err
	}
	fmt.Fprint(r.to, "}\n")
	return errors.Join(r.to.Flush(), r.file.Sync())
}

// discard drops the result if it is not in place yet.
func (r *result) discard() {
	r.file.Close()
	os.Remove(r.file.Name())
}

// settle puts the result in place and then moves the file beside it. Killed in
// between, the program finds the file again, and overwrites the result.
func (r *result) settle(dir, name string) (target string, err error) {
	into := doneFolder
	if r.totals.exit() != exitOK {
		into = rejectedFolder
	}
	if err := r.file.Close(); err != nil {
		return "", err
	}
	if err := ownFolder(filepath.Join(dir, into)); err != nil {
		return "", err
	}
	target, err = freeName(filepath.Join(dir, into), name)
	if err != nil {
		return "", err
	}
	if err := os.Rename(r.file.Name(), target+resultSuffix); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(dir, name), target); err != nil {
		return "", err
	}
	return target, errors.Join(syncFolder(filepath.Join(dir, into)), syncFolder(dir))
}

// ownFolder refuses a link in place of a folder: files would go where it leads.
func ownFolder(path string) error {
	info, err := os.Lstat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s 不是文件夹 · is no folder of its own", path)
	}
	return err
}

// freeName returns the path of a name in a folder, with -2, -3 and so on before
// its extension while a file has it.
func freeName(folder, name string) (string, error) {
	stem, ext := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
	for n := 1; n < 1_000_000; n++ {
		candidate := name
		if n > 1 {
			candidate = fmt.Sprintf("%s-%d%s", stem, n, ext)
		}
		path := filepath.Join(folder, candidate)
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: no free name for %s", folder, name)
}

// syncFolder makes renames durable where the file system can.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	folder.Sync() // not every network drive can; the rename stands either way
	return nil
}
