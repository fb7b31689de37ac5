package page

import (
	"cmp"
	"fmt"
	"slices"

	"deltatrace/traceability"
)

// graphNode is a lot, or several that are drawn as one.
type graphNode struct {
	lot   traceability.TraceLot
	more  int // so many lots; 0 for one
	here  bool
	layer int // how many transformations away from here, by the longest way
	place float64
}

// lotGraph is where a lot came from, as layers of lots.
type lotGraph struct {
	lots  []traceability.TraceLot // this lot first
	layer map[traceability.LotID]int
	made  []*traceability.TraceEvent
}

// graph puts each lot one layer before the nearest of those made of it, so that
// all arrows point the same way.
func (rec *records) graph() lotGraph {
	g := lotGraph{lots: rec.lots, layer: make(map[traceability.LotID]int, len(rec.lots)), made: rec.made}
	for _, lot := range rec.lots {
		g.layer[lot.ID] = 0
	}
	for range rec.lots { // the longest way has no more events than lots; a circle ends here too
		moved := false
		for _, event := range rec.made {
			to := -1
			for _, entry := range event.To {
				if layer, ok := g.layer[entry.Lot]; ok && layer < len(rec.lots) {
					to = max(to, layer)
				}
			}
			for _, entry := range event.From {
				from, ok := g.layer[entry.Lot]
				if ok && entry.Lot != rec.lot.ID && from <= to {
					g.layer[entry.Lot], moved = to+1, true
				}
			}
		}
		if !moved {
			break
		}
	}
	return g
}

// collapse draws at most so many layers and so many nodes in each; the lots
// that do not fit are drawn as one. at says which node a lot became.
func (g lotGraph) collapse(layers, perLayer int) (nodes []*graphNode, at map[traceability.LotID]*graphNode) {
	at = make(map[traceability.LotID]*graphNode, len(g.lots))
	byLayer := make([][]traceability.TraceLot, layers)
	for _, lot := range g.lots {
		n := min(g.layer[lot.ID], layers-1)
		byLayer[n] = append(byLayer[n], lot)
	}
	for n, lots := range byLayer {
		deeper := slices.ContainsFunc(lots, func(lot traceability.TraceLot) bool { return g.layer[lot.ID] > n })
		var rest *graphNode
		for i, lot := range lots {
			single := !deeper && (len(lots) <= perLayer || i < perLayer-1)
			switch {
			case single:
				node := &graphNode{lot: lot, layer: n, here: lot.ID == g.lots[0].ID}
				nodes = append(nodes, node)
				at[lot.ID] = node
				continue
			case rest == nil:
				rest = &graphNode{layer: n}
				nodes = append(nodes, rest)
			}
			rest.more++
			at[lot.ID] = rest
		}
	}
	return nodes, at
}

// graphEdge leads from a node to one that was made of it.
type graphEdge struct{ from, to *graphNode }

// edges draws an event as arrows between the nodes of its lots, which are few.
func (g lotGraph) edges(at map[traceability.LotID]*graphNode) []graphEdge {
	var edges []graphEdge
	seen := make(map[graphEdge]bool)
	for _, event := range g.made {
		to := drawn(at, event.To)
		for _, from := range drawn(at, event.From) {
			for _, to := range to {
				e := graphEdge{from, to}
				if e.from.layer <= e.to.layer || seen[e] {
					continue
				}
				seen[e] = true
				edges = append(edges, e)
			}
		}
	}
	return edges
}

