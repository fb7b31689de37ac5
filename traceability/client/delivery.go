package client

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
	"deltatrace/traceability/httpsig"
)

// MaxDelivery is how long the body of a delivery may be, in bytes.
const MaxDelivery = 64 << 10

// deliveryTolerance is how far the clocks of API and receiver may be apart. It also
// bounds for how long a delivery that was overheard can be sent again; that one has
// been seen is told by its id.
const deliveryTolerance = 5 * time.Minute

// DeliveryKeys are the keys that an API signs deliveries with, by their ids.
type DeliveryKeys map[string]ed25519.PublicKey

// DeliveryKeys asks the API for the keys that it signs deliveries with. They change
// seldom: keep them, and ask again when a delivery names one that is not there.
func (c *Client) DeliveryKeys(ctx context.Context) (DeliveryKeys, error) {
	var set struct {
		Keys []struct {
			KTY string `json:"kty"`
			CRV string `json:"crv"`
			KID string `json:"kid"`
			X   string `json:"x"`
		} `json:"keys"`
	}
	if err := c.Get(ctx, traceability.DeliveryKeys, &set); err != nil {
		return nil, err
	}
	keys := make(DeliveryKeys)
	for _, k := range set.Keys {
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if k.KTY != "OKP" || k.CRV != "Ed25519" {
			continue // of a kind that may come later
		}
		if err != nil || len(x) != ed25519.PublicKeySize || k.KID == "" {
			return nil, fmt.Errorf("key %q of %s: not an Ed25519 key", k.KID, traceability.DeliveryKeys)
		}
		keys[k.KID] = x
	}
	return keys, nil
}

// Delivery reads and verifies a request to a webhook. Address is the webhook's URL
// as it stands on the ledger: behind a proxy the request does not know it. Now is
// the receiver's clock. Answer 2xx once the signal is kept, and expect the same
// delivery again, by its ID, when the answer got lost.
//
// Errors are httpsig.ErrInvalid for a request that is not from the API, or was
// changed on the way: answer 401 and do nothing.
func (k DeliveryKeys) Delivery(r *http.Request, address string, now time.Time) (traceability.Delivery, error) {
	var d traceability.Delivery
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxDelivery+1))
	if err != nil {
		return d, fmt.Errorf("read delivery: %w", err)
	}
	if len(body) > MaxDelivery {
		return d, fmt.Errorf("%w: the body is longer than %d bytes", httpsig.ErrInvalid, MaxDelivery)
	}
	message := &httpsig.Message{Method: r.Method, TargetURI: address, Header: r.Header}
	err = httpsig.Verify(message, httpsig.Expected{
		Label: traceability.DeliveryLabel, Tag: traceability.DeliveryTag, Components: traceability.DeliveryComponents(),
		Key: func(id string) (ed25519.PublicKey, bool) { key, ok := k[id]; return key, ok },
		Now: now, Tolerance: deliveryTolerance,
	})
	if err != nil {
		return d, err
	}
	if err := httpsig.CheckDigest(r.Header, body); err != nil {
		return d, err
	}
	if err := json.UnmarshalRead(bytes.NewReader(body), &d); err != nil {
		return d, fmt.Errorf("%w: %w", httpsig.ErrInvalid, err)
	}
	if d.ID == "" || d.ID != r.Header.Get(traceability.DeliveryHeader) {
		return d, fmt.Errorf("%w: the delivery's id is not the one in the header", httpsig.ErrInvalid)
	}
	return d, nil
}

// Badge verifies a badge's JWS and returns what it says. That it is genuine does not
// make it new: look at its Time. Errors wrap httpsig.ErrInvalid.
func (k DeliveryKeys) Badge(compact string) (traceability.Badge, error) {
	var badge traceability.Badge
	signed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return badge, fmt.Errorf("%w: %w", httpsig.ErrInvalid, err)
	}
	header := signed.Signatures[0].Protected
	key, known := k[header.KeyID]
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); !known || typ != traceability.BadgeType {
		return badge, fmt.Errorf("%w: it is no badge, or its key %q is not the API's", httpsig.ErrInvalid, header.KeyID)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return badge, fmt.Errorf("%w: %w", httpsig.ErrInvalid, err)
	}
	if err := json.Unmarshal(payload, &badge); err != nil {
		return badge, fmt.Errorf("%w: %w", httpsig.ErrInvalid, err)
	}
	return badge, nil
}
