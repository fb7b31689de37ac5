package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"deltatrace/traceability"
)

const chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

// TestScan asks the addresses that QR codes carry, in every form of answer.
func TestScan(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for _, tt := range []struct {
		name, path, accept string
		status             int
		media              string
		says               string // in the body, or in Location
	}{
		{"browser", "/" + string(pickles), chrome, 200, mediaHTML, "苯甲酸"},
		{"camera", "/" + string(pickles), "*/*", 200, mediaHTML, "苯甲酸"},
		{"no Accept", "/" + string(pickles), "", 200, mediaHTML, "苯甲酸"},
		{"program", "/" + string(pickles), "application/json", 200, mediaJSON, `"verdict":"pass"`},
		{"linkset", "/" + string(pickles), mediaLinkset, 200, mediaLinkset, "/voc/pip"},
		{"linkset before JSON", "/" + string(pickles), mediaLinkset + ", application/json;q=0.5", 200, mediaLinkset, "anchor"},
		{"all links", "/" + string(pickles) + "?linkType=all", chrome, 200, mediaLinkset, "anchor"},
		{"linkset by parameter", "/" + string(pickles) + "?linkType=linkset", "", 200, mediaLinkset, "anchor"},
		{"linktype in lower case", "/" + string(pickles) + "?linktype=all", "", 200, mediaLinkset, "anchor"},
		{"a link type", "/" + string(pickles) + "?linkType=gs1:certificationInfo", "", 307, "", "/reports?current=true"},
		{"a link type by its whole name", "/" + string(pickles) + "?linkType=https://ref.gs1.org/voc/traceability", "", 307, "", "/trace?direction=up"},
		{"product page", "/" + string(pickles) + "?linkType=gs1:pip&lang=en", "", 307, "", "?lang=en"},
		{"default link", "/" + string(pickles) + "?linkType=gs1:defaultLink", "", 200, mediaHTML, "苯甲酸"},
		{"a link type that there is not", "/" + string(pickles) + "?linkType=gs1:safetyInfo", "", 404, mediaProblem, "linkType"},
		{"a link type of nothing", "/01/06901234567892/10/NONE?linkType=gs1:pip", "", 404, mediaProblem, "not_found"},
		{"image", "/" + string(pickles), "image/png", 406, mediaProblem, "media_type"},
		{"English", "/" + string(pickles) + "?lang=en", chrome, 200, mediaHTML, `<html lang="en"`},
		{"Chinese", "/" + string(pickles) + "?lang=zh", chrome, 200, mediaHTML, `<html lang="zh-Hans"`},
		{"attributes", "/" + string(pickles) + "?17=271231&utm_source=x&3103=000500", "application/json", 200, mediaJSON, string(pickles)},
		{"wrong attributes do not hide a batch", "/" + string(pickles) + "?17=999999", "application/json", 200, mediaJSON, string(pickles)},
		{"variant and serial", "/01/06901234567892/22/V1/10/A01/21/S1", "application/json", 200, mediaJSON, string(pickles)},
		{"slash at the end", "/" + string(pickles) + "/", "application/json", 200, mediaJSON, string(pickles)},
		{"too much escaped", "/01/06901234567892/10/%4101", "application/json", 200, mediaJSON, string(pickles)},
		{"slash in the lot", "/" + string(slashed), "application/json", 200, mediaJSON, string(slashed)},
		{"GTIN-13", "/01/6901234567892/10/A01?17=271231", "", 301, "", "/01/06901234567892/10/A01?17=271231"},
		{"GTIN-13 with serial", "/01/6901234567892/10/A01/21/S1", "", 301, "", "/01/06901234567892/10/A01/21/S1"},
		{"produce", "/" + string(cucumbers), "application/json", 200, mediaJSON, `"verdict":"none"`},
		{"produce, browser", "/" + string(cucumbers), chrome, 200, mediaHTML, "黄瓜"},
		{"check digit", "/01/06901234567893/10/A01", "application/json", 400, mediaProblem, "06901234567893"},
		{"check digit, browser", "/01/06901234567893/10/A01", chrome, 400, mediaHTML, "06901234567893"},
		{"no lot", "/01/06901234567892", "application/json", 400, mediaProblem, "/01/<GTIN>/10/<lot>"},
		{"key within", "/01/06901234567892/01/06901234567892/10/A01", "application/json", 400, mediaProblem, "invalid"},
		{"order of keys", "/01/06901234567892/21/S1/10/A01", "application/json", 400, mediaProblem, "invalid"},
		{"produce, short", "/cn/93330424MA1FPX121R/QC-100", "application/json", 400, mediaProblem, "invalid"},
		{"produce, wrong code", "/cn/XX/QC-100/1", chrome, 400, mediaHTML, "XX"},
		{"unknown", "/01/06901234567892/10/NONE", "application/json", 404, mediaProblem, "not_found"},
		{"unknown, browser", "/01/06901234567892/10/NONE", chrome, 404, mediaHTML, "NONE"},
		{"unknown, linkset", "/01/06901234567892/10/NONE", mediaLinkset, 404, mediaProblem, "not_found"},
		{"nowhere, browser", "/nowhere", chrome, 404, mediaHTML, "/nowhere"},
		{"nowhere, program", "/nowhere", "application/json", 404, mediaProblem, "not_found"},
		{"under /v1 a browser gets a problem too", "/v1/nowhere", chrome, 404, mediaProblem, "not_found"},
		{"markup in the address", "/01/%3Cscript%3E/10/A01", chrome, 400, mediaHTML, "%3Cscript"},
		{"search", "/search?code=01/06901234567892/10/A01&lang=en", chrome, 303, "", "/01/06901234567892/10/A01?lang=en"},
		{"search by address", "/search?code=https%3A%2F%2Felsewhere.example%2Fx%2F01%2F06901234567892%2F10%2FA01%3F17%3D271231", "", 303, "", "/01/06901234567892/10/A01"},
		{"search by produce's address", "/search?code=https%3A%2F%2Felsewhere.example%2Fcn%2F93330424MA1FPX121R%2FQC-100%2F20261101", "", 303, "", "/" + string(cucumbers)},
		{"search for nothing", "/search?code=+&lang=en", "", 303, "", "/?lang=en"},
		{"search for nonsense", "/search?code=hello", chrome, 400, mediaHTML, "hello"},
		{"search for nonsense, program", "/search?code=hello", "application/json", 400, mediaProblem, `"field":"code"`},
	} {
		answer := w.get(tt.path, "Accept: "+tt.accept)
		says := string(answer.body) + " " + answer.header.Get("Location")
		if answer.status != tt.status || (tt.media != "" && answer.header.Get("Content-Type") != tt.media) || !strings.Contains(says, tt.says) {
			t.Errorf("%s: %d %s, want %d %s saying %q: %.400s", tt.name, answer.status, answer.header.Get("Content-Type"), tt.status, tt.media, tt.says, says)
		}
		if strings.Contains(says, "<script") {
			t.Errorf("%s: there is a script", tt.name)
		}
		if tt.status == http.StatusOK {
			vary := strings.Join(answer.header.Values("Vary"), ", ")
			if !strings.Contains(vary, "Accept,") || !strings.Contains(vary, "Accept-Language") || answer.header.Get("Access-Control-Allow-Origin") != "*" || len(answer.header.Values("Link")) != 2 {
				t.Errorf("%s: %v", tt.name, answer.header)
			}
		}
	}
}

