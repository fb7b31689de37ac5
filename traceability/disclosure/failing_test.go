package disclosure_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
	"deltatrace/traceability/disclosure"
)

// failingDay is a day with shops of every severity, in no order.
func failingDay() *disclosure.Day {
	shop := func(platform traceability.PartyID, id traceability.ShopID, division traceability.DivisionCode, codes ...traceability.ViolationCode) disclosure.FailingShop {
		return disclosure.FailingShop{Platform: platform, Shop: id, Division: division, Codes: codes}
	}
	return &disclosure.Day{Day: "2026-11-22", Height: 7, Time: time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC), Failing: []disclosure.FailingShop{
		shop(one, "other-register", "330106", traceability.ViolationNotCovered),
		shop(one, "two-to-mend", "330106", traceability.ViolationStale, traceability.ViolationNameMismatch),
		shop(other, "expired", "310101", traceability.ViolationExpired),
		shop(one, "expired-and-stale", "330102", traceability.ViolationExpired, traceability.ViolationStale),
		shop(one, "expired", "330106", traceability.ViolationExpired),
		shop(one, "nowhere", "", traceability.ViolationNotShown),
	}}
}

func archive(t testing.TB, days ...*disclosure.Day) (a *disclosure.Archive, dir string) {
	t.Helper()
	dir = t.TempDir()
	a, err := disclosure.OpenArchive(dir)
	for _, d := range days {
		if err == nil {
			err = a.Save(d)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, dir
}

// TestFailing lists failing shops by every filter, in pages of every size.
func TestFailing(t *testing.T) {
	t.Parallel()
	a, _ := archive(t, failingDay())
	for _, c := range []struct {
		filter disclosure.FailingFilter
		want   string
		shops  int // of the filter's platform and division
	}{
		{disclosure.FailingFilter{}, "expired-and-stale expired expired nowhere two-to-mend other-register", 6},
		{disclosure.FailingFilter{Platform: one}, "expired-and-stale expired nowhere two-to-mend other-register", 5},
		{disclosure.FailingFilter{Platform: other}, "expired", 1},
		{disclosure.FailingFilter{Platform: "plat:91310000MA1FPX131H"}, "", 0},
		{disclosure.FailingFilter{Division: "330000"}, "expired-and-stale expired two-to-mend other-register", 4},
		{disclosure.FailingFilter{Division: "330100", Code: traceability.ViolationStale}, "expired-and-stale two-to-mend", 4},
		{disclosure.FailingFilter{Platform: one, Division: "330106", Severity: traceability.SeverityMend}, "two-to-mend", 3},
		{disclosure.FailingFilter{Severity: traceability.SeverityUnknown}, "other-register", 6},
		{disclosure.FailingFilter{Severity: traceability.SeverityUnknown, Code: traceability.ViolationStale}, "", 6},
	} {
		for limit := 1; limit <= 7; limit++ {
			var got []string
			page := traceability.Page{Limit: limit}
			for {
				list, err := a.Failing(t.Context(), "", c.filter, page)
				if err != nil {
					t.Fatal(err)
				}
				if list.Of.Day != "2026-11-22" || list.Of.Height != 7 || list.Count.Shops != c.shops {
					t.Errorf("%+v: %+v, %d shops", c.filter, list.Of, list.Count.Shops)
				}
				for _, s := range list.Items {
					got = append(got, string(s.Shop))
				}
				if page.After = list.Next; page.After == "" {
					break
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%+v by %d: %v, not %s", c.filter, limit, got, c.want)
			}
		}
	}
	list, err := a.Failing(t.Context(), "2026-11-22", disclosure.FailingFilter{Platform: one, Division: "330106"}, traceability.Page{})
	if err != nil {
		t.Fatal(err)
	}
	want := disclosure.FailingCount{Shops: 3,
		Severities: map[traceability.Severity]int{traceability.SeverityRefuse: 1, traceability.SeverityMend: 1, traceability.SeverityUnknown: 1},
		Codes:      map[traceability.ViolationCode]int{traceability.ViolationNotCovered: 1, traceability.ViolationStale: 1, traceability.ViolationNameMismatch: 1, traceability.ViolationExpired: 1}}
	if diff := cmp.Diff(want, list.Count); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(disclosure.FailingShop{Platform: one, Shop: "two-to-mend", Division: "330106", Codes: []traceability.ViolationCode{traceability.ViolationStale, traceability.ViolationNameMismatch}}, list.Items[1]); diff != "" {
		t.Error(diff)
	}
}

// TestFailingPlaces holds that a page can be asked for only where one ended, that a
// page goes on in its day's list, and that old lists go.
func TestFailingPlaces(t *testing.T) {
	t.Parallel()
	a, dir := archive(t, failingDay())
	first, err := a.Failing(t.Context(), "", disclosure.FailingFilter{}, traceability.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	next := failingDay()
	next.Day, next.Failing = "2026-11-23", nil
	if err := a.Save(next); err != nil {
		t.Fatal(err)
	}
	second, err := a.Failing(t.Context(), "", disclosure.FailingFilter{}, traceability.Page{Limit: 1, After: first.Next})
	if err != nil || second.Of.Day != "2026-11-22" || second.Items[0].Shop != "expired" {
		t.Errorf("%+v %v", second, err)
	}
	if last, err := a.Failing(t.Context(), "", disclosure.FailingFilter{}, traceability.Page{}); err != nil || last.Of.Day != "2026-11-23" || len(last.Items) > 0 {
		t.Errorf("%+v %v", last, err)
	}
	for _, after := range []string{"x", "2026-11-22", "2026-11-22:", "2026-11-22:-1", "2026-11-22:0", "2026-11-22:1", "2026-11-22:100000", first.Next + "1", "2026-13-22:5"} {
		if _, err := a.Failing(t.Context(), "", disclosure.FailingFilter{}, traceability.Page{After: after}); traceability.CodeOf(err) != traceability.CodeInvalid {
			t.Errorf("after %s: %v", after, err)
		}
	}
	if _, err := a.Failing(t.Context(), "2026-11-23", disclosure.FailingFilter{}, traceability.Page{After: first.Next}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("another day's place: %v", err)
	}
	if _, err := a.Failing(t.Context(), "2026-11-01", disclosure.FailingFilter{}, traceability.Page{}); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("a day without a list: %v", err)
	}
	for i := range disclosure.ListsKept {
		later := failingDay()
		later.Day = later.Day.AddDays(2 + i)
		if err := a.Save(later); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Failing(t.Context(), "2026-11-22", disclosure.FailingFilter{}, traceability.Page{}); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("an old list: %v", err)
	}
	if days, err := a.Days(); err != nil || len(days) != disclosure.ListsKept+2 {
		t.Errorf("the rates of %d days are kept: %v", len(days), err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.failing")); err != nil || len(left) != disclosure.ListsKept {
		t.Errorf("%v %v", left, err)
	}
	empty, _ := archive(t)
	if _, err := empty.Failing(t.Context(), "", disclosure.FailingFilter{}, traceability.Page{}); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("no list at all: %v", err)
	}
}

// FuzzFailingList reads lists that were written by something else: an error, or shops
// that have all that a shop has.
func FuzzFailingList(f *testing.F) {
	f.Add("{}\n\nplat:91320106MA1FPX121A E1 330106 EXPIRED,STALE\n", "")
	f.Add("{}\n{\"platform\":\"x\",\"shops\":1}\n\nx y - z\n", "2026-11-22:34")
	f.Add("{}\n\nx y z", "2026-11-22:4")
	f.Add("", "2026-11-22:-1")
	f.Fuzz(func(t *testing.T, text, after string) {
		dir := t.TempDir()
		a, err := disclosure.OpenArchive(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "2026-11-22.failing"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := a.Failing(t.Context(), "", disclosure.FailingFilter{}, traceability.Page{After: after, Limit: 5})
		for _, s := range list.Items {
			if s.Platform == "" || s.Shop == "" || len(s.Codes) == 0 || err == nil && len(list.Items) > 5 {
				t.Errorf("%+v in %q", s, text)
			}
		}
	})
}

// BenchmarkFailing finds the last shop of a long list.
func BenchmarkFailing(b *testing.B) {
	day := failingDay()
	for i := range 400_000 {
		day.Failing = append(day.Failing, disclosure.FailingShop{Platform: one, Shop: traceability.ShopID(fmt.Sprintf("E%09d", i)), Division: "330106",
			Codes: []traceability.ViolationCode{traceability.ViolationStale, traceability.ViolationNoGrade}})
	}
	a, _ := archive(b, day)
	for b.Loop() {
		list, err := a.Failing(context.Background(), "", disclosure.FailingFilter{Severity: traceability.SeverityUnknown}, traceability.Page{})
		if err != nil || len(list.Items) != 1 {
			b.Fatal(len(list.Items), err)
		}
	}
}
