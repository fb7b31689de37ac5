package traceability

import (
	"slices"
	"strings"
)

// ParameterClass names a kind of test parameters that a rule speaks of.
type ParameterClass string

// Microbiological parameters are never re-inspected (食品安全抽样检验管理办法,
// article 31): what lives in a backup sample changes with its age.
const Microbiological ParameterClass = "microbiological"

// Parameters is the payload of parameters.set: which test parameters belong to a
// class, by their names. It comes into force when three provinces have signed the
// same content; a later revision replaces it.
type Parameters struct {
	Class    ParameterClass `json:"class"`
	Revision int            `json:"revision"` // from 1
	Names    []string       `json:"names"`
	Basis    string         `json:"basis"`
	Note     string         `json:"note,omitzero"`
}

// Check implements Payload.
func (p *Parameters) Check() (problems, warnings []*Error) {
	var c checker
	if p.Class != Microbiological {
		c.problems = append(c.problems, Invalid("class", string(p.Class), string(Microbiological)))
	}
	c.revision(p.Revision)
	for i, name := range bounded(&c, "names", p.Names, 1, 2000) {
		c.need(index("names", i), name, 200)
	}
	c.need("basis", p.Basis, 300)
	c.text("note", p.Note, 500)
	return c.result()
}

// Record implements Agreed.
func (p *Parameters) Record() string { return ParametersKey(p.Class) }

// Edition implements Agreed.
func (p *Parameters) Edition() int { return p.Revision }

// Signers implements Agreed.
func (p *Parameters) Signers() int { return MostProvinces }

// Has reports whether a parameter as printed is one of the names, folded, with
// or without what the report adds in brackets: 大肠菌群(CFU/g) is 大肠菌群.
func (p *Parameters) Has(parameter string) bool {
	printed := Fold(parameter)
	bare, _, _ := strings.Cut(printed, "(")
	return slices.ContainsFunc(p.Names, func(name string) bool {
		folded := Fold(name)
		return folded == printed || folded == bare
	})
}
