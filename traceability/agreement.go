package traceability

// Agreed is a payload that the provinces decide together: it comes into force
// when three of them have signed the same content, and stays until a later
// revision does.
type Agreed interface {
	Payload
	// Record is the state key of what is decided on.
	Record() string
	// Edition is the number of the revision, from 1.
	Edition() int
}

// AgreementState is the record under calendar/<year>, timer/<id> and
// parameters/<class>: all that was signed about it, oldest first. InForce holds
// the places of the documents with which content came into force.
type AgreementState struct {
	Documents []Entry `json:"documents"`
	InForce   []int   `json:"in_force,omitempty"`
}
