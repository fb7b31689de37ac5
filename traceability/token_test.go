package traceability_test

import (
	"testing"
	"time"

	"deltatrace/traceability"
)

func TestToken(t *testing.T) {
	t.Parallel()
	const api = "https://trace.example"
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	key, err := traceability.NewSigningKey(lab)
	if err != nil {
		t.Fatal(err)
	}
	stranger, _ := traceability.NewSigningKey(lab)
	compact, err := traceability.NewToken(key, api, now)
	if err != nil {
		t.Fatal(err)
	}
	token, err := traceability.ParseToken(compact)
	if err != nil {
		t.Fatal(err)
	}
	if token.Key() != key.ID() {
		t.Errorf("key: got %s, want %s", token.Key(), key.ID())
	}
	for _, c := range []struct {
		name     string
		key      traceability.PublicKey
		audience string
		now      time.Time
		good     bool
	}{
		{"good", key.Public(), api, now, true},
		{"at its last second", key.Public(), api, now.Add(traceability.MaxTokenLife - time.Second), true},
		{"expired", key.Public(), api, now.Add(traceability.MaxTokenLife), false},
		{"for another audience", key.Public(), "https://other.example", now, false},
		{"another key", stranger.Public(), api, now, false},
		{"good for too long", key.Public(), api, now.Add(-time.Hour), false},
	} {
		err := token.Verify(c.key, c.audience, c.now)
		if (err == nil) != c.good || (err != nil && traceability.CodeOf(err) != traceability.CodeUnauthorized) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}

	document, err := traceability.Sign(key, traceability.TypePartyRotateKey, traceability.Rotation{Party: lab, Key: stranger.Public()}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := traceability.ParseToken(document); traceability.CodeOf(err) != traceability.CodeUnauthorized {
		t.Errorf("a document passes for a token: %v", err)
	}
	if _, err := traceability.ParseDocument(compact); traceability.CodeOf(err) != traceability.CodeUnknownType {
		t.Errorf("a token passes for a document: %v", err)
	}
}
