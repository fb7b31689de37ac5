package board

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// TestFieldsAreThePayload holds the forms against the payload's own check: every
// field that a move has can be filled in, with the very words that are accepted.
func TestFieldsAreThePayload(t *testing.T) {
	t.Parallel()
	fields := make(map[string]Field)
	for _, f := range notices().Fields {
		fields[f.Name] = f
	}
	for name, set := range map[string]func(*traceability.NoticeAct, string){
		"for":      func(a *traceability.NoticeAct, v string) { a.For = traceability.Recipient(v) },
		"answer":   func(a *traceability.NoticeAct, v string) { a.Answer = traceability.Answer(v) },
		"verdict":  func(a *traceability.NoticeAct, v string) { a.Verdict = traceability.Verdict(v) },
		"kind":     func(a *traceability.NoticeAct, v string) { a.Kind = traceability.ObjectionKind(v) },
		"link":     func(a *traceability.NoticeAct, v string) { a.Link = traceability.Link(v) },
		"step":     func(a *traceability.NoticeAct, v string) { a.Step = traceability.Step(v) },
		"cause":    func(a *traceability.NoticeAct, v string) { a.Cause = traceability.Cause(v) },
		"decision": func(a *traceability.NoticeAct, v string) { a.Decision = traceability.Decision(v) },
	} {
		for _, act := range []traceability.Act{traceability.ActDetermine, traceability.ActObjectionDecide} {
			var offered []string
			for _, o := range fields[name].Options {
				if len(o.Acts) == 0 || slices.Contains(o.Acts, act) {
					offered = append(offered, o.Value)
				}
			}
			a := traceability.NoticeAct{Act: act}
			set(&a, "nonsense")
			slices.Sort(offered)
			if diff := cmp.Diff(accepted(t, &a, name), offered); diff != "" {
				t.Errorf("%s in %s (-accepted +offered):\n%s", name, act, diff)
			}
		}
	}
}

// TestMovesHaveFields holds that every subject has a form for each row of its table.
func TestMovesHaveFields(t *testing.T) {
	t.Parallel()
	for name, subject := range newTable().Subjects {
		known := make(map[string]bool)
		for _, f := range subject.Fields {
			known[f.Name] = true
			for _, given := range f.Gives {
				known[given] = true
			}
			if f.ZH == "" || f.EN == "" {
				t.Errorf("%s: %s has no words", name, f.Name)
			}
			for _, o := range f.Options {
				if o.ZH == "" || o.EN == "" {
					t.Errorf("%s: %s: %s has no words", name, f.Name, o.Value)
				}
			}
		}
		if name == "consultations" {
			known["draft"] = true // the choice brings it
		}
		for _, m := range subject.Moves {
			for _, field := range slices.Concat(m.Needs, m.May) {
				if !known[field] {
					t.Errorf("%s: %s has %s, which is no field", name, m.Act, field)
				}
			}
			if m.ZH == "" || m.EN == "" {
				t.Errorf("%s: %s has no words", name, m.Act)
			}
		}
		if len(subject.Moves) == 0 || !slices.Contains(traceability.DocumentTypes(), subject.Type) {
			t.Errorf("%s: %d moves of %s", name, len(subject.Moves), subject.Type)
		}
	}
}

// accepted reads from the refusal of a word which there are.
func accepted(t *testing.T, a *traceability.NoticeAct, field string) []string {
	t.Helper()
	problems, _ := a.Check()
	for _, p := range problems {
		if words, ok := strings.CutPrefix(p.Expected, "one of "); ok && p.Field == field {
			list := strings.Fields(words)
			slices.Sort(list)
			return list
		}
	}
	t.Fatalf("%s is not checked: %v", field, problems)
	return nil
}

// TestConditionsAreThePayload holds what a field depends on against the check.
func TestConditionsAreThePayload(t *testing.T) {
	t.Parallel()
	base := func(act traceability.Act) traceability.NoticeAct {
		return traceability.NoticeAct{Notice: "DBJ25330100319130599", Act: act, At: time.Unix(1, 0).UTC()}
	}
	missing := func(a traceability.NoticeAct) (fields []string) {
		problems, _ := a.Check()
		for _, p := range problems {
			fields = append(fields, p.Field)
		}
		return fields
	}
	asked := func(by, value string) (fields []string) {
		for _, f := range noticeFields() {
			if slices.Contains(f.When[by], value) || slices.Contains(f.Must[by], value) {
				fields = append(fields, f.Name)
			}
		}
		return fields
	}
	sorted := cmp.Transformer("sort", func(s []string) []string { return slices.Sorted(slices.Values(s)) })
	for _, f := range noticeFields() {
		for _, o := range f.Options {
			a := base(traceability.ActAnswer)
			switch f.Name {
			case "answer":
				a.Answer = traceability.Answer(o.Value)
			case "step":
				a = base(traceability.ActHandlingStep)
				a.Link, a.Reason, a.Step = traceability.LinkProduction, "x", traceability.Step(o.Value)
			default:
				continue
			}
			if diff := cmp.Diff(missing(a), asked(f.Name, o.Value), sorted); diff != "" {
				t.Errorf("%s %s (-check +form):\n%s", f.Name, o.Value, diff)
			}
		}
	}
}

// TestAssets holds the scripts to the house: small, with no code from elsewhere
// and no text that becomes markup, and each text that is asked for there.
func TestAssets(t *testing.T) {
	t.Parallel()
	site, err := New(Options{Audience: "http://example.test", Style: "/assets/style.css", Icon: "/assets/favicon.svg"})
	if err != nil {
		t.Fatal(err)
	}
	var texts []byte
	for name, f := range site.files {
		if strings.HasSuffix(name, "texts.js") {
			texts = append(texts, f.Body...)
		}
	}
	asked := regexp.MustCompile(`\bt\("([a-z0-9_.]+)"[,)]`)
	for name, f := range site.files {
		if lines := bytes.Count(f.Body, []byte("\n")); lines >= 300 {
			t.Errorf("%s has %d lines", name, lines)
		}
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function", "document.write", "localStorage", "sessionStorage", "indexedDB", "document.cookie", "https://", "importScripts"} {
			if bytes.Contains(f.Body, []byte(word)) {
				t.Errorf("%s has %s", name, word)
			}
		}
		for _, found := range asked.FindAllSubmatch(f.Body, -1) {
			if !bytes.Contains(texts, []byte(`"`+string(found[1])+`": [`)) {
				t.Errorf("%s asks for the text %s, which is not there", name, found[1])
			}
		}
	}
	if shell := site.Shell("en"); !bytes.Contains(shell.Body, []byte(`content="http://example.test"`)) || bytes.Equal(shell.Body, site.Shell("zh").Body) {
		t.Errorf("the shell: %s", shell.Body)
	}
}
