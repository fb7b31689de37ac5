package traceability

import "time"

// ListingRecord is a shop on a platform.
type ListingRecord struct {
	Platform PartyID `json:"platform"`
	Shop
	Since       time.Time       `json:"since"`  // since when its page was read as it stands
	At          time.Time       `json:"at"`     // when it was last read
	Listed      bool            `json:"listed"` // not removed, and not left out of a full snapshot
	Declaration string          `json:"declaration"`
	Block       uint64          `json:"block"` // that has the declaration
	Periods     []ListingPeriod `json:"periods,omitempty"`
}

// ListingPeriod is how a shop's page stood from the first to the last time that it
// was read so.
type ListingPeriod struct {
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"`
	Shop  Shop      `json:"content"`
}

// LicenceUse is a shop that shows a licence.
type LicenceUse struct {
	Platform PartyID
	Shop     ShopID
}

// MaxListingsOfLicence is how many shops of one licence are returned at most: more
// than one is a finding already.
const MaxListingsOfLicence = 100

// ListingFilter restricts a list of shops; empty fields do not. With On, the shops
// are as they stood at that instant, as it is known now, and Platform is the only
// other restriction.
type ListingFilter struct {
	Platform PartyID
	Licence  string       // as shown; FoldLicenceNumber is applied
	Division DivisionCode // as declared
	On       time.Time
}
