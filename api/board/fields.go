package board

import "deltatrace/traceability"

// Kind says how a field is filled in.
type Kind string

// The kinds of field. What there is to choose of items and periods depends on the case.
const (
	Text     Kind = "text"
	LongText Kind = "longtext"
	OneOf    Kind = "choice"
	Files    Kind = "evidence" // papers: name, number, and the SHA-256 of a file that stays where it is
	Row      Kind = "row"      // the public row of a failed sample
	Items    Kind = "items"    // of those that failed
	Timer    Kind = "timer"    // of the periods that run
	Codes    Kind = "codes"    // divisions (GB/T 2260)
	Lines    Kind = "lines"    // texts, one a line
	Day      Kind = "day"
	Object   Kind = "object"  // of members
	Amounts  Kind = "amounts" // of a recall, by region, in its unit
)

// Field is a member of a payload that a move may have.
type Field struct {
	Name    string   `json:"name"`
	Kind    Kind     `json:"kind"`
	Options []Option `json:"options,omitempty"`
	Most    int      `json:"most,omitzero"` // characters of a text
	Words
	Hint *Words `json:"hint,omitzero"`

	// When: the field is there, and required, when another of the form has one of
	// these values, and else not. Must: it is required then. Check judges the same.
	When map[string][]string `json:"when,omitempty"`
	Must map[string][]string `json:"must,omitempty"`

	Members []Field  `json:"members,omitempty"` // of an object, and of a row by their paths
	Gives   []string `json:"gives,omitempty"`   // other members that it fills in
}

// Option is a value that a field may have; with Acts, in these only.
type Option struct {
	Value string             `json:"value"`
	Acts  []traceability.Act `json:"acts,omitempty"`
	Words
}

func options[T ~string](words map[T]Words, values ...T) []Option {
	var list []Option
	for _, v := range values {
		list = append(list, Option{Value: string(v), Words: words[v]})
	}
	return list
}

func provinces() []Option {
	var list []Option
	for _, p := range traceability.Provinces() {
		list = append(list, Option{Value: string(p), Words: Words{p.NameZH(), p.NameEN()}})
	}
	return list
}
