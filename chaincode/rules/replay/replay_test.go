package replay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/chaincode/rules/replay"
	"deltatrace/traceability"
)

const tx = traceability.TxID("aa")

func write(key, value string) traceability.Write {
	return traceability.Write{Key: key, Value: []byte(value)}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		writes []traceability.Write
		want   []string
		broken string // part of the error
	}{
		"none":             {[]traceability.Write{write("holding/x/y", `{"in":"1","out":"0"}`)}, []string{}, ""},
		"in their order":   {[]traceability.Write{write("a", `{"document":{"jws":"two","tx":"aa","n":1}}`), write("b", `{"document":{"jws":"one","tx":"aa","n":0}}`)}, []string{"one", "two"}, ""},
		"earlier ones":     {[]traceability.Write{write("a", `{"documents":[{"jws":"old","tx":"99","n":0},{"jws":"new","tx":"aa","n":0}]}`)}, []string{"new"}, ""},
		"kept twice":       {[]traceability.Write{write("a", `{"document":{"jws":"one","tx":"aa","n":0}}`), write("b", `{"document":{"jws":"one","tx":"aa","n":0}}`)}, []string{"one"}, ""},
		"two for a place":  {[]traceability.Write{write("a", `{"document":{"jws":"one","tx":"aa","n":0}}`), write("b", `{"document":{"jws":"two","tx":"aa","n":0}}`)}, nil, "key b: two documents claim place 0"},
		"one left out":     {[]traceability.Write{write("a", `{"document":{"jws":"two","tx":"aa","n":1}}`)}, nil, "document 0 of the transaction is missing"},
		"not a record":     {[]traceability.Write{write("a", `x`)}, nil, "key a: the record is not JSON"},
		"a negative place": {[]traceability.Write{write("a", `{"document":{"jws":"one","tx":"aa","n":-1}}`)}, nil, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := replay.Documents(tx, test.writes)
			checkBroken(t, err, test.broken)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	kept := []traceability.Write{write("a", `{"document":{"jws":"one","tx":"aa","n":0}}`)}
	disk := errors.New("disk")
	for name, test := range map[string]struct {
		status traceability.Status
		writes []traceability.Write
		err    error
		broken string
	}{
		"the same":      {traceability.StatusAccepted, kept, nil, ""},
		"not accepted":  {traceability.StatusRejected, nil, nil, "document 0, d1, is on the ledger, but the rules say rejected"},
		"another value": {traceability.StatusAccepted, []traceability.Write{write("a", `{"document":{"jws":"ONE","tx":"aa","n":0}}`)}, nil, "key a: the value is not what the rules write, from byte 20 on"},
		"another key":   {traceability.StatusAccepted, []traceability.Write{write("b", `{}`)}, nil, "write 0: the rules write key b here"},
		"one more":      {traceability.StatusAccepted, append(kept, write("b", `{}`)), nil, "key b: the rules write this key"},
		"one less":      {traceability.StatusAccepted, nil, nil, "key a: the block writes this key"},
		"no answer":     {traceability.StatusAccepted, kept, disk, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := replay.Check(tx, kept, func(documents []string) ([]traceability.Outcome, []traceability.Write, error) {
				if diff := cmp.Diff([]string{"one"}, documents); diff != "" {
					t.Errorf("documents (-want +got):\n%s", diff)
				}
				return []traceability.Outcome{{ID: "d1", Status: test.status}}, test.writes, test.err
			})
			if test.err != nil {
				if !errors.Is(err, test.err) {
					t.Errorf("got %v, want %v", err, test.err)
				}
				return
			}
			checkBroken(t, err, test.broken)
		})
	}
}

func TestCheckGenesis(t *testing.T) {
	t.Parallel()
	key, err := traceability.NewSigningKey("reg:310000")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	writes, err := traceability.Genesis{Provinces: []traceability.Province{{Code: "310000", Key: key.Public()}}}.Writes(at)
	if err != nil {
		t.Fatal(err)
	}
	checkBroken(t, replay.CheckGenesis(traceability.Transaction{ID: tx, Time: at, Writes: writes}), "")
	checkBroken(t, replay.CheckGenesis(traceability.Transaction{ID: tx, Time: at.Add(time.Second), Writes: writes}), "not what the rules write")
	checkBroken(t, replay.CheckGenesis(traceability.Transaction{ID: tx, Time: at}), "no genesis")
	checkBroken(t, replay.CheckGenesis(traceability.Transaction{ID: tx, Time: at, Writes: []traceability.Write{write("lot/x", `{}`)}}), "key lot/x: the genesis writes something other")
}

// checkBroken expects a *replay.Error with that text, or none.
func checkBroken(t *testing.T, err error, want string) {
	t.Helper()
	var broken *replay.Error
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want none", err)
	case want != "" && (!errors.As(err, &broken) || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want a *replay.Error with %q", err, want)
	}
}

func ExampleDocuments() {
	documents, err := replay.Documents("aa", []traceability.Write{
		{Key: "lot/x", Value: []byte(`{"document":{"jws":"eyJhbGciOi…","tx":"aa","n":0}}`)},
		{Key: "holding/x/y", Value: []byte(`{"in":"1","out":"0"}`)},
	})
	fmt.Println(documents, err)
	// Output: [eyJhbGciOi…] <nil>
}
