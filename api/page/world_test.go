package page

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
	"deltatrace/traceability/store"
	"deltatrace/traceability/store/storetest"
)

// state is a ledger's state in memory.
type stateMap map[string][]byte

func (s stateMap) Get(keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = s[key]
	}
	return values, nil
}

// world is a small consortium whose documents go the real way: signed, judged
// by the rules, projected into the store. Only the ledger's disk is missing.
// The same calls make the same bytes.
type world struct {
	testing.TB
	state  stateMap
	store  *store.Store
	keys   map[traceability.PartyID]traceability.SigningKey
	now    time.Time
	number uint64
	last   traceability.Hash
	home   map[traceability.PartyID]traceability.PartyID // who admitted whom
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	s, err := store.Open(tb.Context(), ":memory:", slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	w := &world{TB: tb, state: stateMap{}, store: s, keys: map[traceability.PartyID]traceability.SigningKey{},
		home: map[traceability.PartyID]traceability.PartyID{}, now: china("2026-10-08 09:00")}
	var genesis traceability.Genesis
	for _, province := range traceability.Provinces() {
		genesis.Provinces = append(genesis.Provinces, traceability.Province{Code: province, Key: w.key(traceability.Regulator(province)).Public()})
	}
	writes, err := genesis.Writes(w.now)
	if err != nil {
		tb.Fatal(err)
	}
	w.block(writes)
	return w
}

// china reads a time of day in China.
func china(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, traceability.ChinaTime())
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func (w *world) key(party traceability.PartyID) traceability.SigningKey {
	if key, ok := w.keys[party]; ok {
		return key
	}
	key := storetest.NewKey(w.TB, party, string(party))
	w.keys[party] = key
	return key
}

// block puts writes on the ledger as one transaction of one block.
func (w *world) block(writes []traceability.Write) {
	w.Helper()
	for _, write := range writes {
		w.state[write.Key] = write.Value
	}
	b := traceability.Block{Number: w.number, Time: w.now, Previous: w.last,
		Hash:         sha256.Sum256(fmt.Append(w.last[:], w.number, writes)),
		Transactions: []traceability.Transaction{{ID: w.tx(), Time: w.now, Writes: writes}}}
	if err := w.store.Apply(w.Context(), b); err != nil {
		w.Fatal(err)
	}
	w.number, w.last = w.number+1, b.Hash
}

func (w *world) tx() traceability.TxID {
	return traceability.TxID(fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, "tx", w.number))))
}

// at moves the clock on.
func (w *world) at(when string) *world {
	w.now = china(when)
	return w
}

// say signs a document, has the rules judge it and puts it on the ledger.
func (w *world) say(party traceability.PartyID, typ traceability.DocumentType, payload any) traceability.DocumentID {
	w.Helper()
	jws, err := traceability.Sign(w.key(party), typ, payload, w.now)
	if err != nil {
		w.Fatal(err)
	}
	outcomes, writes, err := rules.Apply(w.state, rules.Tx{ID: w.tx(), Time: w.now}, []*rules.Prepared{rules.Prepare(jws)})
	if err != nil {
		w.Fatal(err)
	}
	if outcomes[0].Status != traceability.StatusAccepted {
		w.Fatalf("%s by %s is %s: %v", typ, party, outcomes[0].Status, outcomes[0].Problems)
	}
	w.block(writes)
	return outcomes[0].ID
}

func (w *world) admit(province traceability.ProvinceCode, a traceability.Admission) traceability.PartyID {
	w.Helper()
	a.Key = w.key(a.Party).Public()
	w.home[a.Party] = traceability.Regulator(province)
	w.say(w.home[a.Party], traceability.TypePartyAdmit, a)
	return a.Party
}

func (w *world) suspend(party traceability.PartyID, reason, basis string, on traceability.Date) {
	w.Helper()
	w.say(w.home[party], traceability.TypePartySuspend, traceability.Suspension{Party: party, Reason: reason, Basis: basis, On: on})
}

func (w *world) lot(party traceability.PartyID, l traceability.Lot) traceability.LotID {
	w.Helper()
	w.say(party, traceability.TypeLotRegister, l)
	return l.ID
}

func (w *world) event(party traceability.PartyID, e traceability.Event) traceability.EventID {
	w.Helper()
	if e.Time.IsZero() {
		e.Time = w.now
	}
	w.say(party, traceability.TypeEventRecord, e)
	return traceability.NewEventID(party, e.Ref)
}

// move ships lots and has them received some hours later.
func (w *world) move(from, to traceability.PartyID, ref, hours string, lots ...traceability.LotQuantity) {
	w.Helper()
	shipment := w.event(from, traceability.Event{Ref: "S" + ref, Type: traceability.EventShip, To: to, Lots: lots})
	d, err := time.ParseDuration(hours)
	if err != nil {
		w.Fatal(err)
	}
	w.now = w.now.Add(d)
	w.event(to, traceability.Event{Ref: "R" + ref, Type: traceability.EventReceive, Shipment: shipment, Lots: lots})
}

