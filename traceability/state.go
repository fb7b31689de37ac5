package traceability

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// The ledger's state is a map from keys to records, canonical JSON. A record
// keeps the signed document it came from, once, and adds only what the rules
// derived.
//
//	party/<party id>            PartyState
//	lot/<lot id>                LotState
//	gtin/<GTIN-14>              GTINState: whose a GTIN is
//	event/<event id>            EventState
//	report/<report id>          ReportState
//	holding/<lot id>/<party id> Holding: what a party has of a lot
//	arrival/<event id>          Arrival: what has arrived of a shipment
//	rotation/<key id>/<party>   Vote: a province's signature under another's new key
//	recognition-rule/<province>/<rule>/<version>                    RecognitionRuleState
//	recognition/<report id>/<parameter>/<province>/<document id>    RecognitionState
//	calendar/<year>             AgreementState of a Calendar
//	timer/<timer id>            AgreementState of a Timer
//	parameters/<class>          AgreementState of Parameters
//	notice/<notice id>          NoticeState
//	noticed/<report series>     Noticed: the notice about a report
//	licence/<licence id>        LicenceState
//	declaration/<platform>/<ref> DeclarationState
//	listing/<platform>/<shop>   ListingState
//	webhook/<party id>/<ref>    WebhookState
//	credit/<entry id>           CreditState
//	platform-bars/<company>     PlatformBars: its entries that verification looks at
//	quorum/<matter>             AgreementState of a Quorum
//	recurrence/<rule>           AgreementState of a Recurrence
//	limit/<parameter>/<category> AgreementState of a Limit
//	consultation/<province>/<ref> ConsultationState
//	verification/<platform>/<ref> VerificationState
//	verified/<platform>/<shop>  VerifiedState
//	recall/<recall id>          RecallState
//	recall-of/<lot id>          RecallMark: the recall that begins with a lot
//	own-recalls/<party id>      OwnRecalls: the voluntary recalls of a producer that are not over

// PartyKey is the state key of a party.
func PartyKey(id PartyID) string { return "party/" + string(id) }

// LotKey is the state key of a lot.
func LotKey(id LotID) string { return "lot/" + string(id) }

// EventKey is the state key of an event.
func EventKey(id EventID) string { return "event/" + string(id) }

// ReportKey is the state key of a report's revision.
func ReportKey(id ReportID) string { return "report/" + string(id) }

// HoldingKey is the state key of what a party has of a lot.
func HoldingKey(lot LotID, party PartyID) string {
	return "holding/" + string(lot) + "/" + string(party)
}

// ArrivalKey is the state key of what has arrived of a shipment.
func ArrivalKey(shipment EventID) string { return "arrival/" + string(shipment) }

// RotationKey is the state key of a province's vote for another's new key.
func RotationKey(key KeyID, voter PartyID) string {
	return "rotation/" + string(key) + "/" + string(voter)
}

// CalendarKey is the state key of a year's calendar.
func CalendarKey(year int) string { return "calendar/" + strconv.Itoa(year) }

// TimerKey is the state key of a timer.
func TimerKey(id TimerID) string { return "timer/" + string(id) }

// ParametersKey is the state key of a class of parameters.
func ParametersKey(class ParameterClass) string { return "parameters/" + string(class) }

// NoticeKey is the state key of a notice.
func NoticeKey(id NoticeID) string { return "notice/" + string(id) }

// NoticedKey is the state key of the notice about a report, by any revision of it.
func NoticedKey(report ReportID) string { return "noticed/" + report.Series() }

// LicenceKey is the state key of a licence.
func LicenceKey(id LicenceID) string { return "licence/" + string(id) }

// DeclarationKey is the state key of a platform's declaration of its shops.
func DeclarationKey(platform PartyID, ref string) string {
	return "declaration/" + string(platform) + "/" + ref
}

// ListingKey is the state key of a shop on a platform.
func ListingKey(platform PartyID, shop ShopID) string {
	return "listing/" + string(platform) + "/" + string(shop)
}

// RecallKey is the state key of a recall.
func RecallKey(id RecallID) string { return "recall/" + string(id) }

// OwnRecallsKey is the state key of a producer's voluntary recalls.
func OwnRecallsKey(party PartyID) string { return "own-recalls/" + string(party) }

// RecallMarkKey is the state key of the recall that begins with a lot.
func RecallMarkKey(lot LotID) string { return "recall-of/" + string(lot) }

// QuorumKey is the state key of a quorum.
func QuorumKey(m Matter) string { return "quorum/" + string(m) }

// RecurrenceKey is the state key of a rule of recurrence.
func RecurrenceKey(id RecurrenceID) string { return "recurrence/" + string(id) }

// ConsultationKey is the state key of a consultation.
func ConsultationKey(id ConsultationID) string { return "consultation/" + string(id) }

// Entry is a signed document as a record keeps it.
type Entry struct {
	JWS string `json:"jws"`
	N   int    `json:"n"`  // its place among the accepted documents of Tx, from 0
	Tx  TxID   `json:"tx"` // the transaction that brought it
}

// Remark is a warning as a record keeps it: an Error without its sentences.
type Remark struct {
	Code     Code   `json:"code"`
	Field    string `json:"field,omitzero"`
	Found    string `json:"found,omitzero"`
	Expected string `json:"expected,omitzero"`
}

// Remarks strips warnings for the record.
func Remarks(warnings []*Error) []Remark {
	var remarks []Remark
	for _, w := range warnings {
		remarks = append(remarks, Remark{Code: w.Code, Field: w.Field, Found: w.Found, Expected: w.Expected})
	}
	return remarks
}

// PartyStatus says whether a party may submit.
type PartyStatus string

// The statuses of a party.
const (
	PartyActive    PartyStatus = "active"
	PartySuspended PartyStatus = "suspended"
)

