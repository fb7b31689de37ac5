package page

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"deltatrace/traceability"
)

// walk visits the elements of a page in order.
func walk(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// faults lists what is wrong with a page: what the Content-Security-Policy
// forbids, and what keeps people who do not see it out.
func faults(page []byte) []string {
	var found []string
	report := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	document, err := html.Parse(strings.NewReader(string(page)))
	if err != nil {
		return []string{err.Error()}
	}
	count := make(map[string]int)
	ids := make(map[string]bool)
	var references []string
	heading := 0
	walk(document, func(n *html.Node) {
		count[n.Data]++
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				report("<%s> has %s", n.Data, a.Key)
			case a.Key == "src" || (a.Key == "href" && n.Data == "link" && attr(n, "rel") != "canonical") || a.Key == "action":
				if !strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//") {
					report("<%s %s=%q> asks another host", n.Data, a.Key, a.Val)
				}
			case a.Key == "href" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:"):
				report("a link runs a script")
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				references = append(references, a.Val[1:])
			case a.Key == "id":
				if ids[a.Val] {
					report("the id %q is there twice", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "aria-labelledby" || a.Key == "aria-describedby" || a.Key == "for":
				references = append(references, strings.Fields(a.Val)...)
			}
		}
		switch n.Data {
		case "script", "style", "iframe", "object", "embed", "base":
			report("<%s>", n.Data)
		case "h1", "h2", "h3", "h4":
			level := int(n.Data[1] - '0')
			if level > heading+1 {
				report("<%s> follows a heading of level %d", n.Data, heading)
			}
			heading = level
		case "img":
			if attr(n, "alt") == "" || attr(n, "width") == "" || attr(n, "height") == "" {
				report("<img> lacks alt, width or height")
			}
		case "svg":
			if attr(n, "aria-hidden") != "true" && (attr(n, "role") != "img" || attr(n, "aria-labelledby") == "") {
				report("<svg> is neither hidden nor named")
			}
		case "table":
			if n.FirstChild == nil || first(n) != "caption" {
				report("<table> has no caption first")
			}
		case "th":
			if attr(n, "scope") == "" {
				report("<th> has no scope")
			}
		case "a":
			if attr(n, "href") == "" {
				report("<a> leads nowhere")
			}
		}
	})
	for _, id := range references {
		if !ids[id] {
			report("nothing has the id %q", id)
		}
	}
	for _, once := range []string{"h1", "main", "header", "footer"} {
		if count[once] != 1 {
			report("%d <%s>", count[once], once)
		}
	}
	return found
}

func first(n *html.Node) string {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return c.Data
		}
	}
	return ""
}

// TestStructure holds the policy and the accessibility of every page.
func TestStructure(t *testing.T) {
	t.Parallel()
	language := regexp.MustCompile(`<html lang="(zh-Hans|en)">`)
	for name, result := range newSample(t).every() {
		for _, fault := range faults(result.Body) {
			t.Errorf("%s: %s", name, fault)
		}
		want := map[bool]string{true: "en", false: "zh-Hans"}[strings.Contains(name, ".en.")]
		if match := language.FindSubmatch(result.Body); match == nil || string(match[1]) != want {
			t.Errorf("%s is not in %s", name, want)
		}
		if result.ETag == "" || result.ETag[0] != '"' {
			t.Errorf("%s has the entity tag %s", name, result.ETag)
		}
	}
}

// TestPersonalData holds that what the public may not see is on no page.
func TestPersonalData(t *testing.T) {
	t.Parallel()
	for name, result := range newSample(t).every() {
		for _, private := range []string{"张三丰", "李四", "文一西路", "王小二", "3 幢", "不公布的项目", "FX202600009"} {
			if strings.Contains(string(result.Body), private) {
				t.Errorf("%s shows %q", name, private)
			}
		}
	}
}

