package traceability

// LicenceItem is one licensed item of business 经营项目 (SAMR Order 78, article
// 10): what it is, as printed, and whether it is limited.
type LicenceItem struct {
	Name    string `json:"name"`             // 热食类食品制售, 冷食类食品制售, 生食类食品制售, 糕点类食品制售, 自制饮品制售, 预包装食品销售…
	Without string `json:"without,omitzero"` // what is excluded, as printed: 不含裱花类糕点
	With    string `json:"with,omitzero"`    // what is expressly included: 含冷荤类食品
}

// Grade is a hygiene grade 量化分级. Provinces differ, so it is kept as its scheme
// words it: {"food_safety_face", "excellent"} 大笑, {"annual", "A"}, ….
type Grade struct {
	Scheme string `json:"scheme"`
	Grade  string `json:"grade"`
	Date   Date   `json:"date,omitzero"` // of the inspection
}

// Licence is what a licence says: the content of licence.grant, and in a
// licence.change that corrects, renews or alters it, the whole new content.
type Licence struct {
	ID           LicenceID     `json:"licence"`
	Holder       Firm          `json:"holder"`                 // 经营者名称、统一社会信用代码、住所
	Premises     string        `json:"premises"`               // 经营场所: the address where it trades
	Division     DivisionCode  `json:"division"`               // of the premises today, GB/T 2260
	Storefront   string        `json:"storefront,omitzero"`    // 门头名称, as on the sign
	BusinessType BusinessType  `json:"business_type,omitzero"` // 主体业态
	Items        []LicenceItem `json:"items"`                  // 经营项目
	ValidFrom    Date          `json:"valid_from"`
	ValidTo      Date          `json:"valid_to,omitzero"`       // the last day; empty for a filing without an end
	Issuer       string        `json:"issuer,omitzero"`         // 发证机关
	Grades       []Grade       `json:"grades,omitempty"`        // the newest of each scheme
	Camera       *bool         `json:"kitchen_camera,omitzero"` // 明厨亮灶; absent: not known
	DineIn       *bool         `json:"dine_in,omitzero"`        // 堂食; absent: not known
}

// Limits of a licence.
const (
	maxLicenceItems  = 60
	maxLicenceGrades = 10
)

// Check implements Payload.
func (l *Licence) Check() (problems, warnings []*Error) {
	var c checker
	c.licence("", l)
	return c.result()
}

// licence checks the content, its fields named under a prefix.
func (c *checker) licence(prefix string, l *Licence) {
	c.licenceID(prefix+"licence", l.ID)
	c.need(prefix+"holder.name", l.Holder.Name, 200)
	c.firm(prefix+"holder", l.Holder)
	c.need(prefix+"premises", l.Premises, 300)
	if l.Division == "" {
		c.missing(prefix+"division", "the division of the premises")
	}
	c.division(prefix+"division", l.Division)
	c.text(prefix+"storefront", l.Storefront, 200)
	switch l.BusinessType {
	case "", BusinessTypeSale, BusinessTypeCatering, BusinessTypeCanteen:
	default:
		c.problems = append(c.problems, Invalid(prefix+"business_type", string(l.BusinessType), "1, 2 or 3"))
	}
	for i, item := range bounded(c, prefix+"items", l.Items, 1, maxLicenceItems) {
		at := index(prefix+"items", i)
		c.need(at+".name", item.Name, 100)
		c.text(at+".with", item.With, 200)
		c.text(at+".without", item.Without, 200)
	}
	switch {
	case l.ValidFrom == "":
		c.missing(prefix+"valid_from", "a date")
	case l.ValidTo != "" && l.ValidTo < l.ValidFrom:
		c.problems = append(c.problems, Invalid(prefix+"valid_to", string(l.ValidTo), "not before "+string(l.ValidFrom)))
	}
	c.text(prefix+"issuer", l.Issuer, 200)
	for i, g := range bounded(c, prefix+"grades", l.Grades, 0, maxLicenceGrades) {
		c.need(index(prefix+"grades", i)+".scheme", g.Scheme, 60)
		c.need(index(prefix+"grades", i)+".grade", g.Grade, 60)
	}
}

