package page

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"deltatrace/traceability"
)

// usedKeys finds the keys that the templates and the Go code name, by where.
func usedKeys(t *testing.T) map[Key]string {
	t.Helper()
	used := make(map[Key]string)
	find := func(pattern string, expression *regexp.Regexp) {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || path == "texts.go" {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range expression.FindAllStringSubmatch(string(source), -1) {
				used[Key(match[1])] = path
			}
		}
	}
	find("templates/*.html", regexp.MustCompile(`\bt "([^"]+)"`))
	find("*.go", regexp.MustCompile(`"([a-z]+\.[a-z_0-9]*[a-z0-9])"`))
	// Keys that are made of a part and a word of the domain.
	for _, word := range []traceability.DateKind{"", traceability.DateProduction, traceability.DateProcessing, traceability.DatePurchase, traceability.DateQuarantine, traceability.DateDisinfected, traceability.DateHarvest, traceability.DateOther} {
		used["date."+Key(word)] = "lot.go"
	}
	for _, word := range []traceability.Verdict{traceability.VerdictPass, traceability.VerdictFail, traceability.VerdictProblem, traceability.VerdictNotJudged} {
		used["items."+Key(word)], used["verdict."+Key(word)], used["verdict.mean_"+Key(word)] = "report.go", "verdict.go", "verdict.go"
	}
	used["verdict.fail_items"], used["verdict.problem_items"] = "verdict.go", "verdict.go"
	for _, word := range []traceability.Task{traceability.TaskSupervision, traceability.TaskEvaluative} {
		used["task."+Key(word)] = "report.go"
	}
	for _, word := range []traceability.EventType{traceability.EventCommission, traceability.EventTransform, traceability.EventAggregate, traceability.EventShip, traceability.EventReceive, traceability.EventSell, traceability.EventObserve} {
		used["step."+Key(word)] = "way.go"
	}
	for _, word := range []traceability.LicenceStatus{traceability.LicenceValid, traceability.LicenceNotYet, traceability.LicenceExpired, traceability.LicenceHalted, traceability.LicenceStruck, traceability.LicenceSurrender} {
		used["shop.status_"+Key(word)] = "shop.go"
	}
	for _, word := range []string{"true", "false", "unknown"} {
		used["shop.camera_"+Key(word)], used["shop.dine_in_"+Key(word)] = "shop.go", "shop.go"
		if word != "unknown" {
			used["glance.camera_"+Key(word)], used["glance.dine_in_"+Key(word)] = "shop.go", "shop.go"
		}
	}
	for _, info := range traceability.ViolationTable() {
		if key := Key("violation." + info.Code); texts[key] != (phrase{}) { // others are called as in the table
			used[key] = "shop.go"
		}
	}
	for _, word := range traceability.CreditKinds() {
		used["credit."+Key(word)] = "shop.html"
	}
	for _, word := range []string{traceability.TopicSevenDayReturns, traceability.TopicHonestMeasurement, traceability.TopicOpenKitchen, traceability.TopicModelShop} {
		used["topic."+Key(word)] = "shop.go"
	}
	for _, word := range []string{"food_safety_face", "annual"} {
		used["scheme."+Key(word)] = "shop.go"
	}
	for _, word := range []string{"excellent", "good", "fair"} {
		used["grade."+Key(word)] = "shop.go"
	}
	for _, word := range []string{"reg", "lab", "op", "plat", "farm", "production", "distribution", "catering"} {
		used["kind."+Key(word)] = "party.go"
	}
	for _, word := range []standing{standingFailed, standingWithdrawn, standingOverturned} {
		used["banner."+Key(word)], used["finding."+Key(word)] = "banner.go", "failures.go"
		if word != standingFailed {
			used["finding.why_"+Key(word)] = "failures.go"
		}
	}
	for _, word := range traceability.RecallPhases() {
		used["recall."+Key(word)] = "recalls.go"
	}
	for _, word := range append(traceability.RecallLevels(), "") {
		used["recall.level_"+Key(word)], used["recall.mean_"+Key(word)] = "recalls.go", "recalls.go"
	}
	for _, word := range []traceability.Effect{traceability.Effective, traceability.Ineffective} {
		used["recall."+Key(word)] = "recalls.go"
	}
	for _, word := range []traceability.Act{traceability.ActPublish, traceability.ActCorrect, traceability.ActWithdraw, traceability.ActDetermine} {
		used["act."+Key(word)] = "format.go"
	}
	return used
}

// TestTextsComplete holds that every key in use has its text, and no text is
// left over.
func TestTextsComplete(t *testing.T) {
	t.Parallel()
	used := usedKeys(t)
	files := regexp.MustCompile(`\.(css|svg|html)$`)
	for key, where := range used {
		if _, ok := texts[key]; !ok && !files.MatchString(string(key)) {
			t.Errorf("%s uses %q, which has no text", where, key)
		}
	}
	for key := range texts {
		if _, ok := used[key]; !ok {
			t.Errorf("nothing uses the text %q", key)
		}
	}
}

// TestTextsAgree holds that both languages are there, take the same arguments
// in the same order, and are what they say they are.
func TestTextsAgree(t *testing.T) {
	t.Parallel()
	verb := regexp.MustCompile(`%.`)
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	for key, p := range texts {
		if p.zh == "" || p.en == "" {
			t.Errorf("%q lacks a language", key)
		}
		if zh, en := verb.FindAllString(p.zh, -1), verb.FindAllString(p.en, -1); strings.Join(zh, "") != strings.Join(en, "") {
			t.Errorf("%q takes %v in Chinese and %v in English", key, zh, en)
		}
		if key != "site.switch" && (han(p.en) || (!han(p.zh) && verb.ReplaceAllString(p.zh, "") != " · ")) {
			t.Errorf("%q has its languages mixed up: %q, %q", key, p.zh, p.en)
		}
	}
	if _, err := lookUp(LangZH, "no.such"); err == nil {
		t.Error("a key without a text is no error")
	}
}

// TestNoPromise holds that no page promises what no laboratory finds.
func TestNoPromise(t *testing.T) {
	t.Parallel()
	promise := regexp.MustCompile(`(?i)安全|放心|无害|\bsafe|\bsafety|harmless|guaranteed to`)
	for key, p := range texts {
		if found := promise.FindString(p.zh + " " + p.en); found != "" {
			t.Errorf("the text %q says %q", key, found)
		}
	}
	// The sample has no such word in its data, so a page that has one says it itself.
	for name, result := range newSample(t).every() {
		if found := promise.Find(result.Body); found != nil {
			t.Errorf("%s says %q", name, found)
		}
	}
}
