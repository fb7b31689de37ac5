package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// gathered reads a lot as a page does.
func (s *sample) gathered(id traceability.LotID) *records {
	s.Helper()
	rec, err := gatherLot(s.Context(), s.store, traceability.Head{}, id)
	if err == nil {
		err = rec.gatherWay(s.Context(), s.store)
	}
	if err != nil {
		s.Fatal(err)
	}
	return rec
}

// TestSteps holds which events make the way, in which order: the beans' other
// customer is not on it, and a shipment and its arrival are one step.
func TestSteps(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	var got []string
	for _, step := range s.gathered(s.passed).steps(LangZH) {
		line := fmt.Sprintf("%s %s %s", when(LangZH, step.Time), step.Type, step.Party.Name)
		for _, lot := range step.From {
			line += " ←" + lot.Product
		}
		for _, lot := range append(step.To, step.Lots...) {
			line += " " + lot.Product
		}
		for _, at := range step.Arrived {
			line += " → " + step.SentTo + " " + when(LangZH, at)
		}
		if step.Here {
			line += " *"
		}
		got = append(got, line)
	}
	want := []string{
		"2026-10-12 16:20 commission 濉溪县示例大豆种植专业合作社 黄豆",
		"2026-10-15 10:00 commission 沛县示例蔬菜种植专业合作社 红辣椒",
		"2026-10-15 10:00 ship 濉溪县示例大豆种植专业合作社 黄豆 → 常州示例豆制品有限公司 2026-10-15 19:00",
		"2026-10-17 08:00 ship 沛县示例蔬菜种植专业合作社 红辣椒 → 杭州示例食品有限公司 2026-10-17 15:00",
		"2026-10-19 14:00 transform 常州示例豆制品有限公司 ←黄豆 香干坯",
		"2026-10-19 14:00 observe 常州示例豆制品有限公司 香干坯",
		"2026-10-20 05:30 ship 常州示例豆制品有限公司 香干坯 → 杭州示例食品有限公司 2026-10-20 09:30",
		"2026-10-21 15:40 transform 杭州示例食品有限公司 ←香干坯 ←红辣椒 麻辣香干 *",
		"2026-10-24 06:00 ship 杭州示例食品有限公司 → 上海示例食品配送有限公司 2026-10-24 11:00 *",
		"2026-10-26 07:30 ship 上海示例食品配送有限公司 → 上海示例餐饮管理有限公司徐汇店 2026-10-26 09:30 *",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// TestStepsFold holds that a long way is folded in its middle and loses none.
func TestStepsFold(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	way := s.gathered(s.wide).way(LangZH)
	if len(way.Head) != stepsHead || len(way.Tail) != stepsTail || way.FoldedFrom != stepsHead+1 || way.TailFrom != stepsHead+len(way.Folded)+1 {
		t.Errorf("%d, %d and %d steps, from %d and %d", len(way.Head), len(way.Folded), len(way.Tail), way.FoldedFrom, way.TailFrom)
	}
	if all := len(s.gathered(s.wide).steps(LangZH)); all != len(way.Head)+len(way.Folded)+len(way.Tail) {
		t.Errorf("%d steps, but %d are shown", all, len(way.Head)+len(way.Folded)+len(way.Tail))
	}
}

// TestStepFromTrace holds that a transformation whose event a bound cut off is
// told from the trace.
func TestStepFromTrace(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	rec := s.gathered(s.wide)
	before := len(rec.steps(LangZH))
	kept := rec.events[:0:0]
	for _, e := range rec.events {
		if e.Type != traceability.EventTransform {
			kept = append(kept, e)
		}
	}
	rec.events = kept
	after := rec.steps(LangZH)
	if len(after) != before {
		t.Errorf("%d steps without the events, %d with them", len(after), before)
	}
}

// went makes an event by which one lot went into another.
func went(from, to traceability.LotID) *traceability.TraceEvent {
	return &traceability.TraceEvent{From: []traceability.LotQuantity{{Lot: from}}, To: []traceability.LotQuantity{{Lot: to}}}
}

// TestGraph holds the bounds of the drawing, and that arrows point one way.
func TestGraph(t *testing.T) {
	t.Parallel()
	chain := func(n, wide int) *records {
		id := func(layer, i int) traceability.LotID {
			return traceability.LotID(fmt.Sprintf("cn/91310101MA1FPX121X/L%d/%d", layer, i))
		}
		rec := &records{lot: traceability.LotRecord{Lot: traceability.Lot{ID: id(0, 0)}}}
		rec.lots = append(rec.lots, traceability.TraceLot{ID: id(0, 0), Product: "成品"})
		for layer := 1; layer < n; layer++ {
			for i := range wide {
				rec.lots = append(rec.lots, traceability.TraceLot{ID: id(layer, i), Product: fmt.Sprint("原料", i), Division: "330106"})
				for j := range wide {
					if layer > 1 || j == 0 {
						rec.made = append(rec.made, went(id(layer, i), id(layer-1, j)))
					}
				}
			}
		}
		return rec
	}
	skip := chain(3, 1) // the first lot also goes straight into the last
	skip.made = append(skip.made, went(skip.lots[2].ID, skip.lots[0].ID))
	circle := chain(3, 1)
	circle.made = append(circle.made, went(circle.lots[0].ID, circle.lots[2].ID), went(circle.lots[1].ID, circle.lots[2].ID))
	for name, test := range map[string]struct {
		rec          *records
		nodes, edges int // of the wide drawing
	}{
		"chain":   {chain(4, 1), 4, 3},
		"deep":    {chain(20, 1), 5, 4},
		"wide":    {chain(2, 60), 6, 5},
		"both":    {chain(15, 12), 17, 5 + 25 + 25 + 5},
		"skip":    {skip, 3, 3},
		"circle":  {circle, 3, 2},
		"largest": {chain(5, 5), 21, 5 + 25*3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := test.rec.graph()
			for _, l := range []layout{wideLayout, tallLayout} {
				v := g.draw(LangZH, l)
				if len(v.Nodes) > 25 {
					t.Errorf("%s: %d nodes", l.name, len(v.Nodes))
				}
				if l.name == "wide" && (len(v.Nodes) != test.nodes || (name != "circle" && len(v.Edges) != test.edges)) {
					t.Errorf("%d nodes and %d edges, not %d and %d", len(v.Nodes), len(v.Edges), test.nodes, test.edges)
				}
				for _, b := range v.Nodes {
					if b.X < 0 || b.Y < 0 || b.X+b.W > v.Width || b.Y+b.H > v.Height {
						t.Errorf("%s: a box lies outside the drawing", l.name)
					}
				}
				nodes, at := g.collapse(l.layers, l.perLayer)
				lots := 0
				for _, node := range nodes {
					lots += max(node.more, 1)
				}
				if lots != len(test.rec.lots) {
					t.Errorf("%s: %d lots are drawn of %d", l.name, lots, len(test.rec.lots))
				}
				for _, e := range g.edges(at) {
					if e.from.layer <= e.to.layer {
						t.Errorf("%s: an arrow points back", l.name)
					}
				}
			}
		})
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		room  float64
		lines int
		want  []string
	}{
		{"青菜", 8, 2, []string{"青菜"}},
		{"", 8, 2, []string{""}},
		{"儿童配方营养粉示例", 6, 2, []string{"儿童配方营养", "粉示例"}},
		{"儿童配方营养粉示例第三段", 5, 2, []string{"儿童配方营", "养粉示例…"}},
		{"卤料底汤（盒装）", 7, 2, []string{"卤料底汤（盒", "装）"}},
		{"Spicy dried tofu", 6, 2, []string{"Spicy", "dried tofu"}},
		{"x", 0, 1, []string{"x"}},
	} {
		if diff := cmp.Diff(test.want, wrap(test.text, test.room, test.lines)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("卤料底汤（盒装）", 7.0, 2)
	f.Add("））））", 1.0, 3)
	f.Add("a b\xff", 0.0, 1)
	f.Fuzz(func(t *testing.T, text string, room float64, lines int) {
		lines = 1 + max(0, lines)%5
		got := wrap(text, room, lines)
		if len(got) < 1 || len(got) > lines {
			t.Errorf("%d lines of %d", len(got), lines)
		}
		if joined := strings.Join(got, ""); strings.Join(strings.Fields(text), "") != "" && joined == "" {
			t.Error("nothing is left")
		}
	})
}
