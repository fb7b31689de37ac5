package main

import (
	"io"
	"strings"

	"golang.org/x/text/width"
)

// widest is how many columns of a terminal a cell takes at most; the rest is cut,
// in tables only.
const widest = 40

// writeTable writes rows in columns, a Chinese character two columns wide.
func writeTable(to io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i := range row {
			row[i] = clip(row[i])
			widths[i] = max(widths[i], columns(row[i]))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  " + cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-columns(cell)))
			}
		}
		io.WriteString(to, strings.TrimRight(line.String(), " ")+"\n")
	}
}

// columns returns how wide a text is on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += wide(r)
	}
	return n
}

func wide(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// clip makes a cell one line of at most widest columns.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	n := 0
	for i, r := range s {
		if n += wide(r); n > widest {
			return s[:i] + "…"
		}
	}
	return s
}
