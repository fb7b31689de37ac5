package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"

	"deltatrace/network/admin/audit"
	"deltatrace/network/cluster"
	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/keyring"
	"deltatrace/network/topology"
	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// TestSystem walks a real network through what administrators do: everything
// twice, with a peer down, and audits of ledgers that are and are not as they
// should be. The network is the cost, so it is one test.
func TestSystem(t *testing.T) {
	c := clustertest.Start(t)
	anhui, err := c.Topology.Province("anhui")
	if err != nil {
		t.Fatal(err)
	}

	for _, command := range []string{"join", "init", "ready"} {
		if out := run(t, c, 0, command); strings.Count(out, "\n") != 4 {
			t.Errorf("%s again: got %q, want a line for each province", command, out)
		}
	}
	submitReports(t, c, 20)
	checkHeights(t, c, "")
	clean := mustAudit(t, c, 0)
	if !clean.Clean() || clean.Documents != 21 || clean.Transactions != 22 {
		t.Errorf("audit: got %d transactions, %d documents, want 22 and 21:\n%s", clean.Transactions, clean.Documents, clean)
	}

	auditCopy(t, c, anhui)
	auditAlteredPeer(t, c, anhui)
	withoutAPeer(t, c, anhui)
}

// auditCopy alters a copy of a peer's block file.
func auditCopy(t *testing.T, c *cluster.Cluster, p topology.Province) {
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(c.Files().PeerData(p))); err != nil {
		t.Fatal(err)
	}
	if report := mustAudit(t, c, 0, "--peer-ledger", p.Name+"="+backup); !report.Clean() {
		t.Errorf("a copy as it is: %s", report)
	}
	alterDocument(t, backup, c.Topology.Channel)
	checkAltered(t, mustAudit(t, c, exitDivergence, "--peer-ledger", p.Name+"="+backup), p)

	// The auditor needs no peer at all.
	alone := mustAudit(t, c, exitDivergence, "--peer-ledger", p.Code+"="+backup, "--province", p.Name)
	if len(alone.Divergences) != 1 || alone.Divergences[0].Transaction == "" {
		t.Errorf("the copy by itself: got %s, want one divergence with its transaction", alone)
	}
}

// auditAlteredPeer has a real peer serve an altered block file.
func auditAlteredPeer(t *testing.T, c *cluster.Cluster, p topology.Province) {
	data, good := c.Files().PeerData(p), filepath.Join(t.TempDir(), "good")
	mustDo(t, c.Stop(p.Name+"-peer"))
	mustDo(t, os.CopyFS(good, os.DirFS(data)))
	alterDocument(t, data, c.Topology.Channel)
	mustDo(t, c.Start(t.Context(), p.Name+"-peer"))
	checkAltered(t, mustAudit(t, c, exitDivergence), p)

	mustDo(t, c.Stop(p.Name+"-peer"))
	mustDo(t, os.RemoveAll(data))
	mustDo(t, os.CopyFS(data, os.DirFS(good)))
	mustDo(t, c.Start(t.Context(), p.Name+"-peer"))
	run(t, c, 0, "ready")
	if report := mustAudit(t, c, 0); !report.Clean() {
		t.Errorf("restored: %s", report)
	}
}

// withoutAPeer administers while a province's peer is down.
func withoutAPeer(t *testing.T, c *cluster.Cluster, p topology.Province) {
	mustDo(t, c.Stop(p.Name+"-peer"))
	checkHeights(t, c, p.Name)
	if out := run(t, c, exitNoAudit, "audit"); !strings.Contains(out, p.Name+": the peer does not answer at "+p.PeerAddress()) {
		t.Errorf("audit: got %q, want an error that names %s", out, p.Name)
	}
	if out := run(t, c, 1, "ready", "--within", "2s"); !strings.Contains(out, p.Name) {
		t.Errorf("ready: got %q, want an error that names %s", out, p.Name)
	}
	deploy := []string{"deploy", "--chaincode", "another", "--label", "chaincode_1", "--package", c.Files().Package("chaincode_1"), "--sequence", "1"}
	if out := run(t, c, 1, deploy...); !strings.Contains(out, p.Name+": the peer does not answer") || !strings.Contains(out, "shanghai   installed, approved, committed") {
		t.Errorf("deploy without %s: got %q, want the others to have done it", p.Name, out)
	}
	mustDo(t, c.Start(t.Context(), p.Name+"-peer"))
	run(t, c, 0, append(deploy, "--province", p.Name)...) // when it is back
	if out := run(t, c, 0, deploy...); strings.Count(out, "installed, approved, committed") != 4 {
		t.Errorf("deploy again: got %q, want all four", out)
	}
	run(t, c, 0, "ready", "--chaincode", "another")
	run(t, c, 0, "init", "--chaincode", "another")
	if report := mustAudit(t, c, 0, "--chaincode", "another"); report.Transactions != 1 {
		t.Errorf("audit of the other ledger: got %d transactions, want 1", report.Transactions)
	}
}

