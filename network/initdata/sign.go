package initdata

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// Result is what became of a province's signatures.
type Result struct {
	Signed  int     // now
	Known   int     // that the ledger had already, or needs no more
	Refused []error // why others were rejected, each with the record
}

// Sign signs what a province has not signed yet, and submits it in batches. After an
// error some may be on the ledger: do it again, which goes on where it was.
func Sign(ctx context.Context, api *client.Client, key traceability.SigningKey, survey *Survey) (Result, error) {
	var result Result
	province := traceability.ProvinceCode(key.Party.Number())
	if key.Party.Kind() != traceability.KindRegulator {
		return result, fmt.Errorf("%s is no province's regulator, and only those sign reference data", key.Party)
	}
	var batch client.Batch
	var records []string
	send := func() error {
		if batch.Len() == 0 {
			return nil
		}
		receipt, err := api.Submit(ctx, batch.Documents())
		if err != nil {
			return err
		}
		for i, o := range receipt.Outcomes {
			switch o.Status {
			case traceability.StatusAccepted:
				result.Signed++
			case traceability.StatusDuplicate:
				result.Known++
			default:
				result.Refused = append(result.Refused, fmt.Errorf("%s: %w", records[i], rejection(&o)))
			}
		}
		batch.Reset()
		records = records[:0]
		return nil
	}
	for i := range survey.Items {
		item := &survey.Items[i]
		if !item.Shipped() || item.Owner != "" && item.Owner != province {
			continue
		}
		if item.Later || slices.Contains(item.Signed, province) {
			result.Known++
			continue
		}
		document, err := traceability.Sign(key, item.Type, item.payload, time.Now())
		if err != nil {
			return result, fmt.Errorf("sign %s: %w", item.Record, err)
		}
		if !batch.Add(document) {
			if err := send(); err != nil {
				return result, err
			}
			batch.Add(document)
		}
		records = append(records, item.Record)
	}
	return result, send()
}

// rejection is why a document was rejected.
func rejection(o *traceability.Outcome) error {
	if len(o.Problems) > 0 {
		return o.Problems[0]
	}
	return traceability.NewError(o.Code, "", "账本拒绝："+string(o.Code), "the ledger rejected it: "+string(o.Code))
}
