package traceability_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors says which packages of deltatrace each folder may import: the floor it
// stands on. "*" stands for anything below a folder. Only mains wire.
var floors = map[string][]string{
	"traceability":             {},
	"traceability/digitallink": {"traceability"},
	"traceability/recognition": {"traceability"},
	"traceability/client":      {"traceability", "traceability/httpsig", "traceability/verification"},
	"traceability/httpsig":     {},
	"traceability/ledgertest":  {"traceability"},
	"traceability/store":       {"traceability"},
	"traceability/projector":   {"traceability"},
	"traceability/reference":   {"traceability"},
	"traceability/exchange":    {"traceability"},

	"traceability/address":      {"traceability"},
	"traceability/verification": {"traceability", "traceability/address"},
	"traceability/disclosure":   {"traceability", "traceability/verification"},

	"traceability/store/storetest":    {"traceability"},
	"traceability/store/postgrestest": {},

	"chaincode":          {"traceability", "chaincode/contract"},
	"chaincode/contract": {"traceability", "chaincode/rules", "chaincode/packed"},
	"chaincode/packed":   {},
	"chaincode/rules":    {"traceability", "traceability/recognition", "traceability/verification"},
	"chaincode/embedded": {"traceability", "chaincode/rules", "chaincode/rules/*"},

	"chaincode/rules/replay": {"traceability"},

	"labs-adapter":         {"traceability", "traceability/digitallink", "traceability/recognition", "traceability/client", "labs-adapter/*"},
	"labs-adapter/formats": {"traceability", "traceability/digitallink"},

	"labs-adapter/conformance": {"traceability", "traceability/client", "traceability/httpsig"},

	"api":             {"traceability", "traceability/*", "chaincode/embedded", "network/fabric", "network/topology", "api/*"},
	"api/page":        {"traceability"},
	"api/backup":      {"traceability"},
	"api/board":       {"traceability"},
	"api/browsertest": {},
	"api/label":       {"traceability"},
	"api/openapi":     {"traceability"},
	"api/webhook":     {"traceability", "traceability/httpsig"},

	"network":                     {"network/*", "traceability", "traceability/client"},
	"network/initdata":            {"traceability", "traceability/client", "traceability/reference"},
	"network/topology":            {},
	"network/launcher":            {},
	"network/fabric":              {"traceability", "chaincode/packed", "network/topology"},
	"network/keyring":             {"traceability"},
	"network/node":                {"traceability", "network/keyring", "network/launcher"},
	"network/demo":                {"traceability", "traceability/client", "traceability/reference", "network/keyring", "network/node"},
	"network/cluster/clustertest": {"network/cluster", "network/topology"},
	"network/faults":              {"traceability", "traceability/client", "network/cluster", "network/fabric", "network/keyring", "network/launcher", "network/topology"},
	"network/faults/liar":         {"traceability", "chaincode/contract"},
	"network/watch":               {"network/cluster", "network/fabric", "network/launcher", "network/topology"},
	"network/cluster":             {"traceability", "network/keyring", "network/launcher", "network/topology"},
	"network/fabricbench/plain":   {},
	"network/fabricbench":         {"traceability", "network/cluster", "network/fabric", "network/keyring"},
	"network/bench":               {"traceability", "traceability/client", "network/node"},
	"network/admin":               {"traceability", "network/topology", "network/admin/*"},

	"network/admin/audit": {"traceability", "chaincode/packed", "chaincode/rules", "chaincode/rules/*"},
}

// TestFloors holds the design's layers: imports point down to traceability.
func TestFloors(t *testing.T) {
	t.Parallel()
	for _, line := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		packages := strings.Fields(line)
		from := strings.TrimPrefix(packages[0], "deltatrace/")
		allowed, known := floors[from]
		if !known {
			t.Errorf("%s has no floor: add it to the table in this test, with what it may import", from)
			continue
		}
		for _, path := range packages[1:] {
			to, ours := strings.CutPrefix(path, "deltatrace/")
			if ours && !slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, to) }) {
				t.Errorf("%s imports %s; it may import %v", from, to, allowed)
			}
		}
	}
}

// TestNoBinaryLinksBothProtos holds that no program links both generations of
// Fabric's protobufs, which panic at start when they meet.
func TestNoBinaryLinksBothProtos(t *testing.T) {
	t.Parallel()
	for _, program := range goList(t, "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...") {
		deps := goList(t, "-deps", program)
		has := func(module string) bool {
			return slices.ContainsFunc(deps, func(path string) bool { return strings.HasPrefix(path, module+"/") })
		}
		if has("github.com/hyperledger/fabric-protos-go") && has("github.com/hyperledger/fabric-protos-go-apiv2") {
			t.Errorf("%s links fabric-protos-go and fabric-protos-go-apiv2", program)
		}
	}
}

// onlyTests are modules that tests alone use.
var onlyTests = []string{
	"github.com/chromedp", "github.com/cockroachdb/cockroachdb-parser", "github.com/getkin/kin-openapi",
	"github.com/google/go-cmp", "github.com/santhosh-tekuri/jsonschema", "pgregory.net/rapid",
}

// TestNoBinaryLinksTests holds that what only tests use stays out of the programs.
func TestNoBinaryLinksTests(t *testing.T) {
	t.Parallel()
	for _, program := range goList(t, "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...") {
		for _, path := range goList(t, "-deps", program) {
			ours := strings.HasPrefix(path, "deltatrace/") && strings.HasSuffix(path, "test")
			if ours || slices.ContainsFunc(onlyTests, func(module string) bool { return strings.HasPrefix(path, module+"/") }) {
				t.Errorf("%s links %s", program, path)
			}
		}
	}
}

// TestOldTreeStaysInAdmin holds that the archived fabric-sdk-go, with the old
// versions that it pins, is in the operators' program alone.
func TestOldTreeStaysInAdmin(t *testing.T) {
	t.Parallel()
	for _, program := range goList(t, "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...") {
		has := slices.ContainsFunc(goList(t, "-deps", program), func(path string) bool {
			return strings.HasPrefix(path, "github.com/hyperledger/fabric-sdk-go/") || strings.HasPrefix(path, "github.com/cloudflare/cfssl/")
		})
		if has != (program == "deltatrace/network/admin") {
			t.Errorf("%s links fabric-sdk-go: %t", program, has)
		}
	}
}

func matches(pattern, path string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(path, folder+"/")
	}
	return pattern == path
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, args...)...)
	command.Dir = ".."
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.FieldsFunc(string(output), func(r rune) bool { return r == '\n' })
}
