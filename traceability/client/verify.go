package client

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"

	"github.com/go-json-experiment/json"
)

const (
	verifyPath     = "/v1/licences/verify"
	mediaJSON      = "application/json"
	mediaLines     = "application/x-ndjson"
	maxAnswerLine  = 1 << 20 // of a stream, in bytes
	firstLineBytes = 64 << 10
)

// Basis says what answers were made from: the register as of a block of the ledger,
// or a later one, and for which day.
type Basis struct {
	AsOf struct {
		Block uint64    `json:"block"`
		Time  time.Time `json:"time"`
	} `json:"as_of"`
	On    traceability.Date `json:"on"`
	Stale *struct {
		Since time.Time `json:"since"`
		ZH    string    `json:"zh"`
		EN    string    `json:"en"`
	} `json:"stale,omitzero"` // the API has heard nothing new for long
}

// ShopAnswer is what came of one shop: a verdict with its findings, or, where what
// was sent is no shop, the problems.
type ShopAnswer struct {
	verification.Result
	Problems []*traceability.Error `json:"problems,omitempty"`
}

// Verified are the answers for shops, in their order.
type Verified struct {
	Basis
	Results []ShopAnswer `json:"results"`
}

// Verify compares up to 10,000 shops with the register as it stands on a day, today
// when it is empty. It needs c.Key, a platform's. Nothing is written.
func (c *Client) Verify(ctx context.Context, on traceability.Date, shops []traceability.Shop) (Verified, error) {
	var answers Verified
	if err := c.Ask(ctx, onDay(on), shops, &answers); err != nil {
		return Verified{}, err
	}
	if len(answers.Results) != len(shops) {
		return Verified{}, fmt.Errorf("verify %d shops: %d answers: %w", len(shops), len(answers.Results), errAnswer)
	}
	return answers, nil
}

func onDay(on traceability.Date) string {
	if on == "" {
		return verifyPath
	}
	return verifyPath + "?on=" + url.QueryEscape(string(on))
}

// VerifyLines compares any number of shops: it sends them while they come, and hands
// each answer over while the next are on their way, in their order. What each returns
// ends the stream, and is returned. A stream is not tried again by itself, because
// what shops yielded is gone; RetryAfter tells when to.
func (c *Client) VerifyLines(ctx context.Context, on traceability.Date, shops iter.Seq[traceability.Shop], each func(ShopAnswer) error) (basis Basis, err error) {
	ctx, cancel := context.WithCancel(ctx)
	body, lines := io.Pipe()
	sent := 0
	var writing sync.WaitGroup
	defer writing.Wait()
	defer cancel()
	defer body.CloseWithError(io.ErrClosedPipe) // the writer stops at its next shop
	request, err := c.newRequest(ctx, http.MethodPost, onDay(on), body, mediaLines)
	if err != nil {
		return basis, err
	}
	request.Header.Set("Accept", mediaLines)
	writing.Go(func() { lines.CloseWithError(writeShops(lines, shops, &sent)) })

	streaming := *c.HTTP
	streaming.Timeout = 0 // that of one answer: a stream takes as long as it takes
	response, err := streaming.Do(request)
	if err != nil {
		return basis, fmt.Errorf("verify lines: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return basis, fmt.Errorf("verify lines: %w", refusal(response))
	}
	answers := bufio.NewScanner(response.Body)
	answers.Buffer(make([]byte, 0, firstLineBytes), maxAnswerLine)
	got, headed := 0, false
	for answers.Scan() {
		if !headed {
			headed = true
			if err := json.Unmarshal(answers.Bytes(), &basis); err != nil {
				return basis, fmt.Errorf("verify lines: %w: %w", errAnswer, err)
			}
			continue
		}
		var answer ShopAnswer
		if err := json.Unmarshal(answers.Bytes(), &answer); err != nil {
			return basis, fmt.Errorf("verify lines: answer %d: %w: %w", got+1, errAnswer, err)
		}
		if err := each(answer); err != nil {
			return basis, err
		}
		got++
	}
	if err := answers.Err(); err != nil {
		return basis, fmt.Errorf("verify lines: after %d answers: %w", got, err)
	}
	body.CloseWithError(io.ErrClosedPipe)
	writing.Wait()
	if got != sent {
		return basis, fmt.Errorf("verify lines: %d answers for %d shops: %w", got, sent, errAnswer)
	}
	return basis, nil
}

// writeShops writes shops as JSON lines, and counts those that were taken.
func writeShops(to io.Writer, shops iter.Seq[traceability.Shop], sent *int) error {
	for shop := range shops {
		line, err := json.Marshal(&shop)
		if err != nil {
			return fmt.Errorf("encode shop %s: %w", shop.ID, err)
		}
		if _, err := to.Write(append(line, '\n')); err != nil {
			return err
		}
		*sent++
	}
	return nil
}

// DueVerifications returns a page of the platform's shops that have to be verified
// again before an instant, now when it is zero. It needs c.Key.
func (c *Client) DueVerifications(ctx context.Context, before time.Time, page traceability.Page) (due traceability.List[traceability.VerificationDue], err error) {
	q := paged(page)
	if !before.IsZero() {
		q.Set("before", before.Format(time.RFC3339))
	}
	err = c.Get(ctx, "/v1/verifications/due?"+q.Encode(), &due)
	return due, err
}

// paged is a page as the API's routes take it.
func paged(p traceability.Page) url.Values {
	q := make(url.Values)
	if p.After != "" {
		q.Set("after", p.After)
	}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	return q
}
