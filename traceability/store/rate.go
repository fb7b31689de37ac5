package store

import (
	"cmp"
	"context"
	"slices"

	"deltatrace/traceability"
)

// RecognitionRates implements traceability.Reader.
func (s *Store) RecognitionRates(ctx context.Context, f traceability.RecognitionRateFilter) (rates []traceability.RecognitionRate, err error) {
	err = s.db.snapshot(ctx, func(db querier) error {
		rates, err = countRecognitions(ctx, db, f)
		if err != nil {
			return err
		}
		return countRepeats(ctx, db, f, rates)
	})
	return rates, err
}

// monthsOf restricts a question to the filter's months. The bounds are always there, so that
// the index of months is used.
func monthsOf(f traceability.RecognitionRateFilter) (w where) {
	const first, last = "0000-00", "9999-99"
	w.and("k.month >= ?", cmp.Or(string(f.From), first))
	w.and("k.month <= ?", cmp.Or(string(f.To), last))
	w.and("k.next_month <> k.month")
	return w
}

// countRecognitions counts all pairs in the order of the index and leaves out those
// that are not asked for: there are sixteen a month at most.
func countRecognitions(ctx context.Context, db querier, f traceability.RecognitionRateFilter) ([]traceability.RecognitionRate, error) {
	w := monthsOf(f)
	question := "-- name: recognition rates\nSELECT k.month, k.issuing, k.accepting, k.outcome, COUNT(*) FROM recognitions k" + w.String() +
		" GROUP BY k.month, k.issuing, k.accepting, k.outcome ORDER BY k.month, k.issuing, k.accepting, k.outcome"
	var rates []traceability.RecognitionRate
	err := db.query(ctx, question, w.args, func(scan func(...any) error) error {
		var month, issuing, accepting, outcome string
		var n int
		if err := scan(&month, &issuing, &accepting, &outcome, &n); err != nil {
			return err
		}
		if f.Issuing != "" && string(f.Issuing) != issuing || f.Accepting != "" && string(f.Accepting) != accepting {
			return nil
		}
		pair := traceability.RecognitionRate{Month: traceability.Month(month), Issuing: traceability.ProvinceCode(issuing), Accepting: traceability.ProvinceCode(accepting)}
		if len(rates) == 0 || comparePairs(rates[len(rates)-1], pair) != 0 {
			rates = append(rates, pair)
		}
		rate := &rates[len(rates)-1]
		rate.Offered += n
		switch traceability.RecognitionOutcome(outcome) {
		case traceability.Recognised:
			rate.Recognised, rate.Avoided = n, n
		case traceability.NotRecognised:
			rate.NotRecognised = n
		case traceability.NeedsReview:
			rate.NeedsReview = n
		}
		return nil
	})
	return rates, err
}

// comparePairs orders rates by month, issuing and accepting province.
func comparePairs(a, b traceability.RecognitionRate) int {
	return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Issuing, b.Issuing), cmp.Compare(a.Accepting, b.Accepting))
}

// countRepeats takes from the avoided repeats those that were made all the same: a
// laboratory of the accepting province reported on the parameter of the lot after
// the decision. Which reports come into question the indexes tell; which parameters
// they have, their documents.
func countRepeats(ctx context.Context, db querier, f traceability.RecognitionRateFilter, rates []traceability.RecognitionRate) error {
	w := monthsOf(f)
	if f.Issuing != "" {
		w.and("k.issuing = ?", string(f.Issuing))
	}
	if f.Accepting != "" {
		w.and("k.accepting = ?", string(f.Accepting))
	}
	w.and("k.outcome = ?", string(traceability.Recognised))
	w.and("k.lot <> ''")
	question := "-- name: recognition repeats\nSELECT k.document, k.month, k.issuing, k.accepting, k.parameter, " + documentColumns + ` FROM recognitions k
		JOIN reports r ON r.lot = k.lot AND r.document > k.document
		JOIN parties p ON p.id = r.lab AND p.province = k.accepting
		JOIN documents d ON d.position = r.document` + w.String()
	found, err := readAll(ctx, db, question, w.args, (*repeatRow).dest, (*repeatRow).read)
	if err != nil {
		return err
	}
	repeated := make(map[int64]bool)
	for _, r := range found {
		if !r.repeats || repeated[r.decision] {
			continue
		}
		repeated[r.decision] = true
		if i, ok := slices.BinarySearchFunc(rates, r.pair, comparePairs); ok {
			rates[i].Avoided--
		}
	}
	return nil
}

// repeatRow is a recognised parameter beside a later report on its lot.
type repeatRow struct {
	decision                             int64
	month, issuing, accepting, parameter string
	document                             storedDocument
}

type repetition struct {
	decision int64
	pair     traceability.RecognitionRate
	repeats  bool
}

func (r *repeatRow) dest() []any {
	return append([]any{&r.decision, &r.month, &r.issuing, &r.accepting, &r.parameter}, r.document.dest()...)
}

func (r *repeatRow) read() (repetition, error) {
	var report traceability.Report
	if _, err := r.document.read(&report); err != nil {
		return repetition{}, err
	}
	return repetition{
		decision: r.decision,
		pair:     traceability.RecognitionRate{Month: traceability.Month(r.month), Issuing: traceability.ProvinceCode(r.issuing), Accepting: traceability.ProvinceCode(r.accepting)},
		repeats: slices.ContainsFunc(report.Items, func(item traceability.Item) bool {
			return traceability.Fold(item.Parameter) == r.parameter
		}),
	}, nil
}
