package traceability

import (
	"testing"
	"time"
)

// TestTokenLife holds that no token lives longer than it may, however its signer's
// clock goes.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	const api = "https://trace.example"
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	key, err := NewSigningKey("lab:230912340001")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		issued, exp time.Duration // from now
		good        bool
	}{
		{"as it should be", 0, 5 * time.Minute, true},
		{"six minutes", 0, 6 * time.Minute, false},
		{"a clock that is ahead", 4 * time.Minute, 9 * time.Minute, true},
		{"a clock that is ahead, and six minutes", 4 * time.Minute, 10 * time.Minute, false},
		{"a clock that is too far ahead", 6 * time.Minute, 7 * time.Minute, false},
		{"issued long ago", -time.Hour, time.Minute, false},
	} {
		body, err := Canonical(Token{Audience: api, Expires: now.Add(c.exp).Unix(), ID: "0123456789abcdef"})
		if err != nil {
			t.Fatal(err)
		}
		compact, err := signBytes(key, typeToken, body, now.Add(c.issued))
		if err != nil {
			t.Fatal(err)
		}
		token, err := ParseToken(compact)
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Verify(key.Public(), api, now); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
