package disclosure

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"deltatrace/traceability"
)

// A list of failing shops is a text, so that two million shops need no database: a
// line of JSON that says which day it is of, one for each cell's count, an empty
// line, and then a line for each shop, the worst first:
//
//	plat:91320106MA1FPX121A E10293847 310104 EXPIRED,STALE
//
// Whoever goes on from a page goes on from a place in the file.

// listSuffix is how a list's file name ends.
const listSuffix = ".failing"

// ListsKept is how many days' lists of failing shops an Archive keeps; the rates are
// kept for good.
const ListsKept = 31

// FailingDay says of which day a list is, and which ledger it was made from.
type FailingDay struct {
	Day    traceability.Date `json:"day"`
	Height uint64            `json:"height"` // the last block that was known
	Time   time.Time         `json:"time"`   // of that block
}

// writeList writes a day's list.
func writeList(w io.Writer, d *Day) error {
	shops := slices.SortedFunc(slices.Values(d.Failing), worse)
	out := bufio.NewWriterSize(w, 64<<10)
	head := []any{FailingDay{d.Day, d.Height, d.Time}}
	for _, n := range countFailing(shops) {
		head = append(head, n)
	}
	for _, line := range head {
		if err := json.MarshalWrite(out, line, json.Deterministic(true)); err != nil {
			return err
		}
		if err := out.WriteByte('\n'); err != nil {
			return err
		}
	}
	if err := out.WriteByte('\n'); err != nil {
		return err
	}
	for i := range shops {
		if _, err := out.WriteString(shops[i].line() + "\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}

// noDivision stands for one that is not known.
const noDivision = "-"

func (f *FailingShop) line() string {
	codes := make([]string, len(f.Codes))
	for i, code := range f.Codes {
		codes[i] = string(code)
	}
	division := string(f.Division)
	if division == "" {
		division = noDivision
	}
	return strings.Join([]string{string(f.Platform), string(f.Shop), division, strings.Join(codes, ",")}, " ")
}

// parseFailing reads a line of a list.
func parseFailing(line string) (FailingShop, error) {
	platform, rest, _ := strings.Cut(line, " ")
	shop, rest, _ := strings.Cut(rest, " ")
	division, codes, ok := strings.Cut(rest, " ")
	if !ok || platform == "" || shop == "" || division == "" || codes == "" || strings.Contains(codes, " ") {
		return FailingShop{}, fmt.Errorf("a line of failing shops: %q", line)
	}
	f := FailingShop{Platform: traceability.PartyID(platform), Shop: traceability.ShopID(shop)}
	if division != noDivision {
		f.Division = traceability.DivisionCode(division)
	}
	for code := range strings.SplitSeq(codes, ",") {
		f.Codes = append(f.Codes, traceability.ViolationCode(code))
	}
	return f, nil
}

// list is a list that is being read.
type list struct {
	file *os.File
	in   *bufio.Reader
	at   int64 // how far it was read
	of   FailingDay
}

// openList opens a day's list, or the last one for an empty day; ErrNotFound when
// there is none.
func (a *Archive) openList(day traceability.Date) (*list, error) {
	if day == "" {
		names, err := a.lists()
		if err != nil {
			return nil, fmt.Errorf("failing shops: %w", err)
		}
		if len(names) == 0 {
			return nil, traceability.ErrNotFound
		}
		day = traceability.Date(strings.TrimSuffix(filepath.Base(names[len(names)-1]), listSuffix))
	}
	file, err := os.Open(filepath.Join(a.dir, string(day)+listSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, traceability.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("failing shops: %w", err)
	}
	l := &list{file: file, in: bufio.NewReaderSize(file, 64<<10)}
	text, err := l.line()
	if err == nil {
		err = json.Unmarshal([]byte(text), &l.of)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("failing shops of %s: %w", day, err), file.Close())
	}
	return l, nil
}

// line reads a line, without its end; io.EOF at the end of the list.
func (l *list) line() (string, error) {
	text, err := l.in.ReadString('\n')
	l.at += int64(len(text))
	if err == io.EOF && text != "" {
		err = io.ErrUnexpectedEOF
	}
	return strings.TrimSuffix(text, "\n"), err
}

// count finds a cell's count, and leaves the list at its first shop.
func (l *list) count(cell Cell) (found FailingCount, err error) {
	for {
		text, err := l.line()
		if err != nil || text == "" {
			return found, err
		}
		var n cellCount
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			return found, err
		}
		if n.Cell == cell {
			found = n.FailingCount
		}
	}
}

// FailingPage is a part of a day's list of failing shops.
type FailingPage struct {
	Of    FailingDay
	Count FailingCount // of the filter's platform and division, whatever its code and severity
	traceability.List[FailingShop]
}

// linesBetween is after how many lines a reader looks whether it is still wanted.
const linesBetween = 10_000

// Failing lists the shops that failed on a day, the worst first; an empty day is the
// last there is. A page goes on in the list of the day that it began with. Errors are
// ErrNotFound when the day has no list (any more), an *Error for a page that is none
// of this list, and ctx's.
func (a *Archive) Failing(ctx context.Context, day traceability.Date, f FailingFilter, p traceability.Page) (page FailingPage, err error) {
	from := int64(0)
	if p.After != "" {
		if day, from, err = parsePlace(p.After, day); err != nil {
			return page, err
		}
	}
	l, err := a.openList(day)
	if err != nil {
		return page, err
	}
	defer func() { err = errors.Join(err, l.file.Close()) }()
	page.Of = l.of
	if page.Count, err = l.count(Cell{f.Platform, f.Division}); err != nil {
		return page, fmt.Errorf("failing shops of %s: %w", l.of.Day, err)
	}
	if p.After != "" {
		if err := l.goOn(from); err != nil {
			return page, err
		}
	}
	limit := p.Limit
	if limit == 0 {
		limit = 100
	}
	for n := 1; ; n++ {
		before := l.at
		text, err := l.line()
		if err == io.EOF {
			return page, nil
		}
		shop, wrong := parseFailing(text)
		if err := errors.Join(err, wrong); err != nil {
			return page, fmt.Errorf("failing shops of %s: %w", l.of.Day, err)
		}
		if n%linesBetween == 0 && ctx.Err() != nil {
			return page, ctx.Err()
		}
		if !f.has(&shop) {
			continue
		}
		if len(page.Items) == limit {
			page.Next = string(l.of.Day) + ":" + strconv.FormatInt(before, 10)
			return page, nil
		}
		page.Items = append(page.Items, shop)
	}
}

// goOn continues at the beginning of a shop's line.
func (l *list) goOn(from int64) error {
	if from < l.at {
		return notAPlace(strconv.FormatInt(from, 10))
	}
	if _, err := l.file.Seek(from-1, io.SeekStart); err != nil {
		return err
	}
	l.in.Reset(l.file)
	l.at = from - 1
	if end, err := l.line(); err != nil || end != "" {
		return notAPlace(strconv.FormatInt(from, 10))
	}
	return nil
}

// parsePlace reads a page's Next: a day and a place in its list.
func parsePlace(after string, asked traceability.Date) (traceability.Date, int64, error) {
	of, place, _ := strings.Cut(after, ":")
	day, err := traceability.ParseDate(of)
	from, wrong := strconv.ParseInt(place, 10, 64)
	if err != nil || wrong != nil || from < 1 || asked != "" && asked != day {
		return "", 0, notAPlace(after)
	}
	return day, from, nil
}

func notAPlace(after string) error {
	return traceability.Invalid("after", after, "the next of the page before")
}
