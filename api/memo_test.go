package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"deltatrace/traceability"
)

// TestMemoForgets holds that an answer is good at its block only.
func TestMemoForgets(t *testing.T) {
	t.Parallel()
	m := newMemo()
	m.put(traceability.Hash{1}, &remembered{key: "a", body: []byte("x")})
	if known, ok := m.get(traceability.Hash{1}, "a"); !ok || string(known.body) != "x" {
		t.Error("the answer is not remembered")
	}
	if _, ok := m.get(traceability.Hash{2}, "a"); ok {
		t.Error("an answer from before the block is still good")
	}
	m.put(traceability.Hash{2}, &remembered{key: "b"})
	if _, ok := m.get(traceability.Hash{2}, "a"); ok || len(m.answers) != 1 {
		t.Error("answers of another block are kept")
	}
}

// TestMemoBound holds the bound under concurrent use.
func TestMemoBound(t *testing.T) {
	t.Parallel()
	m := newMemo()
	body := bytes.Repeat([]byte("x"), maxMemo/10)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			m.put(traceability.Hash{1}, &remembered{key: fmt.Sprint(i), body: body})
			m.get(traceability.Hash{1}, fmt.Sprint(i))
		})
	}
	group.Wait()
	if len(m.answers) != 10 || m.recent.Len() != 10 || m.bytes > maxMemo {
		t.Errorf("%d answers, %d in order, %d bytes", len(m.answers), m.recent.Len(), m.bytes)
	}
}

// TestPagesAreMadeAnew holds that a scan shows a new block at once, and that
// strangers cannot fill the memory with views that do not exist.
func TestPagesAreMadeAnew(t *testing.T) {
	t.Parallel()
	w := newPopulatedWorld(t)
	page := func(query string) string {
		return string(w.get(pickles.Path()+query, "Accept: text/html").body)
	}
	if before := page(""); strings.Contains(before, "SP-NEW-1") || before != page("") {
		t.Error("the page changes without a block")
	}
	if page("?lang=en") == page("?lang=zh") {
		t.Error("the English page is the Chinese one")
	}
	remembered := len(w.main.http.Handler.(*Server).memo.answers)
	for i := range 20 {
		page(fmt.Sprintf("?view=%d", i))
	}
	if now := len(w.main.http.Handler.(*Server).memo.answers); now > remembered {
		t.Errorf("%d answers are remembered, %d before", now, remembered)
	}
	report := w.report("SP-NEW-1")
	w.accept(w.sign(lab, traceability.TypeReportSubmit, &report))
	if !strings.Contains(page(""), "SP-NEW-1") {
		t.Error("the page does not show the new report")
	}
}
