package main

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go/msp"

	"github.com/golang/protobuf/proto"

	"deltatrace/network/topology"
)

// TestOpenNetwork holds that fabric-sdk-go takes the profile of any topology.
func TestOpenNetwork(t *testing.T) {
	t.Parallel()
	n, err := openNetwork(topology.Default(), topology.Files{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := os.Stat("keystore"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("fabric-sdk-go made a folder for keys: %v", err)
	}
	if _, err := n.members(nil); err == nil || !strings.Contains(err.Error(), "shanghai: the administrator's certificate and key") {
		t.Errorf("without keys: got %v, want an error that names them", err)
	}
	if _, err := n.members([]string{"beijing"}); err == nil || !strings.Contains(err.Error(), "340000 anhui") {
		t.Errorf("unknown province: got %v, want an error that names the known ones", err)
	}
}

// TestEndorsementPolicy holds that any three of the four suffice, and none twice.
func TestEndorsementPolicy(t *testing.T) {
	t.Parallel()
	policy := endorsementPolicy(topology.Default())
	rule := policy.Rule.GetNOutOf()
	if rule.GetN() != 3 || len(rule.GetRules()) != 4 || len(policy.Identities) != 4 {
		t.Fatalf("got %v, want 3 of 4", policy)
	}
	seen := make(map[string]bool)
	for i, r := range rule.Rules {
		if r.GetSignedBy() != int32(i) {
			t.Errorf("rule %d is signed by %d", i, r.GetSignedBy())
		}
		role := new(msp.MSPRole)
		if err := proto.Unmarshal(policy.Identities[i].Principal, role); err != nil {
			t.Fatal(err)
		}
		if role.Role != msp.MSPRole_MEMBER || policy.Identities[i].PrincipalClassification != msp.MSPPrincipal_ROLE {
			t.Errorf("identity %d is %v, want a member", i, role)
		}
		seen[role.MspIdentifier] = true
	}
	if len(seen) != 4 {
		t.Errorf("organisations: got %v, want four", seen)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	open, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ address, says, want string }{
		"nobody listens": {nobody, "context deadline exceeded", "anhui: the peer does not answer at " + nobody + ": is it running?"},
		"expired":        {open.Addr().String(), "x509: certificate has expired or is not yet valid", "anhui: a certificate is not valid at this time: `network renew` issues new ones (`network status` shows when each ends), or set the machine's clock"},
		"another":        {open.Addr().String(), "it rains", "anhui: the peer at " + open.Addr().String() + ": it rains"},
	} {
		t.Run(name, func(t *testing.T) {
			got := explain("anhui", "peer", test.address, "anhui/peer.log", errors.New(test.says))
			if !strings.Contains(got.Error(), test.want) || !strings.Contains(got.Error(), "anhui/peer.log") {
				t.Errorf("got %v\nwant %q and the log", got, test.want)
			}
		})
	}
}

func TestReadBlock(t *testing.T) {
	t.Parallel()
	if _, err := readBlock(t.TempDir() + "/none"); err == nil {
		t.Error("a block was read from no file")
	}
}
