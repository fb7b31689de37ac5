package page

import (
	"net/url"
	"slices"
	"strings"

	"deltatrace/traceability"
)

// banner is a recall or a notice that concerns the lot; it stands above all.
type banner struct {
	Kind  string // recall or failed, in red; settled, for what no longer stands
	Icon  string
	Title Key
	Date  traceability.Date
	Line  string
	Notes []sentence
	Link  string // to the page about it
}

// standing is what the public is told of a notice.
type standing string

const (
	standingFailed     standing = "failed"     // a row stands published
	standingWithdrawn  standing = "withdrawn"  // it was taken back
	standingOverturned standing = "overturned" // the finding does not stand
)

func standingOf(n *traceability.NoticeRecord) standing {
	switch {
	case n.Outcome == traceability.Overturned:
		return standingOverturned
	case n.Public():
		return standingFailed
	default:
		return standingWithdrawn
	}
}

// banners tell of recalls and of what was published about the lot: what is to be
// done first, then what was found, then what no longer stands.
func (rec *records) banners(lang Lang) []banner {
	var recalled, failed, settled []banner
	for i := range rec.recalls {
		if b := recallBanner(lang, &rec.recalls[i]); b.Kind == "recall" {
			recalled = append(recalled, b)
		} else {
			settled = append(settled, b)
		}
	}
	for i := range rec.notices {
		n := &rec.notices[i]
		is := standingOf(n)
		b := banner{Kind: "settled", Icon: string(stateNone), Title: Key("banner." + string(is)), Link: noticePath(n.ID) + "?lang=" + string(lang)}
		last := n.Publication[len(n.Publication)-1]
		b.Date = traceability.DateOf(last.At)
		if is != standingFailed {
			b.Notes = []sentence{{Key: "finding.why_" + Key(is)}}
			settled = append(settled, b)
			continue
		}
		b.Kind, b.Icon, b.Line = "failed", string(stateFail), strings.Join(failedItems(last.Row), separator(lang))
		b.Notes = []sentence{{Key: "finding.mean"}}
		if n.Cleared {
			b.Notes = append(b.Notes, sentence{Key: "finding.cleared"})
		}
		if n.Phase == traceability.PhaseClosed {
			b.Notes = append(b.Notes, sentence{Key: "finding.closed"})
		}
		failed = append(failed, b)
	}
	return slices.Concat(recalled, failed, settled)
}

// recallBanner says that a lot is recalled and what to do, or that it no longer is.
func recallBanner(lang Lang, r *traceability.LotRecall) banner {
	b := banner{Kind: "recall", Icon: string(stateFail), Title: "banner.recall", Date: traceability.DateOf(r.Announced), Link: recallPath(r.ID) + "?lang=" + string(lang)}
	if !r.Binding() {
		b.Kind, b.Icon, b.Title, b.Date = "settled", string(stateNone), "banner.recall_withdrawn", traceability.DateOf(r.Ended)
		return b
	}
	level, _ := lookUp(lang, levelKey(r.Level))
	b.Line = level + " · " + r.Hazard
	if r.Level == traceability.RecallFlaw {
		b.Title = "banner.recall_flaw"
	}
	if r.Distance > 0 {
		b.Notes = append(b.Notes, sentence{Key: "recall.downstream"})
	}
	b.Notes = append(b.Notes, sentence{Key: doKey(r.Level)})
	if r.Phase == traceability.PhaseClosed {
		b.Notes = append(b.Notes, sentence{Key: "recall.closed_still"})
	}
	return b
}

// cleared reports whether what was published says that the claimed producer did
// not make the lot.
func (rec *records) cleared() bool {
	for i := range rec.notices {
		if rec.notices[i].Cleared && standingOf(&rec.notices[i]) == standingFailed {
			return true
		}
	}
	return false
}

// published names the items that stand published as failed, each once.
func (rec *records) published() []string {
	var names []string
	for i := range rec.notices {
		n := &rec.notices[i]
		if standingOf(n) != standingFailed {
			continue
		}
		for _, name := range failedItems(n.Publication[len(n.Publication)-1].Row) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// failedItems names the items that failed, each once, as published.
func failedItems(row *traceability.PublicRow) []string {
	var names []string
	for _, f := range row.Failures {
		names = append(names, f.Parameter)
	}
	return names
}

// noticePath is the address of a notice's page.
func noticePath(id traceability.NoticeID) string { return "/notices/" + string(id) }

// noticeJSON is the address of the notice for programs.
func noticeJSON(id traceability.NoticeID) string { return "/v1/notices/" + url.PathEscape(string(id)) }
