package main

import (
	"container/list"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// doorway accepts connections within bounds: so many in all, so many of each network.
// When there are too many the one that has rested longest, between two requests or
// before its first, makes room. A client that does not take its answer is let go.
// There is HTTP/1.1 on them alone: a TLS proxy in front may speak more.
type doorway struct {
	net.Listener
	most, each int
	pace       pace
	trusted    func(netip.Addr) bool // proxies: many come through one

	mu      sync.Mutex
	total   int
	of      map[netip.Prefix]int
	resting *list.List // of *visit, the longest in front
}

func newDoorway(l net.Listener, limits Limits, trusted func(netip.Addr) bool) *doorway {
	return &doorway{Listener: l, most: limits.Connections, each: limits.ConnectionsEach, trusted: trusted,
		pace: pace{perSecond: limits.Pace, grace: limits.Grace}, of: make(map[netip.Prefix]int), resting: list.New()}
}

// Accept implements net.Listener.
func (d *doorway) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return conn, nil
		}
		v := &visit{TCPConn: tcp, doorway: d, pace: d.pace}
		if address := remoteAddress(tcp.RemoteAddr().String()); !d.trusted(address) {
			v.network = networkOf(address)
		}
		if d.enter(v) {
			return v, nil
		}
		_ = tcp.Close() // it is told nothing: an answer would take what there is too little of
	}
}

// enter takes a place for a visit, if need be that of one who rests.
func (d *doorway) enter(v *visit) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.network.IsValid() && d.of[v.network] >= d.each {
		return false
	}
	if front := d.resting.Front(); d.total >= d.most && front != nil {
		d.leave(front.Value.(*visit))
	}
	if d.total >= d.most {
		return false
	}
	d.total++
	d.of[v.network]++
	return true
}

// leave ends a visit; the lock is held.
func (d *doorway) leave(v *visit) {
	if v.left {
		return
	}
	v.left = true
	d.rest(v, false)
	d.total--
	if d.of[v.network]--; d.of[v.network] == 0 {
		delete(d.of, v.network)
	}
	_ = v.TCPConn.Close() // whoever uses it learns
}

// rest notes whether a visit rests; the lock is held.
func (d *doorway) rest(v *visit, rests bool) {
	if v.resting != nil {
		d.resting.Remove(v.resting)
		v.resting = nil
	}
	if rests {
		v.resting = d.resting.PushBack(v)
	}
}

// follow is the http.Server's ConnState.
func (d *doorway) follow(conn net.Conn, state http.ConnState) {
	v, ok := conn.(*visit)
	if !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rest(v, !v.left && (state == http.StateNew || state == http.StateIdle))
}

// visit is a client's connection.
type visit struct {
	*net.TCPConn
	doorway *doorway
	network netip.Prefix // none of a trusted proxy

	resting *list.Element // this and what follows: by the doorway's lock
	left    bool

	mu    sync.Mutex
	pace  pace      // of the answers
	until time.Time // the server's write deadline
}

// Close implements net.Conn.
func (v *visit) Close() error {
	v.doorway.mu.Lock()
	v.doorway.leave(v)
	v.doorway.mu.Unlock()
	return nil
}

// SetWriteDeadline implements net.Conn. The pace may end a write earlier.
func (v *visit) SetWriteDeadline(t time.Time) error {
	v.mu.Lock()
	v.until = t
	v.mu.Unlock()
	return v.TCPConn.SetWriteDeadline(t)
}

// writeAtOnce is for how many bytes the pace is looked at.
const writeAtOnce = 64 << 10

// Write implements net.Conn. It fails when the client does not take what it is sent.
func (v *visit) Write(b []byte) (written int, err error) {
	for err == nil && written < len(b) {
		var n int
		n, err = v.writePart(b[written:min(len(b), written+writeAtOnce)])
		written += n
	}
	return written, err
}

func (v *visit) writePart(b []byte) (int, error) {
	began := time.Now()
	v.mu.Lock()
	deadline := v.pace.deadline(began)
	if !v.until.IsZero() && v.until.Before(deadline) {
		deadline = v.until
	}
	v.mu.Unlock()
	if err := v.TCPConn.SetWriteDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := v.TCPConn.Write(b)
	v.mu.Lock()
	v.pace.moved(n, time.Since(began))
	v.mu.Unlock()
	return n, err
}

// ReadFrom implements io.ReaderFrom by Write, so that nothing passes the pace by.
func (v *visit) ReadFrom(r io.Reader) (int64, error) { return io.Copy(struct{ io.Writer }{v}, r) }

// remoteAddress reads the address of a connection; the zero value when it has none.
func remoteAddress(hostport string) netip.Addr {
	address, err := netip.ParseAddrPort(hostport)
	if err != nil {
		return netip.Addr{}
	}
	return address.Addr().Unmap().WithZone("")
}
