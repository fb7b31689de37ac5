package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// getLedger tells where the ledger and the read model stand.
func (s *Server) getLedger(c echo.Context) error {
	ctx := c.Request().Context()
	head, err := s.Ledger.Head(ctx)
	if err != nil {
		return fmt.Errorf("ledger head: %w", err)
	}
	model, err := s.Reader.Head(ctx)
	if err != nil && !errors.Is(err, traceability.ErrNotFound) {
		return fmt.Errorf("read model head: %w", err)
	}
	regulators, err := s.Reader.Parties(ctx, traceability.PartyFilter{Kind: traceability.KindRegulator}, traceability.Page{})
	if err != nil {
		return fmt.Errorf("provinces: %w", err)
	}
	status := ledgerStatus{Head: head, ReadModel: model}
	for _, p := range regulators.Items {
		status.Provinces = append(status.Provinces, province{
			Code: p.Province, ZH: p.Province.NameZH(), EN: p.Province.NameEN(), Party: p.ID, Keys: p.Keys,
		})
	}
	return answerJSON(c, status)
}

// ledgerStatus is the answer of GET /v1/ledger.
type ledgerStatus struct {
	Head      traceability.Head `json:"head"`
	ReadModel traceability.Head `json:"read_model"`
	Provinces []province        `json:"provinces"`
}

// province is a member of the consortium.
type province struct {
	Code  traceability.ProvinceCode `json:"code"`
	ZH    string                    `json:"zh"`
	EN    string                    `json:"en"`
	Party traceability.PartyID      `json:"party"`
	Keys  []traceability.KeyPeriod  `json:"keys"`
}

// head returns the last block that the read model has, without asking it while that is
// known. What is read after it is as of that block or a later one.
func (s *Server) head(ctx context.Context) (traceability.Head, error) {
	if head, following := s.Waiter.Head(); following {
		return head, nil
	}
	return s.Reader.Head(ctx)
}
