package main

import (
	"container/list"
	"sync"

	"deltatrace/traceability"
)

// maxMemo is how many bytes of answers are remembered.
const maxMemo = 48 << 20

// memo remembers public answers, pages and JSON, for as long as the read model
// stands still: what many scan at the same time is put together once. It holds
// the answers that were asked for last, in bounded memory.
type memo struct {
	mu      sync.Mutex
	head    traceability.Hash // of the read model that the answers are from
	answers map[string]*list.Element
	recent  *list.List // of *remembered, the last asked for in front
	bytes   int
}

type remembered struct {
	key  string
	body []byte // not to be changed: many are given the same
	tag  string
}

func newMemo() *memo { return &memo{answers: make(map[string]*list.Element), recent: list.New()} }

// get returns an answer that was put while the read model had this head.
func (m *memo) get(head traceability.Hash, key string) (*remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.answers[key]
	if !ok || m.head != head {
		return nil, false
	}
	m.recent.MoveToFront(element)
	return element.Value.(*remembered), true
}

// put remembers an answer that was made when, or after, the read model had this
// head. Answers of another head are forgotten.
func (m *memo) put(head traceability.Hash, a *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.head != head {
		clear(m.answers)
		m.recent.Init()
		m.head, m.bytes = head, 0
	}
	if element, ok := m.answers[a.key]; ok {
		m.drop(element)
	}
	m.answers[a.key] = m.recent.PushFront(a)
	m.bytes += len(a.body)
	for m.bytes > maxMemo {
		m.drop(m.recent.Back())
	}
}

func (m *memo) drop(element *list.Element) {
	a := m.recent.Remove(element).(*remembered)
	delete(m.answers, a.key)
	m.bytes -= len(a.body)
}
