package page

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"deltatrace/traceability"
)

func newSite(tb testing.TB) *Site {
	tb.Helper()
	site, err := New(Options{PublicURL: "https://trace.example/"})
	if err != nil {
		tb.Fatal(err)
	}
	return site
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"", "trace.example", "ftp://trace.example", "https://", "::"} {
		if _, err := New(Options{PublicURL: public}); traceability.CodeOf(err) != traceability.CodeInvalid {
			t.Errorf("%q: %v", public, err)
		}
	}
}

// TestMalformedSays holds that the page says what was found, what was expected,
// and which slip is likely.
func TestMalformedSays(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		found string
		want  []string
		not   string
	}{
		"check digit":    {"01/06901234567893/10/A01", []string{"按前面的数字应为 2，实为 3", "06901234567893"}, "可能是"},
		"short GTIN":     {"01/6901234567890/10/A01", []string{"应为 2，实为 0"}, "可能是"},
		"letter I for 1": {"/cn/9I310101MA1FPX121X/QC/1", []string{"您要找的可能是", "cn/91310101MA1FPX121X/QC/1"}, "校验位，按"},
		"nothing like":   {"hello", []string{"hello", `href="?code=hello&amp;lang=en"`, "01/&lt;GTIN&gt;/10/&lt;lot&gt;"}, "可能是"},
		"too long":       {strings.Repeat("9", 5000), []string{strings.Repeat("9", 200) + "…"}, strings.Repeat("9", 201)},
	}
	site := newSite(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := traceability.ParseLotID(strings.TrimPrefix(test.found, "/"))
			if err == nil {
				t.Fatal("the code is well formed")
			}
			r := site.Malformed(LangZH, test.found, err)
			if r.Status != http.StatusBadRequest {
				t.Errorf("status %d", r.Status)
			}
			for _, want := range test.want {
				if !strings.Contains(string(r.Body), want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			if strings.Contains(string(r.Body), test.not) {
				t.Errorf("the page says %q", test.not)
			}
		})
	}
	if r := site.Malformed(LangEN, "x", errors.New("secret")); strings.Contains(string(r.Body), "secret") {
		t.Error("the page shows an inner error")
	}
}

// TestErrorSays holds that each kind of failure has its own words, and the
// request id.
func TestErrorSays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		code   traceability.Code
		want   string
	}{
		{500, traceability.CodeInternal, "Something went wrong"},
		{503, traceability.CodeBusy, "Very busy just now"},
		{504, traceability.CodeTimeout, "Very busy just now"},
		{429, traceability.CodeRateLimited, "Too many requests"},
		{405, traceability.CodeMethod, "The request cannot be answered"},
		{401, traceability.CodeUnauthorized, "Authorisation needed"},
	}
	site := newSite(t)
	for _, test := range tests {
		r := site.Error(LangEN, test.status, test.code, "req-77")
		page := string(r.Body)
		if r.Status != test.status || !strings.Contains(page, "<h1>"+test.want) || !strings.Contains(page, "req-77") || !strings.Contains(page, string(test.code)) {
			t.Errorf("%d %s: status %d, page without %q, the code or the request id", test.status, test.code, r.Status, test.want)
		}
	}
}

// failing is a Reader of which every answer is an error.
type failing struct{ traceability.Reader }

var errDisk = errors.New("disk")

func (failing) Lot(context.Context, traceability.LotID) (traceability.LotRecord, error) {
	return traceability.LotRecord{}, errDisk
}
func (failing) Head(context.Context) (traceability.Head, error) {
	return traceability.Head{}, errDisk
}

// TestBatchStatus holds what Batch does with a lot that is not there, a
// registrant that is suspended, and a Reader that fails.
func TestBatchStatus(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	unknown, err := s.site.Batch(t.Context(), s.store, LangZH, "01/06901234567892/10/NONE", Query{})
	if err != nil || unknown.Status != http.StatusNotFound || !strings.Contains(string(unknown.Body), "没有找到这个批次") {
		t.Errorf("unknown lot: status %d, %v", unknown.Status, err)
	}
	for view, want := range map[string]string{"": "<h1>登记本批次的企业已被暂停</h1>", ViewRecord: "<h1>酱黄瓜</h1>", "other": "<h1>登记本批次的企业已被暂停</h1>"} {
		page := s.batch(LangZH, s.suspended, Query{View: view})
		for _, text := range []string{want, "嘉兴示例酱菜有限公司", "2026-11-16", "浙江省市场监督管理局"} {
			if !strings.Contains(page, text) {
				t.Errorf("the view %q of a suspended registrant's lot does not say %q", view, text)
			}
		}
		if view == ViewRecord && !strings.Contains(page, `href="?view=record&amp;lang=en"`) {
			t.Error("the language switch leaves the record")
		}
	}
	if _, err := s.site.Batch(t.Context(), failing{}, LangZH, s.passed, Query{}); !errors.Is(err, errDisk) {
		t.Errorf("a failing Reader gives %v", err)
	}
	if _, err := s.site.Home(t.Context(), failing{}, LangZH); !errors.Is(err, errDisk) {
		t.Errorf("a failing Reader gives %v", err)
	}
	one, two := s.batch(LangZH, s.passed, Query{}), s.batch(LangZH, s.passed, Query{})
	if one != two {
		t.Error("the same page twice is not the same")
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	site, handler := newSite(t), Assets()
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	for name, contentType := range map[string]string{"style.css": "text/css; charset=utf-8", "favicon.svg": "image/svg+xml"} {
		w := get(http.MethodGet, site.assets[name].url)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != contentType || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0 {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		if w := get(http.MethodHead, site.assets[name].url); w.Code != http.StatusOK || w.Body.Len() != 0 {
			t.Errorf("HEAD %s: %d, %d bytes", name, w.Code, w.Body.Len())
		}
		if w := get(http.MethodPost, site.assets[name].url); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
			t.Errorf("POST %s: %d", name, w.Code)
		}
	}
	for _, path := range []string{"/assets/style.css", "/assets/../site.go", "/assets/style.000000000000.css", "/"} {
		if w := get(http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
