package exchange

import (
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// writeJSON writes {"layout", "title", "declaration", "columns", "rows", "note"}.
// A row's members are in the order of the columns.
func writeJSON(w io.Writer, l Layout, t *template, rows iter.Seq2[Row, error]) error {
	out := &tokens{out: jsontext.NewEncoder(w)}
	out.put(jsontext.BeginObject)
	out.texts("layout", string(l), "title", t.title, "declaration", declaration, "columns")
	out.put(jsontext.BeginArray)
	headings := t.headings()
	out.texts(headings...)
	out.put(jsontext.EndArray)
	out.texts("rows")
	out.put(jsontext.BeginArray)
	var n counter
	for row, err := range rows {
		if err != nil {
			return err
		}
		lines, err := n.next(t, &row)
		if err != nil {
			return err
		}
		for _, cells := range lines {
			out.put(jsontext.BeginObject)
			for i, cell := range cells {
				out.texts(headings[i], cell)
			}
			out.put(jsontext.EndObject)
		}
		if out.err != nil {
			return out.err
		}
	}
	out.put(jsontext.EndArray)
	out.texts("note", noRanking)
	out.put(jsontext.EndObject)
	return out.err
}

// tokens writes JSON until something fails.
type tokens struct {
	out *jsontext.Encoder
	err error
}

func (t *tokens) put(token jsontext.Token) {
	if t.err == nil {
		t.err = t.out.WriteToken(token)
	}
}

func (t *tokens) texts(list ...string) {
	for _, s := range list {
		t.put(jsontext.String(s))
	}
}
