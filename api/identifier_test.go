package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"deltatrace/traceability"
)

func TestJoinIdentifier(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, path, want string }{
		{"lot, plain", "/v1/lots/01/06901234567892/10/A01", "/v1/lots/01%2F06901234567892%2F10%2FA01"},
		{"lot, plain, part", "/v1/lots/01/06901234567892/10/A01/trace", "/v1/lots/01%2F06901234567892%2F10%2FA01/trace"},
		{"lot, plain, slash in the number", "/v1/lots/01/06901234567892/10/A%2F01/events", "/v1/lots/01%2F06901234567892%2F10%2FA%252F01/events"},
		{"lot, one segment", "/v1/lots/01%2F06901234567892%2F10%2FA01/trace", "/v1/lots/01%2F06901234567892%2F10%2FA01/trace"},
		{"lot, produce", "/v1/lots/cn/93330424MA1FPX121R/QC-100/1/qr.svg", "/v1/lots/cn%2F93330424MA1FPX121R%2FQC-100%2F1/qr.svg"},
		{"lot, too short", "/v1/lots/01/06901234567892/10", "/v1/lots/01/06901234567892/10"},
		{"lot, other key", "/v1/lots/00/1/2/3", "/v1/lots/00/1/2/3"},
		{"lots", "/v1/lots", "/v1/lots"},
		{"event, plain", "/v1/events/op:91310101MA1FPX121X/S-1", "/v1/events/op:91310101MA1FPX121X%2FS-1"},
		{"event, one segment", "/v1/events/op:91310101MA1FPX121X%2FS-1", "/v1/events/op:91310101MA1FPX121X%2FS-1"},
		{"report, plain", "/v1/reports/lab:230912340001/SP%2F1/1", "/v1/reports/lab:230912340001%2FSP%252F1%2F1"},
		{"report, one segment", "/v1/reports/lab:230912340001%2FSP1%2F1", "/v1/reports/lab:230912340001%2FSP1%2F1"},
		{"consultation", "/v1/consultations/330000/HS-1", "/v1/consultations/330000%2FHS-1"},
		{"proposals", "/v1/consultations/proposals", "/v1/consultations/proposals"},
		{"notice, plain", "/v1/notices/lab:230912340001/SP1", "/v1/notices/lab:230912340001%2FSP1"},
		{"notice, of a sampling number", "/v1/notices/DBJ25330100319130599", "/v1/notices/DBJ25330100319130599"},
		{"other", "/01/06901234567892/10/A01", "/01/06901234567892/10/A01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := joinIdentifier(tt.path); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// FuzzJoinIdentifier holds that joining loses nothing: the joined segment,
// unescaped, is the segments that it was made of, and the rest stays.
func FuzzJoinIdentifier(f *testing.F) {
	f.Add("/v1/lots/01/06901234567892/10/A%2F01/trace")
	f.Add("/v1/reports/lab:1/%25/1")
	f.Add("/v1/events/a/b/c")
	f.Fuzz(func(t *testing.T, path string) {
		joined := joinIdentifier(path)
		if joined == path {
			return
		}
		parts := strings.SplitN(joined, "/", 5) // "", v1, family, identifier, rest
		id, err := url.PathUnescape(parts[3])
		if err != nil {
			t.Fatal(err)
		}
		parts[3] = id
		if back := strings.Join(parts, "/"); back != path {
			t.Errorf("%q → %q → %q", path, joined, back)
		}
	})
}

// TestIdentifierForms reads the same records by every spelling of their address.
func TestIdentifierForms(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	for _, tt := range []struct {
		path string
		want int
		id   string
	}{
		{"/v1/lots/" + string(pickles), http.StatusOK, string(pickles)},
		{"/v1/lots/" + escaped(pickles), http.StatusOK, string(pickles)},
		{"/v1/lots/" + string(slashed), http.StatusOK, string(slashed)},
		{"/v1/lots/" + escaped(slashed), http.StatusOK, string(slashed)},
		{"/v1/lots/01/6901234567892/10/A01", http.StatusOK, string(pickles)}, // GTIN-13
		{"/v1/lots/01%2F06901234567892%2F10%2FA%2F01", http.StatusBadRequest, ""},
		{"/v1/lots/01/06901234567893/10/A01", http.StatusBadRequest, ""}, // check digit
		{"/v1/lots/01/06901234567892/10/NONE", http.StatusNotFound, ""},
		{"/v1/lots/x", http.StatusBadRequest, ""},
		{"/v1/lots/01/06901234567892/10/A01/none", http.StatusNotFound, ""},
		{"/v1/lots/" + string(cucumbers), http.StatusOK, string(cucumbers)},
		{"/v1/events/" + string(factory) + "/T-1", http.StatusOK, string(factory) + "/T-1"},
		{"/v1/events/" + string(factory) + "%2FT-1", http.StatusOK, string(factory) + "/T-1"},
		{"/v1/events/T-1", http.StatusBadRequest, ""},
		{"/v1/reports/" + string(lab) + "/SP202611001/1", http.StatusOK, string(lab) + "/SP202611001/1"},
		{"/v1/reports/" + string(lab) + "%2FSP202611001%2F1", http.StatusOK, string(lab) + "/SP202611001/1"},
		{"/v1/reports/" + string(lab) + "/NONE/1", http.StatusNotFound, ""},
		{"/v1/reports/" + string(lab) + "/NONE/x", http.StatusBadRequest, ""},
		{"/v1/parties/" + string(lab), http.StatusOK, string(lab)},
		{"/v1/parties/lab%3A230912340001", http.StatusOK, string(lab)},
		{"/v1/parties/lab:999912340001", http.StatusNotFound, ""},
		{"/v1/parties/nobody", http.StatusBadRequest, ""},
		{"/v1/documents/00", http.StatusBadRequest, ""},
		{"/v1/documents/" + strings.Repeat("0", 64), http.StatusNotFound, ""},
	} {
		answer := w.get(tt.path)
		if answer.status != tt.want {
			t.Errorf("%s: status %d, want %d: %s", tt.path, answer.status, tt.want, answer.body)
		}
		if tt.id != "" {
			record := mustDecode[struct {
				ID  string `json:"id"`
				Lot string `json:"lot"`
			}](t, answer.body)
			if record.ID != tt.id && record.Lot != tt.id {
				t.Errorf("%s: got %s%s, want %s", tt.path, record.ID, record.Lot, tt.id)
			}
		}
		if tt.want >= 400 && answer.header.Get("Content-Type") != mediaProblem {
			t.Errorf("%s: %s", tt.path, answer.header.Get("Content-Type"))
		}
	}
	problem := mustDecode[Problem](t, w.get("/v1/lots/01/06901234567893/10/A01").body)
	if problem.Field != "lot" || problem.Code != traceability.CodeInvalid || problem.Found == "" || problem.Expected == "" {
		t.Errorf("%+v", problem)
	}
}
