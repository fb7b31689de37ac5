package traceability

import "time"

// BadgeType is the `typ` of a badge's JWS.
const BadgeType = "licence-badge"

// Badge is what an API says of a licence for a platform's own page: how it stands,
// and as of which block. It is signed with the key of the API's deliveries (see
// DeliveryKeys), so that a copy can be told from what the API said.
type Badge struct {
	Licence  LicenceID     `json:"licence"`
	Status   LicenceStatus `json:"status"`
	Verified time.Time     `json:"verified,omitzero"` // when a platform last compared it and it held; absent: 未核验
	Stale    bool          `json:"stale,omitzero"`    // the block is older than FreshFor: how it stands now is not known
	Block    uint64        `json:"block"`
	Time     time.Time     `json:"time"` // of the block
	Page     string        `json:"page"` // where a person reads on
}

// NewBadge says how a licence stands by the register as of its last block. What is
// stale is not verified, whatever was compared before.
func NewBadge(standing LicenceStanding, compared []Comparison, head Head, now time.Time) Badge {
	b := Badge{Licence: standing.ID, Status: standing.Status, Block: head.Number, Time: head.Time, Stale: now.Sub(head.Time) > FreshFor}
	if !b.Stale {
		b.Verified = LastVerified(compared, now)
	}
	return b
}

// BadgeState is what a badge comes to, in one word for its colour.
type BadgeState string

// The states of a badge, from the worst to the best.
const (
	BadgeInvalid    BadgeState = "invalid"    // the licence does not hold: do not order here
	BadgeUnknown    BadgeState = "unknown"    // the data are stale: it cannot be told
	BadgeUnverified BadgeState = "unverified" // it holds, and no platform's comparison is on record
	BadgeVerified   BadgeState = "verified"
)

// State returns what the badge comes to. Staleness does not mend a licence that was
// revoked.
func (b *Badge) State() BadgeState {
	switch {
	case b.Status != LicenceValid:
		return BadgeInvalid
	case b.Stale:
		return BadgeUnknown
	case b.Verified.IsZero():
		return BadgeUnverified
	}
	return BadgeVerified
}
