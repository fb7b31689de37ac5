package page

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"deltatrace/traceability"
)

// shopView is the page of a licence: what a consumer reads who scans the code on a
// shop's door, or comes from the shop's page on a platform.
type shopView struct {
	Standing traceability.LicenceStanding
	Badge    traceability.Badge
	Glance   []string // what people ask for first
	State    state
	Word     Key
	Since    traceability.Date // the first day of what took the licence out of use
	Alerts   []sentence        // what makes the word less than it seems
	Notes    []sentence
	Facts    []factView
	Items    []string
	Compared []comparedView
	Further  int // how many more there are
	Adverse  []creditView
	Good     []creditView
	Notices  []findingView
	Data     string // address of the licence for programs
}

// creditView is an entry of the company's credit record that holds.
type creditView struct {
	traceability.Credit
	Barred bool // from the platforms, in the licence's province
}

// noticesOnShop is how many notices the page of a shop lists.
const noticesOnShop = 10

// Shop renders the page of a licence as it stands on a day in China, from what the
// public may know. Errors are the reader's.
func (s *Site) Shop(ctx context.Context, r traceability.Reader, lang Lang, id traceability.LicenceID, now time.Time) (Result, error) {
	record, err := r.Licence(ctx, id)
	if errors.Is(err, traceability.ErrNotFound) {
		return s.UnknownLicence(lang, id), nil
	}
	if err != nil {
		return Result{}, err
	}
	day := traceability.DateOf(now)
	standing, _ := record.On(day)
	head, err := r.Head(ctx)
	if err != nil {
		return Result{}, err
	}
	compared, err := Compared(ctx, r, &standing.Licence)
	if err != nil {
		return Result{}, err
	}
	v := shopView{Standing: viewer.Licence(standing), Badge: traceability.NewBadge(standing, compared, head, now), Data: "/v1/licences/" + url.PathEscape(string(id))}
	if err := v.holder(ctx, r, lang, &standing, day); err != nil {
		return Result{}, err
	}
	if err := v.platforms(ctx, r, lang, compared, now); err != nil {
		return Result{}, err
	}
	v.facts(lang)
	v.glance(lang)
	v.judge(lang)
	v.listCompared()
	return s.render(lang, http.StatusOK, "shop", v.Name(), "/licences/"+url.PathEscape(string(id)), "", &v)
}

// UnknownLicence renders the page for a number that no register has.
func (s *Site) UnknownLicence(lang Lang, id traceability.LicenceID) Result {
	v := noticeView{Kind: "missing", Title: "shop.unknown_title", Lead: "shop.unknown_lead", Details: []detailView{{"shop.number", id.Number()}},
		Actions: []Key{"shop.unknown_do1", "shop.unknown_do2"}}
	if !id.CheckDigitOK() {
		v.Hints = []sentence{{Key: "shop.unknown_digit"}}
	}
	return s.notice(lang, http.StatusNotFound, v)
}

// holder adds what is known of the company: its credit record as the public sees it,
// and the published notices that concern it.
func (v *shopView) holder(ctx context.Context, r traceability.Reader, lang Lang, standing *traceability.LicenceStanding, day traceability.Date) error {
	company := standing.Holder.USCC
	if company == "" {
		return nil
	}
	credits, err := r.Credits(ctx, []traceability.USCC{company})
	if err != nil {
		return err
	}
	for _, c := range credits[company] {
		barred := c.Restricts(traceability.MeasurePlatformEntry, standing.ID.Province(), day)
		shown, ok := viewer.Credit(c, day)
		switch {
		case ok && shown.Kind.Adverse():
			v.Adverse = append(v.Adverse, creditView{shown, barred})
		case ok:
			v.Good = append(v.Good, creditView{Credit: shown})
		}
	}
	notices, err := r.Notices(ctx, traceability.NoticeFilter{Party: traceability.PartyID("op:" + string(company)), Public: true}, traceability.Page{Limit: noticesOnShop})
	if err != nil {
		return err
	}
	for _, n := range notices.Items {
		if shown, ok := viewer.Notice(n); ok && shown.WasPublic() {
			v.Notices = append(v.Notices, finding(lang, shown))
		}
	}
	return nil
}

// judge chooses the one plain word, its colour, and what goes with it.
func (v *shopView) judge(lang Lang) {
	asOf := when(lang, v.Badge.Time)
	switch v.Badge.State() {
	case traceability.BadgeInvalid:
		v.State, v.Word = stateFail, Key("shop.status_"+string(v.Standing.Status))
		v.Notes = append(v.Notes, sentence{Key: "shop.do_invalid"})
		if v.Standing.Halt != "" {
			v.Since = v.Standing.Since
		}
		if v.Badge.Stale {
			v.Alerts = append(v.Alerts, sentence{"shop.stale_invalid", []any{asOf}})
		}
	case traceability.BadgeUnknown:
		v.State, v.Word = stateProblem, "shop.word_unknown"
		v.Alerts = append(v.Alerts, sentence{"shop.stale", []any{asOf}})
	case traceability.BadgeUnverified:
		v.State, v.Word = stateNone, "shop.word_unverified"
		v.Notes = append(v.Notes, sentence{Key: "shop.unverified"})
	case traceability.BadgeVerified:
		v.State, v.Word = statePass, "shop.status_valid"
		latest := slices.IndexFunc(v.Compared, func(c comparedView) bool { return c.State == statePass })
		v.Notes = append(v.Notes, sentence{"shop.verified", []any{v.Compared[latest].Platform, when(lang, v.Badge.Verified)}})
	}
	v.warn()
	v.Notes = append(v.Notes, sentence{Key: "shop.mean"})
}

