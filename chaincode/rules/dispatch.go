package rules

import (
	"slices"

	"deltatrace/traceability"
)

// dispatch tells the provinces concerned; the organiser need not tell itself.
func (a *act) dispatch() *traceability.Error {
	for i := range a.notice.Provinces {
		a.send(&a.notice.Provinces[i])
	}
	return nil
}

func (a *act) send(c *traceability.Concern) {
	if c.Province != a.notice.Organiser {
		c.Sent++
	}
}

func (a *act) acknowledge() *traceability.Error {
	c := a.notice.Concern(a.author.Province)
	c.Acknowledged = c.Sent
	return nil
}

// answer keeps what a province says. What is not a province's own falls back to
// the organiser, or goes to whom it is forwarded to.
func (a *act) answer() *traceability.Error {
	c := a.notice.Concern(a.author.Province)
	switch a.say.Answer {
	case traceability.AnswerAccept, traceability.AnswerCounterfeit:
		a.hand(c, "", c.Province)
	case traceability.AnswerNotOurs:
		a.hand(c, c.Province, "")
	case traceability.AnswerForward:
		if a.notice.Concern(a.say.To) != nil {
			return a.not("to", "该省份已在涉及地区之列", "this province is concerned already")
		}
		a.hand(c, c.Province, a.say.To)
		forwarded := traceability.Concern{Province: a.say.To, As: append(slices.Clone(c.As), "forwarded")}
		a.send(&forwarded)
		a.notice.Provinces = append(a.notice.Provinces, forwarded)
		slices.SortFunc(a.notice.Provinces, func(x, y traceability.Concern) int {
			if x.Province < y.Province {
				return -1
			}
			return 1
		})
		c = a.notice.Concern(a.author.Province)
	}
	c.Answers = append(c.Answers, traceability.Answered{Answer: a.say.Answer, To: a.say.To, At: a.at})
	a.reassign()
	return nil
}

// hand moves the recipients for which a province is concerned from one province
// to another; empty is none of the four.
func (a *act) hand(c *traceability.Concern, from, to traceability.ProvinceCode) {
	for i := range a.notice.Recipients {
		if r := &a.notice.Recipients[i]; r.Province == from && slices.Contains(c.As, reasonOf(r.As)) {
			r.Province = to
		}
	}
}

func (a *act) serve() *traceability.Error {
	r := a.notice.Recipient(a.say.For)
	if !r.Served.IsZero() {
		return a.not("for", "已送达该对象", "this recipient has been served already")
	}
	r.Served = a.at
	return nil
}

func (a *act) waive() *traceability.Error {
	if problem := a.standing(); problem != nil {
		return problem
	}
	a.notice.Recipient(a.say.For).Waived = true
	return nil
}

// standing checks that the recipient may contest the result: it was served and
// has not waived, and it is not the platform, which only sold. A regulator that
// speaks for it needs its paper: a right is not given away by another's word.
func (a *act) standing() *traceability.Error {
	r := a.notice.Recipient(a.say.For)
	switch {
	case r.As == traceability.ToPlatform:
		return a.not("for", "复检和异议由被抽样单位或标称生产者提出", "the sampled establishment and the claimed producer may contest the result, not the platform")
	case r.Served.IsZero():
		return a.not("for", "尚未向该对象送达通知书", "this recipient has not been served yet")
	case r.Waived:
		return a.not("for", "该对象已放弃复检和异议", "this recipient has waived re-inspection and objection")
	case a.signer != r.Party && len(a.say.Evidence) == 0:
		return a.not("evidence", "代为提出须附当事人的书面材料", "who speaks for a recipient needs its paper")
	}
	return nil
}

// extend lengthens a running period, once, by what its rule allows.
func (a *act) extend() *traceability.Error {
	about := string(a.say.For)
	switch {
	case a.say.Kind != "":
		about = string(a.say.Kind) + "/" + string(a.say.For)
	case a.say.Link != "":
		about = string(a.say.Link)
	}
	d := a.running(a.say.Timer, about)
	if d == nil {
		return a.not("timer", "没有正在计算的此项期限", "no such period is running")
	}
	for _, timer := range agreed[*traceability.Timer](a.view, traceability.TimerKey(d.Timer)) {
		if timer.Revision == d.Revision && timer.Extension > 0 && d.Extended == 0 {
			d.Extended = timer.Extension
			a.count(d)
			return nil
		}
	}
	return a.not("timer", "规定不允许延长此期限，或已经延长过", "its rule does not allow an extension, or it was extended before")
}