func (w *world) report(lab traceability.PartyID, r traceability.Report) traceability.DocumentID {
	w.Helper()
	if r.Revision == 0 {
		r.Revision = 1
	}
	if r.Task == "" {
		r.Task = traceability.TaskSupervision
	}
	return w.say(lab, traceability.TypeReportSubmit, r)
}

// publish leads a failed report's notice to its publication: without provinces
// besides the organiser's, and with all who might contest it waiving.
func (w *world) publish(organiser traceability.ProvinceCode, division traceability.DivisionCode, lab traceability.PartyID, r traceability.Report) {
	w.Helper()
	if r.Revision == 0 {
		r.Revision = 1
	}
	row := w.served(organiser, division, lab, r)
	paper := []traceability.Evidence{{Name: "放弃声明"}}
	w.act(organiser, lab, r, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToUnit, Evidence: paper})
	if row.Producer.Name != "" {
		w.act(organiser, lab, r, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToProducer, Evidence: paper})
	}
	w.act(organiser, lab, r, traceability.NoticeAct{Act: traceability.ActDetermine, Decision: traceability.Upheld, Reason: "无异议"}, traceability.NoticeAct{Act: traceability.ActPublish, Row: &row})
}

// served issues a notice, serves it on all whom it has to be served on, and returns
// the row to publish.
func (w *world) served(organiser traceability.ProvinceCode, division traceability.DivisionCode, lab traceability.PartyID, r traceability.Report) traceability.PublicRow {
	w.Helper()
	row := traceability.DraftRow(&r, "示例检测")
	row.FoodName = cmp.Or(row.FoodName, "示例食品")
	w.say(traceability.Regulator(organiser), traceability.TypeNoticeIssue, traceability.NoticeIssue{Report: traceability.NewReportID(lab, r.No, r.Revision), At: w.now,
		Stage: traceability.StageDistribution, Packaging: traceability.Bulk, SampledIn: division})
	paper := []traceability.Evidence{{Name: "送达回证"}}
	w.act(organiser, lab, r, traceability.NoticeAct{Act: traceability.ActDispatch}, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToUnit, Evidence: paper})
	if row.Producer.Name != "" {
		w.act(organiser, lab, r, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToProducer, Evidence: paper})
	}
	return row
}

// act has the organiser make moves of a report's notice.
func (w *world) act(organiser traceability.ProvinceCode, lab traceability.PartyID, r traceability.Report, acts ...traceability.NoticeAct) {
	w.Helper()
	for _, act := range acts {
		act.Notice, act.At = traceability.NewNoticeID(lab, &r), w.now
		w.say(traceability.Regulator(organiser), traceability.TypeNoticeAct, act)
	}
}

// object has an objection filed and decided.
func (w *world) object(organiser traceability.ProvinceCode, lab traceability.PartyID, r traceability.Report, kind traceability.ObjectionKind, by traceability.Recipient, decision traceability.Decision) {
	w.Helper()
	w.act(organiser, lab, r,
		traceability.NoticeAct{Act: traceability.ActObjectionFile, For: by, Kind: kind, Reason: "异议", Evidence: []traceability.Evidence{{Name: "异议申请书"}}},
		traceability.NoticeAct{Act: traceability.ActObjectionAccept, For: by, Kind: kind},
		traceability.NoticeAct{Act: traceability.ActObjectionDecide, For: by, Kind: kind, Decision: decision, Reason: "经审核"})
}

func kg(lot traceability.LotID, amount traceability.Decimal) traceability.LotQuantity {
	return traceability.LotQuantity{Lot: lot, Quantity: traceability.Quantity{Value: amount, Unit: "KGM"}}
}

// uscc completes the first 16 characters of a code with its check characters.
func uscc(tb testing.TB, first16 string) traceability.USCC {
	tb.Helper()
	for _, a := range "0123456789X" {
		for _, b := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
			if code := traceability.USCC(first16 + string(a) + string(b)); code.CheckDigitOK() {
				return code
			}
		}
	}
	tb.Fatalf("no check characters fit %s", first16)
	return ""
}

// gtin completes the first 13 digits of a GTIN-14.
func gtin(tb testing.TB, first13 string) traceability.GTIN {
	tb.Helper()
	for _, d := range "0123456789" {
		if traceability.GS1CheckDigitOK(first13 + string(d)) {
			return traceability.GTIN(first13 + string(d))
		}
	}
	tb.Fatalf("no check digit fits %s", first13)
	return ""
}