func TestScanLanguage(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for _, tt := range []struct{ query, header, want string }{
		{"", "", "zh-Hans"},
		{"", "en-GB,en;q=0.9", "en"},
		{"", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"},
		{"", "en;q=0.5,zh;q=0.9", "zh-Hans"},
		{"?lang=en", "zh-CN", "en"},
		{"?lang=zh", "en", "zh-Hans"},
	} {
		answer := w.get("/"+string(pickles)+tt.query, "Accept: text/html", "Accept-Language: "+tt.header)
		if got := answer.header.Get("Content-Language"); got != tt.want {
			t.Errorf("%q %q: %s", tt.query, tt.header, got)
		}
	}
}

// TestScanFollowsCorrections holds that the sum is of the reports in force: a
// failed revision replaces a passed one.
func TestScanFollowsCorrections(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	first := mustDecode[traceability.ReportRecord](t, w.get("/v1/reports/"+string(lab)+"/SP202611001/1").body)
	second := w.report("SP202611001")
	second.Revision, second.Supersedes = 2, first.Document.ID
	second.Verdict, second.Conclusion = traceability.VerdictFail, "不合格"
	second.Items[0].Verdict, second.Items[0].Result = traceability.VerdictFail, "1.2"
	before := w.get("/"+string(pickles), "Accept: application/json")
	w.accept(w.sign(lab, traceability.TypeReportSubmit, second))
	if hidden := mustDecode[batchAnswer](t, w.get("/"+string(pickles), "Accept: application/json").body); len(hidden.Reports) != 0 {
		t.Errorf("before its notice is published: %+v", hidden.Reports)
	}
	w.accept(append(w.upheld(second), w.publish(second))...)
	after := w.get("/"+string(pickles), "Accept: application/json", "If-None-Match: "+before.header.Get("Etag"))
	batch := mustDecode[batchAnswer](t, after.body)
	if after.status != http.StatusOK || batch.Sampling != (sampling{traceability.VerdictFail, 1}) || len(batch.Reports) != 1 || batch.Reports[0].Revision != 2 {
		t.Errorf("%d %+v", after.status, batch.Sampling)
	}
	if !strings.Contains(string(w.get("/"+string(pickles), "Accept: text/html").body), "不合格") {
		t.Error("the page does not say 不合格")
	}
	if old := mustDecode[traceability.ReportRecord](t, w.get("/v1/reports/"+string(lab)+"/SP202611001/1").body); old.SupersededBy != batch.Reports[0].ID {
		t.Errorf("the first revision does not point to the second: %q", old.SupersededBy)
	}
	for _, path := range []string{"/v1/reports?current=true", "/v1/lots/" + string(pickles) + "/reports?current=true"} {
		if list := mustDecode[traceability.List[traceability.ReportRecord]](t, w.get(path).body); len(list.Items) != 1 {
			t.Errorf("%s: %d reports", path, len(list.Items))
		}
	}
}

// corpus opens a third-party file, or skips visibly.
func corpus(t *testing.T, name string) *os.File {
	t.Helper()
	root := os.Getenv("DELTATRACE_CORPORA")
	if root == "" {
		root = "../../shared/corpora"
	}
	f, err := os.Open(filepath.Join(root, name))
	if err != nil {
		t.Skipf("third-party corpus is absent (set DELTATRACE_CORPORA): %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// lookahead is a regular expression as ECMA-262 has it, with one negative
// lookahead at its start, which Go's do not know.
type lookahead struct {
	text         string
	not, pattern *regexp.Regexp
}

func compileLookahead(text string) (jsonschema.Regexp, error) {
	l := lookahead{text: text}
	rest := text
	if strings.HasPrefix(text, "(?!") {
		end := strings.Index(text, ")^")
		if end < 0 {
			return nil, errors.New("lookahead of another form")
		}
		var err error
		if l.not, err = regexp.Compile("^(" + text[len("(?!"):end] + ")"); err != nil {
			return nil, err
		}
		rest = text[end+1:]
	}
	pattern, err := regexp.Compile(rest)
	l.pattern = pattern
	return l, err
}

func (l lookahead) MatchString(s string) bool {
	return l.pattern.MatchString(s) && (l.not == nil || !l.not.MatchString(s))
}

func (l lookahead) String() string { return l.text }

// TestLinksetKeepsToTheSchemas checks our linkset against GS1's schema and the
// one of RFC 9264, and the schemas against their own bad example.
func TestLinksetKeepsToTheSchemas(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"gs1-linkset-schema.json", "linkset-schema.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newPopulatedWorld(t)
			definition, err := jsonschema.UnmarshalJSON(corpus(t, "gs1-digital-link/linkset/"+name))
			if err != nil {
				t.Fatal(err)
			}
			compiler := jsonschema.NewCompiler()
			compiler.UseRegexpEngine(compileLookahead)
			if err := compiler.AddResource(name, definition); err != nil {
				t.Fatal(err)
			}
			schema, err := compiler.Compile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, lot := range []traceability.LotID{pickles, slashed, cucumbers} {
				answer := w.get("/"+string(lot), "Accept: "+mediaLinkset)
				value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(answer.body)))
				if err != nil {
					t.Fatal(err)
				}
				if name == "linkset-schema.json" {
					// That schema knows links only; GS1 adds the description.
					for _, set := range value.(map[string]any)["linkset"].([]any) {
						delete(set.(map[string]any), "itemDescription")
					}
				}
				if err := schema.Validate(value); err != nil {
					t.Errorf("%s: %v\n%s", lot, err, answer.body)
				}
			}
			bad, err := jsonschema.UnmarshalJSON(corpus(t, "gs1-digital-link/linkset/invalid-gs1-example.json"))
			if err != nil {
				t.Fatal(err)
			}
			if name == "gs1-linkset-schema.json" && schema.Validate(bad) == nil {
				t.Error("the schema accepts its own bad example")
			}
		})
	}
}

