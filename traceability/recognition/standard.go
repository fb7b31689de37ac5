package recognition

import (
	"regexp"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// namedStandard finds standards with their editions in a report's conclusion, which
// is folded before: 经抽样检验，所检项目符合GB2763-2021要求.
var namedStandard = regexp.MustCompile(`(?:GB|DB[0-9]{2}|NY|SB|QB|LS|SC|T)(?:/[A-Z]+)?[0-9]+(?:\.[0-9]+)?[-—–][0-9]{4}`)

// standard is P4. A report names its standards in its conclusion and not at each
// item; so when one of several is out of date, which item it judged is not known.
// Into which category of a standard the food falls is the laboratory's word.
func standard(q *question) found {
	day, assumed := q.Produced()
	if day == "" {
		return unknown("报告和批次均未注明生产日期", "neither the report nor the lot states a day of production").by(q.Document, q.LotDocument)
	}
	var printed, outdated, expected []string
	known := 0
	for _, edition := range namedStandard.FindAllString(traceability.Fold(q.Report.Conclusion), -1) {
		if slices.Contains(printed, edition) {
			continue
		}
		printed = append(printed, edition)
		rows := rowsOf(q.rule.Editions, edition)
		if len(rows) == 0 {
			continue
		}
		known++
		if !slices.ContainsFunc(rows, func(e traceability.StandardEdition) bool {
			return foldStandard(e.Edition) == foldStandard(edition) && day.Within(e.From, e.To)
		}) {
			outdated = append(outdated, edition)
			expected = append(expected, inForce(rows, day)...)
		}
	}
	text := string(day) + ": " + strings.Join(printed, ", ")
	switch {
	case len(printed) == 0:
		return unknown("检验结论未写明判定标准及年号", "the conclusion names no standard with its edition").but(q.Report.Conclusion, "such as GB 2763-2026").by(q.Document)
	case known < len(printed):
		return unknown("规则未列明该标准各版本的施行日期", "the rule does not say when the editions of a named standard are in force").but(text, "a row in the rule's editions").by(q.Document, q.rule.Document)
	case len(outdated) > 0 && len(printed) == 1:
		return failed("生产日期时该版本标准未施行或已废止", "on the day of production another edition was in force").but(text, strings.Join(expected, ", ")).by(q.Document, q.rule.Document)
	case len(outdated) > 0:
		return unknown("所列标准中有非有效版本，无法确定本项目所依据的标准", "one of the named standards was not in force, and which of them judged this item is not stated").but(text, strings.Join(expected, ", ")).by(q.Document, q.rule.Document)
	case assumed:
		return unknown("未注明生产日期，按抽样日期推定为有效版本", "without a day of production, the edition is right only as of the day of sampling").but(text, "a day of production").by(q.Document)
	default:
		return met("为生产日期时的有效版本", "the edition in force on the day of production").but(text, "").by(q.Document, q.rule.Document)
	}
}

// rowsOf returns the rows of the standard that an edition belongs to.
func rowsOf(rows []traceability.StandardEdition, edition string) []traceability.StandardEdition {
	folded := foldStandard(edition)
	number := folded[:strings.LastIndex(folded, "-")]
	var own []traceability.StandardEdition
	for _, row := range rows {
		if foldStandard(row.Standard) == number {
			own = append(own, row)
		}
	}
	return own
}

// foldStandard makes all dashes one.
func foldStandard(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '—' || r == '–' {
			return '-'
		}
		return r
	}, traceability.Fold(s))
}

func inForce(rows []traceability.StandardEdition, day traceability.Date) []string {
	var list []string
	for _, row := range rows {
		if day.Within(row.From, row.To) {
			list = append(list, row.Edition)
		}
	}
	return list
}
