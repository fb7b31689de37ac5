package board

import "deltatrace/traceability"

// Words are a term in both languages.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Table is what the script knows of the domain, under /board/table.json.
type Table struct {
	Provinces []Province                  `json:"provinces"`
	Divisions []Division                  `json:"divisions"`
	Reasons   []Reason                    `json:"reasons"` // what can be wrong with a shop
	Subjects  map[string]Subject          `json:"subjects"`
	Words     map[string]map[string]Words `json:"words"` // by kind, then by value
}

// Province is one of the four.
type Province struct {
	Code traceability.ProvinceCode `json:"code"`
	Words
}

// Subject is a kind of case that has a table of moves.
type Subject struct {
	Type   traceability.DocumentType `json:"type"`  // of the document that makes a move
	About  string                    `json:"about"` // the payload's member that names the case
	Moves  []Move                    `json:"moves"`
	Fields []Field                   `json:"fields"` // in the order in which a form has them
}

// Move is a row of a table of moves, as far as a form needs it.
type Move struct {
	Act   traceability.Act `json:"act"`
	Needs []string         `json:"needs,omitempty"`
	May   []string         `json:"may,omitempty"`
	Guard *Words           `json:"guard,omitzero"` // what must hold beside the row
	Words
}

func newTable() Table {
	t := Table{Divisions: divisions(), Reasons: reasons(), Subjects: map[string]Subject{"notices": notices(), "recalls": recalls(), "consultations": consultations()}, Words: words()}
	for _, p := range traceability.Provinces() {
		t.Provinces = append(t.Provinces, Province{p, Words{p.NameZH(), p.NameEN()}})
	}
	return t
}

// newSubject makes a subject of its table of moves. Each row of a table says act,
// needs, may and words, whatever else it says.
func newSubject[M any](typ traceability.DocumentType, about string, rows []M, row func(M) Move, guards []traceability.Guard, fields []Field) Subject {
	s := Subject{Type: typ, About: about, Fields: fields}
	for _, r := range rows {
		m := row(r)
		for _, g := range guards {
			if g.Act == m.Act {
				m.Guard = &Words{g.ZH, g.EN}
			}
		}
		s.Moves = append(s.Moves, m)
	}
	return s
}

func moveOf(m traceability.Move) Move {
	return Move{Act: m.Act, Needs: m.Needs, May: m.May, Words: Words{m.ZH, m.EN}}
}
