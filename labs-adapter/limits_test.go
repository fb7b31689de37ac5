package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability"
)

const limitTable = "\ufefffood_category,parameter,limit,unit,basis,clause,valid_from,valid_to,note,excluded\n" +
	"韭菜,腐霉利,≤5,mg/kg,GB 2763-2026,4.201,2026-03-01,,,\n" +
	"韭菜,腐霉利,≤0.2,mg/kg,GB 2763-2021,4.193,2021-09-03,2026-02-28,,\n" +
	"糕点,酸价,≤5 / ≤0.25,mg/g,GB 7099-2015,表,2016-09-22,,,\n" +
	"肉制品,金黄色葡萄球菌,\"n=5,c=1,m=100/25g,M=1000\",CFU/g,GB 29921-2021,表1,2021-11-22,,,\n" +
	"甲壳类,镉,＜0.5,mg/kg,GB 2762-2025,表2,2026-09-02,,,海蟹；虾蛄\n" +
	"小麦粉,过氧化苯甲酰,不得使用,g/kg,卫生部公告,,,,,\n"

func TestReadLimits(t *testing.T) {
	t.Parallel()
	rows, err := readLimits(strings.NewReader(limitTable), "示例")
	if err != nil || len(rows) != 6 {
		t.Fatal(len(rows), err)
	}
	var broken []int
	for _, r := range rows {
		if r.err != nil {
			broken = append(broken, r.line)
		}
	}
	if !slices.Equal(broken, []int{4, 7}) {
		t.Errorf("broken: %v", broken)
	}
	want := traceability.Limit{Parameter: "腐霉利", Category: "韭菜", Revision: 1, Operator: traceability.LimitMost, Value: "0.2", Unit: "mg/kg", Standard: "GB 2763-2021", Clause: "4.193", Source: "示例",
		EffectiveFrom: "2021-09-03", EffectiveTo: "2026-02-28"}
	if diff := cmp.Diff(want, rows[1].limit); diff != "" || rows[0].limit.Revision != 2 {
		t.Errorf("the earlier edition is revision 1: %s\n%d", diff, rows[0].limit.Revision)
	}
	if diff := cmp.Diff(&traceability.SamplingPlan{N: 5, C: 1, Lower: "100", Higher: "1000"}, rows[3].limit.Plan); diff != "" {
		t.Error(diff)
	}
	if l := rows[4].limit; l.Operator != traceability.LimitLess || !slices.Equal(l.Excluded, []string{"海蟹", "虾蛄"}) {
		t.Errorf("got %+v", l)
	}
	for _, bad := range []string{"", "a,b\n", "food_category,parameter,limit,basis,valid_from\n\"x"} {
		if _, err := readLimits(strings.NewReader(bad), "示例"); err == nil {
			t.Errorf("%q is no table", bad)
		}
	}
	// A table that is too large is refused whole, never read in part.
	long := limitTable + strings.Repeat("\n", maxLimitsFile)
	if rows, err := readLimits(strings.NewReader(long), "示例"); err == nil {
		t.Errorf("%d rows of a table of %d bytes", len(rows), len(long))
	}
}

// FuzzReadLimits holds that what is read can be signed.
func FuzzReadLimits(f *testing.F) {
	f.Add(limitTable)
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := readLimits(strings.NewReader(text), "示例")
		if err != nil {
			return
		}
		for _, r := range rows {
			if problems, _ := r.limit.Check(); r.err == nil && len(problems) > 0 {
				t.Errorf("line %d: %v", r.line, problems)
			}
		}
	})
}

// A table is signed with the regulator's key and goes to the API; an unread row is
// told and harms no other.
func TestLimitsCommand(t *testing.T) {
	t.Parallel()
	key := newKey(t, zhejiangParty)
	signer, err := readKey(key)
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Documents []string `json:"documents"`
		}
		receipt := traceability.Receipt{Tx: "5e", Block: 3}
		if err := json.UnmarshalRead(r.Body, &body); err != nil {
			t.Error(err)
		}
		for _, compact := range body.Documents {
			var limit traceability.Limit
			d, err := traceability.ParseDocument(compact)
			if err == nil {
				err = errors.Join(d.Verify(signer.Public()), d.Decode(&limit))
			}
			if problems, _ := limit.Check(); err != nil || len(problems) > 0 {
				t.Errorf("%v %v", err, problems)
				return
			}
			receipt.Outcomes = append(receipt.Outcomes, traceability.Outcome{ID: d.ID, Type: d.Type, Status: traceability.StatusAccepted, Record: limit.Record(),
				Warnings: []*traceability.Error{traceability.NewError(traceability.CodeAwaiting, "revision", "待签署", "others have to sign")}})
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.MarshalWrite(w, receipt); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(api.Close)
	file := filepath.Join(t.TempDir(), "limits.csv")
	if err := os.WriteFile(file, []byte(limitTable), 0o600); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := runProgram(t, "limits", file, "--source", "示例", "--api", api.URL, "--key", key, "--patience", "1s")
	if status != exitRejected || strings.Count(stdout, "\taccepted\t") != 4 || strings.Count(stdout, "\trejected\t") != 2 || !strings.Contains(stdout, "2\taccepted\t腐霉利\t韭菜\t") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if status, _, stderr := runProgram(t, "limits", file, "--source", "示例", "--api", "http://127.0.0.1:1", "--key", key, "--patience", "10ms"); status != exitUnsent {
		t.Errorf("without an API: status %d %s", status, stderr)
	}
}
