package storetest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"deltatrace/traceability"
)

func listCases() map[string]func(*testing.T, Engine) {
	return map[string]func(*testing.T, Engine){
		"list/parties":     listParties,
		"list/lots":        listLots,
		"list/events":      listEvents,
		"list/reports":     listReports,
		"list/bad page":    listBadPage,
		"list/many events": listManyEvents,
		"list/large":       listLarge,
	}
}

// pages reads a list in parts of several sizes and holds that the parts make
// the whole, in order.
func pages[T any](t *testing.T, name string, want []string, id func(T) string, list func(traceability.Page) (traceability.List[T], error)) {
	t.Helper()
	for _, limit := range []int{0, 1, 2, 3, 1000} {
		pagesOf(t, name, limit, want, id, list)
	}
}

func pagesOf[T any](t *testing.T, name string, limit int, want []string, id func(T) string, list func(traceability.Page) (traceability.List[T], error)) {
	t.Helper()
	var got []string
	page := traceability.Page{Limit: limit}
	for {
		part, err := list(page)
		if err != nil {
			t.Fatalf("%s, limit %d: %v", name, limit, err)
		}
		if limit > 0 && len(part.Items) > limit {
			t.Fatalf("%s: %d items with limit %d", name, len(part.Items), limit)
		}
		for _, item := range part.Items {
			got = append(got, id(item))
		}
		if part.Next == "" {
			break
		}
		page.After = part.Next
	}
	if !slices.Equal(want, got) {
		t.Errorf("%s, limit %d\nwant %q\n got %q", name, limit, want, got)
	}
}

func listParties(t *testing.T, e Engine) {
	s := applied(t, e, sample(t))
	for _, test := range []struct {
		name   string
		filter traceability.PartyFilter
		want   []string
	}{
		{"all", traceability.PartyFilter{}, []string{string(lab), string(factory), string(farm), string(shop), "reg:310000", "reg:320000", "reg:330000", "reg:340000"}},
		{"operators", traceability.PartyFilter{Kind: traceability.KindOperator}, []string{string(factory), string(farm), string(shop)}},
		{"Shanghai", traceability.PartyFilter{Province: traceability.Shanghai}, []string{string(lab), string(factory), string(farm), string(shop), "reg:310000"}},
		{"Anhui's operators", traceability.PartyFilter{Province: traceability.Anhui, Kind: traceability.KindOperator}, nil},
	} {
		pages(t, test.name, test.want, func(p traceability.PartyRecord) string { return string(p.ID) },
			func(p traceability.Page) (traceability.List[traceability.PartyRecord], error) {
				return s.Parties(t.Context(), test.filter, p)
			})
	}
	got := must[traceability.List[traceability.PartyRecord]](t)(s.Parties(t.Context(), traceability.PartyFilter{Kind: traceability.KindLaboratory}, traceability.Page{}))
	equal(t, must[traceability.PartyRecord](t)(s.Party(t.Context(), lab)), got.Items[0])
}

func listLots(t *testing.T, e Engine) {
	c := NewChain(t)
	// Upper case comes before lower case, and % before letters: order by bytes.
	c.lots("b", "A%2F1", "A", "B", "a")
	c.Lot(factory, lot("F"))
	c.Close()
	s := applied(t, e, c)
	ids := func(names ...string) (list []string) {
		for _, name := range names {
			list = append(list, string(lotID(name)))
		}
		return list
	}
	for _, test := range []struct {
		name   string
		filter traceability.LotFilter
		want   []string
	}{
		{"all", traceability.LotFilter{}, ids("A", "A%2F1", "B", "F", "a", "b")},
		{"farm's", traceability.LotFilter{Registrant: farm}, ids("A", "A%2F1", "B", "a", "b")},
		{"unknown party's", traceability.LotFilter{Registrant: "op:x"}, nil},
	} {
		pages(t, test.name, test.want, func(l traceability.LotRecord) string { return string(l.ID) },
			func(p traceability.Page) (traceability.List[traceability.LotRecord], error) {
				return s.Lots(t.Context(), test.filter, p)
			})
	}
	got := must[traceability.List[traceability.LotRecord]](t)(s.Lots(t.Context(), traceability.LotFilter{Registrant: factory}, traceability.Page{}))
	equal(t, must[traceability.LotRecord](t)(s.Lot(t.Context(), lotID("F"))), got.Items[0])
}

