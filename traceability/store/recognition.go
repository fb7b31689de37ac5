package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// recognitionRule projects a version of a rule.
func (r *rows) recognitionRule(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.RecognitionRuleState](w.Value)
	if err != nil {
		return err
	}
	var rule traceability.RecognitionRule
	_, at, err := r.document(w.Key, state.Document, &rule)
	if err != nil {
		return err
	}
	if is := traceability.RecognitionRuleKey(rule.Accepting, rule.Rule, rule.Version); is != w.Key {
		return mismatch(is)
	}
	remarks, err := list(state.Remarks)
	if err != nil {
		return err
	}
	r.add(tableRecognitionRules, string(rule.Accepting), string(rule.Rule), int64(rule.Version), int64(at), remarks)
	return nil
}

// recognition projects a decision.
func (r *rows) recognition(w traceability.Write) error {
	state, err := traceability.DecodeState[traceability.RecognitionState](w.Value)
	if err != nil {
		return err
	}
	var decision traceability.RecognitionDecision
	d, at, err := r.document(w.Key, state.Document, &decision)
	if err != nil {
		return err
	}
	if is := traceability.RecognitionKey(decision.Report, decision.Parameter, decision.Accepting, d.ID); is != w.Key {
		return mismatch(is)
	}
	evaluation, err := traceability.Canonical(state.Evaluation)
	if err != nil {
		return err
	}
	const nextMonthOfNone = ""
	month := traceability.DateOf(decision.At).Month()
	parameter := traceability.Fold(decision.Parameter)
	r.add(tableRecognitions, int64(at), string(decision.Report), parameter, string(decision.Accepting), string(state.Issuing),
		string(state.Lot), string(month), string(decision.Outcome), nextMonthOfNone, string(evaluation))
	r.signal(at, traceability.Signal{Kind: traceability.SignalRecognition, Subject: w.Key, Province: decision.Accepting, By: d.Party()},
		traceability.To(decision.Report.Lab()), traceability.To(traceability.Regulator(state.Issuing)))
	r.deciding = append(r.deciding, redecision{decision.Report, parameter, decision.Accepting, month, at})
	return nil
}

// redecision says that a decision speaks in the place of the one before.
type redecision struct {
	report    traceability.ReportID
	parameter string
	accepting traceability.ProvinceCode
	month     traceability.Month
	at        position
}

const redecideStatement = `-- name: decide again
UPDATE recognitions SET next_month = ? WHERE report = ? AND parameter = ? AND accepting = ? AND next_month = '' AND document < ?`

func (r redecision) args() []any {
	return []any{string(r.month), string(r.report), r.parameter, string(r.accepting), int64(r.at)}
}

// RecognitionRules implements traceability.Reader.
func (s *Store) RecognitionRules(ctx context.Context, f traceability.RecognitionRuleFilter, p traceability.Page) (traceability.List[traceability.RecognitionRuleRecord], error) {
	var none traceability.List[traceability.RecognitionRuleRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	if f.Accepting != "" {
		w.and("u.accepting = ?", string(f.Accepting))
	}
	if p.After != "" {
		key, err := decodeCursor(p.After, "recognition-rules", 3)
		if err != nil {
			return none, err
		}
		version, err := strconv.ParseInt(key[2], 10, 64)
		if err != nil {
			return none, badCursor(p.After)
		}
		w.and("(u.accepting, u.rule, u.version) > (?, ?, ?)", key[0], key[1], version)
	}
	question := "-- name: recognition rules\nSELECT u.remarks, " + documentColumns + " FROM recognition_rules u JOIN documents d ON d.position = u.document" +
		w.String() + " ORDER BY u.accepting, u.rule, u.version LIMIT ?"
	rules, err := readPage(ctx, s.db, question, append(w.args, limit+1), &limit, (*ruleRow).dest, (*ruleRow).read)
	return cut(rules, limit, func(r *traceability.RecognitionRuleRecord) string {
		return encodeCursor("recognition-rules", string(r.Accepting), string(r.Rule), strconv.Itoa(r.Version))
	}), err
}

type ruleRow struct {
	remarks  string
	document storedDocument
}

func (r *ruleRow) dest() []any { return append([]any{&r.remarks}, r.document.dest()...) }

func (r *ruleRow) read() (traceability.RecognitionRuleRecord, error) {
	var record traceability.RecognitionRuleRecord
	var err error
	if record.Document, err = r.document.read(&record.RecognitionRule); err != nil {
		return record, err
	}
	record.Remarks, err = unlist[traceability.Remark](r.remarks)
	return record, err
}

// Recognitions implements traceability.Reader.
func (s *Store) Recognitions(ctx context.Context, f traceability.RecognitionFilter, p traceability.Page) (traceability.List[traceability.RecognitionRecord], error) {
	var none traceability.List[traceability.RecognitionRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	var w where
	switch {
	case f.Report != "":
		w.and("k.report = ?", string(f.Report))
	case f.Lot != "":
		w.and("k.lot = ?", string(f.Lot))
	default:
		return none, traceability.Missing("lot", "a lot or a report")
	}
	if f.Report != "" && f.Lot != "" {
		w.and("k.lot = ?", string(f.Lot))
	}
	if f.Accepting != "" {
		w.and("k.accepting = ?", string(f.Accepting))
	}
	if p.After != "" {
		key, err := decodeNumbers(p.After, "recognitions", 1, 1)
		if err != nil {
			return none, err
		}
		w.and("k.document > ?", key...)
	}
	question := "-- name: recognitions\nSELECT k.issuing, k.lot, k.evaluation, " + documentColumns +
		" FROM recognitions k JOIN documents d ON d.position = k.document" + w.String() + " ORDER BY k.document LIMIT ?"
	decisions, err := readPage(ctx, s.db, question, append(w.args, limit+1), &limit, (*recognitionRow).dest, (*recognitionRow).read)
	page := cut(decisions, limit, func(r *placedRecognition) string {
		return encodeCursor("recognitions", number(int64(r.position)))
	})
	found := traceability.List[traceability.RecognitionRecord]{Next: page.Next}
	for _, r := range page.Items {
		found.Items = append(found.Items, r.RecognitionRecord)
	}
	return found, err
}

// placedRecognition is a decision with its sort key.
type placedRecognition struct {
	traceability.RecognitionRecord
	position position
}

type recognitionRow struct {
	issuing, lot, evaluation string
	document                 storedDocument
}

func (r *recognitionRow) dest() []any {
	return append([]any{&r.issuing, &r.lot, &r.evaluation}, r.document.dest()...)
}

func (r *recognitionRow) read() (placedRecognition, error) {
	record := placedRecognition{position: r.document.position}
	record.Issuing, record.Lot = traceability.ProvinceCode(r.issuing), traceability.LotID(r.lot)
	var err error
	if record.Document, err = r.document.read(&record.RecognitionDecision); err != nil {
		return record, err
	}
	if err := json.Unmarshal([]byte(r.evaluation), &record.Evaluation); err != nil {
		return record, fmt.Errorf("stored evaluation: %w", err)
	}
	return record, nil
}
