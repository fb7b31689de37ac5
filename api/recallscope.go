package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/exchange"
)

// recallScope is the answer of GET /v1/recalls/{recall}/scope as one JSON object.
type recallScope struct {
	Recall traceability.RecallID `json:"recall"`
	Height uint64                `json:"height"`
	Lots   []jsontext.Value      `json:"lots"`         // traceability.ScopeLot
	Cut    bool                  `json:"cut,omitzero"` // there are more: ask for another form
}

// getRecallScope tells what a recall covers as of a block: that of its
// announcement unless another is asked for, and today where it was not announced.
// One JSON object is for what a screen shows; JSON lines, CSV and XLSX take any
// number of lots.
func (s *Server) getRecallScope(c echo.Context) error {
	id, err := identifier(c, "recall", traceability.ParseRecallID)
	if err != nil {
		return err
	}
	q := newQuery(c, "height", "format")
	media := scopeMedia(c, q)
	height, asked := uint64(0), q.values.Get("height")
	if asked != "" {
		if height, err = strconv.ParseUint(asked, 10, 64); err != nil {
			q.refuse(traceability.Invalid("height", asked, "a block's number"))
		}
	}
	if q.wrong != nil {
		return q.wrong
	}
	ctx, who := c.Request().Context(), viewer(c)
	record, err := s.Reader.Recall(ctx, id)
	if err != nil {
		return absent(err, id)
	}
	if _, ok := who.Recall(record); !ok {
		return notFound(string(id))
	}
	head, err := s.Reader.Head(ctx)
	if err != nil {
		return err
	}
	switch {
	case asked == "" && record.Announcement != nil:
		height = record.Announcement.Block
	case asked == "" || height > head.Number:
		height = head.Number
	}
	lots := seenScope(who, &record.Recall, s.Reader.RecallScope(ctx, traceability.ScopeQuery{Recall: id, Height: height}))
	switch media {
	case mediaJSON:
		return answerScope(c, recallScope{Recall: id, Height: height}, lots)
	case mediaLines:
		return s.streamScope(c, lots)
	default:
		return s.exportScope(c, media, fmt.Sprintf("召回范围：%s，截至区块 %d", id, height), lots)
	}
}

// scopeMedia chooses the form: by ?format= or by the Accept header.
func scopeMedia(c echo.Context, q *query) string {
	forms := map[string]string{"json": mediaJSON, "ndjson": mediaLines, "csv": exchange.CSV.MediaType(), "xlsx": exchange.XLSX.MediaType()}
	if c.QueryParam("format") != "" {
		return forms[q.oneOf("format", "json", "ndjson", "csv", "xlsx")]
	}
	addVary(c, "Accept")
	offers := []string{mediaJSON, mediaLines, exchange.CSV.MediaType(), exchange.XLSX.MediaType()}
	media, ok := negotiate(c.Request().Header.Get("Accept"), offers...)
	if !ok {
		q.refuse(notAcceptable(c, offers...))
	}
	return media
}

// seenScope redacts the lots as they come.
func seenScope(who traceability.Viewer, r *traceability.Recall, lots iter.Seq2[traceability.ScopeLot, error]) iter.Seq2[traceability.ScopeLot, error] {
	return func(yield func(traceability.ScopeLot, error) bool) {
		for l, err := range lots {
			shown, ok := who.ScopeLot(r, l)
			if (ok || err != nil) && !yield(shown, err) {
				return
			}
		}
	}
}

func answerScope(c echo.Context, scope recallScope, lots iter.Seq2[traceability.ScopeLot, error]) error {
	bytes := 0
	for l, err := range lots {
		if err != nil {
			return err
		}
		encoded, err := encode(l)
		if err != nil {
			return err
		}
		if bytes += len(encoded); bytes > maxTraceBytes || len(scope.Lots) == maxTraceArray {
			scope.Cut = true
			break
		}
		scope.Lots = append(scope.Lots, encoded)
	}
	return answerJSON(c, scope)
}

// streamScope sends a line for each lot as they come, and keeps none; see
// streamTrace.
func (s *Server) streamScope(c echo.Context, lots iter.Seq2[traceability.ScopeLot, error]) error {
	s.startStream(c)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	out := bufio.NewWriterSize(&patient{c, http.NewResponseController(c.Response())}, 64<<10)
	for l, err := range lots {
		if err == nil {
			err = writeLine(out, l)
		}
		if err != nil {
			return s.abandon(c, err)
		}
	}
	if err := out.Flush(); err != nil {
		return s.abandon(c, err)
	}
	return nil
}

func writeLine(w io.Writer, v any) error {
	var line bytes.Buffer
	if err := json.MarshalWrite(&line, v); err != nil {
		return err
	}
	line.WriteByte('\n')
	_, err := line.WriteTo(w)
	return err
}

// exportScope sends a table.
func (s *Server) exportScope(c echo.Context, media, title string, lots iter.Seq2[traceability.ScopeLot, error]) error {
	format := exchange.CSV
	if media == exchange.XLSX.MediaType() {
		format = exchange.XLSX
	}
	addVary(c, "Authorization")
	name := strings.NewReplacer("/", "-", "%", "_").Replace(c.Param("recall"))
	return s.answerFile(c, format, "recall-"+name, func(out *bufio.Writer) error {
		return exchange.WriteScope(out, format, title, lots)
	})
}
