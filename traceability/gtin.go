package traceability

import "time"

// GTINAssignment is the payload of gtin.assign: a regulator says whose a GTIN is,
// of the province that admitted that operator or of the one that admitted the
// present owner. Before any, a GTIN belongs to who registered its first lot; a
// wrong one takes the next number of a competitor so, and this puts it right. It
// may come before any lot. What was registered before stays as it is.
type GTINAssignment struct {
	GTIN     GTIN       `json:"gtin"` // 14 digits
	To       PartyID    `json:"to"`   // an operator
	At       time.Time  `json:"at"`   // when it was decided
	Reason   string     `json:"reason"`
	Evidence []Evidence `json:"evidence,omitempty"` // of the registration with GS1 China 中国物品编码中心
}

// Check implements Payload.
func (a *GTINAssignment) Check() (problems, warnings []*Error) {
	var c checker
	if a.GTIN == "" {
		c.missing("gtin", "a GTIN in 14 digits")
	} else {
		gtin, err := ParseGTIN(string(a.GTIN))
		if canonical(&c, "gtin", a.GTIN, gtin, err) && !gtin.Global() {
			c.problems = append(c.problems, notGlobal("gtin", gtin))
		}
	}
	switch {
	case a.To == "":
		c.missing("to", "a party id")
	case a.To.Kind() != KindOperator:
		c.problems = append(c.problems, Invalid("to", string(a.To), "an operator: op:<USCC>"))
	}
	c.instant("at", a.At)
	c.need("reason", a.Reason, 5000)
	c.evidence("evidence", a.Evidence)
	return c.result()
}

// notGlobal refuses a GTIN that is nobody's; see GTIN.Global.
func notGlobal(field string, gtin GTIN) *Error {
	return &Error{Code: CodeInvalid, Field: field, Found: string(gtin), Expected: "a GTIN that GS1 gave out",
		ZH: "该条码为店内码或无效号码，不是全球唯一的商品条码", EN: "this number is for use within a shop or a country, so it is nobody's alone"}
}

// GTINState is the record under gtin/<GTIN>: whose it is. Until a regulator has
// assigned it, that is who registered its first lot.
type GTINState struct {
	Owner     PartyID   `json:"owner"`
	Since     time.Time `json:"since"`               // by the ledger's clock
	Lot       LotID     `json:"lot,omitzero"`        // the first, when it was not assigned before
	Documents []Entry   `json:"documents,omitempty"` // the assignments, oldest first
}

// GTINKey is the state key of a GTIN.
func GTINKey(gtin GTIN) string { return "gtin/" + string(gtin) }
