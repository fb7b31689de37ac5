package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/keyring"
	"deltatrace/traceability"
	apiclient "deltatrace/traceability/client"
	"deltatrace/traceability/ledgertest"
)

// TestTwoProvinces runs the program for two provinces on one real network. What is
// submitted in Anhui is read in Shanghai, and at the same height the read models
// are equal, one that is killed and one that is made anew among them.
func TestTwoProvinces(t *testing.T) {
	network := clustertest.Start(t)
	regulator, err := keyring.Keyring{Dir: network.Files().Keys()}.Key(traceability.Regulator(traceability.Anhui))
	if err != nil {
		t.Fatal(err)
	}
	args := func(province string) []string {
		return []string{"--ledger=fabric", "--province=" + province, "--network=" + network.Root, "--data=" + filepath.Join(t.TempDir(), province)}
	}
	shanghaiArgs, anhuiArgs := args("310000"), args("340000")
	serve := func(args []string) (*process, *apiclient.Client) {
		p := mustProcess(t, append([]string{"serve", "--listen=127.0.0.1:0", "--reads=0/0", "--writes=0/0"}, args...)...)
		c, err := apiclient.New(p.url)
		if err != nil {
			t.Fatal(err)
		}
		return p, c
	}
	inShanghai, shanghai := serve(shanghaiArgs)
	inAnhui, anhui := serve(anhuiArgs)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	testing := mustKey(t, lab)
	submit := func(to *apiclient.Client, documents ...string) traceability.Receipt {
		t.Helper()
		receipt, err := to.Submit(ctx, documents)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range receipt.Outcomes {
			if o.Status != traceability.StatusAccepted {
				t.Fatalf("document %d: got %s %v, want accepted", i, o.Status, o.Problems)
			}
		}
		return receipt
	}
	submit(anhui, mustSign(t, regulator, traceability.TypePartyAdmit, &traceability.Admission{Party: lab, Name: "示范检验所", Key: testing.Public()}))
	var last traceability.Receipt
	for i := range 8 {
		to := anhui
		if i%2 == 1 {
			to = shanghai
		}
		last = submit(to, mustSign(t, testing, traceability.TypeReportSubmit, ledgertest.Report(2*i)), mustSign(t, testing, traceability.TypeReportSubmit, ledgertest.Report(2*i+1)))
		if i == 4 { // what is on the ledger is elsewhere too
			inAnhui.kill()
			inAnhui, anhui = serve(anhuiArgs)
		}
	}
	head := arrive(t, ctx, last.Block, shanghai, anhui)
	for i := range 16 {
		for name, c := range map[string]*apiclient.Client{"Shanghai": shanghai, "Anhui": anhui} {
			var report traceability.ReportRecord
			id := traceability.NewReportID(lab, ledgertest.Report(i).No, 1)
			if err := c.Get(ctx, "/v1/reports/"+string(id), &report); err != nil || report.ID != id {
				t.Errorf("%s in %s: got %s, error %v", id, name, report.ID, err)
			}
		}
	}
	inShanghai.terminate()
	inAnhui.terminate()

	one, other := mustRun(t, append([]string{"dump"}, shanghaiArgs...)...), mustRun(t, append([]string{"dump"}, anhuiArgs...)...)
	if diff := cmp.Diff(strings.Split(one, "\n"), strings.Split(other, "\n")); diff != "" || !strings.Contains(one, string(lab)) {
		t.Errorf("the read models at block %d differ (-Shanghai +Anhui):\n%s", head, diff)
	}
	mustRun(t, append([]string{"rebuild"}, shanghaiArgs...)...)
	if again := mustRun(t, append([]string{"dump"}, shanghaiArgs...)...); again != one {
		t.Errorf("made anew (-before +after):\n%s", cmp.Diff(strings.Split(one, "\n"), strings.Split(again, "\n")))
	}
}

// arrive waits until the read models behind the clients have the same block, a
// given one at least.
func arrive(t *testing.T, ctx context.Context, least uint64, clients ...*apiclient.Client) uint64 {
	t.Helper()
	for {
		heights := make(map[uint64]bool)
		var height uint64
		for _, c := range clients {
			var status ledgerStatus
			if err := c.Get(ctx, "/v1/ledger", &status); err != nil {
				t.Fatal(err)
			}
			height = status.ReadModel.Number
			heights[height] = true
		}
		if len(heights) == 1 && height >= least {
			return height
		}
		if ctx.Err() != nil {
			t.Fatalf("the read models do not come to the same block: %v", heights)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
