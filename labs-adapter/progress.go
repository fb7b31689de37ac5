package main

import (
	"fmt"
	"io"
	"time"
)

// progressFlag is the flag of commands that may take long.
type progressFlag struct {
	Progress bool `help:"Show progress on stderr even if it is no terminal."`
}

const (
	progressAfter = 2 * time.Second // shorter work shows none
	progressEvery = 500 * time.Millisecond
)

// progress shows how far a file is, on one line that it writes again and again.
// It has one user at a time.
type progress struct {
	to          io.Writer // nil shows nothing
	screen      io.Writer // the same, to go back to the beginning of the line
	name        string
	done, total int
	begun, next time.Time
	shown       bool
}

func (f progressFlag) start(p *program, name string) *progress {
	now := time.Now()
	g := &progress{name: name, begun: now, next: now.Add(progressAfter)}
	if f.Progress || p.terminal {
		g.to, g.screen = p.stderr, p.screen
	}
	return g
}

// scanned tells how many rows were read before anything is done with them.
func (g *progress) scanned(rows int) {
	g.show("%s: 读取 reading %d 行 rows", g.name, rows)
}

// add tells of rows that are done.
func (g *progress) add(rows int) {
	g.done += rows
	g.show("%s: %d / %d 行 rows, %d %%", g.name, g.done, g.total, 100*g.done/max(1, g.total))
}

func (g *progress) show(format string, values ...any) {
	if now := time.Now(); g.to != nil && now.After(g.next) {
		g.next, g.shown = now.Add(progressEvery), true
		line := fmt.Sprintf(format+", %s", append(values, now.Sub(g.begun).Round(time.Second))...)
		io.WriteString(g.screen, "\r")
		fmt.Fprintf(g.to, "%-70s", line) // over what was there
	}
}

// stop ends the line, if there is one.
func (g *progress) stop() {
	if g.shown {
		fmt.Fprintln(g.to)
	}
}
