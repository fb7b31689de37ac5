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
	for i := range shops {
		if err := answers.Results[i].of(shops[i].ID); err != nil {
			return Verified{}, fmt.Errorf("verify %d shops: answer %d: %w", len(shops), i+1, err)
		}
	}
	return answers, nil
}

// of reports whether an answer is one for this shop, and one that is known: what is
// not is no verdict. A line that could not be read is answered without a name.
func (a *ShopAnswer) of(shop traceability.ShopID) error {
	if len(a.Problems) > 0 {
		if a.Verdict != "" || a.Shop != "" && a.Shop != shop {
			return fmt.Errorf("shop %s: problems of %q, with the verdict %q: %w", shop, a.Shop, a.Verdict, errAnswer)
		}
		return nil
	}
	if a.Shop != shop {
		return fmt.Errorf("it is of shop %q, asked was %s: %w", a.Shop, shop, errAnswer)
	}
	switch a.Verdict {
	case traceability.LicenceHolds, traceability.LicenceFails, traceability.LicenceUnverified:
		return nil
	}
	return fmt.Errorf("shop %s: the verdict %q is not known: %w", shop, a.Verdict, errAnswer)
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
	var sent asked
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
		if err := answer.of(sent.next()); err != nil {
			return basis, fmt.Errorf("verify lines: answer %d: %w", got+1, err)
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
	if got != sent.count {
		return basis, fmt.Errorf("verify lines: %d answers for %d shops: %w", got, sent.count, errAnswer)
	}
	return basis, nil
}

// asked keeps which shops wait for their answers, in order.
type asked struct {
	mu      sync.Mutex
	waiting []traceability.ShopID
	count   int // of all that were sent
}

func (a *asked) add(shop traceability.ShopID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = append(a.waiting, shop)
}

// next returns the shop that is to be answered; none when there was no question.
func (a *asked) next() (shop traceability.ShopID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) > 0 {
		shop, a.waiting = a.waiting[0], a.waiting[1:]
	}
	return shop
}

// writeShops writes shops as JSON lines, and counts those that were taken.
func writeShops(to io.Writer, shops iter.Seq[traceability.Shop], sent *asked) error {
	for shop := range shops {
		line, err := json.Marshal(&shop)
		if err != nil {
			return fmt.Errorf("encode shop %s: %w", shop.ID, err)
		}
		sent.add(shop.ID) // before its answer can come
		if _, err := to.Write(append(line, '\n')); err != nil {
			return err
		}
		sent.count++
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
