package traceability

import "strconv"

// DateKind says what a product's date means (日期种类); the sampling form has
// these.
type DateKind string

// The kinds of date.
const (
	DateProduction  DateKind = "production"  // 生产日期
	DateProcessing  DateKind = "processing"  // 加工日期
	DatePurchase    DateKind = "purchase"    // 购进日期
	DateQuarantine  DateKind = "quarantine"  // 检疫日期
	DateDisinfected DateKind = "disinfected" // 消毒日期
	DateHarvest     DateKind = "harvest"     // 采收日期
	DateOther       DateKind = "other"
)

// Firm is a business as a document names it; USCC is empty when not stated.
type Firm struct {
	Name    string `json:"name"`
	NameEN  string `json:"name_en,omitzero"`
	USCC    USCC   `json:"uscc,omitzero"`
	Address string `json:"address,omitzero"`
}

// Place is where something happened.
type Place struct {
	Division DivisionCode `json:"division,omitzero"` // GB/T 2260, six digits
	Name     string       `json:"name,omitzero"`
	GLN      GLN          `json:"gln,omitzero"` // GS1 Global Location Number, 13 digits
}

// Lot is the payload of lot.register: what a batch is. The signer becomes its
// registrant. Amounts come from events, never from here.
type Lot struct {
	ID        LotID    `json:"lot"`
	Product   string   `json:"product"`
	ProductEN string   `json:"product_en,omitzero"`
	Category  string   `json:"category,omitzero"` // 大类 of the national sampling rules, e.g. 蔬菜
	Spec      string   `json:"spec,omitzero"`
	Trademark string   `json:"trademark,omitzero"`
	Unit      Unit     `json:"unit"` // in which amounts of the lot are kept
	Date      Date     `json:"date,omitzero"`
	DateKind  DateKind `json:"date_kind,omitzero"`
	ShelfLife string   `json:"shelf_life,omitzero"` // as printed: 12个月, 至2027年05月05日
	Producer  Firm     `json:"claimed_producer,omitzero"`
	Origin    Place    `json:"origin,omitzero"`
}

// Check implements Payload.
func (l *Lot) Check() (problems, warnings []*Error) {
	var c checker
	c.lot("lot", l.ID)
	if code, ok := l.ID.USCC(); ok {
		c.uscc("lot", code)
	}
	c.need("product", l.Product, 200)
	c.text("product_en", l.ProductEN, 200)
	c.text("category", l.Category, 100)
	c.text("spec", l.Spec, 100)
	c.text("trademark", l.Trademark, 100)
	if l.Unit == "" {
		c.missing("unit", "a unit code")
	}
	c.text("shelf_life", l.ShelfLife, 100)
	c.dateKind("date_kind", l.DateKind)
	c.firm("claimed_producer", l.Producer)
	c.place("origin", l.Origin)
	return c.result()
}

func (c *checker) firm(field string, f Firm) {
	c.text(field+".name", f.Name, 200)
	c.text(field+".name_en", f.NameEN, 200)
	c.uscc(field+".uscc", f.USCC)
	c.text(field+".address", f.Address, 300)
}

func (c *checker) place(field string, p Place) {
	c.division(field+".division", p.Division)
	c.text(field+".name", p.Name, 200)
	if p.GLN != "" {
		gln, err := ParseGLN(string(p.GLN))
		canonical(c, field+".gln", p.GLN, gln, err)
	}
}

func (c *checker) dateKind(field string, k DateKind) {
	switch k {
	case "", DateProduction, DateProcessing, DatePurchase, DateQuarantine, DateDisinfected, DateHarvest, DateOther:
	default:
		c.problems = append(c.problems, Invalid(field, string(k), "production, processing, purchase, quarantine, disinfected, harvest or other"))
	}
}

// index writes the path of a list's entry: items[3].
func index(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
