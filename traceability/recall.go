package traceability

import (
	"time"

	"github.com/shopspring/decimal"
)

// RecallID names a recall. There is one for each producer, product and batch,
// which is what a lot is: so it is the id of the recall's first lot.
// Example: cn/91320106MA1FPX121A/SC-01/A01
type RecallID string

// ParseRecallID checks the grammar and returns the canonical form.
func ParseRecallID(s string) (RecallID, error) {
	lot, err := ParseLotID(s)
	return RecallID(lot), err
}

// Path returns the id as it stands in the path of a URL, below the recalls.
func (id RecallID) Path() string { return string(id) }

// RecallLevel says how urgent a recall is (食品召回管理办法, article 13): its
// periods follow from it.
type RecallLevel string

// The levels. A flaw of the label that harms nobody is recalled of the producer's
// own will, without a period.
const (
	RecallI    RecallLevel = "I"    // 一级: serious harm to health, or death
	RecallII   RecallLevel = "II"   // 二级: harm to health
	RecallIII  RecallLevel = "III"  // 三级: a false label
	RecallFlaw RecallLevel = "flaw" // 标签瑕疵, 自愿召回
)

// RecallLevels lists the levels, the gravest first.
func RecallLevels() []RecallLevel {
	return []RecallLevel{RecallI, RecallII, RecallIII, RecallFlaw}
}

// Effect is what the assessment of a recall found.
type Effect string

// The effects.
const (
	Effective   Effect = "effective"
	Ineffective Effect = "ineffective" // it has to go on
)

// RecallOpen is the payload of recall.open: a producer recalls lots of its own
// will, or a regulator orders it to (食品安全法第六十三条). It orders who is the
// regulator of the producer's province, or of the province that issued the notice
// which it names. A recall that was withdrawn may be opened again.
type RecallOpen struct {
	Lots       []LotID        `json:"lots"`                // the first gives the recall its name; all are the same producer's
	Downstream bool           `json:"downstream,omitzero"` // the lots that were made of them are recalled too
	At         time.Time      `json:"at"`                  // when the producer knew of the risk: its period to begin runs from then
	Notice     NoticeID       `json:"notice,omitzero"`
	Level      RecallLevel    `json:"level,omitzero"`
	Hazard     string         `json:"hazard"` // what it may do to whom
	Reason     string         `json:"reason"`
	Measures   string         `json:"measures,omitzero"`
	Regions    []DivisionCode `json:"regions,omitempty"` // where it was sold, as far as known
	Evidence   []Evidence     `json:"evidence,omitempty"`
}

// ID names the recall that is opened.
func (o *RecallOpen) ID() RecallID {
	if len(o.Lots) == 0 {
		return ""
	}
	return RecallID(o.Lots[0])
}

// RecallAct is the payload of recall.act: one move of one recall. Which fields an
// act needs and which it may have is in the table RecallMoves; any other is
// refused.
type RecallAct struct {
	Recall   RecallID       `json:"recall"`
	Act      Act            `json:"act"`
	At       time.Time      `json:"at"`              // when it was done, which may be before it is said here
	Reason   string         `json:"reason,omitzero"` // also what was found
	Evidence []Evidence     `json:"evidence,omitempty"`
	Level    RecallLevel    `json:"level,omitzero"`
	Measures string         `json:"measures,omitzero"` // what is to be done with the goods, and by whom
	Regions  []DivisionCode `json:"regions,omitempty"`
	Unit     Unit           `json:"unit,omitzero"` // of the amounts: that of the recall
	Amounts  []RecallAmount `json:"amounts,omitempty"`
	Effect   Effect         `json:"effect,omitzero"`
}

// RecallAmount is how much of the recalled lots was made, sold, recalled and
// destroyed in a region so far: a later report of the region replaces it. An
// amount that is empty is none.
type RecallAmount struct {
	Region    DivisionCode `json:"region"` // GB/T 2260; 000000 for outside of China
	Made      Decimal      `json:"made,omitzero"`
	Sold      Decimal      `json:"sold,omitzero"`
	Recalled  Decimal      `json:"recalled,omitzero"`
	Destroyed Decimal      `json:"destroyed,omitzero"`
}

// mostRecalled bounds the amounts of a region, so that the sum over all regions of
// GB/T 2260 is a Decimal.
var mostRecalled = decimal.New(1, 12)

const (
	maxRecallLots    = 100
	maxRecallRegions = 500
)

