package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

func traceCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"trace/shapes":        traceShapes,
		"trace/what it tells": traceTells,
		"trace/bounds":        traceBounds,
		"trace/wide":          traceWide,
		"trace/many ways":     traceManyWays,
		"trace/stops":         traceStops,
		"trace/region":        traceRegion,
	}
}

// Trace returns a trace's steps as text, a line each: `2 lot C`, `2 AB>C 7` (7
// is the event's number), `3 cut depth`.
func traceText(t *testing.T, s Store, q traceability.TraceQuery) string {
	t.Helper()
	short := func(id traceability.LotID) string { return id.Batch() }
	var lines []string
	for step, err := range s.Trace(t.Context(), q) {
		switch {
		case err != nil:
			t.Fatal(err)
		case step.Lot != nil:
			lines = append(lines, fmt.Sprintf("%d lot %s", step.Depth, short(step.Lot.ID)))
		case step.Event != nil:
			_, ref, _ := strings.Cut(string(step.Event.ID), "/")
			names := ""
			for _, entry := range step.Event.From {
				names += short(entry.Lot)
			}
			names += ">"
			for _, entry := range step.Event.To {
				names += short(entry.Lot)
			}
			lines = append(lines, fmt.Sprintf("%d %s %s", step.Depth, names, ref))
		default:
			lines = append(lines, fmt.Sprintf("%d cut %s", step.Depth, step.Cut))
		}
	}
	return strings.Join(lines, "\n")
}

// traceShapes writes events as "1 AB>C": event 1 makes C of A and B.
func traceShapes(t *testing.T, e Engine) {
	for _, test := range []struct {
		name, events, up, down string // traced up from Z, down from A
	}{
		{"alone", "", "0 lot Z", "0 lot A"},
		{"chain", "1 A>B, 2 B>C, 3 C>Z",
			"0 lot Z, 1 lot C, 1 C>Z 3, 2 lot B, 2 B>C 2, 3 lot A, 3 A>B 1",
			"0 lot A, 1 lot B, 1 A>B 1, 2 lot C, 2 B>C 2, 3 lot Z, 3 C>Z 3"},
		{"fan in", "1 AB>Z",
			"0 lot Z, 1 lot A, 1 lot B, 1 AB>Z 1",
			"0 lot A, 1 lot Z, 1 A>Z 1"},
		{"fan out", "1 A>BZ",
			"0 lot Z, 1 lot A, 1 A>Z 1",
			"0 lot A, 1 lot B, 1 lot Z, 1 A>BZ 1"},
		{"two by two", "1 AB>CZ",
			"0 lot Z, 1 lot A, 1 lot B, 1 AB>Z 1",
			"0 lot A, 1 lot C, 1 lot Z, 1 A>CZ 1"},
		{"two by two, within", "1 A>BC, 2 BC>DE, 3 DE>Z",
			"0 lot Z, 1 lot D, 1 lot E, 1 DE>Z 3, 2 lot B, 2 lot C, 2 BC>DE 2, 3 lot A, 3 A>BC 1",
			"0 lot A, 1 lot B, 1 lot C, 1 A>BC 1, 2 lot D, 2 lot E, 2 BC>DE 2, 3 lot Z, 3 DE>Z 3"},
		{"diamond", "1 A>B, 2 A>C, 3 B>Z, 4 C>Z",
			"0 lot Z, 1 lot B, 1 B>Z 3, 1 lot C, 1 C>Z 4, 2 lot A, 2 A>B 1, 2 A>C 2",
			"0 lot A, 1 lot B, 1 A>B 1, 1 lot C, 1 A>C 2, 2 lot Z, 2 B>Z 3, 2 C>Z 4"},
		{"short and long way", "1 A>Z, 2 A>B, 3 B>Z",
			"0 lot Z, 1 lot A, 1 A>Z 1, 1 lot B, 1 B>Z 3, 2 A>B 2",
			"0 lot A, 1 lot Z, 1 A>Z 1, 1 lot B, 1 A>B 2, 2 B>Z 3"},
		{"an event comes again with what is new of it", "1 A>BZ, 2 B>Z",
			"0 lot Z, 1 lot A, 1 A>Z 1, 1 lot B, 1 B>Z 2, 2 >B 1",
			"0 lot A, 1 lot B, 1 lot Z, 1 A>BZ 1, 2 B>Z 2"},
		{"events are ordered by id, not by time", "2 A>B, 1 A>C",
			"0 lot Z",
			"0 lot A, 1 lot C, 1 A>C 1, 1 lot B, 1 A>B 2"},
		{"cycle", "1 A>B, 2 B>A, 3 B>Z",
			"0 lot Z, 1 lot B, 1 B>Z 3, 2 lot A, 2 A>B 1, 3 B>A 2",
			"0 lot A, 1 lot B, 1 A>B 1, 2 B>A 2, 2 lot Z, 2 B>Z 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := NewChain(t)
			c.lots("A", "B", "C", "D", "E", "Z")
			c.Event(farm, traceability.Event{Ref: "0", Type: traceability.EventCommission, Time: c.now(), Outputs: kilograms("1", lotID("A"))})
			for event := range strings.SplitSeq(test.events, ", ") {
				if ref, lots, ok := strings.Cut(event, " "); ok {
					from, to, _ := strings.Cut(lots, ">")
					c.Event(farm, c.transform(ref, letters(from), letters(to)))
					c.Close()
				}
			}
			c.Close()
			s := applied(t, e, c)
			want := func(text string) string { return strings.ReplaceAll(text, ", ", "\n") }
			if diff := cmp.Diff(want(test.up), traceText(t, s, traceability.TraceQuery{Lot: lotID("Z"), Direction: traceability.Up})); diff != "" {
				t.Errorf("up: %s", diff)
			}
			if diff := cmp.Diff(want(test.down), traceText(t, s, traceability.TraceQuery{Lot: lotID("A"), Direction: traceability.Down})); diff != "" {
				t.Errorf("down: %s", diff)
			}
		})
	}
}

