package ledgertest_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"deltatrace/chaincode/embedded"
	"deltatrace/traceability/ledgertest"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestLifeIsCurrent keeps testdata/life.txt equal to what the embedded ledger makes
// of the documents, twice alike.
func TestLifeIsCurrent(t *testing.T) {
	t.Parallel()
	const file = "testdata/life.txt"
	var made []string
	for range 2 {
		network := ledgertest.NewNetwork(t)
		genesis := network.Genesis()
		ledger, err := embedded.Open(t.TempDir(), embedded.Options{Genesis: &genesis})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ledger.Close() })
		made = append(made, ledgertest.Live(t, ledgertest.Harness{Ledger: ledger, Network: network, Patience: time.Minute}))
	}
	if made[0] != made[1] {
		t.Errorf("two ledgers differ:\n%s\n%s", made[0], made[1])
	}
	if *update {
		if err := os.WriteFile(file, []byte(made[0]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if golden, err := os.ReadFile(file); err != nil || string(golden) != made[0] {
		t.Errorf("run with -update: %v\n%s", err, made[0])
	}
}
