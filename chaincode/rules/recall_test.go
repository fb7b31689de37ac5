package rules_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

// Lots of the Jiangsu producer, and one of the Shanghai shop.
const (
	saladA    traceability.LotID = "cn/91320106MA1FPX121A/SC-01/A01"
	saladB    traceability.LotID = "cn/91320106MA1FPX121A/SC-01/A02"
	saladBox  traceability.LotID = "cn/91320106MA1FPX121A/SC-02/A03" // counted in boxes
	shopsLot  traceability.LotID = "cn/91310101MA1FPX121X/CP-01/B01"
	theRecall                    = traceability.RecallID(saladA)
)

// newRecallWorld has lots of a producer, 100 kg of the first, and the notice about
// a failed sample.
func newRecallWorld(tb testing.TB) *world {
	tb.Helper()
	w := newIssuedWorld(tb, chemical)
	for _, lot := range []traceability.LotID{saladA, saladB, saladBox} {
		unit := traceability.Unit("KGM")
		if lot == saladBox {
			unit = "XBX"
		}
		w.accept(w.sign(producer, traceability.TypeLotRegister, &traceability.Lot{ID: lot, Product: "生菜沙拉", ProductEN: "salad", Unit: unit}))
	}
	w.accept(w.sign(shop, traceability.TypeLotRegister, &traceability.Lot{ID: shopsLot, Product: "沙拉杯", Unit: "KGM"}))
	w.accept(w.sign(producer, traceability.TypeEventRecord, &traceability.Event{Ref: "C-1", Type: traceability.EventCommission, Time: w.now,
		Outputs: []traceability.LotQuantity{{Lot: saladA, Quantity: traceability.Quantity{Value: "100", Unit: "KGM"}}}}))
	return w
}

// recalling is a recall of the first lot.
func (w *world) recalling(more ...func(*traceability.RecallOpen)) *traceability.RecallOpen {
	say := &traceability.RecallOpen{Lots: []traceability.LotID{saladA}, Downstream: true, At: w.now, Hazard: "农药残留超标", Reason: "抽检不合格"}
	for _, add := range more {
		add(say)
	}
	return say
}

func (w *world) open(by traceability.PartyID, more ...func(*traceability.RecallOpen)) string {
	return w.sign(by, traceability.TypeRecallOpen, w.recalling(more...))
}

func (w *world) recallAct(by traceability.PartyID, act traceability.Act, more ...func(*traceability.RecallAct)) string {
	say := &traceability.RecallAct{Recall: theRecall, Act: act, At: w.now}
	for _, add := range more {
		add(say)
	}
	return w.sign(by, traceability.TypeRecallAct, say)
}

func planning(level traceability.RecallLevel) func(*traceability.RecallAct) {
	return func(a *traceability.RecallAct) { a.Level, a.Measures = level, "下架、退货" }
}

func finding(effect traceability.Effect) func(*traceability.RecallAct) {
	return func(a *traceability.RecallAct) { a.Effect, a.Reason = effect, "核查" }
}

func why(a *traceability.RecallAct) { a.Reason = "理由" }

func counting(list ...traceability.RecallAmount) func(*traceability.RecallAct) {
	return func(a *traceability.RecallAct) { a.Unit, a.Amounts = "KGM", list }
}

// recall reads the recall as it stands.
func (w *world) recall() *traceability.Recall {
	w.Helper()
	s, err := traceability.DecodeState[traceability.RecallState](w.state[traceability.RecallKey(theRecall)])
	if err != nil {
		w.Fatal(err)
	}
	if len(s.Documents) != len(s.Recall.Done) {
		w.Fatalf("%d documents, %d done", len(s.Documents), len(s.Recall.Done))
	}
	return &s.Recall
}

