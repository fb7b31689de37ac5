package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// Media types.
const (
	mediaJSON    = "application/json"
	mediaJOSE    = "application/jose"
	mediaLines   = "application/x-ndjson"
	mediaLinkset = "application/linkset+json"
	mediaHTML    = "text/html; charset=utf-8"
)

// How long an answer may be kept. What stands on the ledger never changes, but
// what is said of it does (a recall, a correction), so a cache has to ask each
// time; the entity tag makes asking cheap.
const (
	cacheAsk  = "public, no-cache"
	cacheDay  = "public, max-age=86400"
	cacheNone = "private, no-store"
)

// serializer lets echo speak JSON as the domain does: exact member names, no
// duplicates, nothing unknown.
type serializer struct{}

// Serialize implements echo.JSONSerializer.
func (serializer) Serialize(c echo.Context, v any, _ string) error {
	return json.MarshalWrite(c.Response(), v, json.Deterministic(true))
}

// Deserialize implements echo.JSONSerializer.
func (serializer) Deserialize(c echo.Context, v any) error {
	return decode(c.Request().Body, v)
}

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return b, nil
}

// decode reads a request's JSON strictly.
func decode(r io.Reader, v any) error {
	return json.UnmarshalRead(r, v, json.RejectUnknownMembers(true))
}

// answerJSON sends what the public may see and caches may keep; what a party
// sees by its token is for the party alone.
func answerJSON(c echo.Context, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	cache := cacheAsk
	if viewer(c) != (traceability.Viewer{}) {
		cache = cacheNone
	}
	addVary(c, "Authorization")
	return answer(c, mediaJSON, cache, body)
}

// answer sends a whole body with its entity tag, or 304 when the client has it.
func answer(c echo.Context, media, cache string, body []byte) error {
	return answerTagged(c, http.StatusOK, media, cache, tagOf(body), body)
}

// tagOf is a body's entity tag.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// answerTagged is answer with a tag that is known. The tag goes out weak,
// because the same content may leave compressed or not.
func answerTagged(c echo.Context, status int, media, cache, tag string, body []byte) error {
	header := c.Response().Header()
	header.Set("Cache-Control", cache)
	header.Set("Etag", "W/"+tag)
	if status == http.StatusOK && tagMatches(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return c.Blob(status, media, body)
}

// tagMatches compares by the weak comparison of RFC 9110 §8.8.3.2.
func tagMatches(ifNoneMatch, tag string) bool {
	if strings.TrimSpace(ifNoneMatch) == "*" {
		return true
	}
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(candidate), "W/") == tag {
			return true
		}
	}
	return false
}

// addVary names request headers that the answer depends on, each once.
func addVary(c echo.Context, names ...string) {
	header := c.Response().Header()
	for _, name := range names {
		if !strings.Contains(strings.Join(header.Values("Vary"), ", ")+",", name+",") {
			header.Add("Vary", name)
		}
	}
}
