package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"strconv"
	"time"

	"deltatrace/traceability"

	"github.com/go-json-experiment/json"
)

// Limits of what a client takes.
const (
	maxAnswerBytes  = 64 << 20
	maxProblemBytes = 1 << 20
	maxPause        = time.Minute
)

// errAnswer is an answer that is none of the API's.
var errAnswer = errors.New("the answer is not one of this API")

// attemptError is a failure after which another attempt can help.
type attemptError struct {
	after   time.Duration // as Retry-After asks; 0 when it does not
	nothing bool          // surely nothing was written
	err     error
}

func (e *attemptError) Error() string { return e.err.Error() }
func (e *attemptError) Unwrap() error { return e.err }

// uncertainError is a failure after which it is not known what was written.
type uncertainError struct{ err error }

func (e *uncertainError) Error() string { return e.err.Error() }
func (e *uncertainError) Unwrap() error { return e.err }

// FateKnown reports whether err, from Submit, means that surely nothing was
// written: in no attempt did the request reach the API, or each that did was
// refused. After any other error the documents may be on the ledger: submit them
// again, which is harmless.
func FateKnown(err error) bool {
	var uncertain *uncertainError
	return err != nil && !errors.As(err, &uncertain)
}

// RetryAfter returns how long the API asks to wait before the request is made again,
// as it does with 429 and 503; false when it does not ask. The methods of a Client
// wait by themselves as long as its Patience lasts.
func RetryAfter(err error) (time.Duration, bool) {
	var attempt *attemptError
	if !errors.As(err, &attempt) || attempt.after == 0 {
		return 0, false
	}
	return attempt.after, true
}

// retry makes attempts until one succeeds, none can help, or patience is at its end.
func (c *Client) retry(ctx context.Context, method, path string, body []byte, into any) error {
	deadline := time.Now().Add(c.Patience)
	doubt := false
	for pause := c.Pause; ; pause = min(2*pause, maxPause) {
		err := c.attempt(ctx, method, path, body, into)
		if err == nil {
			return nil
		}
		var attempt *attemptError
		again := errors.As(err, &attempt)
		doubt = doubt || (again && !attempt.nothing)
		wait := pause/2 + rand.N(pause/2+1) // not all clients at once
		if again && attempt.after > 0 {
			wait = attempt.after
		}
		if !again || time.Now().Add(wait).After(deadline) || !sleep(ctx, wait) {
			if doubt {
				return &uncertainError{err}
			}
			return err
		}
	}
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// unreached reports whether no connection came about.
func unreached(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}

// attempt makes one request.
func (c *Client) attempt(ctx context.Context, method, path string, body []byte, into any) error {
	request, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return &attemptError{err: err, nothing: unreached(err)}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(response)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return &attemptError{err: fmt.Errorf("read the answer: %w", err)}
	case len(answer) > maxAnswerBytes:
		return &uncertainError{fmt.Errorf("more than %d bytes: %w", maxAnswerBytes, errAnswer)}
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return &uncertainError{fmt.Errorf("%w: %w", errAnswer, err)}
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	media := ""
	if method == http.MethodPost {
		media = mediaJSON
	}
	return c.newRequest(ctx, method, path, bytes.NewReader(body), media)
}

// newRequest makes a request with a token of its own, for a token is good once.
func (c *Client) newRequest(ctx context.Context, method, path string, body io.Reader, media string) (*http.Request, error) {
	endpoint, err := c.endpoint(path)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, endpoint, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", mediaJSON)
	if media != "" {
		request.Header.Set("Content-Type", media)
	}
	if c.Key != nil && path != documentsPath {
		token, err := traceability.NewToken(*c.Key, c.Audience, time.Now())
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// refusal reads an answer other than 200. A problem document (RFC 9457) becomes
// the *traceability.Error that it carries.
func refusal(response *http.Response) error {
	err := fmt.Errorf("%w: %s", errAnswer, response.Status)
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "application/problem+json" {
		problem := new(traceability.Error)
		body, readErr := io.ReadAll(io.LimitReader(response.Body, maxProblemBytes))
		if readErr == nil && json.Unmarshal(body, problem) == nil && problem.Code != "" {
			err = problem
		}
	}
	after := retryAfter(response.Header.Get("Retry-After"), time.Now())
	switch status := response.StatusCode; {
	case status == http.StatusTooManyRequests, traceability.CodeOf(err) == traceability.CodeBusy:
		return &attemptError{after: after, nothing: true, err: err}
	case status == http.StatusRequestTimeout, status >= 500:
		return &attemptError{after: after, err: err}
	case status < 300:
		return &uncertainError{err}
	default:
		return err
	}
}

// retryAfter reads the header's two forms: seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 && seconds < 86400 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
