package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	rotated, suspended, expired := traceability.PartyID("lab:230912340002"), traceability.PartyID("lab:230912340003"), traceability.PartyID("lab:230912340004")
	w.rotateSuspendExpire(rotated, suspended, expired)
	token := func(key traceability.SigningKey, audience string, at time.Time) string {
		t.Helper()
		compact, err := traceability.NewToken(key, audience, at)
		if err != nil {
			t.Fatal(err)
		}
		return compact
	}
	here, now := w.main.publicURL(), time.Now()
	once := token(w.key(lab), here, now)
	for _, tt := range []struct {
		name, header string
		status       int
	}{
		{"good", "Bearer " + once, http.StatusOK},
		{"replayed", "Bearer " + once, http.StatusUnauthorized},
		{"scheme in lower case", "bearer " + token(w.key(lab), here, now), http.StatusOK},
		{"another audience", "Bearer " + token(w.key(lab), "https://elsewhere.example", now), http.StatusUnauthorized},
		{"expired", "Bearer " + token(w.key(lab), here, now.Add(-time.Hour)), http.StatusUnauthorized},
		{"good for too long", "Bearer " + token(w.key(lab), here, now.Add(time.Hour)), http.StatusUnauthorized},
		{"forged", "Bearer " + w.forge(token(w.key(lab), here, now)), http.StatusUnauthorized},
		{"stranger", "Bearer " + token(mustKey(t, "lab:999912340001"), here, now), http.StatusUnauthorized},
		{"another key of the party", "Bearer " + token(mustKey(t, lab), here, now), http.StatusUnauthorized},
		{"key replaced", "Bearer " + token(w.key(rotated), here, now), http.StatusUnauthorized},
		{"suspended", "Bearer " + token(w.key(suspended), here, now), http.StatusUnauthorized},
		{"admission expired", "Bearer " + token(w.key(expired), here, now), http.StatusUnauthorized},
		{"a document is no token", "Bearer " + w.sign(lab, traceability.TypeReportSubmit, w.report("T-1")), http.StatusUnauthorized},
		{"empty", "Bearer ", http.StatusUnauthorized},
		{"another scheme", "Basic eDp5", http.StatusUnauthorized},
		{"long", "Bearer " + strings.Repeat("a", 5000), http.StatusUnauthorized},
	} {
		answer := w.get("/v1/parties", "Authorization: "+tt.header)
		if answer.status != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.name, answer.status, tt.status, answer.body)
		}
		if tt.status == http.StatusUnauthorized && !strings.HasPrefix(answer.header.Get("Www-Authenticate"), "Bearer") {
			t.Errorf("%s: %v", tt.name, answer.header)
		}
	}
	if answer := w.postOne(token(w.key(lab), here, now)); mustDecode[Problem](t, answer.body).Code != traceability.CodeUnknownType {
		t.Errorf("a token passes as a document: %s", answer.body)
	}
}