// drawn returns the nodes that lots became, each once.
func drawn(at map[traceability.LotID]*graphNode, lots []traceability.LotQuantity) []*graphNode {
	var nodes []*graphNode
	for _, entry := range lots {
		if node := at[entry.Lot]; node != nil && !slices.Contains(nodes, node) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// layout is how a graph is drawn, in the units of its viewBox.
type layout struct {
	name             string
	layers, perLayer int
	width, height    int // of a node
	along, across    int // gaps: between layers, and between nodes of one layer
	font             int
	lines            int // of a product's name
	down             bool
}

// The graph is drawn twice, and the style sheet shows one of them. Both stay
// within 25 nodes.
var (
	wideLayout = layout{name: "wide", layers: 5, perLayer: 5, width: 124, height: 64, along: 38, across: 14, font: 13, lines: 2}
	tallLayout = layout{name: "tall", layers: 8, perLayer: 3, width: 104, height: 66, along: 34, across: 11, font: 12, lines: 2, down: true}
)

// graphView is a drawing.
type graphView struct {
	Name          string
	Width, Height int
	Lots          int
	Nodes         []boxView
	Edges         []edgeView
}

// boxView is a node: a box with centred lines of text.
type boxView struct {
	X, Y, W, H int
	Class      string
	Lines      []lineView
}

type lineView struct {
	X, Y  int
	Text  string
	Class string
}

// edgeView is an arrow: its line and its head, as SVG path data.
type edgeView struct{ Line, Head string }

// draw places the nodes: here at the end, the origins at the start.
func (g lotGraph) draw(lang Lang, l layout) *graphView {
	nodes, at := g.collapse(l.layers, l.perLayer)
	edges := g.edges(at)
	rows := arrange(nodes, edges)

	most := 0
	for _, row := range rows {
		most = max(most, len(row))
	}
	step, breadth := l.width+l.along, l.height+l.across
	if l.down {
		step, breadth = l.height+l.along, l.width+l.across
	}
	box := make(map[*graphNode]boxView, len(nodes))
	v := &graphView{Name: l.name, Lots: len(g.lots)}
	for n, row := range rows {
		along := (len(rows) - 1 - n) * step
		start := (most - len(row)) * breadth / 2
		for i, node := range row {
			b := boxView{X: along + 1, Y: start + i*breadth + 1, W: l.width, H: l.height, Class: "lot"}
			if l.down {
				b.X, b.Y = start+i*breadth+1, along+1
			}
			node.label(lang, l, &b)
			box[node] = b
			v.Nodes = append(v.Nodes, b)
			v.Width, v.Height = max(v.Width, b.X+b.W+1), max(v.Height, b.Y+b.H+1)
		}
	}
	for _, e := range edges {
		v.Edges = append(v.Edges, arrow(box[e.from], box[e.to], l.down))
	}
	return v
}

// arrange sorts each layer by where its arrows lead, so that few of them cross.
func arrange(nodes []*graphNode, edges []graphEdge) [][]*graphNode {
	var rows [][]*graphNode
	for _, node := range nodes {
		for len(rows) <= node.layer {
			rows = append(rows, nil)
		}
		rows[node.layer] = append(rows[node.layer], node)
	}
	for n, row := range rows {
		if n > 0 {
			for _, node := range row {
				sum, count := 0.0, 0
				for _, e := range edges {
					if e.from == node {
						sum, count = sum+e.to.place, count+1
					}
				}
				node.place = sum / float64(max(count, 1))
			}
			slices.SortStableFunc(row, func(a, b *graphNode) int { return cmp.Compare(a.place, b.place) })
		}
		for i, node := range row {
			node.place = float64(i) - float64(len(row)-1)/2
		}
	}
	return rows
}

// label writes into the box: the product, and where or when it comes from.
func (node *graphNode) label(lang Lang, l layout, b *boxView) {
	var lines []lineView
	room := float64(l.width-14) / float64(l.font)
	switch {
	case node.more > 0:
		b.Class = "lot more"
		text, _ := lookUp(lang, "way.collapsed", node.more)
		lines = append(lines, lineView{Text: text, Class: "name"})
	default:
		for _, text := range wrap(prefer(lang, node.lot.Product, node.lot.ProductEN), room, l.lines) {
			lines = append(lines, lineView{Text: text, Class: "name"})
		}
		sub := origin(lang, node.lot.Division)
		if node.here {
			b.Class = "lot here"
			sub, _ = lookUp(lang, "way.here")
		} else if sub == "" {
			sub = date(lang, node.lot.Date)
		}
		if sub != "" {
			lines = append(lines, lineView{Text: wrap(sub, room*float64(l.font)/float64(l.font-1), 1)[0], Class: "sub"})
		}
	}
	leading := l.font + 4
	y := b.Y + b.H/2 - (len(lines)-1)*leading/2 + l.font*2/5
	for i := range lines {
		lines[i].X, lines[i].Y = b.X+b.W/2, y+i*leading
	}
	b.Lines = lines
}

// origin names the prefecture, or the municipality, that a division lies in.
func origin(lang Lang, d traceability.DivisionCode) string {
	if len(d) != 6 {
		return ""
	}
	prefecture := (d[:4] + "00").Name()
	return prefer(lang, cmp.Or(prefecture, d.Province().NameZH()), d.Province().NameEN())
}

// arrow draws a curve from one box to the next.
func arrow(from, to boxView, down bool) edgeView {
	x1, y1, x2, y2 := from.X+from.W, from.Y+from.H/2, to.X, to.Y+to.H/2
	if down {
		x1, y1, x2, y2 = from.X+from.W/2, from.Y+from.H, to.X+to.W/2, to.Y
		bend := (y2 - y1) / 2
		return edgeView{
			Line: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1, y1+bend, x2, y2-bend, x2, y2-6),
			Head: fmt.Sprintf("M%d %dl-5 -8h10z", x2, y2),
		}
	}
	bend := (x2 - x1) / 2
	return edgeView{
		Line: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2-6, y2),
		Head: fmt.Sprintf("M%d %dl-8 -5v10z", x2, y2),
	}
}
