package topology_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/network/topology"
)

func TestDefault(t *testing.T) {
	t.Parallel()
	d := topology.Default()
	var names []string
	for _, p := range d.Provinces {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{"shanghai", "jiangsu", "zhejiang", "anhui"}, names); diff != "" {
		t.Errorf("provinces (-want +got):\n%s", diff)
	}
	if d.Endorsements != 3 {
		t.Errorf("endorsements: got %d, want 3", d.Endorsements)
	}
	path := filepath.Join(t.TempDir(), "deeper", "topology.yaml")
	if err := d.Write(path); err != nil {
		t.Fatal(err)
	}
	again, err := topology.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, again); diff != "" {
		t.Errorf("written and read (-want +got):\n%s", diff)
	}
}

// TestLoadRefuses changes the default in one place each.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	standard, err := os.ReadFile("topology.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"unknown field", "endorsements:", "endorsement:", "endorsement"},
		{"too few endorsers", "endorsements: 3", "endorsements: 2", "expected a majority of the 4 organisations"},
		{"more endorsers than there are", "endorsements: 3", "endorsements: 5", "expected a majority"},
		{"channel", "channel: deltatrace", "channel: Delta", `found "Delta"`},
		{"same name twice", "name: jiangsu", "name: shanghai", "provinces[1] (shanghai): name shanghai is used by provinces[0]"},
		{"same port twice", "peer: 17120", "peer: 17110", "provinces[1] (jiangsu): ports.peer: address 127.0.0.1:17110 is used by provinces[0] (shanghai): ports.peer already"},
		{"port out of range", "peer: 17120", "peer: 171200", "ports.peer: found 171200"},
		{"no port", "peer: 17120, ", "", "ports.peer: found 0"},
		{"code", `code: "330000"`, `code: "33"`, `provinces[2] (zhejiang): code: found "33"`},
		{"no host", "host: 127.0.0.1", `host: ""`, "host is missing"},
		{"not YAML", "provinces:", "provinces: {", "line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "topology.yaml")
			if err := os.WriteFile(path, []byte(strings.Replace(string(standard), tt.old, tt.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := topology.Load(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want the file and %q", err, tt.want)
			}
		})
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	d, files := topology.Default(), topology.Files{Root: "/network"}
	own, err := d.Province("330000")
	if err != nil {
		t.Fatal(err)
	}
	profile := d.Profile(files, own)
	var order []string
	for _, peer := range profile.Peers {
		order = append(order, peer.Address)
	}
	if diff := cmp.Diff([]string{"127.0.0.1:17130", "127.0.0.1:17110", "127.0.0.1:17120", "127.0.0.1:17140"}, order); diff != "" {
		t.Errorf("peers, its own first (-want +got):\n%s", diff)
	}
	path := filepath.Join(t.TempDir(), "profile.json")
	if err := profile.Write(path); err != nil {
		t.Fatal(err)
	}
	again, err := topology.ReadProfile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(profile, again); diff != "" {
		t.Errorf("written and read (-want +got):\n%s", diff)
	}
	if _, err := d.Province("shanghai2"); err == nil || !strings.Contains(err.Error(), "310000 shanghai") {
		t.Errorf("an unknown province: %v, want the known ones", err)
	}
}
