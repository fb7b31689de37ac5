package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"deltatrace/traceability"
	"deltatrace/traceability/exchange"
)

// cells reads a table in CSV, and holds that every line has as many.
func (w *world) cells(b []byte) [][]string {
	w.Helper()
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		w.Fatalf("%v in %s", err, b)
	}
	return lines
}

// column returns a column's cells below its heading.
func column(lines [][]string, heading string) (list []string) {
	for _, line := range lines[3 : len(lines)-1] {
		list = append(list, line[slices.Index(lines[2], heading)])
	}
	return list
}

// TestExportNotices holds what the table says, in each format, to whom.
func TestExportNotices(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	published, unpublished, overturned := w.failing("OUT-1", "苯甲酸"), w.failing("OUT-2", canaryFailed), w.failing("OUT-3", "山梨酸")
	for _, r := range []traceability.Report{published, unpublished, overturned} {
		w.accept(append([]string{w.sign(lab, traceability.TypeReportSubmit, r)}, w.upheld(r)[:4]...)...)
	}
	determine := func(r traceability.Report) string { return w.upheld(r)[4] }
	w.accept(determine(published), w.publish(published), determine(unpublished))

	answer := w.get("/v1/notices?format=csv")
	if got := answer.header; answer.status != http.StatusOK || got.Get("Content-Type") != "text/csv" || got.Get("Cache-Control") != cacheAsk || got.Get("Content-Disposition") != `attachment; filename="notices-national.csv"` {
		t.Fatal(answer.status, got)
	}
	lines := w.cells(answer.body)
	if diff := cmp.Diff([]string{"苯甲酸║1.2g/kg║≤1.0g/kg"}, column(lines, "不合格项目║检验结果║标准值")); diff != "" {
		t.Error(diff)
	}
	if got := column(lines, "被抽样单位名称"); got[0] != "欧＊＊珠" {
		t.Errorf("a person's name is %s", got)
	}
	if got := column(lines, "公告日期"); got[0] != string(traceability.DateOf(w.at(1))) {
		t.Errorf("published %s", got)
	}
	if again := w.get("/v1/notices?format=csv", "If-None-Match: "+answer.header.Get("Etag")); again.status != http.StatusNotModified {
		t.Errorf("with its tag: %d", again.status)
	}
	if head := w.do(http.MethodHead, "/v1/notices?format=xlsx", nil); head.status != http.StatusOK || head.header.Get("Content-Type") != exchange.XLSX.MediaType() {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	if byAccept := w.get("/v1/notices", "Accept: text/csv"); !bytes.Equal(byAccept.body, answer.body) {
		t.Errorf("by Accept: %s", byAccept.body)
	}
	one := w.get("/v1/notices/" + string(noticeID(published)) + "?format=csv&layout=samr")
	if got := column(w.cells(one.body), "检验值"); !slices.Equal(got, []string{"1.2g/kg"}) {
		t.Errorf("one notice: %s", one.body)
	}
	workbook, err := excelize.OpenReader(bytes.NewReader(w.get("/v1/notices?layout=shanghai", "Accept: "+exchange.XLSX.MediaType()).body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := workbook.GetRows(workbook.GetSheetList()[0])
	if err != nil || len(rows) != 5 || rows[3][9] != "苯甲酸║1.2g/kg║≤1.0g/kg" {
		t.Errorf("%v %v", rows, err)
	}
	if body := string(w.get("/v1/notices?format=json&layout=anhui").body); !strings.Contains(body, `"承检机构":"演示检测"`) || strings.Contains(body, canaryPerson) {
		t.Errorf("JSON: %s", body)
	}

	// The organiser has its unpublished ones too, another province has not.
	for by, want := range map[traceability.PartyID][]string{zhejiang: {"/", remarkDraft, remarkDraft}, shanghai: {"/"}} {
		answer := w.getAs(by, "/v1/notices?format=csv")
		if got := column(w.cells(answer.body), "备注"); !slices.Equal(got, want) || answer.header.Get("Cache-Control") != cacheNone || answer.header.Get("Etag") != "" {
			t.Errorf("%s: %v %v", by, got, answer.header)
		}
	}
	hidden := "/v1/notices/" + string(noticeID(unpublished)) + "?format=csv"
	for by, want := range map[traceability.PartyID]int{zhejiang: http.StatusOK, shanghai: http.StatusNotFound, lab: http.StatusNotFound, farm: http.StatusNotFound} {
		if got := w.getAs(by, hidden).status; got != want {
			t.Errorf("%s asks for an unpublished one: %d", by, got)
		}
	}
	w.accept(w.act(zhejiang, published, traceability.NoticeAct{Act: traceability.ActWithdraw, Reason: "测试"}))
	if lines := w.cells(w.get("/v1/notices?format=csv").body); len(lines) != 4 {
		t.Errorf("after the withdrawal: %v", lines)
	}
	for path, want := range map[string]int{
		hidden: http.StatusNotFound, "/v1/notices?format=pdf": http.StatusBadRequest, "/v1/notices?format=csv&layout=x": http.StatusBadRequest, "/v1/notices?format=csv&limit=1": http.StatusBadRequest,
		"/v1/notices?layout=samr": http.StatusBadRequest, "/v1/notices?format=csv&party=" + string(zhejiang): http.StatusUnauthorized, "/v1/notices/NONE-1?format=csv": http.StatusBadRequest,
	} {
		if got := w.get(path).status; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}
