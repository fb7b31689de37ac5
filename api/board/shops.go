package board

import "deltatrace/traceability"

// Division is one of today's administrative divisions (GB/T 2260): its own name, and
// what it lies in.
type Division struct {
	Code   traceability.DivisionCode `json:"code"`
	Parent traceability.DivisionCode `json:"parent,omitzero"` // absent: a province
	ZH     string                    `json:"zh"`
	EN     string                    `json:"en"` // of a province; else as in Chinese
}

func divisions() []Division {
	var list []Division
	for _, code := range traceability.Divisions() {
		if !code.Official() {
			continue // the statistical code of a development zone, which no licence has
		}
		d := Division{Code: code, Parent: code.Parent(), ZH: code.Name(), EN: code.Name()}
		if en := traceability.ProvinceCode(code).NameEN(); en != "" {
			d.EN = en
		}
		list = append(list, d)
	}
	return list
}

var (
	licenceWords = map[traceability.LicenceStatus]Words{
		traceability.LicenceValid: {"有效", "valid"}, traceability.LicenceNotYet: {"尚未生效", "not yet valid"}, traceability.LicenceExpired: {"已过期", "expired"},
		traceability.LicenceHalted: {"责令停业", "suspended"}, traceability.LicenceStruck: {"已吊销", "revoked"}, traceability.LicenceSurrender: {"已注销", "cancelled"},
	}
	standingWords = map[traceability.LicenceVerdict]Words{
		traceability.LicenceHolds: {"可以服务", "may be served"}, traceability.LicenceFails: {"应停止服务", "to be refused"}, traceability.LicenceUnverified: {"未核验", "unverified"},
	}
)

// Reason is something that may be wrong with how a shop shows its licence.
type Reason struct {
	Code     traceability.ViolationCode `json:"code"`
	Severity traceability.Severity      `json:"severity"`
	Remedy   Words                      `json:"remedy"` // what to do about it
	Words
}

// reasons lists them, first those for which service is refused.
func reasons() []Reason {
	var list []Reason
	for _, v := range traceability.ViolationTable() {
		zh, en := v.Code.Remedy()
		list = append(list, Reason{Code: v.Code, Severity: v.Severity, Remedy: Words{zh, en}, Words: Words{v.ZH, v.EN}})
	}
	return list
}

// severityWords are what a severity is called.
func severityWords() map[string]Words {
	words := make(map[string]Words)
	for _, s := range []traceability.Severity{traceability.SeverityRefuse, traceability.SeverityMend, traceability.SeverityUnknown} {
		zh, en := s.Words()
		words[string(s)] = Words{zh, en}
	}
	return words
}
