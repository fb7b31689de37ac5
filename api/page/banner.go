package page

import (
	"net/url"
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

// banners tell what was published about the lot, what stands first.
func (rec *records) banners(lang Lang) []banner {
	var failed, settled []banner
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
	return append(failed, settled...)
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
