package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const mebibyte = 1 << 20

func attacks() []attack {
	return []attack{
		{name: "bodies that are announced and do not come", flags: []string{"--grace=2s"}, run: announcedBodies, cpu: 8, bytes: 400 * mebibyte},
		{name: "bodies that come but for their last byte", flags: []string{"--grace=20s"}, run: heldBodies, cpu: 12, bytes: 600 * mebibyte},
		{name: "bodies with questions", run: questionBodies, cpu: 8, bytes: 400 * mebibyte},
		{name: "connections that rest", flags: []string{"--connections=64", "--connections-each=16"}, run: restingConnections, cpu: 8, bytes: 400 * mebibyte},
		{name: "heads that drip", run: drippingHeads, cpu: 8, bytes: 400 * mebibyte},
		{name: "streams of the feed", flags: []string{"--listeners=40", "--listeners-each=5"}, run: feedStreams, cpu: 10, bytes: 400 * mebibyte},
		{name: "answers that are not taken", flags: []string{"--grace=2s"}, run: untakenAnswers, cpu: 20, bytes: 600 * mebibyte},
		{name: "forged cursors", run: forgedCursors, cpu: 10, bytes: 400 * mebibyte},
		{name: "label sheets", run: labelSheets, cpu: 30, bytes: 700 * mebibyte},
	}
}

// announcedBodies announces more than the memory is meant for, at every door for
// bodies, and sends a byte now and then: no more than that is taken, and after the
// grace all of them are let go.
func announcedBodies(t *testing.T, h *hostile) {
	var conns []net.Conn
	for _, path := range []string{"/v1/documents", "/v1/labels", "/v1/licences/compare", "/v1/licences/verify"} {
		for i := range 16 {
			conns = append(conns, h.dial(t, i%4, slowPost(path, maxBody)))
		}
	}
	for range 3 {
		h.friends(t, "while bodies are awaited")
		for _, conn := range conns {
			_, _ = io.WriteString(conn, " ") // some are refused at once: they had to bring a token
		}
	}
	each(len(conns), func(i int) {
		if response := answerOn(t, conns[i]); response != nil && response.StatusCode < http.StatusBadRequest {
			t.Errorf("answered %d", response.StatusCode)
		}
	})
}

// heldBodies sends whole bodies but for the last byte: one address gets its share of the
// memory and no more.
func heldBodies(t *testing.T, h *hostile) {
	full := strings.Repeat(" ", maxBody-2)
	answers := make(chan int, 4)
	for range cap(answers) {
		conn := h.dial(t, 0, slowPost("/v1/documents", maxBody))
		go func() {
			_, _ = io.WriteString(conn, full)
			status := 0
			if response := answerOn(t, conn); response != nil {
				status = response.StatusCode
			}
			answers <- status
		}()
	}
	limited := false
	for range cap(answers) {
		if limited = <-answers == http.StatusTooManyRequests; limited {
			break
		}
	}
	if !limited {
		t.Error("one address may hold as much of the memory as it likes")
	}
	h.friends(t, "while bodies are held")
}

// questionBodies sends bodies with questions, a stream among them: they are refused
// and the connection is closed.
func questionBodies(t *testing.T, h *hostile) {
	for i, head := range []string{
		"GET /v1/feed HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n",
		"GET /v1/feed?wait=30 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
		"HEAD /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
		"GET /v1/reports HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-N: %d\r\n\r\n",
	} {
		for range 8 {
			conn := h.dial(t, i, fmt.Sprintf(head, maxBody))
			response := answerOn(t, conn)
			if response == nil || response.StatusCode != http.StatusBadRequest || !response.Close {
				t.Errorf("%q: %+v", head, response)
			}
		}
	}
	h.friends(t, "with bodies to come")
}

// restingConnections opens more connections than there may be, silent ones and ones
// between two requests: who comes to ask finds room.
func restingConnections(t *testing.T, h *hostile) {
	for enemy := range 10 {
		for i := range 24 {
			says := ""
			if i%2 == 0 {
				says = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
			}
			h.dial(t, enemy, says)
		}
		client.CloseIdleConnections()
		h.friends(t, "with connections that rest")
	}
}

// drippingHeads sends heads that never end: they take no place and are cut.
func drippingHeads(t *testing.T, h *hostile) {
	var conns []net.Conn
	for i := range 100 {
		conns = append(conns, h.dial(t, i%5, "GET /v1/ledger HTTP/1.1\r\nHost: x\r\nX-A: "))
	}
	for range 3 {
		for _, conn := range conns {
			_, _ = io.WriteString(conn, "a")
		}
		h.friends(t, "while heads drip")
	}
	each(len(conns), func(i int) { answerOn(t, conns[i]) })
}