// licenceID checks a required licence number in canonical form; a wrong check
// digit warns, because numbers in force have one.
func (c *checker) licenceID(field string, id LicenceID) {
	if id == "" {
		c.missing(field, "a licence number")
		return
	}
	parsed, err := ParseLicenceID(string(id))
	if canonical(c, field, id, parsed, err) && !id.CheckDigitOK() {
		c.checkDigit(field, string(id), "GB/T 17710")
	}
}

// LicenceChangeKind is what happened to a licence.
type LicenceChangeKind string

// The changes (SAMR Order 78, chapters 4 and 5). That a licence has expired is
// no document: it follows from its last day.
const (
	LicenceRenewed   LicenceChangeKind = "renewed"   // 延续
	LicenceAltered   LicenceChangeKind = "altered"   // 变更
	LicenceCorrected LicenceChangeKind = "corrected" // 更正: the register was wrong
	LicenceGraded    LicenceChangeKind = "graded"    // 量化分级 or kitchen view newly found
	LicenceSuspended LicenceChangeKind = "suspended" // 责令停业
	LicenceResumed   LicenceChangeKind = "resumed"   // 恢复
	LicenceRevoked   LicenceChangeKind = "revoked"   // 吊销, 撤销
	LicenceCancelled LicenceChangeKind = "cancelled" // 注销
)

// LicenceChangeKinds lists the changes.
func LicenceChangeKinds() []LicenceChangeKind {
	return []LicenceChangeKind{LicenceRenewed, LicenceAltered, LicenceCorrected, LicenceGraded, LicenceSuspended, LicenceResumed, LicenceRevoked, LicenceCancelled}
}

// Rewrites reports whether the change brings new content.
func (k LicenceChangeKind) Rewrites() bool {
	return k == LicenceRenewed || k == LicenceAltered || k == LicenceCorrected || k == LicenceGraded
}

// Halt returns how the licence stands after the change, which before stood so:
// suspended, revoked, cancelled or, empty, in use.
func (k LicenceChangeKind) Halt(before LicenceStatus) LicenceStatus {
	switch k {
	case LicenceSuspended:
		return LicenceHalted
	case LicenceResumed:
		return ""
	case LicenceRevoked:
		return LicenceStruck
	case LicenceCancelled:
		return LicenceSurrender
	}
	return before
}

// LicenceChange is the payload of licence.change, signed by the province that
// issued the licence. A correction may take back an earlier change, which then
// counts as never having been made; so a licence that was revoked by mistake comes
// back, while both documents stay on record.
type LicenceChange struct {
	ID       LicenceID         `json:"licence"`
	Change   LicenceChangeKind `json:"change"`
	From     Date              `json:"from"`             // the first day of its effect
	Content  *Licence          `json:"content,omitzero"` // the whole new content, where the change brings one
	Annuls   DocumentID        `json:"annuls,omitzero"`  // of a correction: the change that was made in error
	Reason   string            `json:"reason,omitzero"`
	Basis    string            `json:"basis,omitzero"` // the decision's number or the clause
	Evidence []Evidence        `json:"evidence,omitempty"`
}

// Check implements Payload.
func (l *LicenceChange) Check() (problems, warnings []*Error) {
	var c checker
	c.licenceID("licence", l.ID)
	known := false
	for _, k := range LicenceChangeKinds() {
		known = known || l.Change == k
	}
	if !known {
		c.problems = append(c.problems, Invalid("change", string(l.Change), "renewed, altered, corrected, graded, suspended, resumed, revoked or cancelled"))
	}
	if l.From == "" {
		c.missing("from", "the first day of its effect")
	}
	switch {
	case known && l.Change.Rewrites() && l.Content == nil && l.Annuls == "":
		c.missing("content", "the whole new content")
	case l.Content != nil && !l.Change.Rewrites():
		c.problems = append(c.problems, Invalid("content", "content", "none with "+string(l.Change)))
	case l.Content != nil && l.Content.ID != l.ID:
		c.problems = append(c.problems, Invalid("content.licence", string(l.Content.ID), string(l.ID)))
	case l.Content != nil:
		c.licence("content.", l.Content)
	}
	c.documentID("annuls", l.Annuls)
	if l.Annuls != "" && l.Change != LicenceCorrected {
		c.problems = append(c.problems, Invalid("annuls", string(l.Annuls), "none with "+string(l.Change)+", only with corrected"))
	}
	c.text("reason", l.Reason, 2000)
	c.text("basis", l.Basis, 400)
	c.evidence("evidence", l.Evidence)
	return c.result()
}
