package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"deltatrace/traceability"
)

func mustUsedTokens(t *testing.T, folder string, now time.Time) *usedTokens {
	t.Helper()
	u, err := openUsedTokens(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.close() }) // a second time is no matter
	return u
}

// TestUsedTokens holds that a token is good once, also after a restart that cut a line
// off, until it has expired, and that what has expired is forgotten, on disk too.
func TestUsedTokens(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "used")
	now := time.Unix(1_000_000, 0)
	u := mustUsedTokens(t, folder, now)
	ids := []string{"0123456789abcdef", "with\nline breaks", `with "quotes" in`, "与其他文字的令牌"}
	used := func(u *usedTokens, party traceability.PartyID, id string) bool {
		t.Helper()
		err := u.use(party, id, now.Add(4*time.Minute), now)
		if err != nil && traceability.CodeOf(err) != traceability.CodeUnauthorized {
			t.Fatal(err)
		}
		return err != nil
	}
	for _, id := range ids {
		if used(u, lab, id) || !used(u, lab, id) || used(u, farm, id) {
			t.Errorf("%q is not good once for each", id)
		}
	}
	if err := u.use(lab, ids[0], now.Add(2*time.Minute), now); traceability.CodeOf(err) != traceability.CodeUnauthorized {
		t.Errorf("one that expires earlier under the same name: %v", err)
	}
	if err := u.close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(folder, fmt.Sprint(minuteOf(now.Add(4*time.Minute)))), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(string(lab) + ` "cut`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		u = mustUsedTokens(t, folder, now)
		for _, id := range ids {
			if !used(u, lab, id) {
				t.Errorf("%q is good again after a restart", id)
			}
		}
		used(u, lab, "after the cut-off line")
		if err := u.close(); err != nil {
			t.Fatal(err)
		}
	}
	u = mustUsedTokens(t, folder, now)
	if !used(u, lab, "after the cut-off line") {
		t.Error("what was written behind a cut-off line is lost")
	}
	now = now.Add(10 * time.Minute)
	used(u, lab, "later-later-later")
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 || len(u.drawers) != 1 || u.of[lab] != 1 || u.of[farm] != 0 || u.total[rankBusiness] != 1 {
		t.Errorf("%d files, %d drawers, %v, %v, %v", len(files), len(u.drawers), u.of, u.total, err)
	}
}

// TestUsedTokensOfOneParty holds that a party which floods the table, and even all
// businesses together, keep nobody above them out.
func TestUsedTokensOfOneParty(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	u := mustUsedTokens(t, "", now)
	use := func(party traceability.PartyID, i int) error {
		return u.use(party, fmt.Sprintf("0123456789abcdef%d", i), now.Add(time.Minute), now)
	}
	for i := range maxTokensEach {
		if err := use(farm, i); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := use(farm, maxTokensEach); traceability.CodeOf(err) != traceability.CodeRateLimited {
		t.Errorf("more than its share: %v", err)
	}
	busy := false
	for n := 0; !busy && n < 200; n++ {
		party := traceability.PartyID(fmt.Sprintf("op:9131010%04dFPX121X", n))
		for i := range maxTokensEach {
			if busy = errors.Is(use(party, i), traceability.ErrBusy); busy {
				break
			}
		}
	}
	if !busy {
		t.Error("the table has no bound")
	}
	for _, party := range []traceability.PartyID{"plat:91310101MA1FPX121X", shanghai} {
		if err := use(party, 0); err != nil {
			t.Errorf("%s is kept out: %v", party, err)
		}
	}
}

// TestTokenAfterRestart holds that a token is not good again when the server starts
// anew.
func TestTokenAfterRestart(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t, "--public-url=https://trace.example")
	bearer := "Authorization: Bearer " + w.token(lab)
	first := w.get("/v1/parties", bearer).status
	w.stop()
	w.start()
	if again := w.get("/v1/parties", bearer).status; first != http.StatusOK || again != http.StatusUnauthorized {
		t.Errorf("%d, and after a restart %d", first, again)
	}
}
