package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"

	"deltatrace/traceability/ledgertest"
)

// authority issues certificates for a test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	path        string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t), path: filepath.Join(t.TempDir(), "ca.pem")}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	writePEM(t, a.path, "CERTIFICATE", der)
	return a
}

// issue writes a certificate for 127.0.0.1 and its key.
func (a *authority) issue(t *testing.T) (cert, key string) {
	t.Helper()
	dir, private := t.TempDir(), newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePEM(t, cert, "CERTIFICATE", der)
	writePEM(t, key, "PRIVATE KEY", secret)
	return cert, key
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func writeGenesis(t *testing.T) string {
	t.Helper()
	b, err := json.Marshal(ledgertest.NewNetwork(t).Genesis())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "genesis.json")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// freeAddress is one that nobody listens on at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestServe starts the program as a province does: its peer gets through, others
// do not, and it ends when it is told to.
func TestServe(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	cert, key := ours.issue(t)
	address := freeAddress(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--listen", address, "--id", "deltatrace_1:abc", "--genesis", writeGenesis(t),
			"--tls-cert", cert, "--tls-key", key, "--tls-client-ca", ours.path}, io.Discard, io.Discard)
	}()
	dial := func(certificates ...tls.Certificate) (*peer.ChaincodeMessage, error) {
		pool := x509.NewCertPool()
		pool.AddCert(ours.certificate)
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool, Certificates: certificates})))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		stream, err := peer.NewChaincodeClient(conn).Connect(ctx, grpc.WaitForReady(len(certificates) > 0))
		if err != nil {
			return nil, err
		}
		return stream.Recv()
	}
	pair := func(a *authority) tls.Certificate {
		certificate, err := tls.LoadX509KeyPair(a.issue(t))
		if err != nil {
			t.Fatal(err)
		}
		return certificate
	}
	message, err := dial(pair(ours))
	if err != nil {
		t.Fatal(err)
	}
	id := new(peer.ChaincodeID)
	if err := proto.Unmarshal(message.GetPayload(), id); err != nil || message.GetType() != peer.ChaincodeMessage_REGISTER || id.GetName() != "deltatrace_1:abc" {
		t.Errorf("got %s of %q, error %v; want it to register its package", message.GetType(), id.GetName(), err)
	}
	if message, err := dial(); err == nil {
		t.Errorf("without a certificate: got %s, want a refusal", message.GetType())
	}
	if conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair(theirs)}}); err == nil {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a certificate of another authority was accepted")
		}
		conn.Close()
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("stopping: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not stop")
	}
}

// TestServeSaysWhatIsWrong holds that a mistake in the configuration is named.
func TestServeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	cert, key := ours.issue(t)
	_, otherKey := ours.issue(t)
	genesis := writeGenesis(t)
	tests := map[string]struct{ genesis, cert, key, authority, listen, want string }{
		"no genesis":     {"/nowhere/genesis.json", cert, key, ours.path, "127.0.0.1:0", "/nowhere/genesis.json"},
		"not a genesis":  {cert, cert, key, ours.path, "127.0.0.1:0", "genesis"},
		"another's key":  {genesis, cert, otherKey, ours.path, "127.0.0.1:0", "certificate"},
		"no authority":   {genesis, cert, key, key, "127.0.0.1:0", "no certificate in PEM"},
		"not an address": {genesis, cert, key, ours.path, "nowhere", "listen"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(context.Background(), []string{"serve", "--listen", test.listen, "--id", "a:b", "--genesis", test.genesis,
				"--tls-cert", test.cert, "--tls-key", test.key, "--tls-client-ca", test.authority}, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want one with %q", err, test.want)
			}
		})
	}
}
