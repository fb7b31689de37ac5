package store

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"deltatrace/traceability"
)

// published projects what the public may look a notice up by. What was taken back
// is found by its day alone: its names are nobody's business any more.
func (r *rows) published(n *traceability.Notice) {
	since, text := seconds(n.Publication[0].At), ""
	if row, ok := (traceability.Viewer{}).Row(traceability.NoticeRecord{Notice: *n}); ok {
		names := []string{searchable(row.FoodName), searchable(row.Producer.Name)}
		text = strings.Join(names, "\n")
		for _, word := range words(names...) {
			r.add(tablePublishedWords, word, since, string(n.ID))
		}
	}
	r.add(tablePublishedNotices, string(n.ID), since, text)
}

// searchable is the form in which names are compared.
func searchable(s string) string { return strings.ToLower(traceability.Fold(s)) }

// words returns the pairs of characters that stand side by side in the texts, each
// once: Chinese has no spaces that would tell words, and two characters are the
// shortest one.
func words(texts ...string) []string {
	var list []string
	for _, text := range texts {
		runes := []rune(text)
		for i := range max(0, len(runes)-1) {
			list = append(list, string(runes[i:i+2]))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Bounds of a search.
const (
	maxSearch = 100  // characters
	maxProbes = 12   // words of which it is asked how rare they are
	probe     = 2000 // occurrences, beyond which a word is as common as any
)

// PublishedNotices implements traceability.Reader.
func (s *Store) PublishedNotices(ctx context.Context, f traceability.PublishedFilter, p traceability.Page) (traceability.List[traceability.NoticeRecord], error) {
	var none traceability.List[traceability.NoticeRecord]
	limit, err := pageLimit(p)
	if err != nil {
		return none, err
	}
	text := searchable(f.Text)
	if n := utf8.RuneCountInString(text); n > maxSearch || f.Text != "" && n < 2 {
		return none, traceability.Invalid("text", f.Text, "two to a hundred characters of a name")
	}
	from, to, err := days(f.From, f.To)
	if err != nil {
		return none, err
	}
	const list = "published notices"
	question := "SELECT k.published, n.body, '' FROM published_notices k JOIN notices n ON n.id = k.notice"
	var w where
	if text != "" {
		word, err := s.rarest(ctx, words(text))
		if err != nil {
			return none, err
		}
		question = "SELECT k.published, n.body, '' FROM published_words k JOIN published_notices p ON p.notice = k.notice JOIN notices n ON n.id = k.notice"
		w.and("k.word = ?", word)
		w.and("p.text LIKE ? ESCAPE '!'", "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)+"%")
	}
	w.and("k.published >= ? AND k.published < ?", from, to)
	if p.After != "" {
		key, err := decodeNumbers(p.After, list, 1, 2)
		if err != nil {
			return none, err
		}
		w.and("(k.published, k.notice) < (?, ?)", key...)
	}
	notices, err := readPage(ctx, s.db, "-- name: published notices\n"+question+w.String()+" ORDER BY k.published DESC, k.notice DESC LIMIT ?", append(w.args, limit+1), &limit, (*noticeRow).dest, (*noticeRow).read)
	page := cut(notices, limit, func(n *orderedNotice) string { return encodeCursor(list, number(n.order), string(n.ID)) })
	found := traceability.List[traceability.NoticeRecord]{Next: page.Next}
	for _, n := range page.Items {
		found.Items = append(found.Items, n.NoticeRecord)
	}
	return found, err
}

// rarest returns the word that the fewest published names have: few then have to
// be looked at, however common the others are (有限公司).
func (s *Store) rarest(ctx context.Context, list []string) (string, error) {
	const question = "-- name: how rare\nSELECT COUNT(*) FROM (SELECT 1 FROM published_words k WHERE k.word = ? LIMIT ?) found"
	best, fewest := list[0], int64(math.MaxInt64)
	for _, word := range list[:min(len(list), maxProbes)] {
		var n int64
		if err := one(ctx, s.db, question, []any{word, probe}, &n); err != nil {
			return "", err
		}
		if n < fewest {
			best, fewest = word, n
		}
	}
	return best, nil
}

// days returns the seconds from the beginning of one day to the end of another, in
// China; an empty one is open.
func days(from, to traceability.Date) (int64, int64, error) {
	first, end := int64(math.MinInt64), int64(math.MaxInt64)
	for field, d := range map[string]traceability.Date{"from": from, "to": to} {
		if d == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, string(d), traceability.ChinaTime())
		if err != nil {
			return 0, 0, traceability.Invalid(field, string(d), "a date: YYYY-MM-DD")
		}
		if field == "from" {
			first = day.Unix()
		} else {
			end = day.AddDate(0, 0, 1).Unix()
		}
	}
	return first, end, nil
}
