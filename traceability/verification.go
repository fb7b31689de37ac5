package traceability

import (
	"time"
)

// Verification is the payload of verification.record: a platform states that it
// compared how its shops show their licences with the register, and what came of it
// (SAMR Order 123: compare before listing, refuse what does not agree, verify again
// at least every six months). The rules compare the same on the ledger and refuse
// what claims better, so the record proves the duty.
type Verification struct {
	Ref    string         `json:"ref"`    // the platform's name of the record, once
	At     time.Time      `json:"at"`     // when it compared
	Height uint64         `json:"height"` // of the register that it compared with
	Shops  []VerifiedShop `json:"shops"`
}

// VerifiedShop is what came of one shop. Codes may say more than the register can
// tell (NO_PREMISES, from a visit), never less.
type VerifiedShop struct {
	ID      ShopID          `json:"shop"`
	Licence string          `json:"licence,omitzero"` // the number shown, as declared in the listing
	Verdict LicenceVerdict  `json:"verdict"`
	Codes   []ViolationCode `json:"codes,omitempty"` // each once
}

// MaxVerifiedShops bounds one record.
const MaxVerifiedShops = 500

// TimerVerification is the period after which a platform has to verify a shop again.
const TimerVerification TimerID = "V1"

// Check implements Payload.
func (v *Verification) Check() (problems, warnings []*Error) {
	var c checker
	c.reference("ref", v.Ref)
	c.instant("at", v.At)
	seen := make(once[ShopID], min(len(v.Shops), MaxVerifiedShops))
	for i := range bounded(&c, "shops", v.Shops, 1, MaxVerifiedShops) {
		shop, field := &v.Shops[i], index("shops", i)
		_, err := ParseShopID(string(shop.ID))
		c.problem(err, field+".shop")
		if seen.again(shop.ID) {
			c.problems = append(c.problems, Invalid(field+".shop", string(shop.ID), "each shop once"))
		}
		c.text(field+".licence", shop.Licence, 100)
		c.verified(field, shop)
	}
	return c.result()
}

// verified checks that the verdict is what the codes come to.
func (c *checker) verified(field string, shop *VerifiedShop) {
	listed := make(once[ViolationCode])
	for j, code := range bounded(c, field+".codes", shop.Codes, 0, len(ViolationTable())) {
		if _, known := code.Info(); listed.again(code) || !known {
			c.problems = append(c.problems, Invalid(index(field+".codes", j), string(code), "a code of docs/verification.md, each once"))
		}
	}
	if expected := VerdictOf(shop.Codes); shop.Verdict != expected {
		c.problems = append(c.problems, Invalid(field+".verdict", string(shop.Verdict), string(expected)+", which the codes come to"))
	}
}

// VerificationKey is the state key of a platform's record.
func VerificationKey(platform PartyID, ref string) string {
	return "verification/" + string(platform) + "/" + ref
}

// VerifiedKey is the state key of what is on record of a shop.
func VerifiedKey(platform PartyID, shop ShopID) string {
	return "verified/" + string(platform) + "/" + string(shop)
}

// VerificationState is the record under verification/<platform>/<ref>: the signed
// document, once.
type VerificationState struct {
	Document Entry    `json:"document"`
	Remarks  []Remark `json:"remarks,omitempty"`
}

func (r *VerificationState) entry() *Entry { return &r.Document }

// VerifiedState is the record under verified/<platform>/<shop>: what the latest
// verification of the shop came to, and when the next is due by the period that was
// in force when it was made.
type VerifiedState struct {
	Verification string          `json:"verification"` // its ref
	At           time.Time       `json:"at"`
	Height       uint64          `json:"height"`
	Licence      string          `json:"licence,omitzero"`
	Verdict      LicenceVerdict  `json:"verdict"`
	Codes        []ViolationCode `json:"codes,omitempty"`
	Due          time.Time       `json:"due,omitzero"`
	Unknown      Code            `json:"unknown,omitzero"` // why Due cannot be told
}

// VerificationRecord is what is on record of a shop's latest verification.
type VerificationRecord struct {
	Platform PartyID `json:"platform"`
	Shop     ShopID  `json:"shop"`
	VerifiedState
}

// MaxVerificationHistory is how many verifications of a shop are returned at most: the
// duty is two a year.
const MaxVerificationHistory = 100

// VerificationDue is an active shop that has to be verified again, or for the first
// time.
type VerificationDue struct {
	Shop     ShopID          `json:"shop"`
	Name     string          `json:"name"`
	Address  string          `json:"address,omitzero"`
	Licence  string          `json:"licence,omitzero"`  // as shown
	Due      time.Time       `json:"due,omitzero"`      // absent: at once, or unknown
	Verified time.Time       `json:"verified,omitzero"` // absent: never
	Verdict  LicenceVerdict  `json:"verdict,omitzero"`  // of the latest
	Codes    []ViolationCode `json:"codes,omitempty"`
}
