package client

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"deltatrace/traceability"
)

// Client talks to one API. It is safe for concurrent use once it is made; set
// its exported fields before.
type Client struct {
	// HTTP makes the requests. Its Timeout bounds one attempt.
	HTTP *http.Client
	// Patience is how long a request is tried again altogether. Zero tries once.
	Patience time.Duration
	// Pause is the wait before the second attempt; it doubles with each further
	// one, to at most a minute. What the server asks for in Retry-After goes before.
	Pause time.Duration
	// Key, when it is set, signs a token for each Get, so that a party sees its
	// own records whole.
	Key *traceability.SigningKey
	// Audience is the API's public address, for the token. It is the address
	// that the client was made with unless the API stands behind another.
	Audience string

	base *url.URL
}

// New makes a client for the API at an address such as https://trace.example.
// Errors are *traceability.Error with the code invalid.
func New(api string) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(api, "/"))
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, traceability.Invalid("api", api, "the address of the API: https://host or http://host:port")
	}
	return &Client{
		HTTP:     &http.Client{Timeout: 2 * time.Minute, CheckRedirect: stay},
		Patience: time.Minute,
		Pause:    500 * time.Millisecond,
		Audience: base.String(),
		base:     base,
	}, nil
}

// stay refuses redirects of anything but reads: a POST that is redirected
// arrives without its body, and the signer should know where it sends to.
func stay(request *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet || len(via) > 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// endpoint returns the URL of a path of the API.
func (c *Client) endpoint(path string) (string, error) {
	reference, err := url.Parse(path)
	if err != nil || !strings.HasPrefix(path, "/") || reference.Host != "" {
		return "", fmt.Errorf("path %q: want one that starts with a slash", path)
	}
	return c.base.String() + path, nil
}
