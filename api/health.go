package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// healthz says that the process runs and answers.
func (s *Server) healthz(c echo.Context) error {
	return sendHealth(c, http.StatusOK, health{Status: "ok"})
}

// readyz says whether it makes sense to send requests here: the ledger is open
// and the read model is close behind it.
func (s *Server) readyz(c echo.Context) error {
	state, err := s.health(c)
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "not ready", "error", err)
		state.Status = "unavailable"
		return sendHealth(c, http.StatusServiceUnavailable, state)
	}
	return sendHealth(c, http.StatusOK, state)
}

// health is the answer of /healthz and /readyz.
type health struct {
	Status    string `json:"status"`
	Ledger    uint64 `json:"ledger,omitzero"`
	ReadModel uint64 `json:"read_model,omitzero"`
}

func (s *Server) health(c echo.Context) (health, error) {
	ctx := c.Request().Context()
	head, err := s.Ledger.Head(ctx)
	if err != nil {
		return health{}, fmt.Errorf("ledger: %w", err)
	}
	model, err := s.Reader.Head(ctx)
	if errors.Is(err, traceability.ErrNotFound) {
		return health{Ledger: head.Number}, errors.New("the read model is empty")
	}
	if err != nil {
		return health{Ledger: head.Number}, fmt.Errorf("read model: %w", err)
	}
	state := health{Status: "ok", Ledger: head.Number, ReadModel: model.Number}
	if head.Number > model.Number && head.Number-model.Number > s.Limits.Lag {
		return state, fmt.Errorf("the read model is %d blocks behind", head.Number-model.Number)
	}
	return state, nil
}

func sendHealth(c echo.Context, status int, h health) error {
	body, err := encode(h)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(status, mediaJSON, body)
}
