package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// postDocuments is the one door for writes. It takes a batch as JSON, answered
// document by document, or one compact JWS, answered by the status.
func (s *Server) postDocuments(c echo.Context) error {
	media, _, _ := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	switch media {
	case mediaJSON:
		return s.postBatch(c)
	case mediaJOSE:
		return s.postOne(c)
	default:
		return unsupported(media, mediaJSON+" or "+mediaJOSE)
	}
}

func unsupported(media, expected string) error {
	e := says(traceability.CodeMediaType, nil)
	e.Field, e.Found, e.Expected = "Content-Type", media, expected
	return e
}

// batch is the body of POST /v1/documents as JSON.
type batch struct {
	Documents compactList `json:"documents"`
}

// compactList is a list of compact JWS that stops reading when it is too long.
type compactList []string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *compactList) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != jsontext.KindBeginArray {
		return traceability.Invalid("", string(d.PeekKind().String()), "a list of compact JWS")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != jsontext.KindEndArray {
		if len(*l) == traceability.MaxBatchDocuments {
			return batchTooBig(nil)
		}
		var compact string
		if err := json.UnmarshalDecode(d, &compact); err != nil {
			return err
		}
		*l = append(*l, compact)
	}
	_, err := d.ReadToken()
	return err
}

func (s *Server) postBatch(c echo.Context) error {
	var b batch
	if err := decode(c.Request().Body, &b); err != nil {
		return badBody(err)
	}
	if len(b.Documents) == 0 {
		return traceability.Missing("documents", "1 to 1000 documents, each a compact JWS")
	}
	receipt, err := s.submit(c, b.Documents)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, receipt)
}

func (s *Server) postOne(c echo.Context) error {
	body, err := io.ReadAll(io.LimitReader(c.Request().Body, traceability.MaxDocumentBytes+1))
	if err != nil {
		return badBody(err)
	}
	receipt, err := s.submit(c, []string{strings.TrimSpace(string(body))})
	if err != nil {
		return err
	}
	outcome := receipt.Outcomes[0]
	if outcome.Status == traceability.StatusRejected {
		return rejection(&outcome)
	}
	c.Response().Header().Set("Location", "/v1/documents/"+string(outcome.ID))
	if outcome.Status == traceability.StatusDuplicate {
		return send(c, http.StatusOK, receipt)
	}
	return send(c, http.StatusCreated, receipt)
}

// rejection is the error for a document that was sent by itself.
func rejection(o *traceability.Outcome) error {
	e := says(o.Code, nil)
	if len(o.Problems) > 0 {
		e = o.Problems[0]
	}
	return &refusal{err: e, status: documentStatus(o.Code), outcome: o}
}

// badBody tells what is wrong with a body: its length, its JSON, or a value.
func badBody(err error) error {
	var refused *refusal
	var domain *traceability.Error
	var tooLarge *http.MaxBytesError
	var semantic *json.SemanticError
	place := ""
	if errors.As(err, &semantic) {
		place = strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
	}
	switch {
	case errors.As(err, &refused), errors.Is(err, traceability.ErrBusy), errors.As(err, &tooLarge):
		return err
	case errors.As(err, &domain):
		return domain.At(place)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrUnexpectedEOF) && !isJSON(err):
		// The client is slow or gone. That is no fault of ours.
		return &refusal{err: says(traceability.CodeTimeout, fmt.Errorf("read body: %w", err)), status: http.StatusRequestTimeout}
	}
	e := &traceability.Error{Code: traceability.CodeMalformed, Expected: "JSON as the API's description has it", Err: err,
		ZH: "请求体不是规定的 JSON", EN: "the body is not the JSON that this address takes"}
	return e.At(cmp.Or(place, "body"))
}

// isJSON reports whether the JSON decoder found the fault, not the network.
func isJSON(err error) bool {
	var syntactic *jsontext.SyntacticError
	return errors.As(err, &syntactic)
}

// Headers that tell where a submission stands.
const (
	headerBlock     = "Deltatrace-Block"
	headerProjected = "Deltatrace-Projected"
)

// submit hands documents to the ledger and waits, within bounds, until the read
// model has them, so that a party reads its own write.
func (s *Server) submit(c echo.Context, documents []string) (traceability.Receipt, error) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), s.Limits.SubmitTimeout)
	defer cancel()
	receipt, err := s.Ledger.Submit(ctx, documents)
	if err != nil {
		return traceability.Receipt{}, fmt.Errorf("submit: %w", err)
	}
	if len(receipt.Outcomes) != len(documents) {
		return traceability.Receipt{}, fmt.Errorf("submit: %d outcomes for %d documents", len(receipt.Outcomes), len(documents))
	}
	for _, o := range receipt.Outcomes {
		s.metrics.outcome(o)
	}
	ctx, cancel = context.WithTimeout(c.Request().Context(), s.Limits.ProjectWait)
	defer cancel()
	projected := s.Waiter.Wait(ctx, receipt.Block) == nil
	c.Response().Header().Set(headerBlock, strconv.FormatUint(receipt.Block, 10))
	c.Response().Header().Set(headerProjected, strconv.FormatBool(projected))
	return receipt, nil
}

// send answers a write: for the sender, not for caches.
func send(c echo.Context, status int, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", cacheNone)
	return c.Blob(status, mediaJSON, body)
}

// getDocument shows a document. One about a report exists for those for whom the
// report does.
func (s *Server) getDocument(c echo.Context) error {
	id, err := identifier(c, "document", traceability.ParseDocumentID)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), viewer(c)
	document, err := s.Reader.Document(ctx, id)
	if err != nil {
		return absent(err, id)
	}
	if report, ok := reportOf(document.Record); ok {
		record, err := s.Reader.Report(ctx, report)
		if err != nil {
			return err
		}
		if _, ok := who.Report(record); !ok {
			return notFound(string(id))
		}
	}
	if notice, ok := noticeOf(document.Record); ok {
		record, err := s.Reader.Notice(ctx, notice)
		if err != nil {
			return err
		}
		if !concerned(who, record, id) {
			return notFound(string(id))
		}
	}
	if ok, err := s.deliberated(ctx, who, document); err != nil {
		return err
	} else if !ok {
		return notFound(string(id))
	}
	if party, ref, ok := webhookOf(document.Record); ok {
		record, err := s.Reader.Webhook(ctx, party, ref)
		if err != nil {
			return err
		}
		if _, ok := who.Webhook(record); !ok {
			return notFound(string(id))
		}
	}
	if recall, ok := strings.CutPrefix(document.Record, "recall/"); ok {
		record, err := s.Reader.Recall(ctx, traceability.RecallID(recall))
		if err != nil {
			return err
		}
		shown, ok := who.Recall(record)
		if !ok || !slices.ContainsFunc(shown.History, func(e traceability.RecallEntry) bool { return e.ID == id }) {
			return notFound(string(id))
		}
	}
	if strings.HasPrefix(document.Record, "declaration/") && !who.Listings(document.Party) {
		return notFound(string(id))
	}
	return answerJSON(c, who.Document(document))
}

// reportOf returns the report that a record is, or is about: of its key, what comes
// after report/, or the three segments after recognition/.
func reportOf(record string) (traceability.ReportID, bool) {
	kind, rest, _ := strings.Cut(record, "/")
	switch segments := strings.Split(rest, "/"); {
	case kind == "report":
		return traceability.ReportID(rest), true
	case kind == "recognition" && len(segments) > 3:
		return traceability.ReportID(strings.Join(segments[:3], "/")), true
	}
	return "", false
}