func listEvents(t *testing.T, e Engine) {
	c := NewChain(t)
	ids := c.lots("A", "B", "C")
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	record := func(party traceability.PartyID, ref string, minutes int, lots ...traceability.LotID) {
		c.Event(party, traceability.Event{Ref: ref, Type: traceability.EventObserve, Time: at(minutes), Lots: kilograms("1", lots...)})
	}
	record(farm, "9", 1, ids[0]) // ids do not follow time
	record(farm, "1", 2, ids[0], ids[1])
	record(shop, "1", 2, ids[1])
	record(factory, "5", 0, ids[2])
	transform := c.transform("t", ids[:1], ids[2:])
	transform.Time = at(3)
	c.Event(farm, transform)
	c.Close()
	s := applied(t, e, c)
	first, second, third, fourth, fifth := string(factory)+"/5", string(farm)+"/9", string(farm)+"/1", string(shop)+"/1", string(farm)+"/t"
	for _, test := range []struct {
		name   string
		filter traceability.EventFilter
		want   []string
	}{
		{"all", traceability.EventFilter{}, []string{first, second, third, fourth, fifth}},
		{"of a party", traceability.EventFilter{Party: farm}, []string{second, third, fifth}},
		{"of a lot", traceability.EventFilter{Lots: ids[:1]}, []string{second, third, fifth}},
		{"of lots, each once", traceability.EventFilter{Lots: ids[:2]}, []string{second, third, fourth, fifth}},
		{"of many lots", traceability.EventFilter{Lots: append(slices.Repeat(ids[1:2], 499), "x")}, []string{third, fourth}},
		{"of a party and lots", traceability.EventFilter{Lots: ids, Party: shop}, []string{fourth}},
		{"of an unknown lot", traceability.EventFilter{Lots: []traceability.LotID{"x"}}, nil},
	} {
		pages(t, test.name, test.want, func(e traceability.EventRecord) string { return string(e.ID) },
			func(p traceability.Page) (traceability.List[traceability.EventRecord], error) {
				return s.Events(t.Context(), test.filter, p)
			})
	}
	if _, err := s.Events(t.Context(), traceability.EventFilter{Lots: make([]traceability.LotID, 501)}, traceability.Page{}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("501 lots: %v", err)
	}
}

func listReports(t *testing.T, e Engine) {
	c := NewChain(t)
	other := traceability.PartyID("lab:240912340002")
	first := c.Report(lab, report("Z", 1, "", lotID("A")), nil)
	c.Report(lab, report("A", 1, "", lotID("B")), nil)
	c.Close()
	c.Report(other, report("M", 1, "", lotID("A")), nil)
	c.Report(lab, report("Z", 2, first, lotID("A")), nil)
	noLot := report("N", 1, "", "")
	noLot.Sample.No = ""
	c.Report(lab, noLot, nil)
	c.Close()
	s := applied(t, e, c)
	z1, z2, a1, m1, n1 := string(lab)+"/Z/1", string(lab)+"/Z/2", string(lab)+"/A/1", string(other)+"/M/1", string(lab)+"/N/1"
	for _, test := range []struct {
		name   string
		filter traceability.ReportFilter
		want   []string
	}{
		{"all, in the order of the ledger", traceability.ReportFilter{}, []string{z1, a1, m1, z2, n1}},
		{"current", traceability.ReportFilter{Current: true}, []string{a1, m1, z2, n1}},
		{"of a lot", traceability.ReportFilter{Lot: lotID("A")}, []string{z1, m1, z2}},
		{"current of a lot", traceability.ReportFilter{Lot: lotID("A"), Current: true}, []string{m1, z2}},
		{"of a laboratory", traceability.ReportFilter{Lab: other}, []string{m1}},
		{"of a sample", traceability.ReportFilter{SamplingNo: "DBJ25330100319130599"}, []string{z1, a1, m1, z2}},
		{"of a sample, laboratory and lot", traceability.ReportFilter{SamplingNo: "DBJ25330100319130599", Lab: lab, Lot: lotID("B")}, []string{a1}},
		{"of an unknown sample", traceability.ReportFilter{SamplingNo: "GC1600196327"}, nil},
	} {
		pages(t, test.name, test.want, func(r traceability.ReportRecord) string { return string(r.ID) },
			func(p traceability.Page) (traceability.List[traceability.ReportRecord], error) {
				return s.Reports(t.Context(), test.filter, p)
			})
	}
	got := must[traceability.List[traceability.ReportRecord]](t)(s.Reports(t.Context(), traceability.ReportFilter{Lab: other}, traceability.Page{}))
	equal(t, must[traceability.ReportRecord](t)(s.Report(t.Context(), traceability.ReportID(m1))), got.Items[0])
}

