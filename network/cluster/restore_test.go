package cluster_test

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"deltatrace/network/cluster"
	"deltatrace/network/topology"
)

// TestRestoreRefuses hands over files that are no backup of the province.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header tar.Header
		want   string
	}{
		{"outside", tar.Header{Name: "../x"}, "below the folder"},
		{"absolute", tar.Header{Name: "/etc/x"}, "below the folder"},
		{"outside by the way", tar.Header{Name: "anhui/peer/../../../x"}, "below the folder"},
		{"a link", tar.Header{Name: "anhui/peer/x", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, "below the folder"},
		{"another province's data", tar.Header{Name: "shanghai/peer/x"}, "no backup of anhui"},
		{"configuration of processes", tar.Header{Name: "config/core.yaml"}, "no backup of anhui"},
		{"a program", tar.Header{Name: "builder/bin/detect"}, "no backup of anhui"},
		{"no manifest", tar.Header{Name: "anhui/peer/x", Size: 3}, "not a whole backup"},
		{"a manifest that is none", tar.Header{Name: "backup.json", Size: 3}, "backup.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := anhui(t)
			err := c.Restore(t.Context(), archive(t, tt.header))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			left, err := os.ReadDir(c.Root)
			if err != nil || len(left) > 0 {
				t.Errorf("it left %v, %v", left, err)
			}
		})
	}
	c := anhui(t)
	if err := c.Restore(t.Context(), strings.NewReader("no archive")); err == nil || !strings.Contains(err.Error(), "not a backup") {
		t.Errorf("what is no archive: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(c.Root, "anhui", "peer", "ledgersData"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := c.Restore(t.Context(), archive(t, tar.Header{Name: "backup.json", Size: 3})); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("over a province that is there: %v", err)
	}
}

func anhui(t *testing.T) *cluster.Cluster {
	t.Helper()
	c, err := cluster.New(cluster.Config{Topology: topology.Default(), Root: t.TempDir(), Bin: t.TempDir(), Only: []string{"anhui"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
