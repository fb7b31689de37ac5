package traceability

import "strings"

// PartyID names a party: `reg:<province>`, `lab:<CMA number>`, `op:<USCC>` or
// `plat:<USCC>`. Examples: reg:310000, lab:230912340001,
// op:91310101MA1FPX121X.
type PartyID string

// PartyKind is the part of a PartyID before the colon.
type PartyKind string

// The kinds of party.
const (
	KindRegulator  PartyKind = "reg"  // a province's market regulation administration 市场监督管理局
	KindLaboratory PartyKind = "lab"  // a testing laboratory 检验机构
	KindOperator   PartyKind = "op"   // farm, producer, distributor, shop, restaurant 食品生产经营者
	KindPlatform   PartyKind = "plat" // an online catering platform 网络餐饮服务第三方平台
)

// ParsePartyID checks the grammar; check digits are not judged here.
func ParsePartyID(s string) (PartyID, error) {
	kind, rest, _ := strings.Cut(s, ":")
	ok := false
	switch PartyKind(kind) {
	case KindRegulator:
		ok = ProvinceCode(rest).Valid()
	case KindLaboratory:
		number, err := ParseCMANumber(rest)
		ok = err == nil && string(number) == rest
	case KindOperator, KindPlatform:
		code, err := ParseUSCC(rest)
		ok = err == nil && string(code) == rest
	}
	if !ok {
		return "", Invalid("", s, "a party id: reg:<province>, lab:<CMA number>, op:<USCC> or plat:<USCC>")
	}
	return PartyID(s), nil
}

// UnmarshalText checks the grammar.
func (p *PartyID) UnmarshalText(b []byte) error {
	parsed, err := ParsePartyID(string(b))
	*p = parsed
	return err
}

// Kind returns the kind of party.
func (p PartyID) Kind() PartyKind {
	kind, _, _ := strings.Cut(string(p), ":")
	return PartyKind(kind)
}

// Number returns the part after the colon.
func (p PartyID) Number() string {
	_, number, _ := strings.Cut(string(p), ":")
	return number
}

// USCC returns the unified social credit code of an operator or platform.
func (p PartyID) USCC() (USCC, bool) {
	if k := p.Kind(); k != KindOperator && k != KindPlatform {
		return "", false
	}
	return USCC(p.Number()), true
}

// Regulator returns the party id of a province's regulator.
func Regulator(p ProvinceCode) PartyID { return PartyID("reg:" + string(p)) }

// Stage is the link of the chain in which an operator works (环节).
type Stage string

// The links of the chain.
const (
	StageFarm         Stage = "farm"         // 种植养殖
	StageProduction   Stage = "production"   // 生产
	StageDistribution Stage = "distribution" // 流通: wholesale and retail
	StageCatering     Stage = "catering"     // 餐饮
)

// Admission is the payload of party.admit: a province's regulator lets a party
// take part, with its first key, and for a laboratory its accredited scope.
// A changed admission names the one it replaces in Supersedes; its key, if
// another, replaces the party's keys; its status is active again.
type Admission struct {
	Party      PartyID      `json:"party"`
	Name       string       `json:"name"`
	NameEN     string       `json:"name_en,omitzero"`
	USCC       USCC         `json:"uscc,omitzero"`
	Division   DivisionCode `json:"division,omitzero"`
	Address    string       `json:"address,omitzero"`
	Stage      Stage        `json:"stage,omitzero"`
	Key        PublicKey    `json:"key"`
	ValidFrom  Date         `json:"valid_from,omitzero"`
	ValidTo    Date         `json:"valid_to,omitzero"`
	CNAS       CNASNumber   `json:"cnas,omitzero"`
	Scope      []Capability `json:"scope,omitempty"`
	Supersedes DocumentID   `json:"supersedes,omitzero"`
}

// Capability is one row of a laboratory's accredited scope (检验检测能力范围): a
// parameter by a method with its edition. Parameter `*` means every parameter
// of the method. A method without 第×法 covers all of the standard's methods.
type Capability struct {
	Parameter string `json:"parameter"`
	Method    string `json:"method"`
	ValidFrom Date   `json:"valid_from,omitzero"`
	ValidTo   Date   `json:"valid_to,omitzero"`
}

// maxScope bounds a laboratory's accredited scope: a large one has some thousand
// rows.
const maxScope = 5000

// Check implements Payload.
func (a *Admission) Check() (problems, warnings []*Error) {
	var c checker
	if a.Party == "" {
		c.missing("party", "a party id")
	} else if a.Party.Kind() == KindRegulator {
		c.problems = append(c.problems, Invalid("party", string(a.Party), "a laboratory, operator or platform; provinces are set when the ledger starts"))
	}
	if code, ok := a.Party.USCC(); ok {
		c.uscc("party", code)
	}
	c.need("name", a.Name, 100)
	c.text("name_en", a.NameEN, 200)
	c.uscc("uscc", a.USCC)
	c.division("division", a.Division)
	c.text("address", a.Address, 200)
	if a.Key.IsZero() {
		c.missing("key", "a public JWK")
	}
	if a.CNAS != "" {
		number, err := ParseCNASNumber(string(a.CNAS))
		canonical(&c, "cnas", a.CNAS, number, err)
	}
	if len(a.Scope) > 0 && a.Party.Kind() != KindLaboratory {
		c.problems = append(c.problems, Invalid("scope", string(a.Party.Kind()), "a scope for laboratories only"))
	}
	for i, row := range bounded(&c, "scope", a.Scope, 0, maxScope) {
		if row.Parameter == "" || row.Method == "" {
			c.missing(index("scope", i), "parameter and method")
		}
		c.text(index("scope", i)+".parameter", row.Parameter, 200)
		c.text(index("scope", i)+".method", row.Method, 200)
	}
	c.documentID("supersedes", a.Supersedes)
	switch a.Stage {
	case "", StageFarm, StageProduction, StageDistribution, StageCatering:
	default:
		c.problems = append(c.problems, Invalid("stage", string(a.Stage), "farm, production, distribution or catering"))
	}
	return c.result()
}

// Suspension is the payload of party.suspend: from the ledger's acceptance on,
// the party's documents are refused. A new admission ends it.
type Suspension struct {
	Party  PartyID `json:"party"`
	Reason string  `json:"reason"`
	Basis  string  `json:"basis,omitzero"` // the legal basis, with its article
	On     Date    `json:"on"`             // the day of the decision
}

// Check implements Payload.
func (s *Suspension) Check() (problems, warnings []*Error) {
	var c checker
	if s.Party == "" {
		c.missing("party", "a party id")
	}
	c.need("reason", s.Reason, 500)
	c.text("basis", s.Basis, 200)
	if s.On == "" {
		c.missing("on", "the day of the decision")
	}
	return c.result()
}

// Rotation is the payload of party.rotate-key: the party's new key, which
// replaces the others at once. The party signs it with its present key, or, if
// that is lost, its province's regulator does. A province's own key changes
// when three provinces have signed the same rotation.
type Rotation struct {
	Party  PartyID   `json:"party"`
	Key    PublicKey `json:"key"`
	Reason string    `json:"reason,omitzero"`
}

// Check implements Payload.
func (r *Rotation) Check() (problems, warnings []*Error) {
	var c checker
	if r.Party == "" {
		c.missing("party", "a party id")
	}
	if r.Key.IsZero() {
		c.missing("key", "a public JWK")
	}
	c.text("reason", r.Reason, 500)
	return c.result()
}
