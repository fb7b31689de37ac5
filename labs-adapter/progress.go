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

// progress shows how far a file is. It has one user at a time.
type progress struct {
	to          io.Writer // nil shows nothing
	name        string
	done, total int
	begun, last time.Time
}

func (f progressFlag) start(p *program, name string, total int) *progress {
	now := time.Now()
	g := &progress{name: name, total: total, begun: now, last: now.Add(progressAfter - progressEvery)}
	if f.Progress || p.terminal {
		g.to = p.stderr
	}
	return g
}

func (g *progress) add(rows int) {
	g.done += rows
	if now := time.Now(); g.to != nil && now.Sub(g.last) >= progressEvery {
		g.last = now
		fmt.Fprintf(g.to, "\r%s: %d / %d 行 rows, %d %%, %s", g.name, g.done, g.total, 100*g.done/max(1, g.total), now.Sub(g.begun).Round(time.Second))
	}
}

// stop ends the line, if there is one.
func (g *progress) stop() {
	if g.to != nil && g.last.After(g.begun.Add(progressAfter-progressEvery)) {
		fmt.Fprintln(g.to)
	}
}
