package traceability

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
)

// KeyID names a party's key: `<party id>#<RFC 7638 SHA-256 thumbprint>`.
// Example: lab:230912340001#NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
type KeyID string

// Party returns the party that the key belongs to.
func (k KeyID) Party() PartyID {
	party, _, _ := strings.Cut(string(k), "#")
	return PartyID(party)
}

// Thumbprint returns the part after '#'.
func (k KeyID) Thumbprint() string {
	_, thumb, _ := strings.Cut(string(k), "#")
	return thumb
}

// PublicKey is a key that a party signs with: an RFC 7517 JWK, Ed25519 (RFC
// 8037) or P-256. Its JSON has the members crv, kty, x and, for P-256, y.
type PublicKey struct {
	key        crypto.PublicKey // ed25519.PublicKey or *ecdsa.PublicKey; nil for none
	thumbprint string           // of key; documents are matched with keys by it
}

// newPublicKey names a key.
func newPublicKey(key crypto.PublicKey) PublicKey {
	sum, err := (&jose.JSONWebKey{Key: key}).Thumbprint(crypto.SHA256)
	if err != nil {
		return PublicKey{key: key}
	}
	return PublicKey{key: key, thumbprint: base64.RawURLEncoding.EncodeToString(sum)}
}

// MarshalJSON writes the JWK with its required members only, so that one key
// has one form.
func (k PublicKey) MarshalJSON() ([]byte, error) {
	if k.IsZero() {
		return []byte("null"), nil
	}
	return jose.JSONWebKey{Key: k.key}.MarshalJSON()
}

// UnmarshalJSON reads a public JWK. A private one is refused, so that nobody
// publishes it by mistake.
func (k *PublicKey) UnmarshalJSON(b []byte) error {
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(b); err != nil {
		return Invalid("", "…", "a public JWK: Ed25519 (kty OKP) or P-256 (kty EC)")
	}
	switch key := jwk.Key.(type) {
	case ed25519.PublicKey:
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return Invalid("crv", key.Curve.Params().Name, "P-256")
		}
	default:
		return Invalid("kty", fmt.Sprintf("%T", jwk.Key), "a public JWK: Ed25519 (kty OKP) or P-256 (kty EC)")
	}
	*k = newPublicKey(jwk.Key)
	return nil
}

// IsZero reports whether there is no key.
func (k PublicKey) IsZero() bool { return k.key == nil }

// Thumbprint returns the RFC 7638 SHA-256 thumbprint, base64url.
func (k PublicKey) Thumbprint() string { return k.thumbprint }

// ID returns the key's name as a key of the party.
func (k PublicKey) ID(party PartyID) KeyID {
	return KeyID(string(party) + "#" + k.Thumbprint())
}

// algorithm is the only JWS algorithm that fits the key.
func (k PublicKey) algorithm() jose.SignatureAlgorithm {
	if _, ok := k.key.(ed25519.PublicKey); ok {
		return jose.EdDSA
	}
	return jose.ES256
}

// verifies reports whether the signature is the key's, by the algorithm that
// fits the key. The verdict is that of crypto/ed25519 (RFC 8032, without the
// cofactor) or crypto/ecdsa (FIPS 186-5: R and S from 1 to the group's order less 1),
// for each signature by itself: why not many at once, see ADR 7.
func (k PublicKey) verifies(text string, signature []byte) bool {
	if len(signature) != signatureBytes {
		return false
	}
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, []byte(text), signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256([]byte(text))
		r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		return ecdsa.Verify(key, sum[:], r, s)
	}
	return false
}

// SigningKey is a party's private key. Its JSON is the key file that
// `labs-adapter keygen` writes: {"party": …, "key": <private JWK>}. It never
// goes to a log: its String is the key's name.
type SigningKey struct {
	Party PartyID
	jwk   jose.JSONWebKey
}

type keyFile struct {
	Party PartyID         `json:"party"`
	Key   jose.JSONWebKey `json:"key"`
}

// NewSigningKey makes an Ed25519 key for the party from the system's
// randomness.
func NewSigningKey(party PartyID) (SigningKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return SigningKey{}, fmt.Errorf("make key: %w", err)
	}
	return SigningKey{Party: party, jwk: jose.JSONWebKey{Key: private}}, nil
}

// Public returns the public half.
func (k SigningKey) Public() PublicKey {
	return newPublicKey(k.jwk.Public().Key)
}

// ID returns the key's name.
func (k SigningKey) ID() KeyID { return k.Public().ID(k.Party) }

// String returns the key's name, never the key.
func (k SigningKey) String() string { return string(k.ID()) }

// GoString is String, so that %#v does not show the key either.
func (k SigningKey) GoString() string { return k.String() }

// MarshalJSON writes the key file.
func (k SigningKey) MarshalJSON() ([]byte, error) {
	return json.Marshal(keyFile{Party: k.Party, Key: k.jwk}, json.Deterministic(true))
}

// UnmarshalJSON reads a key file.
func (k *SigningKey) UnmarshalJSON(b []byte) error {
	var f keyFile
	if err := json.Unmarshal(b, &f); err != nil {
		return Invalid("", "…", `a key file: {"party": …, "key": <private JWK>}`)
	}
	if _, err := ParsePartyID(string(f.Party)); err != nil {
		return err
	}
	switch key := f.Key.Key.(type) {
	case ed25519.PrivateKey:
	case *ecdsa.PrivateKey:
		if key.Curve != elliptic.P256() {
			return Invalid("key.crv", key.Curve.Params().Name, "P-256")
		}
	default:
		return Invalid("key", "a public or other key", "a private JWK: Ed25519 (kty OKP) or P-256 (kty EC)")
	}
	*k = SigningKey{Party: f.Party, jwk: jose.JSONWebKey{Key: f.Key.Key}}
	return nil
}
