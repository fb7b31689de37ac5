package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/traceability"
)

// storyline is one playing of the story of a lot of lettuce: grown in Anhui, cut in
// Jiangsu, sold in Shanghai and in a restaurant of Hangzhou, sampled there, failed,
// contested, and followed to the end. Each step is documents that their own parties
// sign and the API's door takes; after each, what should now be seen is looked at,
// and what should not.
type storyline struct {
	*loader
	run    string    // names this playing: the month, the day and the minute in which it began
	today  time.Time // when that was
	public string    // the API's public address
	from   uint64    // the ledger's height before
	out    io.Writer
	pause  func(ctx context.Context) error // between two steps
}

// step is a part of the story.
type step struct {
	zh, en string
	say    func(*storyline) []signed // documents, in their order
	look   func(*storyline) []look   // what is seen afterwards
}

// look is what somebody sees at an address, or does not see.
type look struct {
	who    traceability.PartyID // whose eyes; empty for the public
	path   string
	page   bool     // as people get it, else as JSON
	has    []string // all of this stands there
	lacks  []string // none of this does
	gone   bool     // there is no such thing, for these eyes
	zh, en string
}

// newStoryline prepares to play the story on a ledger that has the demonstration's
// parties, calendars and periods.
func newStoryline(ctx context.Context, l *loader, c Config) (*storyline, error) {
	var ledger struct {
		Head traceability.Head `json:"head"`
	}
	if err := l.client.Get(ctx, "/v1/ledger", &ledger); err != nil {
		return nil, fmt.Errorf("read the ledger's height: %w", err)
	}
	now := traceability.Instant(time.Now())
	s := &storyline{loader: l, run: now.In(traceability.ChinaTime()).Format("01021504"), today: now, public: c.PublicURL, from: ledger.Head.Number, out: c.Out}
	s.pause = func(ctx context.Context) error { return pause(ctx, c.Out, c.Pace) }
	return s, nil
}

// playStory plays the story once, from its beginning.
func playStory(ctx context.Context, l *loader, c Config) error {
	s, err := newStoryline(ctx, l, c)
	if err != nil {
		return err
	}
	return s.play(ctx)
}

// play plays the story to its end, or until ctx is done or something is not as it
// should be.
func (s *storyline) play(ctx context.Context) error {
	list := slices.Concat(noticeSteps(), recallSteps(), shopSteps())
	fmt.Fprintf(s.out, "\n一批生菜和一家店的故事 · The story of a lot of lettuce, and of a shop (%s)\n", s.run)
	for i, step := range list {
		if i > 0 {
			if err := s.pause(ctx); err != nil {
				return err
			}
		}
		fmt.Fprintf(s.out, "\n── %d/%d  %s\n          %s\n", i+1, len(list), step.zh, step.en)
		if err := s.take(ctx, step); err != nil {
			return fmt.Errorf("story, step %d (%s): %w", i+1, step.en, err)
		}
	}
	fmt.Fprint(s.out, "\n故事讲完了。The story is told; all pages stay.\n")
	return nil
}

func (s *storyline) take(ctx context.Context, step step) error {
	documents := step.say(s)
	if err := s.submit(ctx, step.en, documents); err != nil {
		return err
	}
	for _, d := range documents {
		zh, en := whatIsSaid(d)
		fmt.Fprintf(s.out, "   ✎ %s：%s\n     %s: %s\n", nameOf(d.party), zh, d.party, en)
	}
	for _, look := range step.look(s) {
		if err := s.check(ctx, look); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "   ✓ %s · %s\n     %s %s%s\n", look.zh, look.en, eyes(look.who), s.public, look.path)
	}
	return nil
}

// soon is how soon after its commit everything must be seen.
const soon = 2 * time.Second

