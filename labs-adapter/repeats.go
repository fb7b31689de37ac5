package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"deltatrace/labs-adapter/formats"
	"deltatrace/traceability"
	"deltatrace/traceability/client"
	"deltatrace/traceability/recognition"
)

// repeats warns of tests that need not be made again: the same parameter of the same
// lot has a result of another province's laboratory that counts in this one's. It
// asks the API and never holds a report up: when the API does not answer, or has
// been asked for long enough, it asks no more for this file and says so.
type repeats struct {
	api      *client.Client
	lab      traceability.PartyID      // whose province it is, when that is not given
	province traceability.ProvinceCode // empty until it is known
	left     time.Duration             // to ask for, of this file
	ended    error                     // why it asks no more

	counting map[traceability.LotID]map[string]recognition.Result // by folded parameter
}

// Limits of asking, so that a large file is not held up.
const (
	askingPerFile  = 30 * time.Second
	askingOnce     = 5 * time.Second
	rememberedLots = 10_000
)

var errAskedEnough = errors.New("已用尽查询时间 the time for asking is used up")

// newRepeats asks by a client of its own, which does not try again.
func newRepeats(address string, lab traceability.PartyID, province traceability.ProvinceCode) (*repeats, error) {
	api, err := client.New(address)
	if err != nil {
		return nil, usage(fmt.Errorf("--api: %w", err))
	}
	api.Patience = 0
	api.HTTP = &http.Client{Timeout: askingOnce}
	return &repeats{api: api, lab: lab, province: province}, nil
}

// begin begins a file.
func (r *repeats) begin() {
	r.left, r.ended = askingPerFile, nil
	r.counting = make(map[traceability.LotID]map[string]recognition.Result)
}

// of returns a warning for each item of a report that repeats a recognised one.
func (r *repeats) of(ctx context.Context, report *formats.Report) []formats.Problem {
	lot := report.Payload.Sample.Lot
	if lot == "" || report.Rejected() || r.ended != nil {
		return nil
	}
	counting, known := r.counting[lot]
	if !known {
		began := time.Now()
		counting, r.ended = r.ask(ctx, lot)
		if r.left -= time.Since(began); r.left <= 0 && r.ended == nil {
			r.ended = errAskedEnough
		}
		if len(r.counting) < rememberedLots {
			r.counting[lot] = counting
		}
	}
	var warnings []formats.Problem
	for i := range report.Payload.Items {
		earlier, ok := counting[traceability.Fold(report.Payload.Items[i].Parameter)]
		if !ok {
			continue
		}
		field := fmt.Sprintf("items[%d].parameter", i)
		row, column := report.Locate(field)
		warnings = append(warnings, formats.Problem{Sheet: report.Sheet, Row: row, Column: column, Err: &traceability.Error{
			Code: traceability.CodeRepeats, Field: field, Found: earlier.Parameter, Expected: "a test that no recognised one has made before",
			ZH: fmt.Sprintf("该批次此项目已有报告 %s，按规则 %s 第 %d 版在%s互认，可免重复检验", earlier.Report, earlier.Rule, earlier.Version, r.province.NameZH()),
			EN: fmt.Sprintf("report %s has this parameter of the lot already; by rule %s, version %d, it counts in %s, so the test need not be repeated", earlier.Report, earlier.Rule, earlier.Version, r.province.NameEN()),
		}})
	}
	return warnings
}

// ask returns the results of a lot that count in the province.
func (r *repeats) ask(ctx context.Context, lot traceability.LotID) (map[string]recognition.Result, error) {
	if r.province == "" {
		var party struct {
			Province traceability.ProvinceCode `json:"province"`
		}
		if err := r.api.Get(ctx, "/v1/parties/"+string(r.lab), &party); err != nil {
			return nil, err
		}
		r.province = party.Province
	}
	query := url.Values{"lot": {string(lot)}, "province": {string(r.province)}}
	var answer recognition.Answer
	if err := r.api.Get(ctx, "/v1/recognition?"+query.Encode(), &answer); err != nil {
		if traceability.CodeOf(err) == traceability.CodeNotFound { // nothing is known of the lot
			return nil, nil
		}
		return nil, err
	}
	counting := make(map[string]recognition.Result)
	for _, result := range answer.Results {
		if result.Standing == recognition.Recognised {
			counting[traceability.Fold(result.Parameter)] = result
		}
	}
	return counting, nil
}

// notice says why there may be repeats that it did not warn of; nil when it asked
// for all.
func (r *repeats) notice() *formats.Notice {
	if r.ended == nil {
		return nil
	}
	return &formats.Notice{ZH: "未能查询其余批次的互认结果：" + r.ended.Error(), EN: "not all lots were looked up for recognised results: " + r.ended.Error()}
}
