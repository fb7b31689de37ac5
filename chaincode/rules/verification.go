package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/verification"
)

// verificationReads foresees the keys of a record of verifications, but for the
// licences of opaque numbers, of which the listings tell the province.
func verificationReads(platform traceability.PartyID, say *traceability.Verification) []string {
	keys := append(clockReads(say.At, traceability.TimerVerification), traceability.VerificationKey(platform, say.Ref))
	for i := range say.Shops {
		shop := &say.Shops[i]
		keys = append(keys, traceability.ListingKey(platform, shop.ID), traceability.VerifiedKey(platform, shop.ID))
		for _, id := range verification.Numbers(&traceability.Shop{Licence: shop.Licence}) {
			keys = append(keys, traceability.LicenceKey(id))
		}
	}
	return keys
}

// recordVerification keeps that a platform verified its shops, and for each shop
// what came of it and when the next verification is due. What the platform claims is
// compared with what the listing and the register give: it may say worse, from a
// visit, but no better.
func (s *statement) recordVerification(say *traceability.Verification) *traceability.Error {
	if problem := s.role(traceability.KindPlatform); problem != nil {
		return problem
	}
	key := traceability.VerificationKey(s.signer, say.Ref)
	if record := get[traceability.VerificationState](s.view, key); record != nil {
		first := s.read(record.Document)
		if first == nil {
			return nil // the view has failed
		}
		return s.conflict(key, first.ID, "ref", "此 ref 已用于不同内容的核验记录，请使用新的 ref", "a record with other content has this ref; use another")
	}
	if say.At.After(s.tx.Time.Add(traceability.ClockSkew)) {
		return s.future("at", say.At.Format(time.RFC3339))
	}
	verified := traceability.VerifiedState{Verification: say.Ref, At: say.At, Height: say.Height}
	verified.Due, verified.Unknown = s.nextVerification(say.At)
	if problem := s.compareVerification(say); problem != nil {
		return problem
	}
	older := 0
	for i := range say.Shops {
		shop := &say.Shops[i]
		key := traceability.VerifiedKey(s.signer, shop.ID)
		if before := get[traceability.VerifiedState](s.view, key); before != nil && before.At.After(say.At) {
			older++
			continue
		}
		verified.Licence, verified.Verdict, verified.Codes = shop.Licence, shop.Verdict, shop.Codes
		put(s.view, key, &verified)
	}
	if older > 0 {
		s.warn(refuse(traceability.CodeOlder, "at", fmt.Sprintf("%d shops", older), "records in the order of at",
			fmt.Sprintf("有 %d 家店铺已有更新的核验，保持不变", older), fmt.Sprintf("%d shops have a newer verification and stay as they are", older)))
	}
	put(s.view, key, &traceability.VerificationState{Document: s.entry, Remarks: s.remarks()})
	s.outcome.Record = key
	return nil
}

// nextVerification returns the last second of the period after which a shop has to
// be verified again, or why it cannot be told.
func (s *statement) nextVerification(at time.Time) (time.Time, traceability.Code) {
	timer := traceability.TimerOn(agreed[*traceability.Timer](s.view, traceability.TimerKey(traceability.TimerVerification)), traceability.DateOf(at))
	code := traceability.CodeTimerMissing
	if timer != nil {
		due, err := timer.Due(at, 0, s.calendars(at))
		if err == nil {
			return due, ""
		}
		code = traceability.CodeOf(err)
	}
	s.warn(refuse(code, "at", string(traceability.TimerVerification), "a period on the ledger (timer.set)",
		"账本上没有再次核验的期限，不能计算到期日", "the ledger does not say when to verify again; the day cannot be counted"))
	return time.Time{}, code
}

// compareVerification refuses a shop that is not listed so, or for which better is
// claimed than the register gives on the day. What keeps holders off platforms is
// read for all of them at once.
func (s *statement) compareVerification(say *traceability.Verification) *traceability.Error {
	cases := make([]verification.Case, len(say.Shops))
	for i := range say.Shops {
		if problem := s.verificationCase(&say.Shops[i], traceability.DateOf(say.At), &cases[i]); problem != nil {
			return problem.At(fmt.Sprintf("shops[%d]", i))
		}
	}
	s.addBars(cases)
	if s.err != nil {
		return nil
	}
	for i := range say.Shops {
		if problem := compareClaim(&say.Shops[i], &cases[i]); problem != nil {
			return problem.At(fmt.Sprintf("shops[%d]", i))
		}
	}
	return nil
}