// TestRecallOpening holds who may recall what.
func TestRecallOpening(t *testing.T) {
	t.Parallel()
	type open = func(*traceability.RecallOpen)
	of := func(lots ...traceability.LotID) open { return func(o *traceability.RecallOpen) { o.Lots = lots } }
	noticed := func(o *traceability.RecallOpen) { o.Notice = sample }
	for name, tt := range map[string]struct {
		by    traceability.PartyID
		more  []open
		code  traceability.Code // empty: accepted
		field string
		phase traceability.Phase
	}{
		"the producer":                     {by: producer, phase: traceability.PhaseVoluntary},
		"the producer, because of notice":  {by: producer, more: []open{noticed}, phase: traceability.PhaseVoluntary},
		"two lots":                         {by: producer, more: []open{of(saladA, saladB)}, phase: traceability.PhaseVoluntary},
		"its regulator":                    {by: jiangsu, phase: traceability.PhaseOrdered},
		"the organiser, because of notice": {by: zhejiang, more: []open{noticed}, phase: traceability.PhaseOrdered},
		"the organiser, for nothing":       {by: zhejiang, code: traceability.CodeNotAllowed, field: "kid"},
		"another regulator, with notice":   {by: anhui, more: []open{noticed}, code: traceability.CodeNotAllowed, field: "kid"},
		"another business":                 {by: shop, code: traceability.CodeNotYours, field: "lots"},
		"a laboratory":                     {by: lab, code: traceability.CodeNotAllowed, field: "kid"},
		"one who is not concerned":         {by: stranger, more: []open{noticed}, code: traceability.CodeUnknownNotice, field: "notice"},
		"no such notice":                   {by: jiangsu, more: []open{func(o *traceability.RecallOpen) { o.Notice = "DBJ25330100319130500" }}, code: traceability.CodeUnknownNotice, field: "notice"},
		"another's lot among them":         {by: producer, more: []open{of(saladA, shopsLot)}, code: traceability.CodeNotYours, field: "lots[1]"},
		"units that do not convert":        {by: producer, more: []open{of(saladA, saladBox)}, code: traceability.CodeUnitMismatch, field: "lots[1].unit"},
		"a lot that is not registered":     {by: producer, more: []open{of("cn/91320106MA1FPX121A/SC-01/NONE")}, code: traceability.CodeUnknownLot, field: "lots[0]"},
		"a flaw, ordered":                  {by: jiangsu, more: []open{func(o *traceability.RecallOpen) { o.Level = traceability.RecallFlaw }}, code: traceability.CodeInvalid, field: "level"},
		"of the future":                    {by: producer, more: []open{func(o *traceability.RecallOpen) { o.At = o.At.Add(time.Hour) }}, code: traceability.CodeFutureDated, field: "at"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRecallWorld(t)
			document := w.open(tt.by, tt.more...)
			if tt.code != "" {
				w.refuse(document, tt.code, tt.field)
				return
			}
			o := w.accept(document)
			if r := w.recall(); r.Phase != tt.phase || r.Producer != producer || r.Province != traceability.Jiangsu || o.Record != traceability.RecallKey(theRecall) {
				t.Errorf("%s: %+v", o.Record, r)
			}
			if again := w.submit(document)[0]; again.Code != traceability.CodeReplayed {
				t.Errorf("again: %+v", again)
			}
			other := w.refuse(w.open(producer, func(o *traceability.RecallOpen) { o.Reason = "另一理由" }), traceability.CodeConflict, "lots")
			if other.Record != traceability.RecallKey(theRecall) {
				t.Errorf("a second recall of the lot: %+v", other)
			}
		})
	}
}

