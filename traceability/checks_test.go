package traceability_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"deltatrace/traceability"
)

// bases are payloads of every document type: more than one where a word decides
// which fields there may be.
func bases() map[traceability.DocumentType][]func() traceability.Payload {
	all := make(map[traceability.DocumentType][]func() traceability.Payload)
	for _, typ := range traceability.DocumentTypes() {
		all[typ] = []func() traceability.Payload{func() traceability.Payload { return traceability.NewPayload(typ) }}
	}
	add := func(typ traceability.DocumentType, base func() traceability.Payload) {
		all[typ] = append(all[typ], base)
	}
	for _, event := range []traceability.EventType{traceability.EventCommission, traceability.EventTransform, traceability.EventShip, traceability.EventReceive} {
		add(traceability.TypeEventRecord, func() traceability.Payload { return &traceability.Event{Type: event} })
	}
	for _, move := range traceability.NoticeMoves() {
		add(traceability.TypeNoticeAct, func() traceability.Payload { return &traceability.NoticeAct{Act: move.Act} })
	}
	for _, move := range traceability.RecallMoves() {
		add(traceability.TypeRecallAct, func() traceability.Payload { return &traceability.RecallAct{Act: move.Act} })
	}
	for _, move := range traceability.ConsultationMoves() {
		add(traceability.TypeConsultationAct, func() traceability.Payload { return &traceability.ConsultationAct{Act: move.Act} })
	}
	for _, move := range traceability.CreditMoves() {
		add(traceability.TypeCreditAct, func() traceability.Payload { return &traceability.CreditAct{Act: move.Act} })
	}
	for _, change := range traceability.LicenceChangeKinds() {
		add(traceability.TypeLicenceChange, func() traceability.Payload { return &traceability.LicenceChange{Change: change} })
	}
	add(traceability.TypeCreditEnter, func() traceability.Payload { return &traceability.CreditEnter{Kind: traceability.CreditSerious} })
	add(traceability.TypeWebhookSet, func() traceability.Payload { return &traceability.Webhook{Active: true} })
	add(traceability.TypeLimitSet, func() traceability.Payload { return &traceability.Limit{Operator: traceability.LimitPlan} })
	add(traceability.TypePartyAdmit, func() traceability.Payload { return &traceability.Admission{Party: lab} })
	return all
}

// A fieldPlace is a field of a payload: items, shops[0].items, content.holder.name.
type fieldPlace struct {
	path  []int // of fields; -1 for the first entry of a list
	field string
	kind  reflect.Kind
	typ   reflect.Type
}

// fieldsOf returns the lists and texts of a payload's type.
func fieldsOf(typ reflect.Type, at fieldPlace, found []fieldPlace) []fieldPlace {
	if typ == reflect.TypeFor[time.Time]() || typ == reflect.TypeFor[traceability.PublicKey]() || typ == reflect.TypeFor[traceability.Hash]() {
		return found
	}
	at.kind, at.typ = typ.Kind(), typ
	switch typ.Kind() {
	case reflect.Pointer:
		return fieldsOf(typ.Elem(), at, found)
	case reflect.Struct:
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			inner := fieldPlace{path: append(slices.Clone(at.path), i), field: strings.TrimPrefix(at.field+"."+name, ".")}
			found = fieldsOf(typ.Field(i).Type, inner, found)
		}
	case reflect.Slice:
		found = append(found, at)
		found = fieldsOf(typ.Elem(), fieldPlace{path: append(slices.Clone(at.path), -1), field: at.field + "[0]"}, found)
	case reflect.String:
		found = append(found, at)
	case reflect.Map, reflect.Array, reflect.Interface:
		panic("a payload has a field that this test does not know: " + at.field)
	}
	return found
}

// of returns the place in a payload, making what leads to it.
func (p fieldPlace) of(payload traceability.Payload) reflect.Value {
	v := reflect.ValueOf(payload).Elem()
	enter := func() {
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
	}
	for _, step := range p.path {
		enter()
		if step < 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			v = v.Index(0)
		} else {
			v = v.Field(step)
		}
	}
	enter()
	return v
}

// entries returns a list of n entries that all differ, as far as they can.
func entries(typ reflect.Type, n int) reflect.Value {
	list := reflect.MakeSlice(typ, n, n)
	for i := range n {
		number(list.Index(i), i)
	}
	return list
}

func number(v reflect.Value, i int) {
	switch v.Kind() {
	case reflect.Struct:
		if v.NumField() > 0 && v.Field(0).CanSet() {
			number(v.Field(0), i)
		}
	case reflect.String:
		v.SetString("x" + strconv.Itoa(i))
	case reflect.Int:
		v.SetInt(int64(i + 1))
	}
}

