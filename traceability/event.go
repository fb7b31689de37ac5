package traceability

import (
	"regexp"
	"strings"
	"time"
)

// EventType says what happened to a lot. The words are EPCIS 2.0's where it has
// them.
type EventType string

// The event types, and which fields each uses.
const (
	EventCommission EventType = "commission" // Outputs come into being: harvest, catch, purchase from outside
	EventTransform  EventType = "transform"  // Inputs are used up, Outputs come of them
	EventAggregate  EventType = "aggregate"  // Inputs are packed into the one Output
	EventShip       EventType = "ship"       // Lots leave the signer for To
	EventReceive    EventType = "receive"    // Lots of Shipment arrive at the signer
	EventSell       EventType = "sell"       // Lots go to consumers
	EventObserve    EventType = "observe"    // something is noted about Lots; amounts may be left out
)

// EventID names an event: `<party>/<ref>`, where ref is the party's own number.
// Example: op:91310101MA1FPX121X/2026-11-0001
type EventID string

var refGrammar = regexp.MustCompile(`^[0-9A-Za-z._-]{1,60}$`)

// NewEventID joins a party and its own number.
func NewEventID(party PartyID, ref string) EventID { return EventID(string(party) + "/" + ref) }

// ParseEventID checks the grammar.
func ParseEventID(s string) (EventID, error) {
	party, ref, _ := strings.Cut(s, "/")
	if _, err := ParsePartyID(party); err != nil || !refGrammar.MatchString(ref) {
		return "", Invalid("", s, "an event id: <party>/<ref>, ref of at most 60 letters, digits, '.', '_' and '-'")
	}
	return EventID(s), nil
}

// UnmarshalText checks the grammar.
func (e *EventID) UnmarshalText(b []byte) error {
	parsed, err := ParseEventID(string(b))
	*e = parsed
	return err
}

// Party returns the party that recorded the event.
func (e EventID) Party() PartyID {
	party, _, _ := strings.Cut(string(e), "/")
	return PartyID(party)
}

// LotQuantity is an amount of a lot.
type LotQuantity struct {
	Lot      LotID    `json:"lot"`
	Quantity Quantity `json:"quantity,omitzero"`
}

// Event is the payload of event.record: what happened to lots, where and when.
// A party uses and ships only what it holds; what it holds comes from its own
// commission, transform and aggregate events and from what it received.
type Event struct {
	Ref      string        `json:"ref"`
	Type     EventType     `json:"type"`
	Time     time.Time     `json:"time"` // RFC 3339; kept as UTC, whole seconds
	Place    Place         `json:"place,omitzero"`
	Inputs   []LotQuantity `json:"inputs,omitempty"`
	Outputs  []LotQuantity `json:"outputs,omitempty"`
	Lots     []LotQuantity `json:"lots,omitempty"`
	To       PartyID       `json:"to,omitzero"`       // ship
	Shipment EventID       `json:"shipment,omitzero"` // receive: the ship event
	Process  string        `json:"process,omitzero"`  // 工序 or what was observed
	Note     string        `json:"note,omitzero"`
}

const maxEventLots = 500

// Check implements Payload.
func (e *Event) Check() (problems, warnings []*Error) {
	var c checker
	if !refGrammar.MatchString(e.Ref) {
		c.problems = append(c.problems, Invalid("ref", e.Ref, "the party's own number: at most 60 letters, digits, '.', '_' and '-'"))
	}
	if e.Time.IsZero() {
		c.missing("time", "an RFC 3339 time")
	} else {
		c.year("time", e.Time)
	}
	inputs, outputs, lots := 0, 0, 0 // at least so many; -1 for none at all
	switch e.Type {
	case EventCommission:
		inputs, outputs, lots = -1, 1, -1
	case EventTransform, EventAggregate:
		inputs, outputs, lots = 1, 1, -1
	case EventShip, EventReceive, EventSell, EventObserve:
		inputs, outputs, lots = -1, -1, 1
	default:
		c.problems = append(c.problems, Invalid("type", string(e.Type), "commission, transform, aggregate, ship, receive, sell or observe"))
		return c.result()
	}
	c.lots(e, "inputs", e.Inputs, inputs)
	c.lots(e, "outputs", e.Outputs, outputs)
	c.lots(e, "lots", e.Lots, lots)
	if e.Type == EventAggregate && len(e.Outputs) > 1 {
		c.problems = append(c.problems, Invalid("outputs", "several", "the one lot that the inputs are packed into"))
	}
	c.only(e, "to", e.To != "", EventShip)
	c.only(e, "shipment", e.Shipment != "", EventReceive)
	c.place("place", e.Place)
	c.text("process", e.Process, 200)
	c.text("note", e.Note, 500)
	return c.result()
}

// lots checks one list of lots: which may not be there, must be there, and may
// not name a lot twice.
func (c *checker) lots(e *Event, field string, list []LotQuantity, least int) {
	if least < 0 {
		if len(list) > 0 {
			c.problems = append(c.problems, Invalid(field, "a list", "no "+field+" in an event of type "+string(e.Type)))
		}
		return
	}
	seen := make(once[LotID], min(len(list), maxEventLots))
	for i, entry := range bounded(c, field, list, least, maxEventLots) {
		c.lot(index(field, i)+".lot", entry.Lot)
		if seen.again(entry.Lot) {
			c.problems = append(c.problems, Invalid(index(field, i)+".lot", string(entry.Lot), "each lot once"))
		}
		if e.Type != EventObserve || entry.Quantity != (Quantity{}) {
			c.quantity(index(field, i)+".quantity", entry.Quantity)
		}
	}
}

// only checks that a field is there for the one type that uses it.
func (c *checker) only(e *Event, field string, present bool, typ EventType) {
	switch {
	case present && e.Type != typ:
		c.problems = append(c.problems, Invalid(field, "a value", "no "+field+" in an event of type "+string(e.Type)))
	case !present && e.Type == typ:
		c.missing(field, "required in an event of type "+string(typ))
	}
}