// check looks until what is looked for is there.
func (s *storyline) check(ctx context.Context, l look) error {
	for deadline := time.Now().Add(soon); ; {
		found, err := s.see(ctx, l)
		if err != nil {
			return err
		}
		if found == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s %s: %s", eyes(l.who), l.path, found)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// see returns what is not as it should be, or nothing.
func (s *storyline) see(ctx context.Context, l look) (string, error) {
	text, err := s.read(ctx, l)
	switch {
	case errors.Is(err, traceability.ErrNotFound) && l.gone:
		return "", nil
	case errors.Is(err, traceability.ErrNotFound):
		return "it is not there", nil
	case err != nil:
		return "", err
	case l.gone:
		return "it is there already", nil
	}
	for _, want := range l.has {
		if !strings.Contains(text, want) {
			return "it lacks " + want, nil
		}
	}
	for _, leak := range l.lacks {
		if strings.Contains(text, leak) {
			return "it says " + leak, nil
		}
	}
	return "", nil
}

// read gets what stands at an address; ErrNotFound when there is nothing.
func (s *storyline) read(ctx context.Context, l look) (string, error) {
	if l.page {
		return s.readPage(ctx, l.path)
	}
	reader, err := s.client, error(nil)
	if l.who != "" {
		if reader, err = s.doorOf(l.who); err != nil {
			return "", err
		}
	}
	var text jsontext.Value
	err = reader.Get(ctx, l.path, &text)
	if traceability.CodeOf(err) == traceability.CodeNotFound {
		return "", traceability.ErrNotFound
	}
	return string(text), err
}

func (s *storyline) readPage(ctx context.Context, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.api+path, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Accept", "text/html")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return "", traceability.ErrNotFound
	}
	const most = 4 << 20
	text, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, response.Status)
	}
	return string(text), err
}

// pause waits for the Enter key, or as long as it is told to.
func pause(ctx context.Context, out io.Writer, pace *time.Duration) error {
	if pace == nil && isTerminal(os.Stdin) {
		// One of its own, so that closing it ends the waiting.
		terminal, err := os.Open("/dev/tty")
		if err == nil {
			defer terminal.Close()
			defer context.AfterFunc(ctx, func() { terminal.Close() })()
			fmt.Fprint(out, "\n   ⏎ ")
			for key := []byte{0}; key[0] != '\n'; {
				if _, err := terminal.Read(key); err != nil {
					return errors.Join(ctx.Err(), err)
				}
			}
			return nil
		}
	}
	wait := 3 * time.Second
	if pace != nil {
		wait = *pace
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// eyes says whose they are.
func eyes(who traceability.PartyID) string {
	if who == "" {
		return "公众 public:"
	}
	return nameOf(who) + " " + string(who) + ":"
}

// nameOf returns a party's Chinese name.
func nameOf(party traceability.PartyID) string {
	for _, p := range traceability.Provinces() {
		if party == traceability.Regulator(p) {
			return (&traceability.PartyRecord{Province: p}).Name()
		}
	}
	for _, list := range []map[traceability.ProvinceCode][]traceability.Admission{admissions(), lettuceParties()} {
		for _, provinces := range list {
			for _, a := range provinces {
				if a.Party == party {
					return a.Name
				}
			}
		}
	}
	return string(party)
}

// whatIsSaid puts a document into words.
func whatIsSaid(d signed) (zh, en string) {
	switch say := d.payload.(type) {
	case *traceability.Admission:
		return "准入 " + say.Name, "admits " + say.NameEN
	case *traceability.Lot:
		return "登记批次 " + say.Product, "registers a lot of " + say.ProductEN
	case *traceability.Event:
		return say.Process, string(say.Type)
	case *traceability.Report:
		return "提交检验报告 " + say.No, "reports what was tested: " + string(say.Verdict)
	case *traceability.NoticeIssue:
		return "确认检验结论，发出不合格样品通报", "confirms the result and issues the notice"
	case *traceability.NoticeAct:
		move, _ := traceability.MoveOf(say.Act)
		return withReason(move.ZH, say.Reason), move.EN
	case *traceability.Licence:
		return "发放许可证 " + say.ID.Number(), "grants the licence " + say.ID.Number()
	case *traceability.LicenceChange:
		return withReason("吊销许可证", say.Reason), "revokes the licence"
	case *traceability.Listing:
		if say.Shops[0].Removed {
			return "下架网店 " + say.Shops[0].Name, "takes the shop off"
		}
		return "申报网店 " + say.Shops[0].Name, "declares the shop’s page"
	case *comparison:
		word := map[traceability.LicenceVerdict]string{traceability.LicenceHolds: "相符", traceability.LicenceFails: "不符", traceability.LicenceUnverified: "未核验"}
		verdict := say.record.Shops[0].Verdict
		return fmt.Sprintf("记录核验：比对登记库第 %d 区块，%s", say.record.Height, word[verdict]), fmt.Sprintf("records that it compared with the register at block %d: %s", say.record.Height, verdict)
	case *traceability.RecallOpen:
		return withReason("责令召回", say.Reason), "orders the recall"
	case *traceability.RecallAct:
		move, _ := traceability.RecallMoveOf(say.Act)
		return withReason(move.ZH, say.Reason), move.EN
	}
	return string(d.typ), string(d.typ)
}

func withReason(words, reason string) string {
	if reason == "" {
		return words
	}
	return words + "（" + reason + "）"
}
