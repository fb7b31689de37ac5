package webhook

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"deltatrace/traceability"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"1.1.1.1:443": true, "223.5.5.5:443": true, "[2400:3200::1]:443": true, "[2606:4700::1111]:443": true,
		"1.1.1.1:80": false, "1.1.1.1:22": false, "[2400:3200::1]:8443": false,

		"127.0.0.1:443": false, "127.255.255.254:443": false, "0.0.0.0:443": false, "0.1.2.3:443": false, "10.1.2.3:443": false,
		"172.16.0.1:443": false, "172.31.255.255:443": false, "172.32.0.1:443": true, "192.168.0.1:443": false, "100.64.0.1:443": false,
		"169.254.169.254:443": false, "192.0.0.1:443": false, "192.0.2.1:443": false, "198.18.0.1:443": false, "198.51.100.1:443": false,
		"203.0.113.1:443": false, "224.0.0.1:443": false, "239.255.255.255:443": false, "240.0.0.1:443": false, "255.255.255.255:443": false,
		"100.100.100.200:443": false, // a cloud's metadata

		"[::]:443": false, "[::1]:443": false, "[::ffff:127.0.0.1]:443": false, "[::ffff:10.0.0.1]:443": false, "[::ffff:169.254.169.254]:443": false,
		"[::ffff:1.1.1.1]:443": true, "[::127.0.0.1]:443": false, "[64:ff9b::7f00:1]:443": false, "[64:ff9b:1::1]:443": false, "[2002:7f00:1::]:443": false,
		"[2001::1]:443": false, "[2001:db8::1]:443": false, "[fc00::1]:443": false, "[fd00:ec2::254]:443": false, "[fe80::1]:443": false,
		"[fe80::1%lo]:443": false, "[fec0::1]:443": false, "[ff02::1]:443": false, "[100::1]:443": false, "[3fff::1]:443": false, "[5f00::1]:443": false, "[4000::1]:443": false,
		"localhost:443": false, "1.1.1.1": false, "": false,
	} {
		if err := (Guard{}).Control("tcp", address, nil); (err == nil) != allowed || err != nil && !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
	intranet := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, Ports: []uint16{443, 8443}}
	for address, allowed := range map[string]bool{"10.1.2.3:80": true, "[::ffff:10.1.2.3]:80": true, "10.2.0.1:443": false, "1.1.1.1:8443": true, "1.1.1.1:80": false} {
		if err := intranet.Control("tcp", address, nil); (err == nil) != allowed {
			t.Errorf("intranet, %s: %v", address, err)
		}
	}
}

// TestSpellings holds that no spelling of this machine's address gets through.
func TestSpellings(t *testing.T) {
	t.Parallel()
	var called atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called.Add(1) }))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := newTestSender(t, Guard{})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "0.0.0.0", "LOCALHOST", "127.0.0.1."} {
		err := s.send(t.Context(), "http://"+host+":"+port+"/", traceability.Delivery{ID: "x"})
		var failed failure
		if !errors.As(err, &failed) || strings.HasPrefix(string(failed), "status") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if called.Load() > 0 {
		t.Errorf("%d calls came through", called.Load())
	}
	if err := newTestSender(t, Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).send(t.Context(), server.URL, traceability.Delivery{ID: "x"}); err != nil || called.Load() != 1 {
		t.Errorf("allowed: %v, %d calls", err, called.Load())
	}
}

// TestRebinding holds that a name that is of the public net when it is looked up
// and of this machine when it is called is not called: a real resolver asks a name
// server that changes its mind.
func TestRebinding(t *testing.T) {
	t.Parallel()
	var called atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called.Add(1) }))
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	var asked atomic.Int64
	names := nameServer(t, func() [4]byte {
		if asked.Add(1) == 1 {
			return [4]byte{93, 184, 216, 34}
		}
		return [4]byte{127, 0, 0, 1}
	})
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, names)
	}}
	first, err := resolver.LookupNetIP(t.Context(), "ip4", "rebind.example.")
	if err != nil || len(first) != 1 || (Guard{}).Check(netip.AddrPortFrom(first[0], 443)) != nil {
		t.Fatalf("the first look: %v %v", first, err)
	}
	dialer := Guard{}.dialer()
	dialer.Resolver = resolver
	if c, err := dialer.DialContext(t.Context(), "tcp4", "rebind.example.:"+port); !errors.Is(err, ErrAddress) {
		t.Errorf("the second look leads to %v: %v", c, err)
	}
	if called.Load() > 0 || asked.Load() < 2 {
		t.Errorf("%d calls, %d questions", called.Load(), asked.Load())
	}
}

// nameServer answers every question for an A record.
func nameServer(t *testing.T, answer func() [4]byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: answer()}}}
			}
			if packed, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(packed, from) // a lost answer fails the test
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return conn.LocalAddr().String()
}

func newTestSender(t *testing.T, g Guard) *sender {
	t.Helper()
	key, err := OpenKey(t.TempDir() + "/key.pem")
	if err != nil {
		t.Fatal(err)
	}
	s := newSender(Options{Guard: g, Key: key, Now: time.Now, Timeout: 5 * time.Second})
	t.Cleanup(s.close)
	return s
}

// TestAnswersAreBounded holds that a receiver cannot make the sender read without
// end, nor wait.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	allow := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	began := time.Now()
	if err := newTestSender(t, allow).send(t.Context(), endless.URL, traceability.Delivery{ID: "x"}); err != nil {
		t.Error(err)
	}
	headers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 64<<10))
	}))
	t.Cleanup(headers.Close)
	if err := newTestSender(t, allow).send(t.Context(), headers.URL, traceability.Delivery{ID: "x"}); err == nil {
		t.Error("64 KiB of header were taken")
	}
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees the client go
		<-r.Context().Done()
	}))
	t.Cleanup(slow.Close)
	s := newTestSender(t, allow)
	s.client.Timeout = 100 * time.Millisecond
	if err := s.send(t.Context(), slow.URL, traceability.Delivery{ID: "x"}); !errors.Is(err, failure("no answer in time")) {
		t.Errorf("slow: %v", err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("took %v", took)
	}
}
