package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// healthz says that the process runs and answers.
func (s *Server) healthz(c echo.Context) error {
	return sendHealth(c, http.StatusOK, health{Status: healthOK})
}

// readyz says whether it makes sense to send requests here, and what somebody
// must see to. It is about time and errors: how many blocks the read model lacks
// says nothing where a few come in a day, or where one takes minutes.
func (s *Server) readyz(c echo.Context) error {
	state, list := s.health(c.Request().Context())
	s.told.tell(c.Request().Context(), s.Log, state.Status, list)
	status := http.StatusOK
	if state.Status == healthUnavailable {
		status = http.StatusServiceUnavailable
	}
	return sendHealth(c, status, state)
}

// The words of a server's health.
const (
	healthOK          = "ok"
	healthDegraded    = "degraded"    // it does its work, and somebody should look after it
	healthUnavailable = "unavailable" // it does not take documents, or what it answers is old
)

// health is the answer of /healthz and /readyz. It names no folder, host or cause:
// the log does.
type health struct {
	Status    string   `json:"status"`
	Ledger    uint64   `json:"ledger,omitzero"`
	ReadModel uint64   `json:"read_model,omitzero"`
	Behind    int64    `json:"behind_seconds,omitzero"` // for how long the oldest block has been waiting that the read model lacks
	Problems  []ailing `json:"problems,omitzero"`
}

// ailing is something that is wrong, in words.
type ailing struct {
	Part string            `json:"part"`
	Code traceability.Code `json:"code"`
	ZH   string            `json:"zh"`
	EN   string            `json:"en"`
}

func (s *Server) health(ctx context.Context) (health, []traceability.Ailment) {
	var state health
	var list []traceability.Ailment
	for _, part := range s.Parts {
		list = append(list, part.Ailments()...)
	}
	severe := func(part string, err error) {
		if !slices.ContainsFunc(list, func(a traceability.Ailment) bool { return a.Part == part && a.Severe }) {
			list = append(list, traceability.Ailment{Part: part, Code: traceability.CodeStopped, Severe: true, Err: err})
		}
	}
	head, err := s.Ledger.Head(ctx)
	if err != nil {
		severe(traceability.PartLedger, fmt.Errorf("ledger: %w", err))
	}
	model, modelErr := s.Reader.Head(ctx)
	switch {
	case errors.Is(modelErr, traceability.ErrNotFound):
		severe(traceability.PartReadModel, errors.New("the read model is empty"))
	case modelErr != nil:
		severe(traceability.PartReadModel, fmt.Errorf("read model: %w", modelErr))
	}
	state.Ledger, state.ReadModel = head.Number, model.Number
	if err == nil && s.Behind != nil {
		behind := s.Behind(head.Number)
		state.Behind = int64(behind / time.Second)
		if behind > s.Limits.LagWarn {
			list = append(list, traceability.Ailment{Part: traceability.PartReadModel, Code: traceability.CodeLagging, Severe: behind > s.Limits.Lag,
				Err: fmt.Errorf("block %d of the ledger has been waiting for %s", model.Number+1, behind.Round(time.Second))})
		}
	}
	state.Status = statusOfAll(list)
	for _, a := range list {
		info := codeInfo(a.Code)
		words := ailing{Part: a.Part, Code: a.Code, ZH: info.ZH, EN: info.Cause + " " + info.Do}
		if !slices.Contains(state.Problems, words) {
			state.Problems = append(state.Problems, words)
		}
	}
	return state, list
}

func statusOfAll(list []traceability.Ailment) string {
	status := healthOK
	for _, a := range list {
		if a.Severe {
			return healthUnavailable
		}
		status = healthDegraded
	}
	return status
}

// told keeps the log to what has changed: a probe comes every few seconds.
type told struct {
	mu   sync.Mutex
	last string
}

func (t *told) tell(ctx context.Context, log *slog.Logger, status string, list []traceability.Ailment) {
	now := status
	var causes []string
	for _, a := range list {
		now += " " + a.Part + " " + string(a.Code)
		causes = append(causes, fmt.Sprintf("%s: %s: %v", a.Part, a.Code, a.Err))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now == t.last {
		return
	}
	if t.last != "" || status != healthOK {
		log.WarnContext(ctx, "health", "status", status, "causes", strings.Join(causes, "; "))
	}
	t.last = now
}

func sendHealth(c echo.Context, status int, h health) error {
	body, err := encode(h)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(status, mediaJSON, body)
}
