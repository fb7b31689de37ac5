package main

import (
	"fmt"
	"testing"

	"deltatrace/traceability"
)

func TestMemo(t *testing.T) {
	t.Parallel()
	m := newMemo()
	first, second := traceability.Hash{1}, traceability.Hash{2}
	m.put(first, &remembered{key: "a", body: []byte("old")})
	m.put(first, &remembered{key: "a", body: []byte("one")})
	if a, ok := m.get(first, "a"); !ok || string(a.body) != "one" || m.bytes != 3 {
		t.Errorf("%v %v, %d bytes", a, ok, m.bytes)
	}
	if _, ok := m.get(second, "a"); ok {
		t.Error("an answer outlives its block")
	}
	m.put(second, &remembered{key: "b", body: []byte("two")})
	if _, ok := m.get(first, "a"); ok || len(m.answers) != 1 {
		t.Error("an answer of the block before is kept")
	}
}

func TestMemoIsBounded(t *testing.T) {
	t.Parallel()
	m := newMemo()
	for i := range 100 {
		m.put(traceability.Hash{}, &remembered{key: fmt.Sprint(i), body: make([]byte, maxMemo/10)})
		m.get(traceability.Hash{}, "0")
	}
	if m.bytes > maxMemo || len(m.answers) != m.recent.Len() || len(m.answers) > 10 {
		t.Errorf("%d bytes in %d answers", m.bytes, len(m.answers))
	}
	if _, ok := m.get(traceability.Hash{}, "0"); !ok {
		t.Error("what is asked for often was forgotten")
	}
	m.put(traceability.Hash{}, &remembered{key: "huge", body: make([]byte, maxMemo+1)})
	if m.bytes != 0 || m.recent.Len() != 0 {
		t.Errorf("%d bytes", m.bytes)
	}
}
