package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"deltatrace/traceability"
)

// TestPlatformsPage walks the page for a platform's engineer: it keeps the scripts
// that stand there and runs every command, in their order, against the real program.
func TestPlatformsPage(t *testing.T) {
	t.Parallel()
	if err := exec.Command("python3", "-c", "import cryptography").Run(); err != nil {
		t.Skip("the page's scripts need python3 with cryptography:", err)
	}
	page, err := os.ReadFile("../traceability/docs/platforms.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newLicenceWorld(t)
	folder := t.TempDir()
	key := filepath.Join(folder, "platform.key.json")
	if err := os.WriteFile(key, mustEncode(t, w.key(delivery)), 0o600); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, block := range regexp.MustCompile("(?s)```(python|sh)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		if block[1] == "python" {
			name, _, _ := strings.Cut(strings.TrimPrefix(block[2], "# "), ":")
			if err := os.WriteFile(filepath.Join(folder, name), []byte(block[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		ran++
		command := exec.CommandContext(t.Context(), "sh", "-e")
		command.Dir, command.Stdin = folder, strings.NewReader(block[2])
		command.Env = append(os.Environ(), "API="+w.main.URL(), "KEY="+key)
		out, err := command.CombinedOutput()
		if text := string(out); err != nil || strings.Contains(text, `"rejected"`) || strings.Contains(text, `"problems"`) {
			t.Errorf("%v\n%s\n%s", err, block[2], text)
		}
		for say, answer := range map[string]string{"duplicate\"": `"status":"duplicate"`, "verify\"": `"NOT_SHOWN"`, "badge.py keys": "valid as of", "due?": `"items":`, "feed?": `"next":`} {
			if strings.Contains(block[2], say) && !strings.Contains(string(out), answer) {
				t.Errorf("%s\nis not answered with %s:\n%s", block[2], answer, out)
			}
		}
	}
	if ran < 9 {
		t.Errorf("only %d blocks of commands were found", ran)
	}
	limits := mustServe(t, "serve").Limits
	for _, number := range []string{
		fmt.Sprintf("%.0f a second after a burst of %d, for each platform", limits.Checks.PerSecond, limits.Checks.Burst),
		fmt.Sprintf("| %d, %d | 413", maxVerifyShops, maxVerifyLines),
		fmt.Sprintf("| %.0f a second after a burst of %d |", limits.Reads.PerSecond, limits.Reads.Burst),
		fmt.Sprintf("| %.0f a second after a burst of %d |", limits.Writes.PerSecond, limits.Writes.Burst),
		fmt.Sprintf("| %d, %d | the document", traceability.MaxListingShops, traceability.MaxVerifiedShops),
		fmt.Sprintf("| %d, and %d MB", traceability.MaxBatchDocuments, traceability.MaxBatchBytes>>20),
		fmt.Sprintf("| %d, for each party", limits.ListenersEach),
		fmt.Sprintf("up to %d a document, up to %d documents", traceability.MaxListingShops, traceability.MaxBatchDocuments),
	} {
		if !strings.Contains(string(page), number) {
			t.Errorf("the page does not say %q", number)
		}
	}
}