// TestRecallOfALotInAnother holds that one recall begins with a lot at a time,
// until it is withdrawn, and what a withdrawn one is when it is opened again.
func TestRecallOfALotInAnother(t *testing.T) {
	t.Parallel()
	w := newRecallWorld(t)
	w.accept(w.open(producer, func(o *traceability.RecallOpen) { o.Lots = []traceability.LotID{saladA, saladB} }))
	second := func(o *traceability.RecallOpen) { o.Lots = []traceability.LotID{saladB} }
	w.refuse(w.open(producer, second), traceability.CodeConflict, "lots[0]")
	w.accept(w.recallAct(producer, traceability.ActWithdraw, why))
	w.accept(w.open(producer, second))
	w.refuse(w.open(producer, func(o *traceability.RecallOpen) { o.Lots, o.Reason = []traceability.LotID{saladA, saladB}, "再次" }), traceability.CodeConflict, "lots[1]")
	opened := w.recall().Opened
	w.accept(w.open(jiangsu, func(o *traceability.RecallOpen) { o.Level = traceability.RecallI }))
	if r := w.recall(); r.Phase != traceability.PhaseOrdered || !r.Opened.Equal(opened) || len(r.Done) != 3 || !r.Ended.IsZero() {
		t.Errorf("again: %+v", r)
	}
}

// TestRecallMoves holds what the table cannot say.
func TestRecallMoves(t *testing.T) {
	t.Parallel()
	type move struct {
		by    traceability.PartyID
		act   traceability.Act
		more  []func(*traceability.RecallAct)
		code  traceability.Code // empty: accepted
		field string
	}
	step := func(by traceability.PartyID, act traceability.Act, more ...func(*traceability.RecallAct)) move {
		return move{by: by, act: act, more: more}
	}
	no := func(code traceability.Code, field string, m move) move {
		m.code, m.field = code, field
		return m
	}
	some := counting(traceability.RecallAmount{Region: "320000", Made: "100", Sold: "60", Recalled: "30", Destroyed: "30"})
	begun := []move{step(producer, traceability.ActPlan, planning(traceability.RecallII)), step(producer, traceability.ActAnnounce)}
	for name, tt := range map[string]struct {
		by    traceability.PartyID // who opens
		level traceability.RecallLevel
		moves []move
		phase traceability.Phase
	}{
		"to the end": {by: producer, moves: append(begun, step(producer, traceability.ActProgress, some), step(producer, traceability.ActReport, why),
			step(jiangsu, traceability.ActAssess, finding(traceability.Ineffective)), step(producer, traceability.ActReport, why),
			step(jiangsu, traceability.ActAssess, finding(traceability.Effective)), step(jiangsu, traceability.ActClose),
			no(traceability.CodeWrongState, "act", step(jiangsu, traceability.ActWithdraw, why))), phase: traceability.PhaseClosed},
		"an order is not made milder": {by: jiangsu, level: traceability.RecallII, moves: []move{
			no(traceability.CodeWrongState, "level", step(producer, traceability.ActPlan, planning(traceability.RecallIII))),
			no(traceability.CodeWrongState, "level", step(producer, traceability.ActPlan, planning(traceability.RecallFlaw))),
			step(producer, traceability.ActPlan, planning(traceability.RecallI))}, phase: traceability.PhasePlanned},
		"an order without a level is no flaw": {by: jiangsu, moves: []move{
			no(traceability.CodeWrongState, "level", step(producer, traceability.ActPlan, planning(traceability.RecallFlaw)))}, phase: traceability.PhaseOrdered},
		"the regulator announces what it ordered": {by: jiangsu, moves: []move{step(producer, traceability.ActPlan, planning(traceability.RecallII)), step(jiangsu, traceability.ActAnnounce)}, phase: traceability.PhaseAnnounced},
		"but not what is voluntary": {by: producer, moves: []move{step(producer, traceability.ActPlan, planning(traceability.RecallII)),
			no(traceability.CodeWrongState, "act", step(jiangsu, traceability.ActAnnounce))}, phase: traceability.PhasePlanned},
		"a recall is reported with amounts": {by: producer, moves: append(begun, no(traceability.CodeWrongState, "amounts", step(producer, traceability.ActReport, why)),
			step(producer, traceability.ActReport, why, some)), phase: traceability.PhaseReported},
		"amounts": {by: producer, moves: append(begun, step(producer, traceability.ActProgress, some),
			no(traceability.CodeUnitMismatch, "unit", step(producer, traceability.ActProgress, some, func(a *traceability.RecallAct) { a.Unit = "GRM" })),
			no(traceability.CodeWrongState, "amounts[0]", step(producer, traceability.ActProgress, counting(traceability.RecallAmount{Region: "320000", Made: "90", Sold: "60", Recalled: "30", Destroyed: "30"}))),
			step(producer, traceability.ActProgress, why, counting(traceability.RecallAmount{Region: "320000", Made: "90", Sold: "60", Recalled: "30", Destroyed: "30"})),
			no(traceability.CodeInvalid, "amounts", step(producer, traceability.ActProgress, counting(traceability.RecallAmount{Region: "310000", Sold: "31"}))),
			step(producer, traceability.ActProgress, counting(traceability.RecallAmount{Region: "310000", Sold: "30", Recalled: "30"}))), phase: traceability.PhaseExecuting},
		"the producer withdraws only what it has not announced": {by: producer, moves: append(begun, no(traceability.CodeWrongState, "act", step(producer, traceability.ActWithdraw, why)),
			step(jiangsu, traceability.ActWithdraw, why)), phase: traceability.PhaseWithdrawn},
		"nor what was ordered":    {by: jiangsu, moves: []move{no(traceability.CodeWrongState, "act", step(producer, traceability.ActWithdraw, why))}, phase: traceability.PhaseOrdered},
		"another regulator":       {by: producer, moves: append(begun, no(traceability.CodeNotAllowed, "kid", step(anhui, traceability.ActWithdraw, why))), phase: traceability.PhaseAnnounced},
		"one who has no business": {by: producer, moves: []move{no(traceability.CodeUnknownRecall, "recall", step(shop, traceability.ActPlan, planning(traceability.RecallI)))}, phase: traceability.PhaseVoluntary},
		"before it was known": {by: producer, moves: []move{no(traceability.CodeInvalid, "at", step(producer, traceability.ActPlan, planning(traceability.RecallI),
			func(a *traceability.RecallAct) { a.At = a.At.AddDate(0, 0, -1) }))}, phase: traceability.PhaseVoluntary},
		"in the future": {by: producer, moves: []move{no(traceability.CodeFutureDated, "at", step(producer, traceability.ActPlan, planning(traceability.RecallI),
			func(a *traceability.RecallAct) { a.At = a.At.AddDate(0, 0, 1) }))}, phase: traceability.PhaseVoluntary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRecallWorld(t)
			w.accept(w.open(tt.by, func(o *traceability.RecallOpen) { o.Level = tt.level }))
			for i, m := range tt.moves {
				document := w.recallAct(m.by, m.act, m.more...)
				if m.code != "" {
					w.refuse(document, m.code, m.field)
				} else if o := w.submit(document)[0]; o.Status != traceability.StatusAccepted {
					t.Fatalf("step %d, %s by %s: %v", i, m.act, m.by, o.Problems)
				}
			}
			if r := w.recall(); r.Phase != tt.phase {
				t.Errorf("the recall is %s, want %s", r.Phase, tt.phase)
			}
		})
	}
}

