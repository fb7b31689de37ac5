package faults

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// report writes how long the provinces that were not hit stalled: for each fault how
// often it came, and the distribution. It returns which faults stalled them beyond the
// bound more often than Most allows.
func report(w io.Writer, outcomes []Outcome, c Config) (late []error) {
	var names []string
	stalls, levels := make(map[string][]time.Duration), make(map[string][]time.Duration)
	bounds := make(map[string]string)
	var all []time.Duration
	for _, o := range outcomes {
		if !slices.Contains(names, o.Fault) {
			names = append(names, o.Fault)
		}
		stalls[o.Fault] = append(stalls[o.Fault], o.Stall)
		levels[o.Fault] = append(levels[o.Fault], o.Level)
		if bounds[o.Fault] = c.Bound.String(); o.Unbounded {
			bounds[o.Fault] = none
		} else {
			all = append(all, o.Stall)
		}
	}
	if len(outcomes) == 0 {
		return nil
	}
	slices.Sort(names)
	fmt.Fprintf(w, "\nStalls of the provinces that were not hit, seconds; %d rounds, seed %d\n", max(c.Rounds, 1), c.Seed)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FAULT\tN\tMEDIAN\tP90\tWORST\tABOVE THE BOUND OF\tORDERERS LEVEL: MEDIAN\tWORST")
	line := func(name string, stalls []time.Duration, bound string, levels []time.Duration) {
		above := 0
		for _, stall := range stalls {
			if bound != none && stall > c.Bound {
				above++
			}
		}
		fmt.Fprintf(table, "%s\t%d\t%.1f\t%.1f\t%.1f\t%d  %s\t%.1f\t%.1f\n", name, len(stalls), percentile(stalls, 0.5).Seconds(),
			percentile(stalls, Most).Seconds(), slices.Max(stalls).Seconds(), above, bound, percentile(levels, 0.5).Seconds(), slices.Max(levels).Seconds())
		if float64(above) > (1-Most)*float64(len(stalls)) && len(stalls) >= enough {
			late = append(late, fmt.Errorf("%s: %d of %d stalls are longer than %s", name, above, len(stalls), c.Bound))
		}
	}
	var every []time.Duration
	for _, name := range names {
		every = append(every, levels[name]...)
		line(name, stalls[name], bounds[name], levels[name])
	}
	if len(all) > 0 {
		line("all with a bound", all, c.Bound.String(), every)
	}
	table.Flush()
	fmt.Fprintln(w)
	return late
}

const (
	none = "none"
	// enough is how often a fault must have come for its distribution to say anything.
	enough = 10
)
