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
	Verified time.Time     `json:"verified,omitzero"` // when a platform last compared it and it held; absent: not within the period
	Block    uint64        `json:"block"`
	Time     time.Time     `json:"time"` // of the block
	Page     string        `json:"page"` // where a person reads on
}
