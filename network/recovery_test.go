package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deltatrace/network/cluster"
	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/topology"
)

// recovery runs the commands of README.md's page Recovery on a network of its own.
type recovery struct {
	*testing.T
	*cluster.Cluster
	anhui  topology.Province
	folder string // where the commands run; bin and data/network are there
	page   map[string][][]string
}

// TestRecovery brings about each case of the page, and runs what the page says.
func TestRecovery(t *testing.T) {
	c := clustertest.New(t)
	r := &recovery{T: t, Cluster: c, folder: t.TempDir(), page: readmeCommands(t, "README.md")}
	var err error
	if r.anhui, err = c.Topology.Province("anhui"); err != nil {
		t.Fatal(err)
	}
	r.must(c.BuildPrograms(t.Context(), "./network", "./api"))
	r.must(os.Symlink(c.Bin, filepath.Join(r.folder, "bin")))
	r.must(os.Symlink(c.Fabric, filepath.Join(c.Bin, "fabric")))
	// No source here: the programs are there, as on an operator's machine.
	r.must(os.WriteFile(filepath.Join(r.folder, "go.mod"), []byte("module elsewhere\n"), 0o600))
	r.must(os.MkdirAll(c.Root, 0o755))
	r.must(os.Mkdir(filepath.Join(r.folder, "data"), 0o755))
	r.must(os.Symlink(c.Root, filepath.Join(r.folder, "data", "network")))
	t.Cleanup(func() { // ends the watch, too, that up has left running; the test's context is done
		down := exec.Command(filepath.Join(c.Bin, "network"), "down", "--only", "anhui", "--topology", c.TopologyFile, "--root", c.Root, "--bin", c.Bin)
		if output, err := down.CombinedOutput(); err != nil {
			t.Errorf("network down: %v\n%s", err, output)
		}
	})
	r.must(c.Up(t.Context()))

	r.case1("### A peer's folder is lost or damaged")
	r.case1("### An orderer's folder is lost or damaged")
	r.orders()
	r.api()
	r.province()
	r.certificates()
}

func (r *recovery) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// run runs a block of commands and returns what the last one said.
func (r *recovery) run(block []string) (output string) {
	r.Helper()
	for _, command := range block {
		began := time.Now()
		var err error
		output, err = run(r.T, r.folder, r.here(command))
		if err != nil {
			r.Fatalf("%s: %v\n%s", command, err, output)
		}
		r.Logf("$ %s (%s)\n%s", command, time.Since(began).Round(100*time.Millisecond), output)
	}
	return output
}

// here is a command with this network's ports.
func (r *recovery) here(command string) string {
	if strings.HasPrefix(command, "bin/network ") {
		command += " --topology " + r.TopologyFile
	}
	return command
}

// blocks are the commands of a section.
func (r *recovery) blocks(section string, n int) [][]string {
	r.Helper()
	if found := len(r.page[section]); found != n {
		r.Fatalf("%q has %d blocks of commands, want %d", section, found, n)
	}
	return r.page[section]
}

// case1 is a case of one block, which ends with a running province.
func (r *recovery) case1(section string) {
	r.Helper()
	if output := r.run(r.blocks(section, 1)[0]); !strings.Contains(output, "running after") {
		r.Errorf("%s: got %q, want it to be running", section, output)
	}
	r.level()
}

// level checks that Anhui's peer and orderer have what the others have, now.
func (r *recovery) level() {
	r.Helper()
	heights, err := r.Heights(r.Context())
	r.must(err)
	for _, h := range heights {
		if h.Error != "" || h.Height != heights[0].Height || h.Hash != heights[0].Hash {
			r.Errorf("peer of %s: %d blocks, %s, %s; want those of %s, %d", h.Province, h.Height, h.Hash, h.Error, heights[0].Province, heights[0].Height)
		}
	}
	for _, o := range r.Orderings(r.Context()) {
		if o.Error != "" || o.Status != "active" || o.Height != heights[0].Height {
			r.Errorf("orderer of %s: %d blocks, %s %s; want active with %d", o.Province, o.Height, o.Status, o.Error, heights[0].Height)
		}
	}
}