// TestRecallPeriods holds R1 to R3 of the table of periods: when a recall must
// have begun and be done, and what is late. The 4th of March 2025 is a Tuesday.
func TestRecallPeriods(t *testing.T) {
	t.Parallel()
	for level, tt := range map[traceability.RecallLevel]struct {
		start, finish traceability.TimerID
		hours         int
		day           string // the last to finish it, announced on the day that it is opened
	}{
		traceability.RecallI:    {"R1a", "R1b", 24, "2025-03-18"},
		traceability.RecallII:   {"R2a", "R2b", 48, "2025-04-01"},
		traceability.RecallIII:  {"R3a", "R3b", 72, "2025-04-16"}, // Qingming
		traceability.RecallFlaw: {},
	} {
		t.Run(string(level), func(t *testing.T) {
			t.Parallel()
			w := newRecallWorld(t)
			known := w.now
			w.accept(w.open(producer))
			if d := w.recall().Deadlines; len(d) != 0 {
				t.Errorf("without a level there is due %+v", d)
			}
			w.accept(w.recallAct(producer, traceability.ActPlan, planning(level)))
			if tt.start == "" {
				w.accept(w.recallAct(producer, traceability.ActAnnounce))
				if d := w.recall().Deadlines; len(d) != 0 {
					t.Errorf("for a flaw there is due %+v", d)
				}
				return
			}
			d := w.recall().Deadlines
			if len(d) != 1 || d[0].Timer != tt.start || d[0].Of != producer || !d[0].Due.Equal(known.Add(time.Duration(tt.hours)*time.Hour)) {
				t.Fatalf("to begin: %+v", d)
			}
			announced := w.now
			w.accept(w.recallAct(producer, traceability.ActAnnounce))
			d = w.recall().Deadlines
			if d[0].Status != traceability.Met || d[0].Late != traceability.InTime || d[1].Timer != tt.finish || traceability.DateOf(d[1].Due) != traceability.Date(tt.day) || !d[1].From.Equal(announced) {
				t.Errorf("to finish: %+v", d)
			}
			w.day("2025-04-30")
			w.accept(w.recallAct(producer, traceability.ActProgress, counting(traceability.RecallAmount{Region: "320000", Made: "1"})))
			o := w.accept(w.recallAct(producer, traceability.ActReport, why))
			r := w.recall()
			if r.Deadlines[1].Late != traceability.Late || len(o.Warnings) != 1 || o.Warnings[0].Code != traceability.CodeLate || len(r.Done[4].Late) != 1 {
				t.Errorf("reported late: %+v %+v", r.Deadlines[1], o.Warnings)
			}
			w.accept(w.recallAct(jiangsu, traceability.ActAssess, finding(traceability.Ineffective)))
			if d := w.recall().Deadlines[1]; d.Status != traceability.Running || len(w.recall().Deadlines) != 2 {
				t.Errorf("ineffective: %+v", d)
			}
			w.accept(w.recallAct(jiangsu, traceability.ActWithdraw, why))
			if d := w.recall().Deadlines[1]; d.Status != traceability.Lapsed {
				t.Errorf("withdrawn: %+v", d)
			}
		})
	}
}