// TestBanner holds that a recall stands in red before all else.
func TestBanner(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	rec, err := gatherLot(t.Context(), s.store, traceability.Head{}, s.passed)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []Lang{LangZH, LangEN} {
		for _, template := range []string{"batch", "suspended"} {
			v := s.site.batchView(lang, rec, Query{})
			v.Suspension = &suspensionView{Party: "甲", Regulator: "乙"}
			v.Banners = []banner{{Kind: "recall", Icon: "fail", Title: "banner.failed", Date: "2026-11-22", Line: "<b>二级召回</b>", Notes: []sentence{{Key: "finding.mean"}}, Link: "/notices/1"}}
			r, err := s.site.render(lang, 200, template, "x", "", "", v)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range faults(r.Body) {
				t.Errorf("%s: %s", template, fault)
			}
			page := string(r.Body)
			for _, want := range []string{`class="banner recall"`, "&lt;b&gt;二级召回&lt;/b&gt;", `href="/notices/1"`} {
				if !strings.Contains(page, want) {
					t.Errorf("%s in %s lacks %s", template, lang, want)
				}
			}
			if strings.Index(page, "banner recall") > strings.Index(page, "<h1>") {
				t.Errorf("%s: the recall comes after the product", template)
			}
		}
	}
}

// FuzzEscaping puts a text into every field that a party fills in.
func FuzzEscaping(f *testing.F) {
	for _, seed := range []string{"青菜", `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' style='x`, `javascript:alert(1)`, "</title><h1>", "{{.}}", "\u2028", "&lt;", "a\x00b", `]]>`, `</svg>`, `//evil.example`, "%", "%s%d"} {
		f.Add(seed)
	}
	site, err := New(Options{PublicURL: "https://trace.example"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range []Lang{LangZH, LangEN} {
			for _, r := range filled(t, site, lang, text) {
				if found := faults(r.Body); len(found) > 0 {
					t.Fatalf("%q: %v", text, found)
				}
			}
		}
	})
}

// filledShop is a shop's page with a platform's and a province's words in it.
func filledShop(lang Lang, text string) *shopView {
	l := traceability.Licence{ID: traceability.LicenceID(text), Holder: traceability.Firm{Name: text, USCC: traceability.USCC(text)}, Premises: text, Storefront: text, Issuer: text,
		ValidFrom: traceability.Date(text), ValidTo: traceability.Date(text), Items: []traceability.LicenceItem{{Name: text, With: text, Without: text}}, Grades: []traceability.Grade{{Scheme: text, Grade: text, Date: traceability.Date(text)}}}
	entry := creditView{Barred: true, Credit: traceability.Credit{Kind: traceability.CreditSerious, Topic: text, Reason: text, Basis: text, Decision: text, From: traceability.Date(text), Expires: traceability.Date(text)}}
	v := &shopView{Standing: traceability.LicenceStanding{Licence: l, Status: traceability.LicenceStruck, Since: traceability.Date(text), Halt: traceability.LicenceStruck}, Data: "/v1/licences/x",
		Compared: []comparedView{{Comparison: traceability.Comparison{Shop: text, Page: "https://delivery.example/" + text}, Platform: text, State: stateFail, Word: "compared.invalid", Findings: []string{text}}},
		Adverse:  []creditView{entry}, Good: []creditView{entry}, Badge: traceability.Badge{Status: traceability.LicenceStruck}}
	v.facts(lang)
	v.glance(lang)
	v.judge(lang)
	return v
}

