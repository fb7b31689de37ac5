package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"deltatrace/traceability"
)

// hostile is a server in a process of its own, what its enemies need, and what its
// friends ask meanwhile. The enemies come from 127.0.0.2 and up, the friends from
// 127.0.0.1.
type hostile struct {
	*world
	*process
	signed int
}

// attack is what enemies do to a server, and what it may cost.
type attack struct {
	name  string
	flags []string
	plant func(w *world) // what lies on the ledger before
	run   func(t *testing.T, h *hostile)
	cpu   float64 // seconds at most, of the server
	bytes int64   // of the server's memory at most, at its peak
}

// TestHostileClients runs attacks against the real program. While each of them lasts
// and after it a laboratory's document is accepted, a regulator reads with its token,
// and a consumer sees the page; and the server spends no more than a bound. A new
// attack is a new row.
func TestHostileClients(t *testing.T) {
	t.Parallel()
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			h := newHostile(t, a)
			h.friends(t, "before")
			a.run(t, h)
			h.friends(t, "after")
			spent, peak := h.cost(t)
			t.Logf("%.2f CPU seconds, %d MiB", spent, peak>>20)
			if spent > a.cpu {
				t.Errorf("%.2f CPU seconds, expected at most %.2f", spent, a.cpu)
			}
			if peak > a.bytes {
				t.Errorf("%d bytes at the peak, expected at most %d", peak, a.bytes)
			}
			h.terminate()
		})
	}
}

func newHostile(t *testing.T, a attack) *hostile {
	t.Helper()
	w := newPopulatedWorld(t)
	if a.plant != nil {
		a.plant(w)
	}
	w.stop()
	return &hostile{world: w, process: mustProcess(t, append(w.args, a.flags...)...)}
}

// address is where the server listens.
func (h *hostile) address() string { return strings.TrimPrefix(h.url, "http://") }

// friends asks what must go on.
func (h *hostile) friends(t *testing.T, when string) {
	t.Helper()
	h.signed++
	document := h.sign(lab, traceability.TypeReportSubmit, h.report(fmt.Sprintf("FRIEND-%d", h.signed)))
	if status, body := h.ask(t, http.MethodPost, "/v1/documents", document, "Content-Type: application/jose"); status != http.StatusCreated {
		t.Errorf("%s: the laboratory's document: %d %s", when, status, body)
	}
	if status, body := h.ask(t, http.MethodGet, "/v1/notices", "", h.bearer(t, shanghai)); status != http.StatusOK {
		t.Errorf("%s: the regulator's question: %d %s", when, status, body)
	}
	if status, body := h.ask(t, http.MethodGet, pickles.Path(), "", "Accept: text/html"); status != http.StatusOK {
		t.Errorf("%s: the consumer's page: %d %s", when, status, body)
	}
}

func (h *hostile) bearer(t *testing.T, party traceability.PartyID) string {
	t.Helper()
	token, err := traceability.NewToken(h.key(party), h.url, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return "Authorization: Bearer " + token
}

func (h *hostile) ask(t *testing.T, method, path, body string, header ...string) (status int, answer []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
		return 0, nil
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, answer
}

// dial opens a connection as the enemy of that number, and sends what it says.
func (h *hostile) dial(t *testing.T, enemy int, says string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(enemy/250), byte(2+enemy%250))}}
	conn, err := dialer.DialContext(t.Context(), "tcp", h.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_, _ = io.WriteString(conn, says) // that it is refused is for the caller to see
	return conn
}

// answer reads the answer on a connection; nil when it was closed without one.
func answerOn(t *testing.T, conn net.Conn) *http.Response {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Error(err)
		return nil
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		var timeout net.Error
		if ok := asTimeout(err, &timeout); ok {
			t.Error("the server neither answers nor hangs up")
		}
		return nil
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// cost is what the server has spent: CPU seconds, and bytes of memory at its peak.
func (h *hostile) cost(t *testing.T) (cpu float64, peak int64) {
	t.Helper()
	proc := "/proc/" + strconv.Itoa(h.cmd.Process.Pid)
	stat, err := os.ReadFile(proc + "/stat")
	if err != nil {
		t.Skip("no /proc here to read the costs from")
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const utime, stime, hertz = 11, 12, 100 // of what stands behind the name; see proc(5)
	for _, i := range []int{utime, stime} {
		ticks, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			t.Fatal(err)
		}
		cpu += ticks / hertz
	}
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &peak); err != nil {
		t.Fatal(err)
	}
	return cpu, peak << 10
}

// slowPost is the head of a request whose body is announced and does not come.
func slowPost(path string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", path, length)
}

// each runs f for so many enemies at the same time.
func each(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}