// feedStreams takes all places of the feed that anybody may have: a regulator still
// has its stream.
func feedStreams(t *testing.T, h *hostile) {
	served := 0
	for enemy := range 12 {
		for range 6 {
			conn := h.dial(t, enemy, "GET /v1/feed HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
			if response := answerOn(t, conn); response != nil && response.StatusCode == http.StatusOK {
				served++
			}
		}
	}
	if served != 20 {
		t.Errorf("strangers have %d of 40 places, expected half of them", served)
	}
	h.friends(t, "with streams of the feed")
	if status, body := h.ask(t, http.MethodGet, "/v1/feed?wait=1", "", h.bearer(t, shanghai)); status != http.StatusOK {
		t.Errorf("the regulator at the feed: %d %s", status, body)
	}
	if status, _ := h.ask(t, http.MethodGet, "/v1/feed?wait=1", ""); status != http.StatusServiceUnavailable {
		t.Errorf("another stranger at the feed: %d", status)
	}
}

// untakenAnswers asks for more than the buffers between take, reads nothing, and goes on
// asking: the connections are cut.
func untakenAnswers(t *testing.T, h *hostile) {
	const request = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"
	var conns []net.Conn
	for enemy := range 4 {
		conn := h.dial(t, enemy, "")
		if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	cut := make([]bool, len(conns))
	each(len(conns), func(i int) {
		_, _ = io.WriteString(conns[i], strings.Repeat(request, 400))
		for range 300 {
			if _, err := io.WriteString(conns[i], request); err != nil {
				cut[i] = true
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	for i := range cut {
		if !cut[i] {
			t.Error("a client that takes nothing is served for ever")
		}
	}
}

// forgedCursors goes on where no list ever ended: by an older form of cursors, by cut and
// changed ones, by another list's and by another asker's.
func forgedCursors(t *testing.T, h *hostile) {
	next := func(path string, header ...string) string {
		t.Helper()
		status, body := h.ask(t, http.MethodGet, path, "", header...)
		cursor := mustDecode[struct {
			Next string `json:"next"`
		}](t, body).Next
		if status != http.StatusOK || cursor == "" {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		return cursor
	}
	lots := next("/v1/lots?limit=1")
	forged := []string{
		"WyJsb3RzIiwiNDM2MjA3NjE2Il0", "x", "%00", strings.Repeat("A", 1500), lots[:len(lots)-2], "A" + lots[1:], lots + lots,
		next("/v1/parties?limit=1"), next("/v1/lots?limit=1&registrant=" + string(factory)), next("/v1/lots?limit=1", h.bearer(t, shanghai)),
	}
	for _, cursor := range forged {
		if status, body := h.ask(t, http.MethodGet, "/v1/lots?limit=1&after="+cursor, ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", cursor, status, body)
		}
	}
	for _, list := range []string{"agreements", "limits", "consultations", "events", "lots", "notices", "parties", "recalls", "recognition/rules", "reports"} {
		if status, body := h.ask(t, http.MethodGet, "/v1/"+list+"?after="+forged[0], ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", list, status, body)
		}
	}
	if status, body := h.ask(t, http.MethodGet, "/v1/lots?limit=2&after="+lots, ""); status != http.StatusOK {
		t.Errorf("the true one, with another limit: %d %s", status, body)
	}
}

// labelSheets asks for large sheets from many addresses: a regulator still has its
// workbook.
func labelSheets(t *testing.T, h *hostile) {
	var lots strings.Builder
	for range 1000 {
		fmt.Fprintf(&lots, ",%q", pickles)
	}
	body := `{"lots":[` + strings.TrimPrefix(lots.String(), ",") + `]}`
	head := fmt.Sprintf("POST /v1/labels HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", len(body))
	var conns []net.Conn
	for enemy := range 6 {
		conns = append(conns, h.dial(t, enemy, head+body))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		each(6, func(enemy int) {
			if response := answerOn(t, conns[enemy]); response != nil {
				_, _ = io.Copy(io.Discard, response.Body)
			}
		})
	}()
	for range 5 {
		if status, body := h.ask(t, http.MethodGet, "/v1/notices?format=xlsx", "", h.bearer(t, shanghai)); status != http.StatusOK {
			t.Errorf("the regulator's workbook: %d %s", status, body)
		}
	}
	h.friends(t, "while sheets are made")
	<-done
}

func asTimeout(err error, timeout *net.Error) bool {
	return errors.As(err, timeout) && (*timeout).Timeout()
}
