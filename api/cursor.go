package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// cursors seals the places where lists go on, so that they tell nothing of what lies
// there, fit the list that they were given with alone, and cannot be made up. Equal
// places have equal seals: an answer's entity tag depends on them.
type cursors struct {
	aead  cipher.AEAD
	nonce []byte // key of what stands for a nonce: a digest of what is sealed
}

// cursorKeySize is how long the secret of a server is, in bytes.
const cursorKeySize = 32

// newCursors seals with a secret; without one with a secret of its own.
func newCursors(secret []byte) (*cursors, error) {
	if len(secret) == 0 {
		secret = []byte(rand.Text() + rand.Text())
	}
	derive := func(what string) ([]byte, error) {
		return hkdf.Key(sha256.New, secret, nil, "deltatrace cursors: "+what, cursorKeySize)
	}
	key, err1 := derive("sealing")
	nonce, err2 := derive("nonces")
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	return &cursors{aead: aead, nonce: nonce}, nil
}

// seal seals a place in a list; none stays none.
func (s *cursors) seal(list, place string) string {
	if place == "" {
		return ""
	}
	mac := hmac.New(sha256.New, s.nonce)
	fmt.Fprintf(mac, "%d\n%s%s", len(list), list, place)
	nonce := mac.Sum(nil)[:s.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, []byte(place), []byte(list)))
}

// open returns the place. An error is an *Error invalid.
func (s *cursors) open(list, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if size := s.aead.NonceSize(); err == nil && len(b) > size {
		if place, err := s.aead.Open(nil, b[:size], b[size:], []byte(list)); err == nil {
			return string(place), nil
		}
	}
	return "", traceability.Invalid("after", sealed, "the next of the part before, unchanged, with the same filters and by the same asker")
}

const keyCursors = "cursors"

// listOf names the list that is asked for: the address, the filters, and who asks.
func listOf(c echo.Context) string {
	filters := c.Request().URL.Query()
	filters.Del("after")
	filters.Del("limit")
	return c.Request().URL.EscapedPath() + "\n" + filters.Encode() + "\n" + string(viewer(c).As)
}

// sealNext seals where the list that is asked for goes on.
func sealNext(c echo.Context, place string) string {
	return c.Get(keyCursors).(*cursors).seal(listOf(c), place)
}

// openCursorKey reads the secret that cursors are sealed with, and makes it for the
// owner alone if there is none.
func openCursorKey(path string) ([]byte, error) {
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret = make([]byte, cursorKeySize)
		_, _ = rand.Read(secret) // never fails; see crypto/rand
		err = os.WriteFile(path, secret, 0o600)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("cursor key: %w", err)
	case len(secret) < cursorKeySize:
		return nil, fmt.Errorf("cursor key: %s is too short: delete it", path)
	}
	return secret, nil
}