// letters names a lot by each letter.
func letters(names string) (ids []traceability.LotID) {
	for _, name := range names {
		ids = append(ids, lotID(string(name)))
	}
	return ids
}

func traceTells(t *testing.T, e Engine) {
	c := NewChain(t)
	c.lots("A", "B")
	event := c.transform("1", letters("A"), letters("B"))
	event.Type = traceability.EventAggregate
	id := c.Event(factory, event)
	c.Close()
	s := applied(t, e, c)
	tell := func(name string) *traceability.TraceLot {
		return &traceability.TraceLot{ID: lotID(name), Product: "青菜 " + name, ProductEN: "greens " + name, Date: "2026-10-30", Registrant: farm, Division: "310118"}
	}
	by := &traceability.TraceEvent{ID: id, Type: traceability.EventAggregate, Time: event.Time, From: event.Inputs, To: event.Outputs}
	for direction, names := range map[traceability.Direction][2]string{traceability.Down: {"A", "B"}, traceability.Up: {"B", "A"}} {
		var got []traceability.TraceStep
		for step, err := range s.Trace(t.Context(), traceability.TraceQuery{Lot: lotID(names[0]), Direction: direction}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, step)
		}
		equal(t, []traceability.TraceStep{{Lot: tell(names[0])}, {Depth: 1, Lot: tell(names[1])}, {Depth: 1, Event: by}}, got)
	}
}

