package digitallink

import (
	"slices"
	"strings"

	"deltatrace/traceability"
)

// MaxBytes is the length of the longest URI that is read or written. A QR code
// holds at most 2953 bytes and what browsers and proxies surely pass on is about 2000.
const MaxBytes = 2048

// Link is what a Digital Link URI says.
type Link struct {
	// Stem is what stands before the keys, without a slash at the end: scheme,
	// host and perhaps a path ("https://example.com/some/path"). From ParsePath it
	// is the path only, perhaps empty.
	Stem string
	// Keys are the primary key and its qualifiers, from the path, in the standard's order.
	Keys []AI
	// Attributes are the application identifiers of the query, in its order.
	// Parameters with other names (utm_source) are not kept.
	Attributes []AI
}

// Dialect says what is tolerated beyond the standard. The zero value is the standard.
type Dialect struct {
	ZeroSuppressedGTIN bool // a GTIN of 8, 12 or 13 digits, which is padded to 14
	Alphas             bool // names of early versions in the path: /gtin/…/lot/… for /01/…/10/…
	UnknownAttributes  bool // numeric parameters that are no application identifier known here
}

// Parse reads a Digital Link URI by the standard, without tolerance. Errors are
// *traceability.Error with the code invalid and an empty field.
func Parse(uri string) (Link, error) { return Dialect{}.Parse(uri) }

// ParsePath reads the path and the query of a Digital Link URI by the standard,
// for a server whose framework took them apart: pass url.URL's EscapedPath and
// RawQuery, since a decoded path has lost which slash was part of a value.
func ParsePath(escapedPath, rawQuery string) (Link, error) {
	return Dialect{}.ParsePath(escapedPath, rawQuery)
}

const form = "a GS1 Digital Link such as https://id.example/01/06901234567892/10/A01, not compressed (未压缩)"

// Parse reads a Digital Link URI.
func (d Dialect) Parse(uri string) (Link, error) {
	if len(uri) > MaxBytes || strings.Trim(uri, uriCharacters) != "" {
		return Link{}, traceability.Invalid("", uri, form)
	}
	location, _, _ := strings.Cut(uri, "#")
	location, query, _ := strings.Cut(location, "?")
	origin, path, ok := cutOrigin(location)
	if !ok {
		return Link{}, traceability.Invalid("", uri, form)
	}
	l, err := d.ParsePath(path, query)
	if err != nil {
		return Link{}, err
	}
	l.Stem = origin + l.Stem
	return l, nil
}

// ParsePath reads the path and the query of a Digital Link URI; see the function ParsePath.
func (d Dialect) ParsePath(escapedPath, rawQuery string) (Link, error) {
	if len(escapedPath)+len(rawQuery) > MaxBytes {
		return Link{}, traceability.Invalid("", escapedPath, form)
	}
	l, ok := d.parseKeys(escapedPath)
	if !ok {
		return Link{}, traceability.Invalid("", escapedPath, form)
	}
	l.Attributes = d.parseAttributes(rawQuery)
	if err := d.check(l); err != nil {
		return Link{}, err
	}
	return l, nil
}

// parseKeys looks from the end of the path, pair by pair, for the primary key:
// the stem may hold anything, even what looks like a key.
func (d Dialect) parseKeys(path string) (Link, bool) {
	components := strings.Split(path, "/")
	for i := len(components) - 2; i >= 0; i -= 2 {
		code := d.code(components[i])
		_, primary := keys[code]
		if !primary && !isQualifier(code) {
			break
		}
		if primary {
			l := Link{Stem: strings.Join(components[:i], "/")}
			for pair := range slices.Chunk(components[i:], 2) {
				l.Keys = append(l.Keys, d.ai(d.code(pair[0]), unescape(pair[1], false)))
			}
			return l, true
		}
	}
	return Link{}, false
}

// parseAttributes takes the parameters with a number for a name.
func (d Dialect) parseAttributes(query string) []AI {
	var attributes []AI
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, ok := strings.Cut(parameter, "=")
		if ok && isDigits(name) {
			attributes = append(attributes, d.ai(name, unescape(value, true)))
		}
	}
	return attributes
}

func (d Dialect) code(component string) string {
	if code, ok := alphas[component]; ok && d.Alphas {
		return code
	}
	return component
}

func (d Dialect) ai(code, value string) AI {
	if code == "01" && d.ZeroSuppressedGTIN && (len(value) == 8 || len(value) == 12 || len(value) == 13) {
		value = strings.Repeat("0", 14-len(value)) + value
	}
	return AI{Code: code, Value: value}
}

// check judges the order of the keys, the place of the attributes, and every value.
func (d Dialect) check(l Link) error {
	open := sequences(l.Keys)
	if len(l.Keys) > 1 && len(open) == 0 {
		return traceability.Invalid("", l.path(), "keys in their order (键的顺序), such as /01/…/22/…/10/…/21/…")
	}
	seen := make(map[string]bool)
	for i, a := range l.AIs() {
		attribute := i >= len(l.Keys)
		s, known := dictionary()[a.Code]
		if !known && d.UnknownAttributes && attribute {
			s = spec{format: "X..90", attribute: true}
		}
		belongs := slices.ContainsFunc(open, func(sequence []string) bool { return slices.Contains(sequence, a.Code) })
		switch {
		case seen[a.Code]:
			return traceability.Invalid("", a.String(), "("+a.Code+") once 仅一次")
		case attribute && belongs:
			return traceability.Invalid("", a.String(), "("+a.Code+") in the path 路径中, not in the query")
		case attribute && !s.attribute:
			return traceability.Invalid("", a.String(), "a GS1 application identifier 应用标识符 that may stand in the query")
		}
		if err := a.check(s.format); err != nil {
			return err
		}
		seen[a.Code] = true
	}
	return nil
}

// sequences returns those sequences of the primary key that the qualifiers keep to.
func sequences(path []AI) [][]string {
	var fitting [][]string
	for _, sequence := range keys[path[0].Code] {
		next := 0 // where the next qualifier may stand
		fits := true
		for _, q := range path[1:] {
			i := slices.Index(sequence[next:], q.Code)
			fits = fits && i >= 0
			next += i + 1
		}
		if fits {
			fitting = append(fitting, sequence)
		}
	}
	return fitting
}

// AIs returns the keys and the attributes.
func (l Link) AIs() []AI { return slices.Concat(l.Keys, l.Attributes) }

// Value returns the value of an application identifier, in the path or in the
// query: "17" is the expiry date, YYMMDD.
func (l Link) Value(code string) (string, bool) {
	for _, a := range l.AIs() {
		if a.Code == code {
			return a.Value, true
		}
	}
	return "", false
}

// LotID returns the lot that the link names: of a GTIN, with a lot number. A
// link to all lots of a trade item names none.
func (l Link) LotID() (traceability.LotID, bool) {
	batch, ok := l.Value("10")
	if !ok || len(l.Keys) == 0 || l.Keys[0].Code != "01" {
		return "", false
	}
	id, err := traceability.GTINLot(traceability.GTIN(l.Keys[0].Value), batch)
	return id, err == nil
}