// cpu is how much processor time this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// bounds holds what any document may cost and answer.
func bounds(t *testing.T, what string, payload traceability.Payload) []*traceability.Error {
	t.Helper()
	before := cpu(t)
	problems, warnings := payload.Check()
	if took := cpu(t) - before; took > time.Second {
		t.Errorf("%s: %v of processor time", what, took)
	}
	if len(problems) > traceability.MaxProblems+1 {
		t.Errorf("%s: %d problems", what, len(problems))
	}
	if len(problems) > traceability.MaxProblems && problems[traceability.MaxProblems].Code != traceability.CodeTooMany {
		t.Errorf("%s: the last of %d problems is %v", what, len(problems), problems[traceability.MaxProblems])
	}
	text, err := json.Marshal([][]*traceability.Error{problems, warnings})
	if err != nil || len(text) > 128<<10 {
		t.Errorf("%s: an answer of %d bytes, %v", what, len(text), err)
	}
	return problems
}

var mostGrammar = regexp.MustCompile(`^at most (\d+)$`)

// TestListsAreBounded holds, for every list of every document type, that it has a
// bound, by which a longer one is refused before it is walked.
func TestListsAreBounded(t *testing.T) {
	for typ, payloads := range bases() {
		for _, list := range fieldsOf(reflect.TypeOf(traceability.NewPayload(typ)).Elem(), fieldPlace{}, nil) {
			if list.kind != reflect.Slice {
				continue
			}
			what := fmt.Sprintf("%s: %s", typ, list.field)
			long, most := entries(list.typ, 100_000), -1 // a search for each among all would take minutes
			for _, base := range payloads {
				payload := base()
				list.of(payload).Set(long)
				problems := bounds(t, what, payload)
				if len(problems) == 0 {
					t.Errorf("%s: accepted", what)
				}
				if found := tooMany(problems, list.field); found >= 0 {
					most = max(most, found)
				}
			}
			if most < 0 {
				t.Errorf("%s: nothing says that it is too long", what)
				continue
			}
			for _, base := range payloads {
				over, within := base(), base()
				list.of(over).Set(entries(list.typ, most+1))
				list.of(within).Set(entries(list.typ, most))
				bounds(t, what, over)
				if tooMany(bounds(t, what, within), list.field) == most {
					t.Errorf("%s: %d entries are too many and allowed", what, most)
				}
			}
		}
	}
}

// tooMany returns the bound by which a list is refused, or -1.
func tooMany(problems []*traceability.Error, field string) int {
	for _, p := range problems {
		if p.Code == traceability.CodeTooMany && p.Field == field {
			if m := mostGrammar.FindStringSubmatch(p.Expected); m != nil {
				most, _ := strconv.Atoi(m[1])
				return most
			}
		}
	}
	return -1
}

// TestListsInListsAreBounded fills every list within a list, and the outer one to
// its end: the walk must end when there are enough problems.
func TestListsInListsAreBounded(t *testing.T) {
	rule := &traceability.RecognitionRule{Methods: make([]traceability.DesignatedMethod, 2000)}
	listing := &traceability.Listing{Shops: make([]traceability.Shop, traceability.MaxListingShops)}
	verification := &traceability.Verification{Shops: make([]traceability.VerifiedShop, traceability.MaxVerifiedShops)}
	credit := &traceability.CreditEnter{Measures: make([]traceability.CreditMeasure, 30)}
	names, codes, provinces := make([]string, 100_000), make([]traceability.ViolationCode, 100_000), make([]traceability.ProvinceCode, 100_000)
	for i := range rule.Methods {
		rule.Methods[i].Methods = names[:2000]
	}
	for i := range listing.Shops {
		listing.Shops[i].Items = names
		verification.Shops[i].Codes = codes
	}
	for i := range credit.Measures {
		credit.Measures[i].Provinces = provinces
	}
	for _, payload := range []traceability.Payload{rule, listing, verification, credit} {
		if problems := bounds(t, fmt.Sprintf("%T", payload), payload); len(problems) < traceability.MaxProblems && payload != credit {
			t.Errorf("%T: %d problems", payload, len(problems))
		}
	}
}

// TestTextsAreBounded holds, for every text of every document type, that one of
// 300 kB is refused, and one with a character that nobody sees.
func TestTextsAreBounded(t *testing.T) {
	long := strings.Repeat("铅", 100_000)
	for typ, payloads := range bases() {
		for _, text := range fieldsOf(reflect.TypeOf(traceability.NewPayload(typ)).Elem(), fieldPlace{}, nil) {
			if text.kind != reflect.String {
				continue
			}
			for _, value := range []string{long, strings.Repeat("%E9", 100_000), "示例\u202e司公限有", "a\u200bb", "/\u200b/\U000e0041"} {
				what := fmt.Sprintf("%s: %s: %.20q", typ, text.field, value)
				if refusedByDecoding(text.typ, value) {
					continue
				}
				if !slices.ContainsFunc(payloads, func(base func() traceability.Payload) bool {
					payload := base()
					text.of(payload).SetString(value)
					return slices.ContainsFunc(bounds(t, what, payload), func(e *traceability.Error) bool {
						return e.Field == text.field || e.Code == traceability.CodeTooMany && strings.HasPrefix(text.field, e.Field+"[")
					})
				}) {
					t.Errorf("%s: not refused", what)
				}
			}
		}
	}
}

// refusedByDecoding reports whether the text of a type cannot be decoded.
func refusedByDecoding(typ reflect.Type, value string) bool {
	text, err := json.Marshal(value)
	return err == nil && json.Unmarshal(text, reflect.New(typ).Interface()) != nil
}
