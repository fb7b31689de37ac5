package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"deltatrace/traceability"
)

// shopView is the page of a licence: what a consumer reads who scans the code on a
// shop's door, or comes from the shop's page on a platform.
type shopView struct {
	Standing traceability.LicenceStanding
	State    state
	Verified time.Time // the latest time that a platform compared it and it held; zero: not within the period
	Facts    []factView
	Items    []string
	Labels   []Key
	Adverse  []traceability.Credit
	Good     []traceability.Credit
	Notices  []findingView
	Head     traceability.Head
	Data     string
	Badge    string
}

// Valid reports whether the licence is valid on the day.
func (v *shopView) Valid() bool { return v.Standing.Status == traceability.LicenceValid }

// StatusKey says how the licence stands.
func (v *shopView) StatusKey() Key { return Key("shop.status_" + string(v.Standing.Status)) }

// noticesOnShop is how many notices the page of a shop lists.
const noticesOnShop = 10

// Shop renders the page of a licence as it stands on a day in China, from what the
// public may know. Errors are the reader's.
func (s *Site) Shop(ctx context.Context, r traceability.Reader, lang Lang, id traceability.LicenceID, path string, now time.Time) (Result, error) {
	record, err := r.Licence(ctx, id)
	if errors.Is(err, traceability.ErrNotFound) {
		return s.NotFound(lang, path), nil
	}
	if err != nil {
		return Result{}, err
	}
	day := traceability.DateOf(now)
	standing, _ := record.On(day)
	v := shopView{Standing: viewer.Licence(standing), Data: "/v1/licences/" + url.PathEscape(string(id)), Badge: "/v1/licences/" + url.PathEscape(string(id)) + "/badge.svg"}
	if v.Head, err = r.Head(ctx); err != nil {
		return Result{}, err
	}
	if v.Verified, err = LastVerified(ctx, r, id, now); err != nil {
		return Result{}, err
	}
	if err := v.holder(ctx, r, lang, standing.Holder.USCC, day); err != nil {
		return Result{}, err
	}
	v.fill(lang)
	return s.render(lang, http.StatusOK, "shop", v.name(), "/licences/"+url.PathEscape(string(id)), "", &v)
}

// LastVerified returns when a platform last recorded that a shop of the licence
// holds, if that is not too long ago by the period in force then.
func LastVerified(ctx context.Context, r traceability.Reader, id traceability.LicenceID, now time.Time) (last time.Time, err error) {
	listings, err := r.ListingsOfLicence(ctx, []traceability.LicenceID{id})
	if err != nil {
		return last, err
	}
	shops := make(map[traceability.PartyID][]traceability.ShopID)
	for _, l := range listings[id] {
		shops[l.Platform] = append(shops[l.Platform], l.ID)
	}
	for platform, ids := range shops {
		verified, err := r.Verifications(ctx, platform, ids)
		if err != nil {
			return last, err
		}
		for _, record := range verified {
			inTime := record.Due.IsZero() || !now.After(record.Due)
			if record.Verdict == traceability.LicenceHolds && inTime && record.At.After(last) {
				last = record.At
			}
		}
	}
	return last, nil
}

// holder adds what is known of the company: its credit record as the public sees it,
// and the published notices that concern it.
func (v *shopView) holder(ctx context.Context, r traceability.Reader, lang Lang, company traceability.USCC, day traceability.Date) error {
	if company == "" {
		return nil
	}
	credits, err := r.Credits(ctx, []traceability.USCC{company})
	if err != nil {
		return err
	}
	for _, c := range credits[company] {
		shown, ok := viewer.Credit(c, day)
		switch {
		case ok && shown.Kind.Adverse():
			v.Adverse = append(v.Adverse, shown)
		case ok:
			v.Good = append(v.Good, shown)
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

// name is what the shop is called.
func (v *shopView) name() string {
	if v.Standing.Storefront != "" {
		return v.Standing.Storefront
	}
	return v.Standing.Holder.Name
}

// fill sets what stands on the licence.
func (v *shopView) fill(lang Lang) {
	l := &v.Standing.Licence
	v.State = stateNone
	switch {
	case !v.Valid():
		v.State = stateFail
	case !v.Verified.IsZero():
		v.State = statePass
	}
	until := date(lang, l.ValidTo)
	if until == "" {
		until, _ = lookUp(lang, "shop.no_end")
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
		v.Facts = append(v.Facts, factView{Label: "shop.grade", Value: gradeWord(lang, g.Grade) + " · " + date(lang, g.Date)})
	}
	for _, item := range l.Items {
		text := item.Name
		for _, more := range []string{item.With, item.Without} {
			if more != "" {
				text += "（" + more + "）"
			}
		}
		v.Items = append(v.Items, text)
	}
	v.Labels = append(v.Labels, known(l.Camera, "camera"), known(l.DineIn, "dine_in"))
}

// known is the text for yes, no or not known.
func known(value *bool, key Key) Key {
	key = "shop." + key
	if value == nil {
		return key + "_unknown"
	}
	return key + "_" + Key(strconv.FormatBool(*value))
}

// gradeWord writes a hygiene grade as people know it; a province's own word stays.
func gradeWord(lang Lang, grade string) string {
	if word, err := lookUp(lang, Key("grade."+grade)); err == nil {
		return word
	}
	return grade
}

// topicWord writes what a commitment or honour is about; a word that is not in the
// plan stays as it is.
func topicWord(lang Lang, topic string) string {
	if word, err := lookUp(lang, Key("topic."+topic)); err == nil {
		return word
	}
	return topic
}
