package contract

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-contract-api-go/v2/metadata"

	"deltatrace/chaincode/rules"
	"deltatrace/traceability"
)

// Version is of the rules that this contract runs: a change of what they decide
// or write is a new version, which the provinces put in force together.
const Version = "1.0.0"

// Transient is the name under which a proposal carries the documents to Submit.
// Transient data goes to the endorsers and not into the block, which has the
// documents in what they wrote already.
const Transient = "documents"

// Contract is the ledger's contract. Its methods are the transactions.
type Contract struct {
	contractapi.Contract
	genesis traceability.Genesis
	memo    rules.Memo
}

// New returns the chaincode of a province whose own genesis file says genesis.
func New(genesis traceability.Genesis) (*contractapi.ContractChaincode, error) {
	if _, err := genesis.Writes(time.Time{}); err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	c := &Contract{genesis: genesis}
	c.Name = "deltatrace"
	c.Info = metadata.InfoMetadata{
		Title: "deltatrace", Version: Version,
		Description: "Exchange of food-inspection results between provinces. " +
			"Init (genesis: JSON) names the provinces and their keys. " +
			"Submit takes signed documents, a JSON array of compact JWS in the transient field \"documents\" " +
			"(at most 1000 and 8 MiB), and returns a JSON object: tx (absent when nothing was written), time, " +
			"and for each document its outcome. Record (key) returns the record under a state key.",
		License: &metadata.LicenseMetadata{Name: "Apache-2.0"},
	}
	chaincode, err := contractapi.NewChaincode(c)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	return chaincode, nil
}

// GetEvaluateTransactions names the transactions that only read.
func (c *Contract) GetEvaluateTransactions() []string { return []string{"Record"} }

// Init starts the ledger from a genesis, as JSON. A province endorses only the
// one that its own file has. Doing it again changes nothing.
func (c *Contract) Init(ctx contractapi.TransactionContextInterface, genesis string) error {
	var given traceability.Genesis
	if err := json.Unmarshal([]byte(genesis), &given, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("genesis: %w", err)
	}
	if err := sameGenesis(given, c.genesis); err != nil {
		return fmt.Errorf("the genesis differs from the one that this province has configured: %w", err)
	}
	stub := newState(ctx.GetStub())
	tx, err := stub.tx()
	if err != nil {
		return err
	}
	found, err := stub.genesis()
	if err != nil {
		return err
	}
	if len(found.Provinces) > 0 {
		if err := sameGenesis(given, found); err != nil {
			return fmt.Errorf("the ledger has started from another genesis: %w", err)
		}
		return nil
	}
	writes, err := given.Writes(tx.Time)
	if err != nil {
		return err
	}
	return stub.put(writes)
}

// Submit judges documents as one transaction. It returns a traceability.Receipt
// without its block. An error is never a document's.
func (c *Contract) Submit(ctx contractapi.TransactionContextInterface) (result string, err error) {
	// What one batch brings about must not end the process for all.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the rules failed: %v", cause)
		}
	}()
	transient, err := ctx.GetStub().GetTransient()
	if err != nil {
		return "", fmt.Errorf("transient data: %w", err)
	}
	var documents []string
	if err := json.Unmarshal(transient[Transient], &documents); err != nil {
		return "", fmt.Errorf("transient field %q: expected a JSON array of compact JWS: %w", Transient, err)
	}
	if _, err := traceability.CheckBatch(documents); err != nil {
		return "", err
	}
	stub := newState(ctx.GetStub())
	tx, err := stub.tx()
	if err != nil {
		return "", err
	}
	prepared, err := prepare(stub, documents)
	if err != nil {
		return "", err
	}
	outcomes, writes, err := c.memo.Apply(stub, tx, prepared)
	if err != nil {
		return "", err
	}
	receipt := traceability.Receipt{Time: tx.Time, Outcomes: outcomes}
	if len(writes) > 0 {
		receipt.Tx = tx.ID
		if err := stub.put(writes); err != nil {
			return "", err
		}
	}
	b, err := json.Marshal(receipt, json.Deterministic(true))
	return string(b), err
}

// Record returns the record under a state key: canonical JSON, empty when there
// is none.
func (c *Contract) Record(ctx contractapi.TransactionContextInterface, key string) (string, error) {
	if key == "" {
		return "", errors.New("key: found nothing, expected a state key such as party/reg:310000")
	}
	values, err := newState(ctx.GetStub()).Get([]string{key})
	if err != nil {
		return "", err
	}
	return string(values[0]), nil
}
