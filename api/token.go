package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// tokens judges the self-issued tokens of those who read more than the public, and
// sees to it that each is good once.
type tokens struct {
	reader   traceability.Reader
	audience string
	now      func() time.Time
	used     *usedTokens
}

// admit returns who the bearer of a token is. Errors are *Error with the code
// unauthorized or busy, a *refusal rate_limited, or the reader's.
func (k *tokens) admit(ctx context.Context, compact string) (traceability.Viewer, error) {
	token, err := traceability.ParseToken(compact)
	if err != nil {
		return traceability.Viewer{}, err
	}
	party, err := k.reader.Party(ctx, token.Key().Party())
	switch {
	case errors.Is(err, traceability.ErrNotFound):
		return traceability.Viewer{}, says(traceability.CodeUnauthorized, err)
	case err != nil:
		return traceability.Viewer{}, err
	}
	now := k.now()
	key, ok := currentKey(party, token.Key(), now)
	if !ok {
		return traceability.Viewer{}, says(traceability.CodeUnauthorized, nil)
	}
	if err := token.Verify(key, k.audience, now); err != nil {
		return traceability.Viewer{}, err
	}
	if err := k.used.use(party.ID, token.ID, time.Unix(token.Expires, 0), now); err != nil {
		return traceability.Viewer{}, err
	}
	return traceability.Viewer{As: party.ID}, nil
}

// currentKey returns the party's key of that name, if the party is active,
// admitted on this day, and has not replaced the key.
func currentKey(p traceability.PartyRecord, id traceability.KeyID, now time.Time) (traceability.PublicKey, bool) {
	if !p.ActiveAt(now) {
		return traceability.PublicKey{}, false
	}
	for _, period := range p.Keys {
		if period.To.IsZero() && period.Key.ID(p.ID) == id {
			return period.Key, true
		}
	}
	return traceability.PublicKey{}, false
}

const keyViewer = "viewer"

// authenticate finds out who asks. Without a token it is the public; a wrong
// token is refused, never silently taken for the public.
func (s *Server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Request().Header.Get("Authorization")
		if header == "" {
			return next(c)
		}
		scheme, compact, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return says(traceability.CodeUnauthorized, nil)
		}
		who, err := s.tokens.admit(c.Request().Context(), strings.TrimSpace(compact))
		if err != nil {
			return err
		}
		c.Set(keyViewer, who)
		return next(c)
	}
}

// viewer is who asks; the zero value is the public.
func viewer(c echo.Context) traceability.Viewer {
	who, _ := c.Get(keyViewer).(traceability.Viewer)
	return who
}
