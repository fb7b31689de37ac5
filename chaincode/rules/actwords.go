package rules

import (
	"strings"

	"deltatrace/traceability"
)

// rolesOf says in words who may make a move.
func rolesOf(m traceability.Move) (zh, en string) {
	var wordsZH, wordsEN []string
	for _, role := range m.By {
		z, e := role.Words()
		wordsZH, wordsEN = append(wordsZH, z), append(wordsEN, e)
	}
	return strings.Join(wordsZH, "或"), strings.Join(wordsEN, " or ")
}

func phaseZH(p traceability.Phase) string       { zh, _ := p.Words(); return zh }
func partZH(p traceability.Part) string         { zh, _ := p.Words(); return zh }
func progressZH(p traceability.Progress) string { zh, _ := p.Words(); return zh }