// submitReports submits a laboratory's admission and n reports, each in a
// transaction of its own, through the provinces in turn.
func submitReports(t *testing.T, c *cluster.Cluster, n int) {
	ring := keyring.Keyring{Dir: c.Files().Keys()}
	keys := make(map[traceability.ProvinceCode]traceability.SigningKey)
	for _, code := range traceability.Provinces() {
		key, err := ring.Key(traceability.Regulator(code))
		mustDo(t, err)
		keys[code] = key
	}
	network, err := openNetwork(c.Topology, c.Files())
	mustDo(t, err)
	defer network.Close()
	members, err := network.members(nil)
	mustDo(t, err)
	lab, admission := ledgertest.NetworkOf(keys).Laboratory(t, 1)
	documents := []string{admission}
	for i := range n {
		documents = append(documents, ledgertest.SignedReport(t, lab, i))
	}
	for i, document := range documents {
		transient, err := json.Marshal([]string{document})
		mustDo(t, err)
		call := fab.ChaincodeInvokeRequest{ChaincodeID: c.Topology.Chaincode, Fcn: "Submit", Lang: peer.ChaincodeSpec_GOLANG,
			TransientMap: map[string][]byte{"documents": transient}}
		m := members[i%len(members)]
		// It is there when submitting it again would write nothing.
		there := func(m *member) func(context.Context) (bool, error) {
			return func(ctx context.Context) (bool, error) {
				_, endorsements, err := m.invoke(ctx, call, []*member{m})
				if err != nil {
					return false, err
				}
				writes, err := countWrites(endorsements[0], call.ChaincodeID)
				return writes == 0, err
			}
		}
		mustDo(t, achieve(t.Context(), "submit", there(m), func(ctx context.Context) error {
			proposal, endorsements, err := m.invoke(ctx, call, members)
			if err != nil {
				return err
			}
			return m.order(ctx, proposal, endorsements)
		}))
		for _, other := range members {
			mustDo(t, achieve(t.Context(), "wait", there(other), func(context.Context) error { return nil }))
		}
	}
}

// alterDocument changes one letter of a signed document in a block file.
func alterDocument(t *testing.T, data, channel string) {
	t.Helper()
	path := filepath.Join(data, "ledgersData", "chains", "chains", channel, "blockfile_000000")
	content, err := os.ReadFile(path)
	mustDo(t, err)
	at := bytes.LastIndex(content, []byte(`"jws":"`))
	if at < 0 {
		t.Fatalf("%s has no document", path)
	}
	content[at+100] ^= 1
	mustDo(t, os.WriteFile(path, content, 0o600))
}

// checkAltered expects the audit to name the last report's block, transaction and
// province.
func checkAltered(t *testing.T, report *audit.Report, p topology.Province) {
	t.Helper()
	if len(report.Divergences) != 1 {
		t.Fatalf("got %s, want one divergence", report)
	}
	d := report.Divergences[0]
	if len(d.Provinces) != 1 || d.Provinces[0] != p.Name || d.Transaction == "" || d.Block != report.Blocks || !strings.Contains(d.Problem, "from byte") {
		t.Errorf("got %s, want the transaction and %s named, and where they differ", d, p.Name)
	}
	t.Log(d)
}

// checkHeights expects all peers but one, or all, to have the same last block.
func checkHeights(t *testing.T, c *cluster.Cluster, down string) {
	t.Helper()
	var heights []height
	mustDo(t, json.Unmarshal([]byte(run(t, c, 0, "heights", "--format", "json")), &heights))
	for _, h := range heights {
		switch {
		case h.Province == down:
			if !strings.Contains(h.Error, "does not answer") {
				t.Errorf("%s: got %q, want that it does not answer", h.Province, h.Error)
			}
		case h.Error != "" || h.Height != heights[0].Height || h.Hash != heights[0].Hash:
			t.Errorf("got %v, want as %v", h, heights[0])
		}
	}
}

// mustAudit runs an audit and returns its report.
func mustAudit(t *testing.T, c *cluster.Cluster, status int, flags ...string) *audit.Report {
	t.Helper()
	report := new(audit.Report)
	out := run(t, c, status, append([]string{"audit", "--format", "json"}, flags...)...)
	mustDo(t, json.Unmarshal([]byte(out), report))
	return report
}

// run runs the program and returns what it prints: the result alone when it ends
// with status 0, and always when the result is JSON; otherwise the error, too.
func run(t *testing.T, c *cluster.Cluster, status int, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := c.Admin(ctx, args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("admin %v: status %d, want %d:\n%s%s", args, got, status, &out, &problems)
	}
	if status == 0 || strings.HasPrefix(out.String(), "{") {
		return out.String()
	}
	return out.String() + problems.String()
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