func traceBounds(t *testing.T, e Engine) {
	c := NewChain(t)
	c.lots("A", "B", "C", "D")
	c.Event(farm, c.transform("1", letters("A"), letters("BC")))
	c.Event(farm, c.transform("2", letters("B"), letters("D")))
	c.Close()
	s := applied(t, e, c)
	const whole = "0 lot A, 1 lot B, 1 lot C, 1 A>BC 1, 2 lot D, 2 B>D 2"
	for _, test := range []struct {
		depth, limit int
		want         string
	}{
		{0, 0, whole},
		{2, 4, whole}, // just enough
		{1000, 1_000_000, whole},
		{1, 0, "0 lot A, 1 lot B, 1 lot C, 1 A>BC 1, 1 cut depth"},
		{0, 1, "0 lot A, 1 cut limit"},
		{0, 2, "0 lot A, 1 lot B, 1 A>B 1, 1 cut limit"},
		{0, 3, "0 lot A, 1 lot B, 1 lot C, 1 A>BC 1, 2 cut limit"},
		{1, 3, "0 lot A, 1 lot B, 1 lot C, 1 A>BC 1, 1 cut depth"},
	} {
		got := traceText(t, s, traceability.TraceQuery{Lot: lotID("A"), Direction: traceability.Down, Depth: test.depth, Limit: test.limit})
		if diff := cmp.Diff(strings.ReplaceAll(test.want, ", ", "\n"), got); diff != "" {
			t.Errorf("depth %d, limit %d: %s", test.depth, test.limit, diff)
		}
	}
	for _, q := range []traceability.TraceQuery{
		{Direction: "sideways"}, {}, {Direction: traceability.Up, Depth: 1001}, {Direction: traceability.Up, Depth: -1},
		{Direction: traceability.Up, Limit: -1}, {Direction: traceability.Up, Limit: 1_000_001},
	} {
		q.Lot = lotID("A")
		if err := traceError(t, s, q); traceability.CodeOf(err) != traceability.CodeInvalid {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if err := traceError(t, s, traceability.TraceQuery{Lot: "x", Direction: traceability.Up}); !errors.Is(err, traceability.ErrNotFound) {
		t.Errorf("unknown lot: %v", err)
	}
}

// traceError returns the error that ends a trace.
func traceError(t *testing.T, s Store, q traceability.TraceQuery) (last error) {
	for _, err := range s.Trace(t.Context(), q) {
		if last != nil {
			t.Error("steps after an error")
		}
		last = err
	}
	return last
}

// traceWide goes through levels wider than any list of placeholders, and holds
// that no lot and no event comes twice.
func traceWide(t *testing.T, e Engine) {
	const scope = 1500
	r := Region{Seed: 7, Lots: scope, Scope: scope, Chain: 50}
	s := e.Open(t)
	for b := range r.Blocks() {
		if err := s.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(traceText(t, s, traceability.TraceQuery{Lot: r.RecalledLot(), Direction: traceability.Down, Limit: 10_000}), "\n")
	distinct := slices.Clone(lines)
	slices.Sort(distinct)
	lots := 0
	for _, line := range lines {
		if strings.Contains(line, " lot ") {
			lots++
		}
	}
	if distinct = slices.Compact(distinct); lots != scope+1 || len(distinct) != len(lines) {
		t.Errorf("%d lots, want %d; %d steps, %d of them distinct", lots, scope+1, len(lines), len(distinct))
	}
}

// traceManyWays has one lot go into more lots than are held together.
func traceManyWays(t *testing.T, e Engine) {
	c := NewChain(t)
	from := c.lots("A")
	want := []string{"0 lot A"}
	for event := range 3 {
		var names []string
		for n := range 400 {
			names = append(names, fmt.Sprintf("%d-%03d", event, n))
			want = append(want, fmt.Sprintf("1 lot %s", names[n]))
		}
		want = append(want, fmt.Sprintf("1 A>%s %d", strings.Join(names, ""), event))
		c.Event(farm, c.transform(fmt.Sprint(event), from, c.lots(names...)))
		c.Close()
	}
	s := applied(t, e, c)
	got := traceText(t, s, traceability.TraceQuery{Lot: from[0], Direction: traceability.Down, Limit: 2000})
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Error(diff)
	}
}

// traceStops holds that a caller may leave a trace, and ask again at once.
func traceStops(t *testing.T, e Engine) {
	s := applied(t, e, sample(t))
	for range 20 {
		steps := 0
		for _, err := range s.Trace(t.Context(), traceability.TraceQuery{Lot: lotID("C"), Direction: traceability.Up}) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Lot(t.Context(), lotID("A")); err != nil {
				t.Fatal(err)
			}
			if steps++; steps == 2 {
				break
			}
		}
	}
}

// traceRegion holds that a trace does not depend on how the blocks came.
func traceRegion(t *testing.T, e Engine) {
	together, single := e.Open(t), e.Open(t)
	r := Region{Seed: 3, Lots: 400, Chain: 20, Block: 37}
	blocks := slices.Collect(r.Blocks())
	if err := together.Apply(t.Context(), blocks...); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if err := single.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	for chain := range r.Chains() {
		q := traceability.TraceQuery{Lot: r.ChainLot(chain, 19), Direction: traceability.Up}
		if diff := cmp.Diff(traceText(t, together, q), traceText(t, single, q)); diff != "" {
			t.Error(diff)
		}
		if text := traceText(t, together, q); strings.Count(text, "lot ") < 20 {
			t.Errorf("the chain is not whole: %s", text)
		}
	}
}
