package cluster_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/network/cluster"
	"deltatrace/network/cluster/clustertest"
	"deltatrace/network/topology"
)

// TestMachinesOfTheirOwn has every province make its own keys in a folder of its
// own, exchange public material only, and run its own part, as README.md says.
func TestMachinesOfTheirOwn(t *testing.T) {
	base := clustertest.New(t)
	var provinces []*cluster.Cluster
	var shared [][]byte
	for _, p := range base.Topology.Provinces {
		config := base.Config
		config.Root, config.Only = filepath.Join(base.Root, "machine-"+p.Name), []string{p.Name}
		c, err := cluster.New(config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Down(); err != nil {
				t.Error(err)
			}
		})
		provinces = append(provinces, c)
		if err := c.Up(t.Context()); err == nil || !strings.Contains(err.Error(), "network channel") {
			t.Fatalf("%s without the others: %v, want what is missing", p.Name, err)
		}
		var file bytes.Buffer
		if err := c.Share(&file); err != nil {
			t.Fatal(err)
		}
		shared = append(shared, file.Bytes())
	}
	for i, c := range provinces {
		for j, file := range shared {
			err := c.Take(bytes.NewReader(file))
			if own := i == j; own != (err != nil) {
				t.Fatalf("%s takes the file of %s: %v", c.Only, provinces[j].Only, err)
			}
		}
	}
	if err := provinces[2].Channel(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, c := range provinces {
		if i != 2 {
			copyFile(t, provinces[2].Files().GenesisBlock(), c.Files().GenesisBlock())
			copyFile(t, provinces[2].Files().Genesis(), c.Files().Genesis())
		}
		for _, p := range base.Topology.Provinces {
			if _, err := os.Stat(c.Files().AdminMSP(p) + "/keystore"); (err == nil) != (p.Name == c.Only[0]) {
				t.Errorf("%s: the keys of %s: %v", c.Only, p.Name, err)
			}
		}
	}
	started := make(chan error)
	for _, c := range provinces {
		go func() { started <- c.Up(t.Context()) }()
	}
	for range provinces {
		if err := <-started; err != nil {
			t.Fatal(err)
		}
	}
	if err := provinces[0].Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range provinces { // each asks its own peer
		heights, err := c.Heights(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heights {
			if h.Province == c.Only[0] && (h.Error != "" || h.Height < 2) {
				t.Errorf("%s: height %d %s", h.Province, h.Height, h.Error)
			}
		}
	}
}

// TestTakeRefuses hands over files that are not what a province shares.
func TestTakeRefuses(t *testing.T) {
	t.Parallel()
	c, err := cluster.New(cluster.Config{Topology: topology.Default(), Root: t.TempDir(), Bin: t.TempDir(), Only: []string{"shanghai"}})
	if err != nil {
		t.Fatal(err)
	}
	good := "crypto/peerOrganizations/anhui.deltatrace/msp/cacerts/ca.anhui.deltatrace-cert.pem"
	tests := []struct {
		name   string
		header tar.Header
		want   string
	}{
		{"outside", tar.Header{Name: "../x.pem"}, "below the folder"},
		{"absolute", tar.Header{Name: "/etc/x.pem"}, "below the folder"},
		{"a link", tar.Header{Name: good, Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, "below the folder"},
		{"a key", tar.Header{Name: "crypto/peerOrganizations/anhui.deltatrace/msp/keystore/priv_sk"}, "expected a certificate"},
		{"nobody's", tar.Header{Name: "crypto/peerOrganizations/hunan.deltatrace/msp/cacerts/ca.pem"}, "no province"},
		{"the taker's own", tar.Header{Name: "crypto/peerOrganizations/shanghai.deltatrace/msp/cacerts/ca.pem"}, "runs here"},
		{"configuration of processes", tar.Header{Name: "config/core.yaml"}, "no province"},
		{"too large", tar.Header{Name: good, Size: 2 << 20}, "at most"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := c.Take(archive(t, tt.header))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if err := c.Take(strings.NewReader("no archive")); err == nil {
		t.Error("took what is no archive")
	}
	if err := c.Take(archive(t, tar.Header{Name: good, Size: 3})); err != nil {
		t.Errorf("a certificate: %v", err)
	}
	if err := c.Take(archive(t, tar.Header{Name: good, Size: 4})); err == nil || !strings.Contains(err.Error(), "differs") {
		t.Errorf("another certificate in its place: %v", err)
	}
}

func archive(t *testing.T, header tar.Header) io.Reader {
	t.Helper()
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	w := tar.NewWriter(compressed)
	if header.Typeflag == 0 {
		header.Typeflag = tar.TypeReg
	}
	if err := w.WriteHeader(&header); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, header.Size)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := compressed.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
