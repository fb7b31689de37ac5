package traceability

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Canonical returns v as RFC 8785 JSON.
func Canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	value := jsontext.Value(b)
	if err := canonicalize(&value); err != nil {
		return nil, fmt.Errorf("canonicalise: %w", err)
	}
	return value, nil
}

// canonicalize is value.Canonicalize, which is RFC 8785, without its second
// parsing when all members are in order already, as they are in what Canonical
// has written. Names given twice and text that is not UTF-8 are errors.
func canonicalize(value *jsontext.Value) error {
	if err := value.Format(jsontext.CanonicalizeRawInts(true), jsontext.CanonicalizeRawFloats(true)); err != nil {
		return err
	}
	if inOrder(*value) {
		return nil
	}
	return value.Canonicalize()
}

// inOrder reports whether the members of every object of a JSON text stand in
// ascending order of their names. The text must be valid and without white
// space. Names in which the order of bytes might not be that of RFC 8785
// (section 3.2.3: UTF-16 code units) count as not in order.
func inOrder(text []byte) bool {
	var names [][]byte // for each open object, the name that came last
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			names = append(names, nil)
		case '}':
			names = names[:len(names)-1]
		case '"':
			end := stringEnd(text, i+1)
			name := text[i+1 : end]
			i = end
			if end+1 == len(text) || text[end+1] != ':' {
				continue // a value
			}
			last := &names[len(names)-1]
			if !plain(name) || (*last != nil && bytes.Compare(*last, name) >= 0) {
				return false
			}
			*last = name
		}
	}
	return true
}

// stringEnd returns where the quotation mark is that ends the string whose
// content begins at i.
func stringEnd(text []byte, i int) int {
	for {
		end := i + bytes.IndexByte(text[i:], '"')
		escapes := 0
		for text[end-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
		i = end + 1
	}
}

// plain reports whether a name is ASCII without escapes.
func plain(name []byte) bool {
	for _, c := range name {
		if c >= 0x80 || c == '\\' {
			return false
		}
	}
	return true
}
