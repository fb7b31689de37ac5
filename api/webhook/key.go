package webhook

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

// Key is what an API signs deliveries with. It is no party's key and is good for
// nothing on the ledger: it tells receivers that a delivery is from this API.
type Key struct {
	ID      string // RFC 7638 thumbprint
	private ed25519.PrivateKey
}

const keyBlock = "PRIVATE KEY"

// OpenKey reads the key in a file (PKCS #8, PEM), or makes one, for the owner alone.
func OpenKey(path string) (Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("delivery key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyBlock {
		return Key{}, fmt.Errorf("delivery key: %s is not PEM with a %s", path, keyBlock)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return Key{}, fmt.Errorf("delivery key: %s has no Ed25519 key", path)
	}
	return newKey(private)
}

// makeKey makes the file whole or not at all.
func makeKey(path string) (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("delivery key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Key{}, fmt.Errorf("delivery key: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return Key{}, fmt.Errorf("delivery key: %w", err)
	}
	err = errors.Join(pem.Encode(f, &pem.Block{Type: keyBlock, Bytes: der}), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("delivery key: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return newKey(private)
}

func newKey(private ed25519.PrivateKey) (Key, error) {
	thumbprint, err := (&jose.JSONWebKey{Key: private.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return Key{}, fmt.Errorf("delivery key: %w", err)
	}
	return Key{ID: base64.RawURLEncoding.EncodeToString(thumbprint), private: private}, nil
}

// Public returns the public half as a JWK set.
func (k Key) Public() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: k.private.Public(), KeyID: k.ID, Use: "sig"}}}
}

// Sign returns a compact JWS of a payload, with its type in the header.
func (k Key) Sign(typ string, payload []byte) (string, error) {
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(typ)).WithHeader("kid", k.ID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: k.private}, options)
	if err != nil {
		return "", fmt.Errorf("sign %s: %w", typ, err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign %s: %w", typ, err)
	}
	return signed.CompactSerialize()
}

// String returns the key's name, never the key.
func (k Key) String() string { return k.ID }

// GoString is String, so that %#v does not show the key either.
func (k Key) GoString() string { return k.ID }