// verificationCase gathers what the ledger has of a shop: its listing, which must be
// the one that was verified, and its licence on the day.
func (s *statement) verificationCase(claim *traceability.VerifiedShop, day traceability.Date, c *verification.Case) *traceability.Error {
	listing := get[traceability.ListingState](s.view, traceability.ListingKey(s.signer, claim.ID))
	if listing == nil || listing.Shop.Removed {
		return refuse(traceability.CodeUnknownShop, "shop", string(claim.ID), "a shop that the platform has declared",
			"平台尚未申报此店铺，请先提交 listing.declare", "the platform has not declared this shop; declare it first (listing.declare)")
	}
	if traceability.FoldLicenceNumber(claim.Licence) != traceability.FoldLicenceNumber(listing.Shop.Licence) {
		return better("licence", claim.Licence, listing.Shop.Licence,
			"与最近一次申报的许可证编号不一致", "the listing declares another number")
	}
	c.Shop, c.Day = &listing.Shop, day
	c.Licence, c.Status = s.licenceOf(&listing.Shop, day)
	return nil
}

// addBars adds what keeps the holders off platforms.
func (s *statement) addBars(cases []verification.Case) {
	var companies []string
	for i := range cases {
		if l := cases[i].Licence; l != nil && l.Holder.USCC != "" {
			companies = append(companies, traceability.PlatformBarsKey(l.Holder.USCC))
		}
	}
	s.fetch(companies)
	var entries []string
	for _, key := range companies {
		if bars := get[traceability.PlatformBars](s.view, key); bars != nil {
			for _, id := range bars.Entries {
				entries = append(entries, traceability.CreditKey(id))
			}
		}
	}
	s.fetch(entries)
	for i := range cases {
		if l := cases[i].Licence; l != nil && l.Holder.USCC != "" {
			cases[i].Bars = verification.BarsOf(s.barsOf(l.Holder.USCC), l, cases[i].Day)
		}
	}
}

// barsOf returns the entries of a company's credit record that bar it from platforms.
func (s *statement) barsOf(company traceability.USCC) (credits []traceability.Credit) {
	bars := get[traceability.PlatformBars](s.view, traceability.PlatformBarsKey(company))
	if bars == nil {
		return nil
	}
	for _, id := range bars.Entries {
		if state := get[traceability.CreditState](s.view, traceability.CreditKey(id)); state != nil {
			credits = append(credits, state.Credit)
		}
	}
	return credits
}

// compareClaim refuses a claim that is better than what the comparison gives.
func compareClaim(claim *traceability.VerifiedShop, c *verification.Case) *traceability.Error {
	answer := verification.Verify(c)
	for _, f := range answer.Findings {
		if !slices.Contains(claim.Codes, f.Code) {
			return better("codes", joined(claim.Codes), joined(answer.Codes()), f.ZH+"（"+string(f.Code)+"）", string(f.Code)+": "+f.EN)
		}
	}
	if claim.Verdict.Better(answer.Verdict) {
		return better("verdict", string(claim.Verdict), string(answer.Verdict), "结论优于登记数据", "the verdict is better than the register gives")
	}
	return nil
}

func better(field, found, expected, zh, en string) *traceability.Error {
	return refuse(traceability.CodeClaimsBetter, field, found, expected, zh, en)
}

func joined(codes []traceability.ViolationCode) string {
	var list []string
	for _, code := range codes {
		list = append(list, string(code))
	}
	return strings.Join(list, ", ")
}

// licenceOf returns the licence that a shop's number names, as it stands on a day;
// nil when the register has none.
func (s *statement) licenceOf(shop *traceability.Shop, day traceability.Date) (*traceability.Licence, traceability.LicenceStatus) {
	var keys []string
	for _, id := range verification.Numbers(shop) {
		keys = append(keys, traceability.LicenceKey(id))
	}
	s.fetch(keys)
	for _, key := range keys {
		if state := get[traceability.LicenceState](s.view, key); state != nil {
			period := state.Periods[traceability.PeriodOn(state.Periods, day)]
			if content := s.licenceContent(state.Documents[period.Content]); content != nil {
				return content, period.StatusOn(day, content)
			}
		}
	}
	return nil, ""
}

// licenceContent reads what a document says that a licence is; nil when the view has
// failed.
func (v *view) licenceContent(entry traceability.Entry) *traceability.Licence {
	document := v.read(entry)
	switch {
	case document == nil:
		return nil
	case document.Type == traceability.TypeLicenceGrant:
		return decode[traceability.Licence](v, document)
	}
	change := decode[traceability.LicenceChange](v, document)
	if change == nil {
		return nil
	}
	return change.Content
}
