package traceability

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ShopID is a platform's own number of a shop: 1 to 64 letters, digits and
// . _ -. Example: "E10293847".
type ShopID string

var shopSyntax = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

// ParseShopID checks the grammar.
func ParseShopID(s string) (ShopID, error) {
	if !shopSyntax.MatchString(s) {
		return "", Invalid("", s, "a shop number of the platform: 1 to 64 letters, digits, . _ -")
	}
	return ShopID(s), nil
}

// String returns the number.
func (s ShopID) String() string { return string(s) }

// Shop is one shop of a platform as its page stands (SAMR Order 123; E-commerce
// Law, article 15).
type Shop struct {
	ID         ShopID       `json:"shop"`
	Name       string       `json:"name"`                    // on the page; must be the storefront's
	Address    string       `json:"address"`                 // on the page; must be the licensed premises
	Division   DivisionCode `json:"division,omitzero"`       // of the address, GB/T 2260
	Page       string       `json:"page,omitzero"`           // https address of the shop's page
	Licence    string       `json:"licence,omitzero"`        // the number shown, as shown; empty: none is shown
	Holder     string       `json:"holder,omitzero"`         // the holder's name shown
	Items      []string     `json:"items,omitempty"`         // what is sold that needs an item of its own: 冷食类, 生食类, 裱花…
	ShownSince Date         `json:"shown_since,omitzero"`    // since when the licence is on the page
	ShownAt    string       `json:"shown_at,omitzero"`       // where: main_page, linked_page
	NoDineIn   *bool        `json:"no_dine_in,omitzero"`     // the 无堂食 label is shown; absent: the platform does not say
	Camera     *bool        `json:"kitchen_camera,omitzero"` // the 明厨亮灶 label is shown; absent: the platform does not say
	Grade      string       `json:"grade,omitzero"`          // the grade shown
	Exempt     string       `json:"exempt,omitzero"`         // why it needs no licence, by the platform: 仅销售食用农产品
	Closed     bool         `json:"closed,omitzero"`         // not open for orders at any time of the day
	Removed    bool         `json:"removed,omitzero"`        // taken off the platform
}

// SnapshotPart says that a declaration is part of a full snapshot. The parts come in
// any order; one that comes again counts once. When all are on the ledger, a shop
// that was last declared before the earliest of them is no longer listed: it is in
// none of them, and nothing newer is known of it.
type SnapshotPart struct {
	ID    string `json:"id"`    // the platform's name of it: 2026-11-23
	Part  int    `json:"part"`  // from 1
	Parts int    `json:"parts"` // how many there are
}

// Listing is the payload of listing.declare: a platform states how its shops'
// pages stand. Without a snapshot it changes the shops it names only.
type Listing struct {
	Ref      string        `json:"ref"` // the platform's name of the declaration, once
	At       time.Time     `json:"at"`  // when the pages were read
	Snapshot *SnapshotPart `json:"snapshot,omitzero"`
	Shops    []Shop        `json:"shops"`
}

// MaxListingShops bounds one declaration.
const MaxListingShops = 500

var refSyntax = regexp.MustCompile(`^[0-9A-Za-z._:-]{1,80}$`)

// Check implements Payload.
func (l *Listing) Check() (problems, warnings []*Error) {
	var c checker
	c.reference("ref", l.Ref)
	c.instant("at", l.At)
	if s := l.Snapshot; s != nil {
		c.reference("snapshot.id", s.ID)
		if s.Parts < 1 || s.Part < 1 || s.Part > s.Parts || s.Parts > 100_000 {
			c.problems = append(c.problems, Invalid("snapshot.part", "", "1 ≤ part ≤ parts ≤ 100000"))
		}
	}
	seen := make(once[ShopID], min(len(l.Shops), MaxListingShops))
	for i := range bounded(&c, "shops", l.Shops, 1, MaxListingShops) {
		c.shop(index("shops", i), &l.Shops[i])
		if id := l.Shops[i].ID; seen.again(id) && id != "" {
			c.problems = append(c.problems, Invalid(index("shops", i)+".shop", string(id), "each shop once"))
		}
	}
	return c.result()
}

// reference checks the signer's own name of a document.
func (c *checker) reference(field, ref string) {
	if !refSyntax.MatchString(ref) {
		c.problems = append(c.problems, Invalid(field, ref, "1 to 80 letters, digits, . _ : -"))
	}
}

// Check judges a shop by itself, as in a declaration.
func (s *Shop) Check() (problems []*Error) {
	var c checker
	c.shop("shop", s)
	for _, p := range c.problems {
		p.Field = strings.TrimPrefix(p.Field, "shop.")
	}
	return c.problems
}

func (c *checker) shop(field string, s *Shop) {
	_, err := ParseShopID(string(s.ID))
	c.problem(err, field+".shop")
	c.need(field+".name", s.Name, 200)
	c.text(field+".address", s.Address, 300)
	c.division(field+".division", s.Division)
	if s.Page != "" {
		if u, err := url.Parse(s.Page); err != nil || u.Scheme != "https" || u.Host == "" || len(s.Page) > 500 {
			c.problems = append(c.problems, Invalid(field+".page", s.Page, "an https address of at most 500 characters"))
		}
	}
	c.text(field+".licence", s.Licence, 100)
	c.text(field+".holder", s.Holder, 200)
	for i, item := range bounded(c, field+".items", s.Items, 0, maxLicenceItems) {
		c.need(index(field+".items", i), item, 100)
	}
	switch s.ShownAt {
	case "", "main_page", "linked_page":
	default:
		c.problems = append(c.problems, Invalid(field+".shown_at", s.ShownAt, "main_page or linked_page"))
	}
	c.text(field+".grade", s.Grade, 60)
	c.text(field+".exempt", s.Exempt, 200)
}

// ListingState is the record under listing/<platform>/<shop>: the shop as it was
// last declared. The signed document stands once, under its declaration. A
// declaration that is older than the last is kept, but changes no shop.
type ListingState struct {
	Shop        Shop      `json:"shop"`
	At          time.Time `json:"at"`          // when the page was last read
	Since       time.Time `json:"since"`       // since when it was read as it stands, without a gap
	Declaration string    `json:"declaration"` // the ref of the last
}

// ListingGap is how long after a declaration the next one of the same content goes
// on with it. A shop that was absent for longer begins a new period, so that a
// past day on which a daily snapshot did not have it stays so.
const ListingGap = 36 * time.Hour

// GoesOn reports whether a later state goes on with the same content.
func (l *ListingState) GoesOn(later *ListingState) bool {
	before, after := l.Shop, later.Shop
	same := slices.Equal(before.Items, after.Items) // absent or empty
	before.Items, after.Items = nil, nil
	return same && later.At.Sub(l.At) <= ListingGap && reflect.DeepEqual(before, after)
}

// DeclarationState is the record under declaration/<platform>/<ref>.
type DeclarationState struct {
	Document Entry    `json:"document"`
	Remarks  []Remark `json:"remarks,omitempty"`
}
