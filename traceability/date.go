package traceability

import "time"

// Date is a calendar day in China (Asia/Shanghai), `2006-01-02`, or empty when
// it is not stated.
type Date string

// Shanghai time: UTC+8 without daylight saving since 1991. A fixed zone, so
// that the rules need no time-zone files and every peer agrees.
var chinaTime = time.FixedZone("Asia/Shanghai", 8*60*60)

// ChinaTime returns the zone in which dates are read and shown.
func ChinaTime() *time.Location { return chinaTime }

// ParseDate reads `2006-01-02`.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1900 {
		return "", Invalid("", s, "a date: YYYY-MM-DD")
	}
	return Date(s), nil
}

// UnmarshalText reads a date or an empty text.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = ""
		return nil
	}
	parsed, err := ParseDate(string(b))
	*d = parsed
	return err
}

// DateOf returns the day in China at the instant t.
func DateOf(t time.Time) Date { return Date(t.In(chinaTime).Format(time.DateOnly)) }

// Within reports whether d lies in the closed range; an empty bound is open.
func (d Date) Within(from, to Date) bool {
	return (from == "" || d >= from) && (to == "" || d <= to)
}

// Instant cuts t to what a ledger keeps: UTC, whole seconds. It is the one
// place where times are truncated.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