// Check implements Payload.
func (o *RecallOpen) Check() (problems, warnings []*Error) {
	var c checker
	seen := make(once[LotID], min(len(o.Lots), maxRecallLots))
	for i, lot := range bounded(&c, "lots", o.Lots, 1, maxRecallLots) {
		c.lot(index("lots", i), lot)
		if seen.again(lot) {
			c.problems = append(c.problems, Invalid(index("lots", i), string(lot), "each lot once"))
		}
	}
	c.instant("at", o.At)
	if o.Notice != "" {
		id, err := ParseNoticeID(string(o.Notice))
		canonical(&c, "notice", o.Notice, id, err)
	}
	oneOf(&c, "level", o.Level, RecallLevels()...)
	c.need("hazard", o.Hazard, 1000)
	c.need("reason", o.Reason, 5000)
	c.text("measures", o.Measures, 5000)
	c.regions(o.Regions)
	c.evidence("evidence", o.Evidence)
	return c.result()
}

// Check implements Payload.
func (a *RecallAct) Check() (problems, warnings []*Error) {
	var c checker
	if a.Recall == "" {
		c.missing("recall", "the recall's id")
	} else {
		id, err := ParseRecallID(string(a.Recall))
		canonical(&c, "recall", a.Recall, id, err)
	}
	c.instant("at", a.At)
	move, ok := RecallMoveOf(a.Act)
	if !ok {
		c.problems = append(c.problems, Invalid("act", string(a.Act), "an act of the table in docs/recalls.md"))
		return c.result()
	}
	c.fields(&move, a.fields())
	c.text("reason", a.Reason, 5000)
	c.evidence("evidence", a.Evidence)
	oneOf(&c, "level", a.Level, RecallLevels()...)
	c.text("measures", a.Measures, 5000)
	c.regions(a.Regions)
	if (a.Unit == "") != (len(a.Amounts) == 0) {
		c.problems = append(c.problems, Invalid("unit", string(a.Unit), "the recall's unit, with amounts and only with them"))
	}
	seen := make(once[DivisionCode], min(len(a.Amounts), maxRecallRegions))
	for i, amount := range bounded(&c, "amounts", a.Amounts, 0, maxRecallRegions) {
		c.amount(index("amounts", i), &amount)
		if seen.again(amount.Region) {
			c.problems = append(c.problems, Invalid(index("amounts", i)+".region", string(amount.Region), "each region once"))
		}
	}
	oneOf(&c, "effect", a.Effect, Effective, Ineffective)
	return c.result()
}

// amount checks a region's amounts by themselves: what was destroyed had been
// recalled, and what was recalled had been sold.
func (c *checker) amount(field string, r *RecallAmount) {
	if r.Region == "" {
		c.missing(field+".region", "a division")
	}
	if r.Region != Abroad {
		c.division(field+".region", r.Region)
	}
	for _, v := range []struct {
		name  string
		value Decimal
	}{{"made", r.Made}, {"sold", r.Sold}, {"recalled", r.Recalled}, {"destroyed", r.Destroyed}} {
		if n := v.value.Number(); n.IsNegative() || n.GreaterThanOrEqual(mostRecalled) {
			c.problems = append(c.problems, Invalid(field+"."+v.name, string(v.value), "not less than 0, and less than 10^12"))
		}
	}
	if r.Recalled.Number().GreaterThan(r.Sold.Number()) {
		c.problems = append(c.problems, Invalid(field+".recalled", string(r.Recalled), "at most what was sold there"))
	}
	if r.Destroyed.Number().GreaterThan(r.Recalled.Number()) {
		c.problems = append(c.problems, Invalid(field+".destroyed", string(r.Destroyed), "at most what was recalled there"))
	}
}

// Abroad is the region outside of China.
const Abroad DivisionCode = "000000"

func (c *checker) regions(list []DivisionCode) {
	seen := make(once[DivisionCode], min(len(list), maxRecallRegions))
	for i, region := range bounded(c, "regions", list, 0, maxRecallRegions) {
		if region == "" {
			c.missing(index("regions", i), "a division")
		}
		if region != Abroad {
			c.division(index("regions", i), region)
		}
		if seen.again(region) {
			c.problems = append(c.problems, Invalid(index("regions", i), string(region), "each region once"))
		}
	}
}

func (a *RecallAct) fields() []actField {
	return []actField{
		{"reason", a.Reason != ""}, {"evidence", len(a.Evidence) > 0}, {"level", a.Level != ""}, {"measures", a.Measures != ""},
		{"regions", len(a.Regions) > 0}, {"unit", a.Unit != ""}, {"amounts", len(a.Amounts) > 0}, {"effect", a.Effect != ""},
	}
}