// TestRecallLevelChanges holds that the period to begin follows the level, and that
// what is announced late is marked, also when it is only said late.
func TestRecallLevelChanges(t *testing.T) {
	t.Parallel()
	w := newRecallWorld(t)
	known := w.now
	w.accept(w.open(jiangsu, func(o *traceability.RecallOpen) { o.Level = traceability.RecallIII }))
	w.accept(w.recallAct(producer, traceability.ActPlan, planning(traceability.RecallI)))
	w.accept(w.recallAct(producer, traceability.ActPlan, planning(traceability.RecallI), why))
	got := map[traceability.TimerID]traceability.DeadlineStatus{}
	for _, d := range w.recall().Deadlines {
		got[d.Timer] = d.Status
	}
	if diff := cmp.Diff(map[traceability.TimerID]traceability.DeadlineStatus{"R3a": traceability.Lapsed, "R1a": traceability.Running}, got); diff != "" || len(w.recall().Deadlines) != 2 {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.now = known.Add(25 * time.Hour)
	at := func(a *traceability.RecallAct) { a.At = known.Add(23 * time.Hour) }
	w.accept(w.recallAct(producer, traceability.ActAnnounce, at))
	if r := w.recall(); r.Deadlines[1].Late != traceability.RecordedLate || !r.Announced.Equal(known.Add(23*time.Hour)) {
		t.Errorf("said late: %+v", r.Deadlines[1])
	}
}

// TestRecalledLotWarns holds who is warned of what with a lot that a recall begins
// with.
func TestRecalledLotWarns(t *testing.T) {
	t.Parallel()
	w := newRecallWorld(t)
	n := 0
	warned := func(by traceability.PartyID, typ traceability.EventType, to traceability.PartyID, shipment traceability.EventID) (traceability.EventID, bool) {
		t.Helper()
		n++
		e := &traceability.Event{Ref: "W-" + string(rune('A'+n)), Type: typ, Time: w.now, To: to, Shipment: shipment,
			Lots: []traceability.LotQuantity{{Lot: saladA, Quantity: traceability.Quantity{Value: "1", Unit: "KGM"}}}}
		o := w.accept(w.sign(by, traceability.TypeEventRecord, e))
		for _, warning := range o.Warnings {
			if warning.Code == traceability.CodeRecalledLot && warning.Field == "lots[0].lot" {
				return traceability.NewEventID(by, e.Ref), true
			}
		}
		return traceability.NewEventID(by, e.Ref), false
	}
	expect := func(what string, got, want bool) {
		t.Helper()
		if got != want {
			t.Errorf("%s: warned %v, want %v", what, got, want)
		}
	}
	out, quiet := warned(producer, traceability.EventShip, shop, "")
	expect("before", quiet, false)
	w.accept(w.open(producer))
	w.accept(w.recallAct(producer, traceability.ActPlan, planning(traceability.RecallII)))
	_, got := warned(producer, traceability.EventSell, "", "")
	expect("planned", got, false)
	w.accept(w.recallAct(producer, traceability.ActAnnounce))
	_, got = warned(shop, traceability.EventReceive, "", out)
	expect("received by the shop", got, true)
	back, got := warned(shop, traceability.EventShip, producer, "")
	expect("sent back", got, false)
	_, got = warned(producer, traceability.EventReceive, "", back)
	expect("taken back", got, false)
	_, got = warned(shop, traceability.EventObserve, "", "")
	expect("noted", got, false)
	_, got = warned(producer, traceability.EventSell, "", "")
	expect("sold", got, true)
	w.accept(w.recallAct(jiangsu, traceability.ActWithdraw, why))
	_, got = warned(producer, traceability.EventSell, "", "")
	expect("withdrawn", got, false)
}

// TestOwnRecallsAreBounded holds how many recalls a producer may have of its own
// will, that an order does not count, and that one that is over makes room.
func TestOwnRecallsAreBounded(t *testing.T) {
	t.Parallel()
	w := newRecallWorld(t)
	lot := func(n int) traceability.LotID {
		id := traceability.LotID(fmt.Sprintf("cn/91320106MA1FPX121A/SC-09/%02d", n))
		w.accept(w.sign(producer, traceability.TypeLotRegister, &traceability.Lot{ID: id, Product: "生菜沙拉", Unit: "KGM"}))
		return id
	}
	of := func(id traceability.LotID) func(*traceability.RecallOpen) {
		return func(o *traceability.RecallOpen) { o.Lots = []traceability.LotID{id} }
	}
	for n := range traceability.MaxOwnRecalls {
		w.accept(w.open(producer, of(lot(n))))
	}
	next, ordered := lot(traceability.MaxOwnRecalls), lot(traceability.MaxOwnRecalls+1)
	w.refuse(w.open(producer, of(next)), traceability.CodeTooManyRecalls, "lots")
	w.accept(w.open(jiangsu, of(ordered)))
	withdraw := &traceability.RecallAct{Recall: "cn/91320106MA1FPX121A/SC-09/07", Act: traceability.ActWithdraw, At: w.now, Reason: "误报"}
	w.accept(w.sign(producer, traceability.TypeRecallAct, withdraw))
	w.accept(w.open(producer, of(next)))
	w.refuse(w.open(producer, of("cn/91320106MA1FPX121A/SC-09/07")), traceability.CodeTooManyRecalls, "lots")
}

// fork is the same world with a state of its own.
func (w *world) fork() *world {
	return &world{TB: w.TB, state: maps.Clone(w.state), keys: w.keys, now: w.now, txs: w.txs}
}
