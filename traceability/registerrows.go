package traceability

// RegisterRows asks how rows of a province's own register compare with the ledger's:
// the body of POST /v1/licences/compare.
type RegisterRows struct {
	Rows []RegisterRowSum `json:"rows"`
}

// RegisterRowSum is a row by its LicenceRow.Sum.
type RegisterRowSum struct {
	Licence LicenceID `json:"licence"`
	Sum     string    `json:"sum"`
}

// RegisterAnswer compares the rows, in their order.
type RegisterAnswer struct {
	Rows []RegisterCompared `json:"rows"`
}

// RegisterCompared is how a row compares; Row is the ledger's where they differ.
type RegisterCompared struct {
	Licence LicenceID   `json:"licence"`
	Is      RowIs       `json:"is"`
	Row     *LicenceRow `json:"row,omitzero"`
}

// RowIs says how a row of a province's own register compares with the ledger's.
type RowIs string

// How rows compare.
const (
	RowNew     RowIs = "new"     // the ledger has no such licence
	RowSame    RowIs = "same"    // the ledger has the same row
	RowChanged RowIs = "changed" // the ledger has another
)
