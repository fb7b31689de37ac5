package traceability

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits of what a payload may be made of, whatever its type: the longest list
// that any type has, and twice the depth. What is over them is refused before
// values are made of it, which take many times the memory of their text.
const (
	maxEntries = maxScope
	maxDepth   = 8
)

// level is an object or a list that is open while a payload is read.
type level struct {
	list    bool
	entries int    // that have ended, of a list
	name    []byte // that came last, of an object
}

// checkShape refuses a payload that is deeper, or has a longer list, than any
// document type has. The text must be valid and without white space.
func checkShape(text []byte) error {
	var open [maxDepth]level
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			if depth == maxDepth {
				return malformed(shapePath(open[:]), fmt.Sprintf("at most %d levels of lists and objects", maxDepth), nil)
			}
			open[depth] = level{list: text[i] == '['}
			depth++
		case '}', ']':
			depth--
		case ',':
			at := &open[depth-1]
			if at.entries++; at.list && at.entries == maxEntries {
				return tooMany(shapePath(open[:depth-1]), "more than "+strconv.Itoa(maxEntries), maxEntries)
			}
		case '"':
			end := stringEnd(text, i+1)
			if end+1 < len(text) && text[end+1] == ':' {
				open[depth-1].name = text[i+1 : end]
			}
			i = end
		}
	}
	return nil
}

// shapePath is the path of what is open: shops[3].items.
func shapePath(open []level) string {
	var b strings.Builder
	for i, at := range open {
		switch {
		case at.list:
			b.WriteString(index("", at.entries))
		case i > 0:
			b.WriteString("." + string(at.name))
		default:
			b.WriteString(string(at.name))
		}
	}
	return shorten(b.String())
}
