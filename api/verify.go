package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"mime"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"
)

const (
	// maxVerifyShops is how many shops one JSON array may have.
	maxVerifyShops = 10_000
)

// verifyLicences compares shops with the register of licences: a JSON array at once,
// or JSON lines as they come. It writes nothing; a platform has the outcome recorded
// by a document.
func (s *Server) verifyLicences(c echo.Context) error {
	who := viewer(c)
	switch {
	case who.As == "":
		return says(traceability.CodeUnauthorized, nil)
	case !who.Verifies():
		return notForYou(c)
	}
	q := newQuery(c, "on")
	now := s.Now()
	today := traceability.DateOf(now)
	question := verification.Question{Day: optional(q, "on", traceability.ParseDate), Now: now}
	if question.Day == "" {
		question.Day = today
	}
	if question.Day > today {
		q.refuse(traceability.Invalid("on", string(question.Day), "not after "+string(today)))
	}
	if q.wrong != nil {
		return q.wrong
	}
	media, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	switch media {
	case mediaJSON:
		if err := s.boundBody(c); err != nil {
			return err
		}
		return s.verifyArray(c, question)
	case mediaLines:
		return s.verifyLines(c, question)
	default:
		return unsupported(media, mediaJSON+" or "+mediaLines)
	}
}

// basis says what the answers were made from: the register as of this block, or of a
// later one, and for which day.
type basis struct {
	AsOf  asOf              `json:"as_of"`
	On    traceability.Date `json:"on"`
	Stale *staleness        `json:"stale,omitzero"`
}

// staleness warns that the read model has heard nothing for long.
type staleness struct {
	Since time.Time `json:"since"`
	ZH    string    `json:"zh"`
	EN    string    `json:"en"`
}

func (s *Server) basis(ctx context.Context, day traceability.Date) (basis, error) {
	head, err := s.head(ctx)
	if err != nil {
		return basis{}, err
	}
	of := basis{AsOf: asOf{head.Number, head.Time}, On: day}
	if s.Now().Sub(head.Time) > traceability.FreshFor {
		of.Stale = &staleness{Since: head.Time, ZH: "超过 24 小时没有收到新的登记数据，结论可能已经过时", EN: "no new data for more than 24 hours; the answers may be out of date"}
	}
	return of, nil
}

// shopList is a list of shops that stops reading when it is too long.
type shopList []traceability.Shop

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *shopList) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != jsontext.KindBeginArray {
		return traceability.Invalid("", d.PeekKind().String(), "a list of shops")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != jsontext.KindEndArray {
		if len(*l) == maxVerifyShops {
			e := batchTooBig(nil)
			e.Expected = "at most 10000 shops and " + strconv.Itoa(maxBody) + " bytes; more as " + mediaLines
			return e
		}
		var shop traceability.Shop
		if err := json.UnmarshalDecode(d, &shop); err != nil {
			return err
		}
		*l = append(*l, shop)
	}
	_, err := d.ReadToken()
	return err
}

func (s *Server) verifyArray(c echo.Context, q verification.Question) error {
	var shops shopList
	if err := decode(c.Request().Body, &shops); err != nil {
		return badBody(err)
	}
	if len(shops) == 0 {
		return traceability.Missing("", "1 to 10000 shops")
	}
	if err := s.takeChecks(c, len(shops)); err != nil {
		return err
	}
	ctx := c.Request().Context()
	of, err := s.basis(ctx, q.Day)
	if err != nil {
		return err
	}
	q.Shops = shops
	answers, err := s.compare(ctx, q, viewer(c))
	if err != nil {
		return err
	}
	head, err := encode(of)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	body.Write(bytes.TrimSuffix(head, []byte("}")))
	body.WriteString(`,"results":[`)
	body.Write(bytes.Join(answers, []byte(",")))
	body.WriteString("]}")
	c.Response().Header().Set("Cache-Control", cacheNone)
	return c.Blob(http.StatusOK, mediaJSON, body.Bytes())
}

// malformedShop answers for a shop that cannot be read or breaks the grammar.
type malformedShop struct {
	Shop     traceability.ShopID   `json:"shop,omitzero"`
	Problems []*traceability.Error `json:"problems"`
}

// compare answers for each shop, encoded. Shops that break the grammar are answered
// by their problems, and do no harm to the others.
func (s *Server) compare(ctx context.Context, q verification.Question, who traceability.Viewer) ([][]byte, error) {
	answers := make([][]byte, len(q.Shops))
	var sound []traceability.Shop
	var places []int
	for i := range q.Shops {
		problems := q.Shops[i].Check()
		if len(problems) == 0 {
			sound, places = append(sound, q.Shops[i]), append(places, i)
			continue
		}
		var err error
		if answers[i], err = encode(malformedShop{Shop: q.Shops[i].ID, Problems: problems}); err != nil {
			return nil, err
		}
	}
	q.Shops = sound
	results, err := verification.Ask(ctx, s.Reader, q, who)
	if err != nil {
		return nil, err
	}
	var encoders errgroup.Group
	share := max(1, (len(results)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	for from := 0; from < len(results); from += share {
		encoders.Go(func() (err error) {
			for i := from; i < min(from+share, len(results)) && err == nil; i++ {
				answers[places[i]], err = encode(&results[i])
			}
			return err
		})
	}
	return answers, encoders.Wait()
}

// takeChecks takes so many shops from the party's quota, and says in the headers
// what is left of it.
func (s *Server) takeChecks(c echo.Context, shops int) error {
	limit := s.Limits.Checks
	if limit == (Rate{}) {
		return nil
	}
	taken := s.checks.take(viewer(c).As, shops)
	header := c.Response().Header()
	header.Set("Ratelimit-Limit", strconv.Itoa(limit.Burst))
	header.Set("Ratelimit-Remaining", strconv.Itoa(taken.left))
	header.Set("Ratelimit-Reset", strconv.Itoa(int(math.Ceil(taken.reset.Seconds()))))
	if taken.ok {
		return nil
	}
	e := says(traceability.CodeRateLimited, nil)
	e.Found, e.Expected = strconv.Itoa(shops)+" shops", strconv.Itoa(taken.left)+" shops now, "+strconv.FormatFloat(limit.PerSecond, 'f', -1, 64)+" a second"
	return &refusal{err: e, wait: max(taken.wait, time.Second)}
}

// retryAfter returns how long a refusal asks to wait.
func retryAfter(err error) (time.Duration, bool) {
	var r *refusal
	if errors.As(err, &r) && r.err.Code == traceability.CodeRateLimited {
		return r.wait, true
	}
	return 0, false
}
