package embedded_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"deltatrace/chaincode/embedded"
	"deltatrace/traceability"
)

// A new ledger of one province admits a laboratory.
func Example() {
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	shanghai, err := traceability.NewSigningKey(traceability.Regulator(traceability.Shanghai))
	if err != nil {
		fmt.Println(err)
		return
	}
	lab, err := traceability.NewSigningKey("lab:250999990001")
	if err != nil {
		fmt.Println(err)
		return
	}
	ledger, err := embedded.Open(dir, embedded.Options{
		Genesis: &traceability.Genesis{Provinces: []traceability.Province{{Code: traceability.Shanghai, Key: shanghai.Public()}}},
		Logger:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ledger.Close()

	admission := &traceability.Admission{Party: lab.Party, Name: "示范检验所", Key: lab.Public()}
	document, err := traceability.Sign(shanghai, traceability.TypePartyAdmit, admission, time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	receipt, err := ledger.Submit(ctx, []string{document, document})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range receipt.Outcomes {
		fmt.Printf("%s %q at %s\n", o.Status, o.Code, o.Record)
	}
	head, err := ledger.Verify(ctx, nil)
	fmt.Println("block", head.Number, "error", err)
	// Output:
	// accepted "" at party/lab:250999990001
	// duplicate "replayed" at party/lab:250999990001
	// block 1 error <nil>
}
