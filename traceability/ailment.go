package traceability

import "errors"

// Faults of the machine that a ledger or a read model meets. They are told to the
// operator, and to clients by their codes.
var (
	// ErrNoSpace says that the disk is full: nothing is taken until there is room.
	ErrNoSpace = errors.New("no room on the disk")
	// ErrDamaged says that the disk does not give back what was written. An error
	// that is one has a method Permanent: to read again is useless.
	ErrDamaged = errors.New("damaged")
	// ErrClock says that the ledger's last block is more than ClockSkew ahead of
	// the machine's clock.
	ErrClock = errors.New("the clock is behind the ledger")
)

// Parts of the program that may ail.
const (
	PartLedger    = "ledger"
	PartReadModel = "read_model"
)

// Ailment is something that is wrong with a part of the program now.
type Ailment struct {
	Part   string
	Code   Code  // one of the machine's, see CodeTable
	Severe bool  // the part does not do its work; else it does, and somebody should look after it
	Err    error // for the log: it may name folders and hosts
}

// Ailing is a part that knows what is wrong with it.
type Ailing interface {
	Ailments() []Ailment
}
