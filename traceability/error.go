package traceability

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is the one error type of deltatrace: what is wrong, where, what was
// found and what was expected, in Chinese and in English, because people in
// the field read it. Code is stable and is what programs act on.
type Error struct {
	// Code says which kind of error this is; see the table Codes.
	Code Code `json:"code"`
	// Field is the JSON path of the culprit within the document's payload
	// (`items[3].unit`), a header name of the JWS (`kid`), or empty.
	Field string `json:"field,omitempty"`
	// Found is what was there, shortened to at most 120 characters.
	Found string `json:"found,omitempty"`
	// Expected says what should have been there.
	Expected string `json:"expected,omitempty"`
	// ZH and EN are whole sentences for people.
	ZH string `json:"zh"`
	EN string `json:"en"`
	// Err is the cause, for logs; it never leaves the process.
	Err error `json:"-"`
}

// Error returns the English sentence with its code and place.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.EN
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// At returns a copy of e whose field is prefixed with the path of the place
// that holds it: At("items[3]") turns `unit` into `items[3].unit`.
func (e *Error) At(path string) *Error {
	c := *e
	switch {
	case c.Field == "":
		c.Field = path
	case c.Field[0] == '[':
		c.Field = path + c.Field
	default:
		c.Field = path + "." + c.Field
	}
	return &c
}

// NewError returns an error with sentences of its own.
func NewError(code Code, field, zh, en string) *Error {
	return &Error{Code: code, Field: field, ZH: zh, EN: en}
}

// Invalid returns the error for a value that breaks its grammar.
func Invalid(field, found, expected string) *Error {
	found = shorten(found)
	return &Error{
		Code: CodeInvalid, Field: field, Found: found, Expected: expected,
		ZH: fmt.Sprintf("值“%s”无效，应为：%s", found, expected),
		EN: fmt.Sprintf("%q is not valid; expected %s", found, expected),
	}
}

// Missing returns the error for a required value that is absent.
func Missing(field, expected string) *Error {
	return &Error{
		Code: CodeMissing, Field: field, Expected: expected,
		ZH: "缺少必填项，应为：" + expected,
		EN: "a required value is missing; expected " + expected,
	}
}

// Brief returns e with texts of a length for people, in characters that can be
// seen, whatever a stranger's document had in it: e itself when it is so.
func (e *Error) Brief() *Error {
	const (
		path     = 200
		sentence = 600
	)
	c := *e
	for _, text := range []struct {
		s    *string
		most int
	}{{&c.Field, path}, {&c.Found, sentence}, {&c.Expected, sentence}, {&c.ZH, sentence}, {&c.EN, sentence}} {
		*text.s = cut(*text.s, text.most)
	}
	if c.Field == e.Field && c.Found == e.Found && c.Expected == e.Expected && c.ZH == e.ZH && c.EN == e.EN {
		return e
	}
	return &c
}

// CodeOf returns the code of the first *Error in err's chain, CodeInternal for
// any other error, and "" for nil.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	default:
		return CodeInternal
	}
}

// maxFound is how many characters of a value an error repeats.
const maxFound = 120

// shorten cuts s to maxFound characters.
func shorten(s string) string { return cut(s, maxFound) }

// cut cuts s to so many characters of valid UTF-8, so that no error carries a
// whole document and every error can be encoded. Characters that would not be
// seen, or would change how others are, are written as \u202e.
func cut(s string, most int) string {
	plain, n := true, 0
	for i, r := range s {
		if n++; n > most {
			s = s[:i] + "…"
			break
		}
		plain = plain && r >= ' ' && r != utf8.RuneError && r != 0x7f && !unicode.Is(hidden, r)
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || unicode.Is(hidden, r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r) // U+FFFD for what is not UTF-8
		}
	}
	return b.String()
}
