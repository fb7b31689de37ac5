package store

// tidings are told to the platforms whose shops they concern.
type tidings interface {
	statement() string
	args() []any // of the signal, and then of the shops' condition
}

// What finds out whom to tell: the platforms of which a listed shop is meant by a
// condition on listings l. Numbers have no type of their own where a list is selected,
// hence the casts.
const (
	tellHead = `-- name: tell platforms
INSERT INTO feed (audience, position, kind, subject, time, province, signer, urgent)
SELECT DISTINCT l.platform, CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT), 0
FROM listings l WHERE l.removed = 0 AND `
	tellTail = `
ON CONFLICT (audience, position, kind, subject) DO NOTHING`

	tellOfLicence = tellHead + "l.licence = ?" + tellTail
	tellOfCompany = tellHead + "l.licence IN (SELECT k.number FROM licences k WHERE k.holder = ?)" + tellTail
)