// TestLinksLead follows every link of the linkset, and those of the JSON.
func TestLinksLead(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	set := mustDecode[struct {
		Linkset []map[string]any `json:"linkset"`
	}](t, w.get("/"+string(slashed), "Accept: "+mediaLinkset).body)
	count := 0
	for _, value := range set.Linkset[0] {
		links, _ := value.([]any)
		for _, l := range links {
			count++
			href := l.(map[string]any)["href"].(string)
			answer := w.get(strings.TrimPrefix(href, w.main.publicURL()), "Accept: "+l.(map[string]any)["type"].(string))
			if answer.status != http.StatusOK || !strings.HasPrefix(answer.header.Get("Content-Type"), l.(map[string]any)["type"].(string)) {
				t.Errorf("%s: %d %s", href, answer.status, answer.header.Get("Content-Type"))
			}
		}
	}
	if count != 7 {
		t.Errorf("%d links", count)
	}
	links := mustDecode[batchAnswer](t, w.get("/"+string(slashed), "Accept: application/json").body).Links
	for _, href := range []string{links.Events, links.Reports, links.Trace, links.Linkset} {
		if answer := w.get(strings.TrimPrefix(href, w.main.publicURL())); answer.status != http.StatusOK {
			t.Errorf("%s: %d", href, answer.status)
		}
	}
}
