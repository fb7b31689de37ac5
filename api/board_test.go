package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"deltatrace/api/board"
	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// casework is a world with a failed sample that Zhejiang took in Hangzhou, of
// which the claimed producer is in Shanghai: told, and nothing else yet.
func casework(tb testing.TB) (*world, traceability.Report) {
	tb.Helper()
	w := newPopulatedWorld(tb)
	w.agree()
	r := w.failing("BOARD-1", "毒死蜱")
	r.Sample.FoodName = "生菜"
	r.Sample.ClaimedProducer = traceability.Firm{Name: "上海演示食品有限公司", USCC: "91310101MA1FPX121X"}
	r.Sample.SampledUnit = traceability.Firm{Name: "杭州演示食品有限公司", USCC: "91330106MA1FPX121E"}
	say := w.issue(r)
	say.ProducedIn = "310101"
	w.accept(w.sign(lab, traceability.TypeReportSubmit, r), w.sign(zhejiang, traceability.TypeNoticeIssue, say), w.act(zhejiang, r, traceability.NoticeAct{Act: traceability.ActDispatch}))
	return w, r
}

// agree brings calendars and periods onto the ledger.
func (w *world) agree() {
	w.Helper()
	documents, err := reference.Documents()
	if err != nil {
		w.Fatal(err)
	}
	for _, province := range traceability.Provinces()[:3] {
		var batch []string
		for _, d := range documents {
			batch = append(batch, w.sign(traceability.Regulator(province), d.Type, d.Payload))
		}
		w.accept(batch...)
	}
}

// record reads a notice as its organiser does.
func (w *world) notice(r traceability.Report) noticeAnswer {
	w.Helper()
	return mustDecode[noticeAnswer](w, w.getAs(zhejiang, "/v1/notices/"+string(noticeID(r))).body)
}

// TestBoardIsServed holds what goes out under /board: everything that the script
// asks for, under a policy that lets nothing else in.
func TestBoardIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	imports := regexp.MustCompile(`from "\./([a-z0-9]+\.js)"`)
	todo, seen := []string{"app.js", "board.css", "table.json"}, map[string]bool{}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		answer := w.get("/board/" + name)
		tag := answer.header.Get("Etag")
		if answer.status != http.StatusOK || tag == "" || answer.header.Get("Content-Security-Policy") != board.Policy {
			t.Errorf("%s: %d, tag %s, policy %s", name, answer.status, tag, answer.header.Get("Content-Security-Policy"))
		}
		if again := w.get("/board/"+name, "If-None-Match: "+tag); again.status != http.StatusNotModified {
			t.Errorf("%s again: %d", name, again.status)
		}
		for _, found := range imports.FindAllStringSubmatch(string(answer.body), -1) {
			todo = append(todo, found[1])
		}
	}
	for lang, want := range map[string]string{"zh": "监管工作台", "en": "Regulators’ board"} {
		if answer := w.get("/board?lang=" + lang); answer.status != http.StatusOK || !strings.Contains(string(answer.body), want) || strings.Contains(string(answer.body), "<script>") {
			t.Errorf("%s: %d %s", lang, answer.status, answer.body)
		}
	}
	if got := w.get("/board/nothing.js").status; got != http.StatusNotFound {
		t.Errorf("an unknown file: %d", got)
	}
}

// TestBoardInChromium is a day at the board: four parties work one case to its
// publication and back, each with its own key, which never leaves the browser.
func TestBoardInChromium(t *testing.T) {
	t.Parallel()
	w, r := casework(t)
	b := newTab(w)
	id := noticeID(r)

	t.Log("Shanghai acknowledges and answers")
	b.signIn(shanghai, "zh")
	b.shows("上海市市场监管局的待办")
	b.shows("毒死蜱")
	b.shot("inbox")
	b.notice(id)
	b.shot("notice")
	b.act(traceability.ActAcknowledge, nil)
	b.shows("已写入账本")
	b.act(traceability.ActAnswer, map[string]string{"answer": "accept"})
	b.until(`document.body.innerText.includes("接受 · ")`)
	n := w.notice(r)
	if c := n.Concern(traceability.Shanghai); c.Acknowledged != 1 || len(c.Answers) != 1 {
		t.Errorf("Shanghai's part: %+v", c)
	}
	b.quiet()
}

// shot takes a picture for people to look at, where DELTATRACE_SHOTS says.
func (b *tab) shot(name string) {
	b.Helper()
	folder := os.Getenv("DELTATRACE_SHOTS")
	if folder == "" {
		return
	}
	for suffix, width := range map[string]int64{"390": 390, "1280": 1280} {
		if width < 500 {
			b.do(chromedp.EmulateViewport(width, 844, chromedp.EmulateMobile))
		} else {
			b.do(chromedp.EmulateViewport(width, 900))
		}
		picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "board-"+name+"-"+suffix+".png"), picture, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.do(chromedp.EmulateViewport(1280, 900))
}