func listBadPage(t *testing.T, e Engine) {
	s := applied(t, e, sample(t))
	lots := must[traceability.List[traceability.LotRecord]](t)(s.Lots(t.Context(), traceability.LotFilter{}, traceability.Page{Limit: 1}))
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, page := range []traceability.Page{
		{Limit: -1}, {Limit: 1001}, {After: "!"}, {After: "abc"}, {After: encode(`["events"]`)}, {After: encode(`["events","x","y"]`)},
		{After: encode(`["reports","1","99999999999999999999"]`)}, {After: encode(`{"a":1}`)}, {After: encode(`["lots"]`)}, {After: encode(`["parties",1]`)},
		{After: lots.Next + "x"},
	} {
		_, err1 := s.Parties(t.Context(), traceability.PartyFilter{}, page)
		_, err2 := s.Lots(t.Context(), traceability.LotFilter{}, page)
		_, err3 := s.Events(t.Context(), traceability.EventFilter{}, page)
		_, err4 := s.Reports(t.Context(), traceability.ReportFilter{}, page)
		for i, err := range []error{err1, err2, err3, err4} {
			if traceability.CodeOf(err) != traceability.CodeInvalid {
				t.Errorf("list %d, page %+v: %v", i+1, page, err)
			}
		}
	}
	// A list does not take another's cursor.
	if _, err := s.Parties(t.Context(), traceability.PartyFilter{}, traceability.Page{After: lots.Next}); traceability.CodeOf(err) != traceability.CodeInvalid {
		t.Errorf("a cursor of another list: %v", err)
	}
}

// listManyEvents has more events at one instant than a page.
func listManyEvents(t *testing.T, e Engine) {
	c := NewChain(t)
	ids := c.lots("A")
	var want []string
	for n := range 250 {
		id := c.Event(shop, traceability.Event{Ref: fmt.Sprintf("%03d", n), Type: traceability.EventSell, Time: start, Lots: kilograms("1", ids...)})
		want = append(want, string(id))
	}
	c.Close()
	s := applied(t, e, c)
	for _, filter := range []traceability.EventFilter{{}, {Lots: ids}, {Party: shop}} {
		pagesOf(t, fmt.Sprintf("%+v", filter), 40, want, func(e traceability.EventRecord) string { return string(e.ID) },
			func(p traceability.Page) (traceability.List[traceability.EventRecord], error) {
				return s.Events(t.Context(), filter, p)
			})
	}
}

// listLarge holds that a part of a list ends earlier when what it is made of is large,
// and that the parts make the whole all the same.
func listLarge(t *testing.T, e Engine) {
	c := NewChain(t)
	c.lots("A")
	var want []string
	for n := range 25 {
		id := c.Event(farm, traceability.Event{Ref: fmt.Sprintf("%02d", n), Type: traceability.EventObserve, Time: c.now(), Note: strings.Repeat("x", 700_000),
			Lots: []traceability.LotQuantity{{Lot: lotID("A")}}})
		want = append(want, string(id))
	}
	c.Close()
	s := applied(t, e, c)
	for _, limit := range []int{3, 1000} {
		parts, largest := 0, 0
		pagesOf(t, "large events", limit, want, func(e traceability.EventRecord) string { return string(e.ID) },
			func(p traceability.Page) (traceability.List[traceability.EventRecord], error) {
				list, err := s.Events(t.Context(), traceability.EventFilter{Lots: []traceability.LotID{lotID("A")}}, p)
				parts, largest = parts+1, max(largest, len(list.Items))
				return list, err
			})
		if most := min(limit, 10); largest > most || parts < len(want)/most {
			t.Errorf("limit %d: %d parts, of up to %d items", limit, parts, largest)
		}
	}
}