// filled renders pages of which every free text is the given one.
func filled(t *testing.T, site *Site, lang Lang, text string) []Result {
	t.Helper()
	const lab, op traceability.PartyID = "lab:231112340002", "op:91310101MA1FPX121X"
	const id traceability.LotID = "cn/91310101MA1FPX121X/QC/1"
	const other traceability.LotID = "cn/91310101MA1FPX121X/QC/2"
	firm := traceability.Firm{Name: text, NameEN: text, USCC: traceability.USCC(text), Address: text}
	place := traceability.Place{Division: traceability.DivisionCode(text), Name: text}
	party := traceability.PartyRecord{Province: traceability.Shanghai, Status: traceability.PartySuspended, Admission: &traceability.Admission{Name: text, NameEN: text, Address: text},
		Suspension: &traceability.Suspension{Reason: text, Basis: text, On: traceability.Date(text)}}
	ref := traceability.DocumentRef{Party: op, ID: traceability.DocumentID(text), Position: traceability.Position{Tx: traceability.TxID(text)}}
	rec := &records{
		lot: traceability.LotRecord{Registrant: op, Document: ref, Lot: traceability.Lot{ID: id, Product: text, ProductEN: text, Category: text, Spec: text, Trademark: text,
			Date: traceability.Date(text), DateKind: traceability.DateProduction, ShelfLife: text, Producer: firm, Origin: place}},
		parties: map[traceability.PartyID]traceability.PartyRecord{lab: party, op: party},
		lots:    []traceability.TraceLot{{ID: id, Product: text, ProductEN: text, Date: traceability.Date(text)}, {ID: other, Product: text, ProductEN: text}},
		made: []*traceability.TraceEvent{{ID: traceability.NewEventID(op, "1"), Type: traceability.EventTransform,
			From: []traceability.LotQuantity{{Lot: other}}, To: []traceability.LotQuantity{{Lot: id}}}},
		events: []traceability.EventRecord{{ID: traceability.NewEventID(op, "1"), Party: op, Document: ref, Event: traceability.Event{Type: traceability.EventTransform, Place: place, Process: text, Note: text,
			Inputs: []traceability.LotQuantity{{Lot: other}}, Outputs: []traceability.LotQuantity{{Lot: id}}}}},
	}
	for _, verdict := range []traceability.Verdict{traceability.VerdictFail, traceability.VerdictPass} {
		rec.reports = append(rec.reports, traceability.ReportRecord{Lab: lab, Document: ref, OutOfScope: []int{1}, Report: traceability.Report{No: text, Revision: 2, Supersedes: traceability.DocumentID(text),
			Task: traceability.TaskSupervision, TestedFrom: traceability.Date(text), Issued: traceability.Date(text), Verdict: verdict, Conclusion: text,
			Sample: traceability.Sample{No: traceability.SamplingNo(text), FoodName: text, Spec: text, Batch: text, Date: traceability.Date(text), SampledOn: traceability.Date(text)},
			Items:  []traceability.Item{{Seq: 1, Parameter: text, Unit: text, Limit: text, Result: text, Verdict: verdict, VerdictText: text, Method: text, Remark: text}}}})
	}
	rec.reports = append(rec.reports, traceability.ReportRecord{Lab: lab, SupersededBy: "x", Document: ref, Report: traceability.Report{No: text, Revision: 1}})
	row := traceability.PublicRow{SamplingNo: traceability.SamplingNo(text), Producer: firm, SampledUnit: firm, FoodName: text, Spec: text, Trademark: text, Batch: text, Date: traceability.Date(text), ShelfLife: text,
		Failures: []traceability.FailedRow{{Parameter: text, Result: text, Limit: text, Label: text}}, Category: text, Lab: text, Announcement: text, Task: text, Shop: text, Platform: text, Remark: text}
	notice := traceability.NoticeRecord{Notice: traceability.Notice{ID: "DBJ25330100319130599", Phase: traceability.PhasePublished, Organiser: traceability.Zhejiang, Lot: id,
		Publication: []traceability.PublicVersion{{Act: traceability.ActPublish, Row: &row}}}}
	recall := traceability.Recall{ID: traceability.RecallID(id), Phase: traceability.PhaseAnnounced, Level: traceability.RecallI, Lots: []traceability.LotID{id}, Product: text, ProductEN: text, Hazard: text, Reason: text, Measures: text,
		Regions: []traceability.DivisionCode{traceability.DivisionCode(text)}, Announced: time.Unix(1, 0), EndReason: text}
	rec.notices, rec.recalls = []traceability.NoticeRecord{notice}, []traceability.LotRecall{{Recall: recall}}
	rec.onWay = rec.relevant()
	found := failureView{findingView: finding(lang, notice), Data: noticeJSON(notice.ID)}
	found.Facts = found.facts(lang)
	recalled := newRecallView(lang, traceability.RecallRecord{Recall: recall})
	recalled.Facts = recalled.facts(lang)
	var all []Result
	for name, v := range map[string]any{"shop": filledShop(lang, text), "failure": &found, "recall": &recalled, "recalls": &recallsView{Items: []recallView{recalled}},
		"failures": &failuresView{Query: FailureQuery{Text: text, From: text, To: text}, Items: []findingView{found.findingView}}} {
		r, err := site.render(lang, 200, name, text, "/", FailureQuery{Text: text}.values("after", text)+"&", v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	for name, q := range map[string]Query{"batch": {View: ViewRecord}, "suspended": {}} {
		v := site.batchView(lang, rec, q)
		v.Way, v.Record = rec.way(lang), rec.record(lang)
		v.Banners = append(v.Banners, banner{Kind: "recall", Icon: "fail", Title: "banner.failed", Date: traceability.Date(text), Line: text, Link: "/"})
		r, err := site.render(lang, 200, name, text, "/", "", v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return append(all,
		site.Malformed(lang, text, traceability.Invalid("", text, text)),
		site.Unknown(lang, traceability.LotID(text)),
		site.NotFound(lang, text),
		site.Error(lang, 500, traceability.CodeInternal, text))
}
