package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"deltatrace/traceability"
	"deltatrace/traceability/client"

	"github.com/go-json-experiment/json"
)

// honest is the receipt that the API would give.
func honest(t *testing.T, documents []string) traceability.Receipt {
	t.Helper()
	receipt := traceability.Receipt{Tx: "ab", Block: 7}
	for _, compact := range documents {
		d, err := traceability.ParseDocument(compact)
		if err != nil {
			t.Fatal(err)
		}
		receipt.Outcomes = append(receipt.Outcomes, traceability.Outcome{ID: d.ID, Type: d.Type, Status: traceability.StatusAccepted})
	}
	return receipt
}

// An answer that is not about what was sent, or that the client does not know, is an
// error after which the fate is unknown, for one document and for the batch.
func TestSubmitBelievesNoForeignReceipt(t *testing.T) {
	t.Parallel()
	rejected := traceability.Outcome{Status: traceability.StatusRejected, Code: traceability.CodeMalformed}
	for name, lie := range map[string]func(*traceability.Receipt){
		"another document's":     func(r *traceability.Receipt) { r.Outcomes[1].ID = traceability.DocumentID(strings.Repeat("0", 64)) },
		"no id":                  func(r *traceability.Receipt) { r.Outcomes[1].ID = "" },
		"the neighbour's":        func(r *traceability.Receipt) { r.Outcomes[0], r.Outcomes[1] = r.Outcomes[1], r.Outcomes[0] },
		"one answer for both":    func(r *traceability.Receipt) { r.Outcomes[1] = r.Outcomes[0] },
		"another type":           func(r *traceability.Receipt) { r.Outcomes[1].Type = traceability.TypeLotRegister },
		"no type":                func(r *traceability.Receipt) { r.Outcomes[1].Type = "" },
		"a status not known":     func(r *traceability.Receipt) { r.Outcomes[1].Status = "splendid" },
		"a status in capitals":   func(r *traceability.Receipt) { r.Outcomes[1].Status = "Accepted" },
		"no status":              func(r *traceability.Receipt) { r.Outcomes[1].Status = "" },
		"fewer":                  func(r *traceability.Receipt) { r.Outcomes = r.Outcomes[:1] },
		"none":                   func(r *traceability.Receipt) { r.Outcomes = nil },
		"more":                   func(r *traceability.Receipt) { r.Outcomes = append(r.Outcomes, r.Outcomes[0]) },
		"accepted in no block":   func(r *traceability.Receipt) { r.Tx = "" },
		"accepted with a code":   func(r *traceability.Receipt) { r.Outcomes[1].Code = traceability.CodeConflict },
		"accepted with problems": func(r *traceability.Receipt) { r.Outcomes[1].Problems = []*traceability.Error{{Code: "invalid"}} },
		"a duplicate of nothing": func(r *traceability.Receipt) { r.Outcomes[1].Status = traceability.StatusDuplicate },
		"a duplicate with problems": func(r *traceability.Receipt) {
			r.Outcomes[1] = traceability.Outcome{ID: r.Outcomes[1].ID, Type: r.Outcomes[1].Type, Status: traceability.StatusDuplicate, First: "ab", Problems: []*traceability.Error{{Code: "invalid"}}}
		},
		"rejected without a word": func(r *traceability.Receipt) { r.Outcomes[1].Status = traceability.StatusRejected },
		"another's rejection":     func(r *traceability.Receipt) { r.Outcomes[1] = rejected; r.Outcomes[1].ID = r.Outcomes[0].ID },
		"rejected, nothing at all": func(r *traceability.Receipt) {
			r.Outcomes[1] = traceability.Outcome{Status: traceability.StatusRejected}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents := signed(t, 2)
			c, calls := serve(t, func(w http.ResponseWriter, documents []string) {
				receipt := honest(t, documents)
				lie(&receipt)
				json.MarshalWrite(w, receipt)
			})
			receipt, err := c.Submit(t.Context(), documents)
			if err == nil || client.FateKnown(err) || len(receipt.Outcomes) > 0 {
				t.Errorf("%+v, %v: want no receipt and an unknown fate", receipt, err)
			}
			if calls.Load() != 1 {
				t.Errorf("%d requests", calls.Load())
			}
		})
	}
}

// What is true is taken, rejections of what could not be read among it.
func TestSubmitTakesTrueReceipts(t *testing.T) {
	t.Parallel()
	documents := append(signed(t, 3), "not.a.document")
	c, _ := serve(t, func(w http.ResponseWriter, sent []string) {
		r := honest(t, sent[:3])
		r.Outcomes[1] = traceability.Outcome{ID: r.Outcomes[1].ID, Type: r.Outcomes[1].Type, Status: traceability.StatusDuplicate, Code: traceability.CodeReplayed, First: "cd"}
		r.Outcomes[2].Status, r.Outcomes[2].Code = traceability.StatusRejected, traceability.CodeConflict
		r.Outcomes = append(r.Outcomes, traceability.Outcome{Status: traceability.StatusRejected, Code: traceability.CodeMalformed})
		json.MarshalWrite(w, r)
	})
	receipt, err := c.Submit(t.Context(), documents)
	if err != nil || len(receipt.Outcomes) != 4 {
		t.Errorf("%+v, %v", receipt, err)
	}
	c, _ = serve(t, func(w http.ResponseWriter, _ []string) {
		io.WriteString(w, `{"tx":"ab","block":1,"time":"2026-11-22T08:00:00Z","outcomes":[{"status":"accepted"}]}`)
	})
	if _, err := c.Submit(t.Context(), []string{"not.a.document"}); err == nil || client.FateKnown(err) {
		t.Errorf("what cannot be read is accepted: %v", err)
	}
}

