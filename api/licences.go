package main

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"deltatrace/traceability"
)

// licenceAnswer is where a licence stands on a day, by the register at a height.
// The history is for its holder and the regulators.
type licenceAnswer struct {
	traceability.LicenceStanding
	On        traceability.Date           `json:"on"`
	By        traceability.DocumentID     `json:"by"` // the document that brought it there
	AsOf      asOf                        `json:"as_of"`
	Periods   []traceability.LicenceTerm  `json:"periods,omitempty"`
	Documents []traceability.LicenceEntry `json:"documents,omitempty"`
	Remarks   []traceability.Remark       `json:"remarks,omitempty"`
}

// asOf is the ledger's last block that an answer knows of.
type asOf struct {
	Block uint64    `json:"block"`
	Time  time.Time `json:"time"`
}

// getLicence answers where one licence stands on a day. There is no list for the
// public, and numbers can be counted up, so that they are given out slowly.
func (s *Server) getLicence(c echo.Context) error {
	if err := s.limitLookup(c); err != nil {
		return err
	}
	id, err := identifier(c, "licence", traceability.ParseLicenceID)
	if err != nil {
		return err
	}
	q := newQuery(c, "on")
	on := optional(q, "on", traceability.ParseDate)
	if q.wrong != nil {
		return q.wrong
	}
	if on == "" {
		on = traceability.DateOf(s.Now())
	}
	head, err := s.head(c.Request().Context())
	if err != nil {
		return err
	}
	record, err := s.Reader.Licence(c.Request().Context(), id)
	if err != nil {
		return absent(err, id)
	}
	who := viewer(c)
	standing, by := record.On(on)
	answer := licenceAnswer{LicenceStanding: who.Licence(standing), On: on, By: by,
		AsOf: asOf{head.Number, head.Time}}
	if who.LicenceHistory(record) {
		answer.Periods, answer.Documents, answer.Remarks = record.Periods, record.Documents, record.Remarks
	}
	return answerJSON(c, answer)
}

// limitLookup holds those back who look licences up one by one without a duty to:
// all but regulators and platforms.
func (s *Server) limitLookup(c echo.Context) error {
	switch viewer(c).As.Kind() {
	case traceability.KindRegulator, traceability.KindPlatform:
		return nil
	}
	return s.slow(c)
}

// slow lets an address look licences up no faster than the stated quota.
func (s *Server) slow(c echo.Context) error {
	if wait, ok := s.lookups.allow(network(c.RealIP())); !ok {
		return &refusal{err: says(traceability.CodeRateLimited, nil), wait: wait}
	}
	return nil
}

// forRegulators refuses all others.
func forRegulators(c echo.Context) error {
	if viewer(c).As.Kind() != traceability.KindRegulator {
		return notForYou(c)
	}
	return nil
}

// listLicences lists the register for regulators.
func (s *Server) listLicences(c echo.Context) error {
	if err := forRegulators(c); err != nil {
		return err
	}
	q := newQuery(c, "province", "division", "holder", "number", "limit", "after")
	filter := traceability.LicenceFilter{
		Province: optional(q, "province", traceability.ParseProvinceCode),
		Division: optional(q, "division", traceability.ParseDivisionCode),
		Holder:   optional(q, "holder", traceability.ParseUSCC),
		Number:   q.values.Get("number"),
	}
	page := q.page()
	if q.wrong != nil {
		return q.wrong
	}
	list, err := s.Reader.Licences(c.Request().Context(), filter, page)
	if err != nil {
		return err
	}
	return answerList(c, list, func(l traceability.LicenceSummary) (traceability.LicenceSummary, bool) { return l, true })
}

// checksumAnswer is the checksum of a province's register at a height.
type checksumAnswer struct {
	traceability.RegisterSum
	Province traceability.ProvinceCode `json:"province"`
	AsOf     asOf                      `json:"as_of"`
}

// getLicenceChecksum sums up a province's register, so that a province notices
// when its own and the ledger's have drifted apart.
func (s *Server) getLicenceChecksum(c echo.Context) error {
	if err := forRegulators(c); err != nil {
		return err
	}
	q := newQuery(c, "province")
	province := required(q, "province", traceability.ParseProvinceCode, "the province whose register is meant")
	if q.wrong != nil {
		return q.wrong
	}
	head, err := s.head(c.Request().Context())
	if err != nil {
		return err
	}
	sum, err := s.Reader.LicenceChecksum(c.Request().Context(), province)
	if err != nil {
		return err
	}
	return answerJSON(c, checksumAnswer{sum, province, asOf{head.Number, head.Time}})
}

// maxCompared is how many rows one comparison takes.
const maxCompared = 1000

// compareLicences tells a regulator which rows of its own register the ledger has
// too, and how it has those that differ.
func (s *Server) compareLicences(c echo.Context) error {
	if err := forRegulators(c); err != nil {
		return err
	}
	var ask traceability.RegisterRows
	if err := decode(c.Request().Body, &ask); err != nil {
		return badBody(err)
	}
	if len(ask.Rows) > maxCompared {
		return traceability.Invalid("rows", fmt.Sprint(len(ask.Rows)), fmt.Sprintf("at most %d rows", maxCompared))
	}
	ids := make([]traceability.LicenceID, len(ask.Rows))
	for i, row := range ask.Rows {
		ids[i] = row.Licence
	}
	sums, err := s.Reader.LicenceSums(c.Request().Context(), ids)
	if err != nil {
		return err
	}
	answer := traceability.RegisterAnswer{Rows: make([]traceability.RegisterCompared, len(ids))}
	var differ []traceability.LicenceID
	for i, row := range ask.Rows {
		compared := &answer.Rows[i]
		compared.Licence = row.Licence
		switch sum, known := sums[row.Licence]; {
		case !known:
			compared.Is = traceability.RowNew
		case sum == row.Sum:
			compared.Is = traceability.RowSame
		default:
			compared.Is = traceability.RowChanged
			differ = append(differ, row.Licence)
		}
	}
	const lastDay = "9999-12-31" // what was registered last
	standings, err := s.Reader.LicenceOn(c.Request().Context(), differ, lastDay)
	if err != nil {
		return err
	}
	for i := range answer.Rows {
		if compared := &answer.Rows[i]; compared.Is == traceability.RowChanged {
			standing := standings[compared.Licence]
			compared.Row = &traceability.LicenceRow{Licence: standing.Licence, Halt: standing.Halt}
		}
	}
	return answerJSON(c, answer)
}
