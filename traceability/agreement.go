package traceability

// Agreed is a payload that the provinces decide together: it comes into force
// when so many of them as its kind asks for have signed the same content, and
// stays until a later revision does.
type Agreed interface {
	Payload
	// Record is the state key of what is decided on.
	Record() string
	// Edition is the number of the revision, from 1.
	Edition() int
	// Signers is how many provinces must sign: MostProvinces or AllProvinces.
	Signers() int
}

// How many provinces an agreement needs. What all have to apply to everyone's
// goods needs all four; how the four work together needs three, so that one that
// is silent does not hold up the rest.
const (
	MostProvinces = 3
	AllProvinces  = 4
)

// Dated is an agreement that counts from a day on.
type Dated interface {
	Agreed
	Begins() Date
}

// EditionOn returns the revision that counts on a day: of those that have begun by
// then the one that began last, and of several that began with it the last one.
// It is the zero value when none has begun. The revisions are those in force, in
// any order.
func EditionOn[T Dated](revisions []T, day Date) T {
	var found T
	chosen := false
	for _, r := range revisions {
		if r.Begins() > day {
			continue
		}
		if !chosen || r.Begins() > found.Begins() || r.Begins() == found.Begins() && r.Edition() > found.Edition() {
			found, chosen = r, true
		}
	}
	return found
}

// AgreementState is the record of what the provinces agree on, such as
// calendar/<year> or limit/<parameter>/<category>: all that was signed about it,
// oldest first. InForce holds the places of the documents with which content came
// into force.
type AgreementState struct {
	Documents []Entry `json:"documents"`
	InForce   []int   `json:"in_force,omitempty"`
}
