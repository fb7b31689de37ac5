package digitallink

import (
	"net/url"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// CanonicalStem is GS1's own resolver, the stem of the canonical URI.
const CanonicalStem = "https://id.gs1.org"

// Build writes the URI of application identifiers by the standard. See Dialect.Build.
func Build(stem string, ais []AI) (string, error) { return Dialect{}.Build(stem, ais) }

// Build writes the Digital Link URI of application identifiers in any order.
// The first that is a primary key becomes the key, those that qualify it follow
// in the standard's order, and the rest go to the query: those of predefined
// length first, otherwise in the order given. The same identifier with the same
// value again is dropped. stem is an http or https URL without query; when empty it is
// CanonicalStem. Errors are those of Parse.
func (d Dialect) Build(stem string, ais []AI) (string, error) {
	if stem == "" {
		stem = CanonicalStem
	}
	stem = strings.TrimRight(stem, "/")
	_, _, ok := cutOrigin(stem + "/")
	if !ok || strings.Trim(stem, uriCharacters) != "" || strings.ContainsAny(stem, "?#") {
		return "", traceability.Invalid("", stem, "a stem such as https://id.example or https://example.com/some/path")
	}
	l, err := arrange(ais)
	if err != nil {
		return "", err
	}
	if err := d.check(l); err != nil {
		return "", err
	}
	l.Stem = stem
	uri := l.String()
	if len(uri) > MaxBytes {
		return "", traceability.Invalid("", uri, form)
	}
	return uri, nil
}

// arrange tells keys from attributes and puts them in order.
func arrange(ais []AI) (Link, error) {
	primary := slices.IndexFunc(ais, func(a AI) bool { _, ok := keys[a.Code]; return ok })
	if primary < 0 {
		return Link{}, traceability.Invalid("", "", "a primary key (主键) such as (01) or (00)")
	}
	l := Link{Keys: []AI{ais[primary]}}
	for _, sequence := range keys[ais[primary].Code] {
		for _, code := range sequence {
			if i := slices.IndexFunc(ais, func(a AI) bool { return a.Code == code }); i >= 0 {
				l.Keys = append(l.Keys, ais[i])
			}
		}
		if len(l.Keys) > 1 {
			break // the other sequences exclude this one
		}
	}
	for _, a := range ais {
		if !slices.Contains(l.AIs(), a) {
			l.Attributes = append(l.Attributes, a)
		}
	}
	slices.SortStableFunc(l.Attributes, func(a, b AI) int { return rank(a) - rank(b) })
	return l, nil
}

func rank(a AI) int {
	if fixedLength(a.Code) {
		return 0
	}
	return 1
}

// String writes the link as it is, unchecked; without a stem it is path and query only.
func (l Link) String() string {
	var b strings.Builder
	b.WriteString(l.Stem)
	b.WriteString(l.path())
	for i, a := range l.Attributes {
		b.WriteByte("?&"[min(i, 1)])
		b.WriteString(a.Code + "=" + url.QueryEscape(a.Value))
	}
	return b.String()
}

func (l Link) path() string {
	var b strings.Builder
	for _, a := range l.Keys {
		b.WriteString("/" + a.Code + "/" + escapePath(a.Value))
	}
	return b.String()
}

// ElementString returns the link as a barcode carries it: codes and values in a
// row, with ^ for the FNC1 character at the start and after every value that has
// no predefined length, but the last.
func (l Link) ElementString() string {
	var b strings.Builder
	separate := true
	for _, a := range l.AIs() {
		if separate {
			b.WriteByte('^')
		}
		b.WriteString(a.Code + a.Value)
		separate = !fixedLength(a.Code)
	}
	return b.String()
}