// KeyPeriod is a key and when it was good: from its acceptance to its
// replacement, by the ledger's clock.
type KeyPeriod struct {
	Key  PublicKey `json:"key"`
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// PartyState is the record under party/<id>: all documents about the party,
// oldest first. A province has Genesis instead of an admission.
type PartyState struct {
	Documents []Entry      `json:"documents,omitempty"`
	Recorded  []time.Time  `json:"recorded,omitempty"` // when the ledger took each
	Genesis   *Province    `json:"genesis,omitempty"`
	Province  ProvinceCode `json:"province"` // whose regulator admitted it
	Status    PartyStatus  `json:"status"`
	Keys      []KeyPeriod  `json:"keys"`
	Remarks   []Remark     `json:"remarks,omitempty"` // on the admission in force
}

// RecordedAt returns when the ledger took the party's document at a place.
func (p *PartyState) RecordedAt(i int) time.Time {
	if i >= len(p.Recorded) {
		return time.Time{}
	}
	return p.Recorded[i]
}

// CurrentKey returns the key that is good now.
func (p *PartyState) CurrentKey() PublicKey {
	if len(p.Keys) == 0 {
		return PublicKey{}
	}
	return p.Keys[len(p.Keys)-1].Key
}

// LotState is the record under lot/<id>. Former are the registrations by others
// that the owner of the lot's GTIN has replaced by its own, oldest first.
type LotState struct {
	Document Entry    `json:"document"`
	Former   []Entry  `json:"former,omitempty"`
	Remarks  []Remark `json:"remarks,omitempty"`
}

// EventState is the record under event/<id>.
type EventState struct {
	Document Entry    `json:"document"`
	Remarks  []Remark `json:"remarks,omitempty"`
}

// ReportState is the record under report/<id>. OutOfScope lists, by seq, the
// items that the laboratory's scope did not cover on the day of the test. Recorded
// is when the ledger took it: that is when the laboratory reported.
type ReportState struct {
	Document   Entry     `json:"document"`
	OutOfScope []int     `json:"out_of_scope,omitempty"`
	Recorded   time.Time `json:"recorded,omitzero"`
	Remarks    []Remark  `json:"remarks,omitempty"`
}

// Noticed is the record under noticed/<series>: the notice about the sample of a
// report, for all revisions of it, also for one that names another sample.
type Noticed struct {
	Notice NoticeID `json:"notice"`
}

// Holding is the record under holding/<lot>/<party>, in the lot's unit: what
// came to the party and what it used up or passed on. In is never less than
// Out.
type Holding struct {
	In  Balance `json:"in"`
	Out Balance `json:"out"`
}

// Arrival is the record under arrival/<shipment>: what has arrived so far, in
// each lot's unit, in the order of the shipment's lots.
type Arrival struct {
	Amounts []Balance `json:"amounts"`
}

// Vote is the record under rotation/<key>/<voter>.
type Vote struct {
	Document Entry `json:"document"`
}

// Province is an organisation of the consortium as the ledger's start names it.
type Province struct {
	Code ProvinceCode `json:"code"`
	Key  PublicKey    `json:"key"`
}

// Genesis is what a ledger starts from: the provinces with their keys.
type Genesis struct {
	Provinces []Province `json:"provinces"`
}

// Writes returns the first block's writes, in ascending order of their keys.
func (g Genesis) Writes(at time.Time) ([]Write, error) {
	if len(g.Provinces) == 0 {
		return nil, Missing("provinces", "the provinces of the consortium")
	}
	var writes []Write
	for i, p := range g.Provinces {
		if !p.Code.Valid() || p.Key.IsZero() {
			return nil, Invalid(index("provinces", i), string(p.Code), "a province's code and key")
		}
		value, err := Canonical(PartyState{
			Genesis: &p, Province: p.Code, Status: PartyActive,
			Keys: []KeyPeriod{{Key: p.Key, From: Instant(at)}},
		})
		if err != nil {
			return nil, err
		}
		writes = append(writes, Write{Key: PartyKey(Regulator(p.Code)), Value: value})
	}
	slices.SortFunc(writes, func(a, b Write) int { return strings.Compare(a.Key, b.Key) })
	return writes, nil
}

// EncodeState writes a record of the state: what Canonical writes. A record that
// keeps one document is that document's text for the most part, base64url and
// dots, which JSON takes as they are; so it is put in without being read again.
func EncodeState[T any](record *T) ([]byte, error) {
	bare := *record
	keeper, ok := any(&bare).(interface{ entry() *Entry })
	if !ok {
		return Canonical(record)
	}
	jws := keeper.entry().JWS
	keeper.entry().JWS = ""
	text, err := Canonical(&bare)
	if err != nil {
		return nil, err
	}
	const before = `{"document":{"jws":"`
	after, found := bytes.CutPrefix(text, []byte(before))
	verbatim := isPlain(jws) && strings.IndexByte(jws, '"') < 0 && strings.IndexByte(jws, '\\') < 0
	if !found || !verbatim {
		return Canonical(record)
	}
	encoded := make([]byte, 0, len(text)+len(jws))
	return append(append(append(encoded, before...), jws...), after...), nil
}

func (r *LotState) entry() *Entry    { return &r.Document }
func (r *EventState) entry() *Entry  { return &r.Document }
func (r *ReportState) entry() *Entry { return &r.Document }
func (r *Vote) entry() *Entry        { return &r.Document }

func (r *DeclarationState) entry() *Entry { return &r.Document }

// DecodeState reads a record of the state.
func DecodeState[T any](value []byte) (*T, error) {
	state := new(T)
	if err := json.Unmarshal(value, state); err != nil {
		return nil, fmt.Errorf("decode record: %w", err)
	}
	return state, nil
}