// orders stops another orderer: with Anhui's, that was empty, they are three, and
// it takes all three to order what follows. Anhui's peer must endorse it, too.
func (r *recovery) orders() {
	r.Helper()
	jiangsu := r.Topology.Provinces[1]
	r.must(r.Stop(cluster.Name(jiangsu, cluster.Orderer)))
	r.must(r.Upgrade(r.Context()))
	r.must(r.Start(r.Context(), cluster.Name(jiangsu, cluster.Orderer)))
	r.must(r.Up(r.Context()))
	r.level()
}

// api starts an API on an empty folder: it has projected the ledger when it serves.
func (r *recovery) api() {
	r.Helper()
	command := r.blocks("### The API's folder is lost", 1)[0][0]
	address := freeAddress(r.T)
	server := start(r.T, r.folder, "serving on", strings.Fields(strings.ReplaceAll(command, "127.0.0.1:8084", address))...)
	defer server.stop(r.T)
	response, err := http.Get("http://" + address + "/readyz")
	r.must(err)
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		r.Errorf("the API on an empty folder is not ready: %s, %v", response.Status, err)
	}
}

// province backs Anhui up, loses it whole with its keys, and restores it; first from
// backups that are none.
func (r *recovery) province() {
	r.Helper()
	blocks := r.blocks("### A whole province", 2)
	r.run(blocks[0])
	file := filepath.Join(r.folder, "anhui.tar.gz")
	info, err := os.Stat(file)
	r.must(err)
	if info.Mode().Perm() != 0o600 {
		r.Errorf("the backup has mode %v, want 0600", info.Mode().Perm())
	}
	r.must(r.Up(r.Context())) // the provinces are level when it is lost
	r.level()
	r.run(blocks[1][:2])
	for _, msp := range []string{r.Files().MSP(r.anhui), r.Files().OrdererMSP(r.anhui)} {
		r.must(os.RemoveAll(filepath.Dir(msp)))
	}

	content, err := os.ReadFile(file)
	r.must(err)
	cut := filepath.Join(r.folder, "cut.tar.gz")
	r.must(os.WriteFile(cut, content[:len(content)-100], 0o600))
	restore := blocks[1][2]
	if output, err := run(r.T, r.folder, r.here(strings.Replace(restore, "anhui.tar.gz", "cut.tar.gz", 1))); err == nil || !strings.Contains(output, "not a whole backup") {
		r.Errorf("a backup that was cut: %v, %s", err, output)
	}
	if _, err := os.Stat(r.Files().MSP(r.anhui)); err == nil {
		r.Error("something was restored from a backup that was cut")
	}

	if output := r.run([]string{restore}); !strings.Contains(output, "comparing with the other provinces") {
		r.Errorf("restore: got %q, want it to compare", output)
	}
	r.level()
}

// certificates has Anhui's certificates expire for good, sees that its peer does
// not start and says why, and renews them.
func (r *recovery) certificates() {
	r.Helper()
	commands := r.blocks("### A certificate ends", 1)[0]
	now := time.Now()
	r.must(r.Reissue(r.anhui, now.Add(-time.Hour), now.Add(-5*time.Second)))
	r.run([]string{"bin/network down --only anhui"})
	if output, err := run(r.T, r.folder, r.here("bin/network up --only anhui")); err == nil || !strings.Contains(output, "network renew") {
		r.Errorf("up with certificates that have expired: %v, %s; want what mends it", err, output)
	}
	if output := r.run(commands[:1]); !strings.Contains(output, "has expired: run `network renew --only anhui`") {
		r.Errorf("status: got %q, want what has expired", output)
	}
	signer, err := os.ReadFile(r.Files().OrdererSigningCert(r.anhui))
	r.must(err)
	r.run(commands[1:])
	if after, err := os.ReadFile(r.Files().OrdererSigningCert(r.anhui)); err != nil || string(after) != string(signer) {
		r.Errorf("the orderer's signing certificate, which the channel's configuration names, has changed: %v", err)
	}
	r.level()
	r.must(r.Upgrade(r.Context())) // all four endorse and commit again
	r.level()
	for _, certificate := range mustCertificates(r) {
		if warning := certificate.Warning(time.Now()); warning != "" {
			r.Errorf("%s %s", certificate.Node, warning)
		}
		if got := certificate.Warning(certificate.Ends.Add(-24 * time.Hour)); !strings.Contains(got, "ends in 1 days") {
			r.Errorf("%s a day before its end: got %q", certificate.Node, got)
		}
	}
}

func mustCertificates(r *recovery) []cluster.Certificate {
	r.Helper()
	certificates, err := r.Certificates()
	r.must(err)
	return certificates
}
