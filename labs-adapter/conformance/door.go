package conformance

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// plain makes a request without any of the client's help.
func (t *trial) plain(ctx context.Context, path, token string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.Address+path, nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := t.HTTP.Do(request)
	if err == nil {
		response.Body.Close()
	}
	return response, err
}

// clock compares this machine's clock with the Date of an answer.
func (t *trial) clock(ctx context.Context) error {
	response, err := t.plain(ctx, "/healthz", "")
	if err != nil {
		return err
	}
	at, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return fail("答复没有可读的 Date", "the answer has no Date that can be read")
	}
	if apart := time.Since(at).Abs(); apart > time.Minute {
		return fail("相差 %s；令牌有效期以分钟计，请校时", "they are %s apart; a token is good for minutes: set the clock", apart.Round(time.Second))
	}
	return nil
}

// token asks for a platform's own list without a token, with one, and with the same
// once more.
func (t *trial) token(ctx context.Context) error {
	const own = "/v1/verifications/due?limit=1"
	token, err := traceability.NewToken(*t.API.Key, t.API.Audience, time.Now())
	if err != nil {
		return err
	}
	for _, c := range []struct {
		token  string
		good   []int
		zh, en string
	}{
		{"", []int{http.StatusUnauthorized, http.StatusForbidden}, "无令牌", "without a token"},
		{token, []int{http.StatusOK}, "有令牌（平台须已准入，受众须为 API 的公开地址）", "with a token (the platform must be admitted, and the audience the API's public address)"},
		{token, []int{http.StatusUnauthorized}, "同一令牌再次使用", "with the same token again"},
	} {
		response, err := t.plain(ctx, own, c.token)
		if err != nil {
			return err
		}
		if !slices.Contains(c.good, response.StatusCode) {
			return fail(c.zh+"：%d，应为 %v", c.en+": %d, expected %v", response.StatusCode, c.good)
		}
	}
	return nil
}

// feed reads two signals at once and one after the other, and then goes on behind
// them. A platform of which there are less reads the public's.
func (t *trial) feed(ctx context.Context) error {
	api := *t.API
	both, err := api.Feed(ctx, traceability.FeedQuery{Limit: 2}, 0)
	if err == nil && len(both.Signals) < 2 {
		api.Key = nil
		both, err = api.Feed(ctx, traceability.FeedQuery{Limit: 2}, 0)
	}
	if err != nil {
		return err
	}
	if both.Next == "" {
		return fail("答复没有 next", "the answer has no next")
	}
	if len(both.Signals) < 2 {
		return skip("信号不足两条，无从比较", "there are not two signals yet to compare")
	}
	after := ""
	for i := range both.Signals {
		one, err := api.Feed(ctx, traceability.FeedQuery{After: after, Limit: 1}, 0)
		if err != nil {
			return err
		}
		if len(one.Signals) != 1 || one.Signals[0] != both.Signals[i] {
			return fail("第 %d 条与一次读两条时不同", "signal %d is another than when two are read", i+1)
		}
		after = one.Next
	}
	rest, err := api.Feed(ctx, traceability.FeedQuery{After: both.Next, Limit: 1}, 0)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(rest.Signals, func(s traceability.Signal) bool { return slices.Contains(both.Signals, s) }) {
		return fail("续读时重复了已读的信号", "what was read comes again after the cursor")
	}
	return nil
}

const (
	// callsForQuota bounds how often the quota is asked for, and quotaPatience how long
	// it is waited for.
	callsForQuota = 60
	quotaPatience = 2 * time.Minute
)

// quota asks for more than there is, of shops that cost nothing to judge because they
// are malformed, and then waits as long as it is told to.
func (t *trial) quota(ctx context.Context) error {
	eager := *t.API
	eager.Patience = 0
	nothing := make([]traceability.Shop, maxShops)
	var err error
	for range callsForQuota {
		if _, err = eager.Verify(ctx, "", nothing); err != nil {
			break
		}
	}
	switch {
	case err == nil:
		return skip(strconv.Itoa(callsForQuota*maxShops)+" 家店铺之内未达到配额", "the quota was not reached within "+strconv.Itoa(callsForQuota*maxShops)+" shops")
	case traceability.CodeOf(err) != traceability.CodeRateLimited:
		return err
	}
	wait, asked := client.RetryAfter(err)
	if !asked {
		return fail("429 没有 Retry-After", "429 without a Retry-After")
	}
	if wait > quotaPatience {
		return fail("要求等待 %s，过长", "it asks to wait %s, which is too long", wait)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
	}
	if _, err := eager.Verify(ctx, "", nothing[:1]); err != nil {
		return fail("等待 %s 之后仍被拒绝：%v", "still refused after %s: %v", wait, err)
	}
	return seen("要求等待 %s", "it asked to wait %s", wait)
}

// refusedAs reports whether a document was rejected with a code.
func refusedAs(receipt traceability.Receipt, err error, code traceability.Code) error {
	if err != nil {
		return err
	}
	if o := receipt.Outcomes[0]; o.Status != traceability.StatusRejected || o.Code != code {
		return fail("答复为 %s %s，应为 rejected %s", "the answer is %s %s, expected rejected %s", o.Status, o.Code, code)
	}
	return nil
}

// submit signs a document and submits it alone.
func (t *trial) submit(ctx context.Context, typ traceability.DocumentType, payload any) (string, traceability.Receipt, error) {
	document, err := traceability.Sign(*t.API.Key, typ, payload, time.Now())
	if err != nil {
		return "", traceability.Receipt{}, err
	}
	receipt, err := t.API.Submit(ctx, []string{document})
	return document, receipt, err
}

// accepted is nil when a document was.
func accepted(receipt traceability.Receipt, err error) error {
	if err != nil {
		return err
	}
	if o := receipt.Outcomes[0]; o.Status != traceability.StatusAccepted {
		return fail("答复为 %s %s %v，应为 accepted", "the answer is %s %s %v, expected accepted", o.Status, o.Code, errors.Join(asErrors(o.Problems)...))
	}
	return nil
}

func asErrors(problems []*traceability.Error) (list []error) {
	for _, p := range problems {
		list = append(list, p)
	}
	return list
}