// A document that is read back is held to its id.
func TestDocumentIsReadBack(t *testing.T) {
	t.Parallel()
	documents := signed(t, 2)
	one, _ := traceability.ParseDocument(documents[0])
	other, _ := traceability.ParseDocument(documents[1])
	for name, tc := range map[string]struct {
		id   traceability.DocumentID
		jws  string
		good bool
	}{
		"it":                 {one.ID, one.JWS, true},
		"another":            {one.ID, other.JWS, false},
		"under another's id": {other.ID, one.JWS, false},
		"withheld":           {one.ID, "", false},
	} {
		c, _ := serve(t, func(w http.ResponseWriter, _ []string) {
			fmt.Fprintf(w, `{"id":%q,"position":{"block":5},"record":"report/x","jws":%q}`, tc.id, tc.jws)
		})
		record, err := c.Document(t.Context(), one.ID)
		if good := err == nil; good != tc.good || good && record.Position.Block != 5 {
			t.Errorf("%s: %+v, %v", name, record, err)
		}
	}
}

// A platform serves nobody on an answer for another shop, or of a verdict that is none.
func TestVerdictsThatAreNone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer string
		good   bool
	}{
		"its own":              {`{"shop":"S0","verdict":"valid"}`, true},
		"problems, unnamed":    {`{"problems":[{"code":"invalid","zh":"中","en":"e"}]}`, true},
		"another shop's":       {`{"shop":"S1","verdict":"valid"}`, false},
		"nobody's":             {`{"verdict":"valid"}`, false},
		"unheard of":           {`{"shop":"S0","verdict":"splendid"}`, false},
		"none":                 {`{"shop":"S0"}`, false},
		"valid, with problems": {`{"shop":"S0","verdict":"valid","problems":[{"code":"invalid","zh":"中","en":"e"}]}`, false},
		"another's problems":   {`{"shop":"S1","problems":[{"code":"invalid","zh":"中","en":"e"}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := door(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Accept") == "application/json" {
					io.WriteString(w, `{"as_of":{"block":7},"on":"2026-11-01","results":[`+tc.answer+`]}`)
					return
				}
				io.Copy(io.Discard, r.Body)
				io.WriteString(w, `{"as_of":{"block":7},"on":"2026-11-01"}`+"\n"+tc.answer+"\n")
			})
			if _, err := c.Verify(t.Context(), "", manyShops(1)); (err == nil) != tc.good {
				t.Errorf("array: %v", err)
			}
			taken := 0
			_, err := c.VerifyLines(t.Context(), "", func(yield func(traceability.Shop) bool) { yield(manyShops(1)[0]) },
				func(client.ShopAnswer) error { taken++; return nil })
			if (err == nil) != tc.good || (taken == 1) != tc.good {
				t.Errorf("lines: %d taken, %v", taken, err)
			}
		})
	}
}

// Signals for others, of kinds that were not asked for, and pages that turn in a
// circle are no feed; nor is another shop a shop.
func TestListsOfSomethingElse(t *testing.T) {
	t.Parallel()
	signal := func(audience, kind string) string {
		return fmt.Sprintf(`{"signals":[{"cursor":"c","audience":%q,"kind":%q}],"next":"n","more":false}`, audience, kind)
	}
	for name, tc := range map[string]struct {
		answer, after string
		good          bool
	}{
		"its own":            {signal(string(platform), "licence.grant"), "", true},
		"not heard of":       {signal(string(platform), "licence.sung"), "", true},
		"another party's":    {signal("reg:310000", "licence.grant"), "", false},
		"not asked for":      {signal(string(platform), "notice.issue"), "", false},
		"the same once more": {signal(string(platform), "licence.grant"), "n", false},
		"empty":              {`{"signals":[],"next":"n","more":false}`, "n", true},
	} {
		c := door(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, tc.answer) })
		q := traceability.FeedQuery{Kinds: []traceability.SignalKind{"licence"}, After: tc.after}
		if _, err := c.Feed(context.Background(), q, 0); (err == nil) != tc.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	for answer, good := range map[string]bool{
		`{"platform":"` + string(platform) + `","shop":"A"}`: true, `{"platform":"` + string(platform) + `","shop":"B"}`: false, `{"platform":"plat:91330106MA1FPX885Q","shop":"A"}`: false,
	} {
		c := door(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })
		if _, err := c.Listing(context.Background(), "A"); (err == nil) != good {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
