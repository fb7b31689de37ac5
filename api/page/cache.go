package page

import (
	"container/list"
	"sync"

	"deltatrace/traceability"
)

// maxCached bounds the pages that a Site remembers, in bytes.
const maxCached = 32 << 20

// cacheKey names a page of a lot.
type cacheKey struct {
	lang Lang
	lot  traceability.LotID
	view string
}

// cache remembers pages for as long as the read model stands still: a page says
// nothing that is not in it, so one that was made at the same block is the same
// page. A popular product's code is scanned far more often than blocks come.
type cache struct {
	mu    sync.Mutex
	pages map[cacheKey]*list.Element // of *cached
	order *list.List                 // the latest in use first
	bytes int
}

type cached struct {
	key    cacheKey
	at     traceability.Hash // of the block at which the page was made
	result Result
}

func newCache() *cache {
	return &cache{pages: make(map[cacheKey]*list.Element), order: list.New()}
}

// get returns the page if it was made at that block.
func (c *cache) get(key cacheKey, at traceability.Hash) (Result, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.pages[key]
	if !ok || e.Value.(*cached).at != at {
		return Result{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).result, true
}

// put keeps the page, and forgets those longest out of use when there are too
// many bytes.
func (c *cache) put(key cacheKey, at traceability.Hash, r Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.pages[key]; ok {
		c.drop(e)
	}
	c.pages[key] = c.order.PushFront(&cached{key, at, r})
	c.bytes += len(r.Body)
	for c.bytes > maxCached {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	page := c.order.Remove(e).(*cached)
	delete(c.pages, page.key)
	c.bytes -= len(page.result.Body)
}
