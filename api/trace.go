package main

import (
	"bytes"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// traceLot answers where a lot came from or went to: as one JSON object, which
// is for what a screen shows, or as JSON lines, which stream any size.
func (s *Server) traceLot(c echo.Context) error {
	id, err := identifier(c, "lot", traceability.ParseLotID)
	if err != nil {
		return err
	}
	addVary(c, "Accept")
	media, ok := negotiate(c.Request().Header.Get("Accept"), mediaJSON, mediaLines)
	if !ok {
		return notAcceptable(c, mediaJSON, mediaLines)
	}
	most := maxTraceArray
	if media == mediaLines {
		most = 1_000_000
	}
	q := newQuery(c, "direction", "depth", "limit")
	question := traceability.TraceQuery{
		Lot:       id,
		Direction: traceability.Direction(q.oneOf("direction", "up", "down")),
		Depth:     q.number("depth", 1, 1000, 50),
		Limit:     q.number("limit", 1, most, 1000),
	}
	if q.wrong != nil {
		return q.wrong
	}
	steps := s.Reader.Trace(c.Request().Context(), question)
	if media == mediaLines {
		return s.streamTrace(c, id, steps)
	}
	trace := trace{Lot: id, Direction: question.Direction}
	bytes := 0
	for step, err := range steps {
		if err != nil {
			return absent(err, id)
		}
		encoded, err := encode(viewer(c).Step(step))
		if err != nil {
			return err
		}
		if bytes += len(encoded); bytes > maxTraceBytes {
			if encoded, err = encode(traceability.TraceStep{Depth: step.Depth, Cut: traceability.CutBytes}); err != nil {
				return err
			}
		}
		if trace.Steps = append(trace.Steps, encoded); bytes > maxTraceBytes {
			break
		}
	}
	return answerJSON(c, trace)
}

// trace is the answer of GET /v1/lots/{lot}/trace as one JSON object.
type trace struct {
	Lot       traceability.LotID     `json:"lot"`
	Direction traceability.Direction `json:"direction"`
	Steps     []jsontext.Value       `json:"steps"` // traceability.TraceStep
}

// streamTrace sends a line for each step as they come, and keeps none. The
// status stands before the end is known: a stream that breaks is cut off, so
// that the client sees a failed transfer and not a short trace.
func (s *Server) streamTrace(c echo.Context, id traceability.LotID, steps iter.Seq2[traceability.TraceStep, error]) error {
	controller := http.NewResponseController(c.Response())
	var lines bytes.Buffer
	flush := func() error {
		s.startStream(c)
		if err := controller.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil {
			return err
		}
		if _, err := lines.WriteTo(c.Response()); err != nil {
			return err
		}
		return controller.Flush()
	}
	waiting := 0
	for step, err := range steps {
		if err == nil {
			err = json.MarshalWrite(&lines, viewer(c).Step(step))
			lines.WriteByte('\n')
		}
		if waiting++; err == nil && waiting >= flushEvery {
			err = flush()
			waiting = 0
		}
		if err != nil {
			return s.abandon(c, absent(err, id))
		}
	}
	if err := flush(); err != nil {
		return s.abandon(c, err)
	}
	return nil
}

func (s *Server) startStream(c echo.Context) {
	if c.Response().Committed {
		return
	}
	c.Response().Header().Set("Content-Type", mediaLines)
	c.Response().Header().Set("Cache-Control", cacheNone)
	c.Response().WriteHeader(http.StatusOK)
}

// abandon answers with the error if nothing has been sent, and otherwise cuts
// the connection.
func (s *Server) abandon(c echo.Context, err error) error {
	if !c.Response().Committed {
		return err
	}
	s.Log.LogAttrs(c.Request().Context(), slog.LevelWarn, "answer broke off",
		slog.String("request", requestID(c)), slog.Any("error", err))
	panic(http.ErrAbortHandler)
}

// notAcceptable says what there is, when nothing of it is acceptable.
func notAcceptable(c echo.Context, offers ...string) error {
	e := says(traceability.CodeMediaType, nil)
	e.Field, e.Found, e.Expected = "Accept", c.Request().Header.Get("Accept"), fmt.Sprintf("one of %v", offers)
	return &refusal{err: e, status: http.StatusNotAcceptable}
}
