package conformance

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
	"deltatrace/traceability/httpsig"
)

// Receiver is a platform's receiver of deliveries, at its address as the ledger has
// it. With a Directory it trusts the keys that are served there during the run, as it
// trusts the API's at other times: then genuine deliveries can be tried too.
type Receiver struct {
	URL       string
	Directory *Directory
}

// Directory serves the public half of a key that lives as long as it does, as an API
// serves its own.
type Directory struct {
	server   *http.Server
	listener net.Listener
	serving  sync.WaitGroup
	key      ed25519.PrivateKey
	id       string
}

// OpenDirectory listens on an address such as 127.0.0.1:8099.
func OpenDirectory(address string) (*Directory, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	jwk := jose.JSONWebKey{Key: public}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	d := &Directory{key: private, id: base64.RawURLEncoding.EncodeToString(thumbprint)}
	jwk.KeyID = d.id
	body, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{jwk}})
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if d.listener, err = net.Listen("tcp", address); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+traceability.DeliveryKeys, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/http-message-signatures-directory+json")
		_, _ = w.Write(body)
	})
	d.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	d.serving.Go(func() { _ = d.server.Serve(d.listener) }) // until Close
	return d, nil
}

// URL is where the directory's host is.
func (d *Directory) URL() string { return "http://" + d.listener.Addr().String() }

// Close ends it.
func (d *Directory) Close() error {
	err := d.server.Close()
	d.serving.Wait()
	return err
}

// letter is a delivery on its way to the receiver, before and after it is signed.
type letter struct {
	address string // that it is signed for
	keyID   string
	key     ed25519.PrivateKey // nil: not signed
	created time.Time
	after   func(body []byte) []byte // what is done to the body once it is signed; nil: nothing
}

// receiverPatience is how long a receiver may take, as the API's own limit.
const receiverPatience = 10 * time.Second

// post sends the run's delivery, which says that a licence was granted that the
// register does not have: a receiver that reads on finds nothing. It returns the
// status of the answer.
func (t *trial) post(ctx context.Context, l letter) (int, error) {
	delivery := traceability.Delivery{ID: t.name, Party: t.API.Key.Party, Webhook: "conformance", Signal: traceability.Signal{Cursor: t.name,
		Audience: traceability.To(t.API.Key.Party), Kind: traceability.SignalLicenceGrant, Subject: traceability.LicenceKey("JY23100009999997"), At: t.began, Block: t.receipt.Block}}
	body, err := json.Marshal(delivery, json.Deterministic(true))
	if err != nil {
		return 0, err
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("Content-Digest", httpsig.Digest(body))
	header.Set(traceability.DeliveryHeader, delivery.ID)
	if l.key != nil {
		message := &httpsig.Message{Method: http.MethodPost, TargetURI: l.address, Header: header}
		params := httpsig.Params{Label: traceability.DeliveryLabel, Tag: traceability.DeliveryTag, KeyID: l.keyID, Created: l.created}
		if err := httpsig.Sign(message, l.key, params, traceability.DeliveryComponents()...); err != nil {
			return 0, err
		}
	}
	if l.after != nil {
		body = l.after(body)
	}
	ctx, cancel := context.WithTimeout(ctx, receiverPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Receiver.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header = header
	response, err := t.HTTP.Do(request)
	if err != nil {
		return 0, err
	}
	response.Body.Close()
	return response.StatusCode, nil
}

// refused holds the receiver to refusing a letter.
func (t *trial) refused(ctx context.Context, l letter) error {
	status, err := t.post(ctx, l)
	if err != nil {
		return err
	}
	if status < 400 {
		return fail("接收端答复 %d，应拒绝（401）", "the receiver answers %d, and must refuse (401)", status)
	}
	return nil
}

// taken holds the receiver to taking a letter.
func (t *trial) taken(ctx context.Context, l letter) error {
	status, err := t.post(ctx, l)
	if err != nil {
		return err
	}
	if status/100 != 2 {
		return fail("接收端答复 %d，应为 2xx", "the receiver answers %d, expected 2xx", status)
	}
	return nil
}

func noReceiver() error {
	return skip("未提供接收地址（--webhook）", "no address of a receiver (--webhook)")
}

// keys reads the keys that the API signs deliveries with.
func (t *trial) keys(ctx context.Context) error {
	keys, err := t.API.DeliveryKeys(ctx)
	if err != nil {
		return err
	}
	for id := range keys {
		t.apiKey = max(t.apiKey, id) // any, always the same
	}
	if t.apiKey == "" {
		return fail("没有公钥：此服务器不投递", "there is no key: this server makes no deliveries")
	}
	return nil
}

func (t *trial) unsigned(ctx context.Context) error {
	if t.Receiver == nil {
		return noReceiver()
	}
	return t.refused(ctx, letter{address: t.Receiver.URL})
}

// stranger signs with a key of its own, under the name of the API's.
func (t *trial) stranger(ctx context.Context) error {
	if t.Receiver == nil {
		return noReceiver()
	}
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	return t.refused(ctx, letter{address: t.Receiver.URL, keyID: t.apiKey, key: private, created: time.Now()})
}

// sealed is a letter as the API would send it.
func (t *trial) sealed() letter {
	d := t.Receiver.Directory
	return letter{address: t.Receiver.URL, keyID: d.id, key: d.key, created: time.Now()}
}

func (t *trial) genuine(ctx context.Context) error {
	switch {
	case t.Receiver == nil:
		return noReceiver()
	case t.Receiver.Directory == nil:
		return skip("接收端未信任本工具的公钥目录（--directory）", "the receiver was not told to trust this tool's keys (--directory)")
	}
	return t.taken(ctx, t.sealed())
}

func (t *trial) genuineAgain(ctx context.Context) error { return t.taken(ctx, t.sealed()) }

func (t *trial) changed(ctx context.Context) error {
	l := t.sealed()
	l.after = func(body []byte) []byte {
		return bytes.Replace(body, []byte("JY23100009999997"), []byte("JY23100009999998"), 1)
	}
	return t.refused(ctx, l)
}

func (t *trial) old(ctx context.Context) error {
	l := t.sealed()
	l.created = l.created.Add(-10 * time.Minute)
	return t.refused(ctx, l)
}

func (t *trial) elsewhere(ctx context.Context) error {
	l := t.sealed()
	l.address = "https://elsewhere.example/deltatrace"
	return t.refused(ctx, l)
}

// delivered asks the API how its deliveries to the address fare.
func (t *trial) delivered(ctx context.Context) error {
	if t.Receiver == nil {
		return noReceiver()
	}
	var list traceability.List[struct {
		traceability.WebhookRecord
		Delivery *struct {
			Reason string `json:"reason"`
		} `json:"delivery"`
	}]
	if err := t.API.Get(ctx, "/v1/webhooks", &list); err != nil {
		return err
	}
	for _, w := range list.Items {
		switch {
		case w.URL != t.Receiver.URL || !w.Active:
		case w.Delivery == nil:
			return skip("由本省另一台服务器投递", "another server of the province delivers")
		case w.Delivery.Reason != "":
			return fail("%s：投递失败，%s", "%s: deliveries fail: %s", w.Ref, w.Delivery.Reason)
		default:
			return nil
		}
	}
	return skip("账本上没有登记此接收地址（webhook.set）", "the address is not on the ledger (webhook.set)")
}