// warn says what else a consumer should know first. A licence that one shop shows
// rightly is not worse for another that does not.
func (v *shopView) warn() {
	mismatch := slices.ContainsFunc(v.Compared, func(c comparedView) bool { return c.State == stateFail })
	barred := slices.ContainsFunc(v.Adverse, func(c creditView) bool { return c.Barred })
	if mismatch {
		v.Alerts = append(v.Alerts, sentence{Key: "shop.alert_compared"})
	}
	switch {
	case barred:
		v.Alerts = append(v.Alerts, sentence{Key: "shop.alert_barred"})
	case len(v.Adverse) > 0:
		v.Alerts = append(v.Alerts, sentence{Key: "shop.alert_adverse"})
	}
	if v.State == stateNone && mismatch || v.State != stateFail && len(v.Adverse) > 0 {
		v.State = stateProblem
	}
}

// Name is what the shop is called.
func (v *shopView) Name() string { return cmp.Or(v.Standing.Storefront, v.Standing.Holder.Name) }

// facts are what stands on the licence, and what was found of the kitchen.
func (v *shopView) facts(lang Lang) {
	l := &v.Standing.Licence
	word := func(k Key) string {
		s, _ := lookUp(lang, k)
		return s
	}
	until := date(lang, l.ValidTo)
	if until == "" {
		until = word("shop.no_end")
	}
	for _, f := range []factView{
		{Label: "shop.number", Value: l.ID.Number(), Code: true}, {Label: "shop.holder", Value: l.Holder.Name}, {Label: "shop.uscc", Value: string(l.Holder.USCC), Code: true},
		{Label: "shop.premises", Value: l.Premises}, {Label: "shop.valid_from", Value: date(lang, l.ValidFrom)}, {Label: "shop.valid_to", Value: until}, {Label: "shop.issuer", Value: l.Issuer},
	} {
		if f.Value != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	for _, g := range l.Grades {
		v.Facts = append(v.Facts, factView{Label: "shop.grade", Value: gradeWord(lang, g.Grade), Detail: wordOr(lang, Key("scheme."+g.Scheme), g.Scheme) + " · " + date(lang, g.Date)})
	}
	if len(l.Grades) == 0 {
		v.Facts = append(v.Facts, factView{Label: "shop.grade", Value: word("shop.no_grade")})
	}
	v.Facts = append(v.Facts, factView{Label: "shop.dine_in", Value: word(known(l.DineIn, "shop.dine_in_"))}, factView{Label: "shop.camera", Value: word(known(l.Camera, "shop.camera_"))})
	for _, item := range l.Items {
		text := item.Name
		for _, more := range []string{item.With, item.Without} {
			if more != "" {
				text += "（" + more + "）"
			}
		}
		v.Items = append(v.Items, text)
	}
}

// glance picks what people ask for first, where it is known: the grade, the kitchen,
// whether guests are served, and what the shop is honoured for.
func (v *shopView) glance(lang Lang) {
	say := func(key Key) {
		if word, err := lookUp(lang, key); err == nil {
			v.Glance = append(v.Glance, word)
		}
	}
	l := &v.Standing.Licence
	for _, g := range l.Grades {
		say(Key("grade." + g.Grade))
	}
	if l.DineIn != nil {
		say(known(l.DineIn, "glance.dine_in_"))
	}
	if l.Camera != nil {
		say(known(l.Camera, "glance.camera_"))
	}
	for _, c := range v.Good {
		if c.Topic == traceability.TopicOpenKitchen && l.Camera != nil {
			continue // what was found, not what is promised
		}
		say(Key("topic." + c.Topic))
	}
}

// known is the text for yes, no or not known.
func known(value *bool, key Key) Key {
	if value == nil {
		return key + "unknown"
	}
	return key + Key(strconv.FormatBool(*value))
}

// gradeWord writes a hygiene grade as people know it; a province's own word stays.
func gradeWord(lang Lang, grade string) string { return wordOr(lang, Key("grade."+grade), grade) }

// topicWord writes what a commitment or honour is about; a word that is not in the
// plan stays as it is.
func topicWord(lang Lang, topic string) string { return wordOr(lang, Key("topic."+topic), topic) }

// violationWord writes a finding as a consumer understands it; one that has no words
// here is called as in the table of codes.
func violationWord(lang Lang, code traceability.ViolationCode) string {
	info, _ := code.Info()
	return wordOr(lang, Key("violation."+string(code)), prefer(lang, info.ZH, info.EN))
}

// wordOr is a text, or what stands for it where there is none.
func wordOr(lang Lang, key Key, otherwise string) string {
	if word, err := lookUp(lang, key); err == nil {
		return word
	}
	return otherwise
}
