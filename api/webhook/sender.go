package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
	"deltatrace/traceability/httpsig"
)

const (
	connectTimeout = 5 * time.Second
	// maxAnswer is how much of an answer is read: its status is all that counts, and
	// a connection is used again only when little is left on it.
	maxAnswer = 4 << 10
	maxHeader = 16 << 10
)

// failure is why a delivery was not taken, in words that a receiver's owner and an
// operator can use and that tell nothing of the net that this machine stands in.
type failure string

// Error implements error.
func (f failure) Error() string { return string(f) }

// sender posts deliveries.
type sender struct {
	client *http.Client
	key    Key
	now    func() time.Time
}

func newSender(o Options) *sender {
	return &sender{key: o.Key, now: o.Now, client: &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{ // no proxy: it would resolve names unguarded
			DialContext:            o.Guard.dialer().DialContext,
			TLSHandshakeTimeout:    connectTimeout,
			MaxResponseHeaderBytes: maxHeader,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        30 * time.Second,
			ForceAttemptHTTP2:      true,
		},
		// Who answers elsewhere was not the address that the party signed.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send posts a delivery, and returns nil when the receiver took it, a failure when
// it did not, or ctx's error.
func (s *sender) send(ctx context.Context, address string, d traceability.Delivery) error {
	body, err := json.Marshal(d, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode delivery: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return failure("not an address")
	}
	header := request.Header
	header.Set("Content-Type", "application/json")
	header.Set("Content-Digest", httpsig.Digest(body))
	header.Set(traceability.DeliveryHeader, d.ID)
	header.Set("User-Agent", "deltatrace")
	message := &httpsig.Message{Method: request.Method, TargetURI: address, Header: header}
	params := httpsig.Params{Label: traceability.DeliveryLabel, Tag: traceability.DeliveryTag, KeyID: s.key.ID, Created: s.now()}
	if err := httpsig.Sign(message, s.key.private, params, traceability.DeliveryComponents()...); err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return explain(err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // the status counts
	if response.StatusCode/100 != 2 {
		return failure(fmt.Sprintf("status %d", response.StatusCode))
	}
	return nil
}

// explain says why there was no answer.
func explain(err error) failure {
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.Is(err, ErrAddress):
		return "address not allowed"
	case errors.As(err, &certificate):
		return "certificate not valid"
	case errors.As(err, &name):
		return "name not found"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "no connection"
}

// close gives up the connections that nobody uses.
func (s *sender) close() { s.client.CloseIdleConnections() }
