package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/api/board"
	"deltatrace/traceability"
	"deltatrace/traceability/reference"
)

// casework is a world with a failed sample that Zhejiang took in Hangzhou, of
// which the claimed producer is in Shanghai: told, and nothing else yet.
func casework(tb testing.TB, flags ...string) (*world, traceability.Report) {
	tb.Helper()
	w := newPopulatedWorld(tb, flags...)
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

// TestBoardInChromium is a day at the board: those concerned work one case to its
// publication and back, each with its own key, which never leaves the browser.
func TestBoardInChromium(t *testing.T) {
	t.Parallel()
	w, r := casework(t)
	b := newTab(w)
	id := noticeID(r)
	done := func(act traceability.Act, fields map[string]string) {
		t.Helper()
		b.notice(id)
		before := len(w.notice(r).Done)
		b.act(act, fields)
		b.shows("已写入账本")
		if n := w.notice(r); len(n.Done) != before+1 || n.Done[before].Act != act {
			t.Fatalf("after %s: %+v", act, n.Done)
		}
	}

	// Shanghai, of the claimed producer: signs in, acknowledges, answers, serves.
	b.open("zh")
	b.shot("signin")
	b.signIn(shanghai, "zh")
	b.shows("上海市市场监管局的待办")
	b.shows("毒死蜱")
	b.shot("inbox")
	done(traceability.ActAcknowledge, nil)
	b.notice(id)
	b.shot("notice")
	done(traceability.ActAnswer, map[string]string{"answer": "counterfeit_claim", "reason": "企业称该批次不是其产品", "evidence": "企业声明"})
	n := w.notice(r)
	if c := n.Concern(traceability.Shanghai); c.Acknowledged != 1 || len(c.Answers) != 1 || c.Answers[0].Answer != traceability.AnswerCounterfeit {
		t.Errorf("Shanghai's part: %+v", c)
	}
	done(traceability.ActServe, map[string]string{"evidence": "送达回证"})

	// The producer objects with its own key, and withdraws the objection.
	b.signIn(shop, "zh")
	b.shows("的待办")
	done(traceability.ActObjectionFile, map[string]string{"about": "标称生产者 · 检验过程", "reason": "检验过程不符合标准", "evidence": "异议申请书"})
	n = w.notice(r)
	if o := n.Objection(traceability.ObjectTesting, traceability.ToProducer); o == nil || o.Progress != traceability.Filed {
		t.Errorf("the objection: %+v", o)
	}
	done(traceability.ActObjectionWithdraw, nil)
	n = w.notice(r)
	if o := n.Objection(traceability.ObjectTesting, traceability.ToProducer); o.Progress != traceability.Withdrawn {
		t.Errorf("the withdrawn objection: %+v", o)
	}
	done(traceability.ActWaive, nil)
	b.quiet()

	// Zhejiang organised it: serves, speaks for the sampled establishment with its
	// paper, determines, publishes the row that is filled in, and takes it back.
	b.signIn(zhejiang, "zh")
	done(traceability.ActServe, map[string]string{"evidence": "送达回证"})
	done(traceability.ActObjectionFile, map[string]string{"about": "被抽样单位 · 抽样过程", "reason": "抽样地点有误", "evidence": "企业书面异议"})
	done(traceability.ActObjectionAccept, nil)
	done(traceability.ActObjectionDecide, map[string]string{"decision": "rejected", "reason": "经核实，抽样过程符合规定"})
	done(traceability.ActWaive, map[string]string{"evidence": "放弃声明"})
	done(traceability.ActDetermine, map[string]string{"decision": "upheld", "reason": "检验结论成立"})
	b.notice(id)
	js[bool](b, `(document.querySelector('details[data-act="publish"]').open = true)`)
	b.until(`document.querySelector('[data-field="row"] input')?.value === "生菜"`)
	b.shot("publish")
	done(traceability.ActPublish, nil)
	n = w.notice(r)
	if !n.Public() || n.Publication[0].Row.Failures[0].Parameter != "毒死蜱" || n.Publication[0].Row.Lab == "" {
		t.Errorf("published: %+v", n.Publication)
	}
	b.visit("#/notices?party=all&state=published", ".case")
	done(traceability.ActWithdraw, map[string]string{"reason": "公布信息有误，先行撤回"})
	n = w.notice(r)
	if n.Public() || !n.WasPublic() {
		t.Errorf("withdrawn: %+v", n.Publication)
	}
	b.notice(id)
	b.do(chromedp.Click(chromedp.CSS(".tools .quiet")))
	b.until(`document.querySelectorAll(".verdict-of.valid").length === ` + strconv.Itoa(len(n.Done)))
	b.shot("history")

	// The language is switched without signing in again.
	b.do(chromedp.Click(chromedp.CSS("#switch")))
	b.shows("What you can do")
	b.shows("Zhejiang regulator")
	b.visit("#/provinces", ".bars")
	b.shows("Median hours to acknowledge")
	b.shot("provinces-en")
	if got := js[string](b, `document.documentElement.lang`); got != "en" {
		t.Errorf("the page's language: %s", got)
	}
	b.quiet()
	b.keptNothing(shanghai, shop, zhejiang)
}

// TestBoardRecalls has a farm plan, announce and report on its own recall at the
// board, and the regulator assess it.
func TestBoardRecalls(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	w.agree()
	w.accept(w.sign(farm, traceability.TypeRecallOpen, traceability.RecallOpen{Lots: []traceability.LotID{cucumbers}, Downstream: true, At: w.at(2), Hazard: "农药残留超标", Reason: "自查发现"}))
	b := newTab(w)
	place := "#/recalls/" + url.PathEscape(string(cucumbers))
	done := func(act traceability.Act, fields map[string]string) {
		t.Helper()
		b.visit(place, ".acts")
		b.act(act, fields)
		b.until(`document.querySelector("#status").innerText.includes("已写入账本") && !document.querySelector(".act[open]")`)
		r := mustDecode[recallAnswer](t, w.getAs(zhejiang, "/v1/recalls/"+string(cucumbers)).body)
		if last := r.Done[len(r.Done)-1]; last.Act != act {
			t.Fatalf("after %s: %+v", act, r.Done)
		}
	}
	b.signIn(farm, "zh")
	b.visit("#/recalls", "a.case")
	done(traceability.ActPlan, map[string]string{"level": "II", "measures": "下架、退货、销毁"})
	done(traceability.ActAnnounce, nil)
	b.act(traceability.ActProgress, map[string]string{"region/1": "330424", "region/2": "137", "region/3": "100", "region/4": "60", "region/5": "20"})
	b.until(`document.querySelector("figure .bars")`)
	b.shot("recall")
	done(traceability.ActReport, map[string]string{"reason": "已完成召回"})
	b.signIn(zhejiang, "zh")
	done(traceability.ActAssess, map[string]string{"effect": "effective", "reason": "召回有效"})
	r := mustDecode[recallAnswer](t, w.getAs(zhejiang, "/v1/recalls/"+string(cucumbers)).body)
	if r.Phase != traceability.PhaseAssessed || len(r.Amounts) != 1 || r.Total.Recalled != "60" || r.Regions != nil {
		t.Errorf("the recall: %+v", r.Recall)
	}
	b.quiet()
	b.keptNothing(farm, zhejiang)
}

// TestBoardConsults has two provinces review a resolution at the board: one proposes
// to lift it, the other votes.
func TestBoardConsults(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	id, _ := w.consulted()
	b := newTab(w)
	place := "#/consultations/" + url.PathEscape(string(id))
	record := func() traceability.ConsultationRecord {
		t.Helper()
		return mustDecode[consultationAnswer](t, w.getAs(zhejiang, "/v1/consultations/"+string(id)).body).ConsultationRecord
	}
	b.signIn(zhejiang, "zh")
	b.visit("#/consultations", "a.case")
	b.visit(place, ".acts")
	b.act(traceability.ActReview, map[string]string{"decision": "lift", "reason": "后续抽检均合格", "evidence": "抽检汇总"})
	b.shows("已写入账本")
	b.shot("consultation")
	b.signIn(shanghai, "zh")
	b.visit(place, ".acts")
	b.act(traceability.ActVote, map[string]string{"vote": "no"})
	b.shows("请填写：理由")
	b.act(traceability.ActVote, map[string]string{"vote": "yes"})
	b.shows("已写入账本")
	c := record()
	if d := c.Current(); c.Phase != traceability.ConsultationReviewing || d == nil || d.Decision != traceability.ReviewLift || len(d.Ballots) != 1 || d.Ballots[0].Province != traceability.Shanghai {
		t.Errorf("reviewed: %+v", c.Drafts)
	}
	b.quiet()
	b.keptNothing(zhejiang, shanghai)
}

// TestBoardRefusesKeys tries what is no key of the ledger: each is refused in
// words, and nobody is signed in.
func TestBoardRefusesKeys(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	b := newTab(w)
	stranger := mustKey(t, "op:91310115MA1FPX1213")
	public := mustEncode(t, map[string]any{"party": shop, "kid": w.key(shop).ID(), "key": w.key(shop).Public()})
	other, damaged := mustKey(t, shop), mustDecode[map[string]map[string]string](t, []byte(`{"key":`+string(mustEncode(t, keyOf(t, w.key(shop))))+`}`))
	damaged["key"]["x"] = keyOf(t, mustKey(t, shop))["x"]
	for name, tt := range map[string]struct{ pasted, zh, en string }{
		"no JSON":       {"hello", "内容不是 JSON", "it is not JSON"},
		"no key":        {`{"party":"reg:310000"}`, "没有 Ed25519 或 P-256 密钥", "no Ed25519 or P-256 key"},
		"public":        {string(public), "这是公钥", "This is a public key"},
		"nobody's":      {string(mustEncode(t, keyOf(t, stranger))), "没有说明属于哪个主体", "does not say whose it is"},
		"damaged":       {`{"party":"` + string(shop) + `","key":` + string(mustEncode(t, damaged["key"])) + `}`, "密钥已损坏", "The key is damaged"},
		"unknown party": {string(mustEncode(t, stranger)), "账本上没有主体 op:91310115MA1FPX1213", "no party op:91310115MA1FPX1213"},
		"another key":   {string(mustEncode(t, other)), "这不是 " + string(shop) + " 现在的密钥", "not the present key of " + string(shop)},
		"empty":         {" ", "请选择密钥文件或粘贴密钥", "Choose a key file or paste a key"},
	} {
		for lang, want := range map[string]string{"zh": tt.zh, "en": tt.en} {
			b.open(lang)
			b.paste(tt.pasted, "")
			b.until(`document.querySelector('[role="alert"]:not([hidden])')?.innerText.includes(` + strconv.Quote(want) + `)`)
			if js[bool](b, `!!document.querySelector("#signout")`) {
				t.Errorf("%s: somebody is signed in", name)
			}
		}
	}
	b.shot("wrong-key")
	// A bare JWK is good with the party beside it.
	b.paste(string(mustEncode(t, keyOf(t, w.key(shop)))), string(shop))
	b.until(`document.querySelector("#signout")`)
	b.quiet("/v1/parties/op", "/v1/notices")
	b.keptNothing(shop)
	for _, key := range []traceability.SigningKey{stranger, other} {
		b.notSent(keyOf(t, key)["d"])
	}
}

// TestBoardByKeyboard signs in and acknowledges without a mouse, and with the
// focus in sight all the way.
func TestBoardByKeyboard(t *testing.T) {
	t.Parallel()
	w, r := casework(t)
	b := newTab(w)
	b.open("zh")
	inSight := func() bool { // once the page has scrolled there
		return js[bool](b, `(async () => { for (let i = 0; i < 40; i++) { if (seen()) return true; await new Promise(r => setTimeout(r, 25)); } return false;
			function seen() { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
			return e.type === "datetime-local" || e !== document.body && e.matches(":focus-visible") && r.width > 0 && r.bottom > 0 && r.top < innerHeight && (s.outlineStyle !== "none" || !!e.closest(".drop")); } })()`)
	}
	tabTo := func(selector string) {
		t.Helper()
		for range 60 {
			if js[bool](b, `document.activeElement.matches(`+strconv.Quote(selector)+`)`) {
				return
			}
			b.do(chromedp.KeyEvent(kb.Tab))
			if !js[bool](b, `document.activeElement === document.body`) && !inSight() {
				t.Errorf("on the way to %s the focus is out of sight: %s", selector, js[string](b, `document.activeElement.outerHTML.slice(0, 200)`))
			}
		}
		t.Fatalf("the keyboard does not come to %s", selector)
	}
	enter := func(selector string) {
		t.Helper()
		tabTo(selector)
		b.do(chromedp.KeyEvent(kb.Enter))
	}
	enter("#skip")
	b.until(`document.activeElement.id === "main" && location.hash === ""`)
	enter("details.fold summary")
	tabTo("#keytext")
	b.do(chromedp.KeyEvent(string(mustEncode(t, w.key(shanghai)))))
	enter(`.sign button[type="submit"]`)
	b.until(`document.activeElement.tagName === "H1" && document.querySelector("#signout")`)
	enter("a.case")
	b.until(`document.activeElement.tagName === "H1" && document.activeElement.innerText === "生菜"`)
	enter(`details[data-act="acknowledge"] > summary`)
	b.until(`document.activeElement.matches('details[data-act="acknowledge"] form *')`)
	b.do(chromedp.KeyEvent("已收悉"))
	enter(`details[data-act="acknowledge"] button[type="submit"]`)
	b.until(`document.querySelector("#status").innerText.includes("已写入账本") && document.activeElement.id === "acts"`)
	n := w.notice(r)
	if last := n.History[len(n.History)-1]; last.Act == nil || last.Act.Act != traceability.ActAcknowledge || last.Act.Reason != "已收悉" {
		t.Errorf("acknowledged: %+v", last)
	}
	enter("#switch")
	b.shows("What you can do")
	enter("#signout")
	b.until(`document.querySelector("#keyfile") && document.body.innerText.includes("The key is forgotten")`)
	b.quiet()
	b.keptNothing(shanghai)
}

// TestBoardSignsAsTheLedgerReads holds the script's canonical JSON and signatures
// against the domain's, byte for byte, for both kinds of key.
func TestBoardSignsAsTheLedgerReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := newTab(w)
	b.open("zh")
	for _, text := range []string{
		`{}`, `{"b":1,"a":[true,false,null,{"z":"","y":[]}]}`, `{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude02":5,"\u0080":6,"\u00f6":7}`,
		`{"a":"\u2028\u2029\u007f\u0080\u001f\u0000\b\t\n\f\r\"\\\/<\/script>&'"}`, `{"食品":"生菜 毒死蜱 ≤0.1mg\/kg 😀 𠮷"}`, `{"aa":1,"a":2,"A":3,"a.":4,"":5}`,
		`{"n":[0,-0,1,-1,1.0,4.50,2e-3,1E30,1e21,1e20,123456789012345680000,0.000001,1e-7,333333333.33333329,9007199254740993,5e-324,1.7976931348623157e308,0.1]}`,
		`{"10":1,"9":2,"2":3,"02":4}`, `{"__proto__":1,"constructor":2,"toString":3}`,
	} {
		want, err := traceability.Canonical(jsontext.Value(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := js[string](b, `import("/board/canonical.js").then(m => m.canonical(JSON.parse(`+strconv.Quote(text)+`)))`); got != string(want) {
			t.Errorf("canonical JSON\n got %s\nwant %s", got, want)
		}
	}
	for _, refused := range []string{`{a: "\ud800"}`, `{a: NaN}`, `{a: 1n}`, `{a: () => 1}`, `[undefined]`} {
		if got := js[string](b, `import("/board/canonical.js").then(m => m.canonical(`+refused+`)).catch(e => e.name)`); got != "TypeError" {
			t.Errorf("%s is written as %s", refused, got)
		}
	}
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p256 := mustDecode[traceability.SigningKey](t, []byte(`{"party":"`+string(zhejiang)+`","key":`+string(mustEncode(t, jose.JSONWebKey{Key: elliptic}))+`}`))
	act := traceability.NoticeAct{Notice: "DBJ25330100319130599", Act: traceability.ActAcknowledge, At: w.began, Reason: "已收悉 \u2028 😀"}
	for _, key := range []traceability.SigningKey{w.key(zhejiang), p256} {
		signed := js[[]string](b, fmt.Sprintf(`import("/board/jws.js").then(async m => { const s = await m.readKey(%q); return [s.kid, await m.sign(s, "notice.act", JSON.parse(%q), 1795377600), await m.token(s, "http://example.test", 1795377600)]; })`,
			mustEncode(t, key), mustEncode(t, act)))
		d, err := traceability.ParseDocument(signed[1])
		if err != nil {
			t.Fatal(err)
		}
		want, err := traceability.Canonical(act)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(signed[1], ".")[1])
		if err := d.Verify(key.Public()); err != nil || signed[0] != string(key.ID()) || string(raw) != string(want) || d.IssuedAt.Unix() != 1795377600 {
			t.Errorf("%s signed %s: %v", signed[0], raw, err)
		}
		token, err := traceability.ParseToken(signed[2])
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Verify(key.Public(), "http://example.test", time.Unix(1795377600, 0)); err != nil {
			t.Error(err)
		}
		own := mustSign(t, key, traceability.TypeNoticeAct, act)
		parsed, err := traceability.ParseDocument(own)
		if err != nil {
			t.Fatal(err)
		}
		verify := func(jws string, id traceability.DocumentID) bool {
			return js[bool](b, fmt.Sprintf(`import("/board/jws.js").then(m => m.verify(%q, %q, %q, JSON.parse(%q)))`, jws, id, key.ID(), mustEncode(t, key.Public())))
		}
		tampered := strings.Replace(own, strings.Split(own, ".")[1], base64.RawURLEncoding.EncodeToString([]byte(`{}`)), 1)
		if !verify(own, parsed.ID) || !verify(signed[1], d.ID) || verify(tampered, parsed.ID) || verify(own, traceability.DocumentID(strings.Repeat("0", 64))) {
			t.Error("the script's verdict on signatures is wrong")
		}
	}
	b.quiet()
}

// TestBoardForgets holds that a key is forgotten when nobody is there, and when the
// page is left.
func TestBoardForgets(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	b := newTab(w)
	b.signIn(lab, "zh")
	b.do(chromedp.Navigate(b.main.URL() + "/"))
	if err := chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{Expression: "history.back()"})
		return err
	})); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelector("#keyfile") && !document.querySelector("#signout")`)
	// Fifteen minutes pass in half a second, from the last thing done on.
	hurry := cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `{ const real = setTimeout; window.setTimeout = (f, ms) => real(f, ms === 15 * 60 * 1000 ? 500 : ms); }`}
	if _, err := chromedp.Call(b.ctx, cdppage.AddScriptToEvaluateOnNewDocument, hurry); err != nil {
		t.Fatal(err)
	}
	b.open("zh")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#keyfile"), []string{b.keyFile(lab)}))
	b.shows("15 分钟没有操作")
	b.quiet()
	b.keptNothing(lab)
}

// paste signs in with a pasted key.
func (b *tab) paste(key, party string) {
	b.Helper()
	js[bool](b, fmt.Sprintf(`(() => { document.querySelector("details.fold").open = true; document.querySelector("#keytext").value = %q; document.querySelector("#keyparty").value = %q; return true; })()`, key, party))
	b.do(chromedp.Click(chromedp.CSS(`.sign button[type="submit"]`)))
}

// keyOf is a private key as a JWK.
func keyOf(tb testing.TB, key traceability.SigningKey) map[string]string {
	tb.Helper()
	return mustDecode[struct {
		Key map[string]string `json:"key"`
	}](tb, mustEncode(tb, key)).Key
}

// keptNothing holds that no request had a private key in it, that the browser has
// kept nothing, and that the page cannot give a key away.
func (b *tab) keptNothing(parties ...traceability.PartyID) {
	b.Helper()
	for _, party := range parties {
		b.notSent(keyOf(b, b.key(party))["d"])
	}
	kept := js[[]string](b, `(async () => [document.cookie, ...Object.entries(localStorage).flat(), ...Object.entries(sessionStorage).flat(),
		...(await indexedDB.databases()).map(d => d.name), ...(await caches.keys()), ...(await navigator.serviceWorker.getRegistrations()).map(r => r.scope)].filter(Boolean))()`)
	if len(kept) > 0 {
		b.Errorf("the browser has kept %q", kept)
	}
	exported := js[string](b, `import("/board/session.js").then(s => s.current() ? crypto.subtle.exportKey("jwk", s.current().key).then(() => "exported", e => e.name) : "InvalidAccessError")`)
	if exported != "InvalidAccessError" {
		b.Errorf("exporting the key: %s", exported)
	}
}

// notSent holds that the secret was in no request, in any spelling that it could
// have there.
func (b *tab) notSent(secret string) {
	b.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil || len(raw) != 32 {
		b.Fatalf("not a private key: %v", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.sent) < 3 {
		b.Fatalf("%d requests were seen", len(b.sent))
	}
	for _, request := range b.sent {
		for _, part := range append(strings.FieldsFunc(request, func(r rune) bool { return strings.ContainsRune(". \"'&=?", r) }), request) {
			text, _ := base64.RawURLEncoding.DecodeString(part) // of a JWS, what it says
			for _, spelling := range []string{secret, string(raw), hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw)} {
				if strings.Contains(part, spelling) || strings.Contains(string(text), spelling) {
					b.Errorf("a private key was sent: %.60s…", request)
				}
			}
		}
	}
}

// shot looks at the page on a small and a common phone and on a desktop, light and
// dark: nothing sticks out, and every text can be read. Where DELTATRACE_SHOTS says,
// it takes pictures for people to look at.
func (b *tab) shot(name string) {
	b.Helper()
	for _, width := range []int64{320, 390, 1280} {
		window := chromedp.EmulateViewport(width, 900)
		if width < 500 {
			window = chromedp.EmulateViewport(width, 844, chromedp.EmulateMobile)
		}
		b.do(window)
		for _, scheme := range []string{"light", "dark"} {
			b.media(scheme)
			if found := js[[]string](b, overflowScript); len(found) > 0 {
				b.Errorf("%s at %d: %q stick out", name, width, found)
			}
			if found := js[[]string](b, contrastScript); len(found) > 0 {
				b.Errorf("%s, %s: too pale: %q", name, scheme, found)
			}
			if folder := os.Getenv("DELTATRACE_SHOTS"); folder != "" && width != 320 {
				picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
				if err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("board-%s-%d-%s.png", name, width, scheme)), picture, 0o644); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.do(chromedp.EmulateViewport(1280, 900))
}

// overflowScript lists the elements that stick out of the window.
const overflowScript = `(() => {
  const wide = document.documentElement.clientWidth, out = [];
  if (document.documentElement.scrollWidth > wide) out.push("page " + document.documentElement.scrollWidth + " > " + wide);
  for (const e of document.querySelectorAll("main *, header *, footer *")) {
    if (!e.checkVisibility() || e.closest(".hidden, .skip, thead, caption, svg, .timeline-scroll, #nav")) continue;
    const r = e.getBoundingClientRect();
    if (r.width > 0 && (r.right > wide + 1 || r.left < -1)) out.push(e.tagName + "." + e.className + " " + Math.round(r.left) + "…" + Math.round(r.right));
  }
  return out;
})()`

// contrastScript lists the texts that are too pale for what is behind them (WCAG
// 2.2, 1.4.3), as the browser has computed both.
const contrastScript = `(() => {
  const luminance = c => c.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parse = s => s.match(/[\d.]+/g).map(Number);
  const out = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || e.closest("svg, .hidden, :disabled") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    let behind = e, back;
    do { back = parse(getComputedStyle(behind).backgroundColor); behind = behind.parentElement; } while (back[3] === 0 && behind);
    const style = getComputedStyle(e), [a, b] = [luminance(parse(style.color).slice(0, 3)), luminance(back.slice(0, 3))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) out.push(e.tagName + "." + e.className + " " + style.color + " on " + back + ": " + ratio.toFixed(2));
  }
  return out;
})()`
