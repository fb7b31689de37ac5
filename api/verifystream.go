package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"
)

const (
	// maxVerifyLine is how long a line of a stream of shops may be.
	maxVerifyLine = 32 << 10
	// maxVerifyLines is how many lines a stream may have.
	maxVerifyLines = 5_000_000
	// verifyAtOnce is how many lines are compared at once: as many round trips to the
	// database for a thousand as for one.
	verifyAtOnce = 1000
	// maxVerifyBytes is from how many bytes on no more lines are taken to those.
	maxVerifyBytes = 1 << 20
)

// verifyLines answers JSON lines while they come: first what the answers are made
// from, then a line for each line, in their order. What was read is answered before
// more is read, so a client that does not take its answers is not read from either.
func (s *Server) verifyLines(c echo.Context, q verification.Question) error {
	ctx := c.Request().Context()
	controller := http.NewResponseController(c.Response())
	if err := controller.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	of, err := s.basis(ctx, q.Day)
	if err != nil {
		return err
	}
	head, err := encode(of)
	if err != nil {
		return err
	}
	out := bytes.NewBuffer(append(head, '\n'))
	lines := newLineReader(c.Request().Body)
	for {
		if err := controller.SetReadDeadline(time.Now().Add(stallTimeout)); err != nil {
			return s.abandon(c, err)
		}
		some, end := lines.read(verifyAtOnce)
		if end != nil && !errors.Is(end, io.EOF) {
			return s.abandon(c, badBody(end))
		}
		if err := s.answerLines(c, q, some, out); err != nil {
			return s.abandon(c, err)
		}
		if body, ok := c.Request().Body.(*intake); ok {
			body.release() // it is answered
		}
		s.startStream(c)
		if err := controller.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil {
			return s.abandon(c, err)
		}
		if _, err := out.WriteTo(c.Response()); err != nil {
			return s.abandon(c, err)
		}
		if err := controller.Flush(); err != nil {
			return s.abandon(c, err)
		}
		if end != nil {
			return nil
		}
	}
}

// answerLines answers for some lines. When the quota is used up in the middle of a
// stream, the stream waits.
func (s *Server) answerLines(c echo.Context, q verification.Question, lines []shopLine, out *bytes.Buffer) error {
	if len(lines) == 0 {
		return nil
	}
	for {
		err := s.takeChecks(c, len(lines))
		wait, limited := retryAfter(err)
		switch {
		case err == nil:
		case limited && c.Response().Committed && len(lines) <= s.Limits.Checks.Burst:
			if err := pause(c.Request().Context(), wait); err != nil {
				return err
			}
			continue
		default:
			return err
		}
		break
	}
	q.Shops = nil
	for i := range lines {
		if lines[i].wrong == nil {
			q.Shops = append(q.Shops, lines[i].shop)
		}
	}
	answers, err := s.compare(c.Request().Context(), q, viewer(c))
	if err != nil {
		return err
	}
	for i := range lines {
		if lines[i].wrong != nil {
			answer, err := encode(malformedShop{Problems: []*traceability.Error{lines[i].wrong}})
			if err != nil {
				return err
			}
			out.Write(answer)
		} else {
			out.Write(answers[0])
			answers = answers[1:]
		}
		out.WriteByte('\n')
	}
	return nil
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// shopLine is a line of the stream: a shop, or what is wrong with it.
type shopLine struct {
	shop  traceability.Shop
	wrong *traceability.Error
}

// lineReader reads shops line by line.
type lineReader struct {
	in   *bufio.Reader
	line int // that was read last, from 1
}

func newLineReader(body io.Reader) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(body, 8*maxVerifyLine)}
}

// read waits for one line and takes as many more as have come, at most so many. At the
// end it returns io.EOF with the last lines.
func (r *lineReader) read(most int) (lines []shopLine, err error) {
	for size := 0; len(lines) < most && size < maxVerifyBytes && (len(lines) == 0 || r.more()); {
		text, err := r.in.ReadSlice('\n')
		size += len(text)
		r.line++
		place := "line " + strconv.Itoa(r.line)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) || len(text) > maxVerifyLine:
			return nil, tooLong(place, "lines of at most "+strconv.Itoa(maxVerifyLine)+" bytes")
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case r.line > maxVerifyLines:
			return nil, tooLong(place, "at most "+strconv.Itoa(maxVerifyLines)+" lines")
		}
		if text = bytes.TrimSpace(text); len(text) > 0 {
			lines = append(lines, readShop(text, place))
		}
		if err != nil {
			return lines, err
		}
	}
	return lines, nil
}

// more reports whether a whole line is there already.
func (r *lineReader) more() bool {
	waiting, _ := r.in.Peek(r.in.Buffered())
	return bytes.IndexByte(waiting, '\n') >= 0
}

func readShop(text []byte, place string) (line shopLine) {
	if err := json.Unmarshal(text, &line.shop, json.RejectUnknownMembers(true)); err != nil {
		line.wrong = understand(badBody(err)).err.At(place)
	}
	return line
}

func tooLong(place, expected string) error {
	e := batchTooBig(nil)
	e.Field, e.Expected = place, expected
	return e
}
