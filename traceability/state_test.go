package traceability_test

import (
	"testing"

	"deltatrace/traceability"
)

// TestEncodeState holds that records are canonical JSON, however they are put
// together.
func TestEncodeState(t *testing.T) {
	t.Parallel()
	remarks := []traceability.Remark{{Code: "x", Field: "items[0]", Found: `"铅"`, Expected: "<b>"}}
	for _, jws := range []string{"", "a.b-c_D.9", `"`, `\`, "\n", "铅", "a\x00b", "\u2028<&>"} {
		entry := traceability.Entry{JWS: jws, Tx: "0a", N: 7}
		encoded(t, &traceability.LotState{Document: entry, Remarks: remarks})
		encoded(t, &traceability.EventState{Document: entry})
		encoded(t, &traceability.ReportState{Document: entry, OutOfScope: []int{1, 1 << 60}, Remarks: remarks})
		encoded(t, &traceability.Vote{Document: entry})
		encoded(t, &traceability.PartyState{Documents: []traceability.Entry{entry}, Province: "310000",
			Keys: []traceability.KeyPeriod{{Key: newKey(t, lab).Public(), From: morning}}})
		encoded(t, &traceability.Holding{In: "1", Out: "0"})
	}
	if _, err := traceability.EncodeState(&traceability.LotState{Document: traceability.Entry{JWS: "\xff"}}); err == nil {
		t.Error("text that is not UTF-8 was written")
	}
}

func encoded[T any](t *testing.T, record *T) {
	t.Helper()
	want, err1 := traceability.Canonical(record)
	got, err2 := traceability.EncodeState(record)
	if err1 != nil || err2 != nil || string(got) != string(want) {
		t.Errorf("got  %s, %v\nwant %s, %v", got, err2, want, err1)
	}
}
