package main

import (
	"bytes"
	"image/png"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"os"

	"deltatrace/traceability"
)

// TestQRLeadsHome decodes the picture with another program and goes where it
// leads.
func TestQRLeadsHome(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	reader, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg is not installed")
	}
	for _, lot := range []traceability.LotID{pickles, slashed, cucumbers} {
		answer := w.get("/v1/lots/" + string(lot) + "/qr.png?size=300&level=Q")
		if picture, err := png.Decode(bytes.NewReader(answer.body)); err != nil || picture.Bounds().Dx() != 300 {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "qr.png")
		if err := os.WriteFile(path, answer.body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), reader, "--quiet", "--raw", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		address := strings.TrimSpace(string(out))
		if address != w.main.publicURL()+"/"+string(lot) {
			t.Errorf("the code says %s", address)
		}
		if page := w.get(strings.TrimPrefix(address, w.main.publicURL())); page.status != http.StatusOK {
			t.Errorf("%s: %d", address, page.status)
		}
	}
}

func TestLabelRequests(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	many := strings.TrimSuffix(strings.Repeat(`"01/06901234567892/10/A01",`, 1001), ",")
	for _, tt := range []struct {
		name, body string
		status     int
		code       traceability.Code
		field      string
	}{
		{"sheet", `{"lots":["01/06901234567892/10/A01","cn/93330424MA1FPX121R/QC-100/20261101"]}`, 200, "", ""},
		{"all options", `{"lots":["01/6901234567892/10/A01"],"level":"H","lang":"en","layout":"2x7","start":3,"cut_marks":true}`, 200, "", ""},
		{"no lots", `{"lots":[]}`, 400, traceability.CodeMissing, "lots"},
		{"too many", `{"lots":[` + many + `]}`, 400, traceability.CodeTooMany, "lots"},
		{"bad lot", `{"lots":["01/06901234567892/10/A01","x"]}`, 400, traceability.CodeInvalid, "lots[1]"},
		{"unknown lot", `{"lots":["01/06901234567892/10/NONE"]}`, 422, traceability.CodeUnknownLot, "lots[0]"},
		{"level", `{"lots":["01/06901234567892/10/A01"],"level":"Z"}`, 400, traceability.CodeInvalid, "level"},
		{"lang", `{"lots":["01/06901234567892/10/A01"],"lang":"fr"}`, 400, traceability.CodeInvalid, "lang"},
		{"layout", `{"lots":["01/06901234567892/10/A01"],"layout":"9x9"}`, 400, traceability.CodeInvalid, "layout"},
		{"start", `{"lots":["01/06901234567892/10/A01"],"start":-1}`, 400, traceability.CodeInvalid, "start"},
		{"not JSON", `lots`, 400, traceability.CodeMalformed, "body"},
	} {
		answer := w.do(http.MethodPost, "/v1/labels", []byte(tt.body), "Content-Type: application/json")
		if answer.status != tt.status {
			t.Errorf("%s: %d %.300s", tt.name, answer.status, answer.body)
			continue
		}
		if tt.status == http.StatusOK {
			if !bytes.HasPrefix(answer.body, []byte("%PDF-")) || !strings.Contains(answer.header.Get("Content-Disposition"), "labels.pdf") {
				t.Errorf("%s: %v", tt.name, answer.header)
			}
			continue
		}
		if p := mustDecode[Problem](t, answer.body); p.Code != tt.code || p.Field != tt.field {
			t.Errorf("%s: %s", tt.name, answer.body)
		}
	}
	if answer := w.do(http.MethodPost, "/v1/labels", []byte("{}"), "Content-Type: text/plain"); answer.status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %d", answer.status)
	}
	if answer := w.get("/v1/lots/" + string(pickles) + "/qr.png?size=65"); answer.status != http.StatusBadRequest || mustDecode[Problem](t, answer.body).Field != "size" {
		t.Errorf("a size that no camera reads: %d %s", answer.status, answer.body)
	}
}

// TestSheetsAreFew holds that label sheets cannot take the whole machine.
func TestSheetsAreFew(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--sheets=0")
	answer := w.do(http.MethodPost, "/v1/labels", []byte(`{"lots":["01/06901234567892/10/A01"]}`), "Content-Type: application/json")
	if answer.status != http.StatusServiceUnavailable || answer.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}
