package demo

import (
	"net/url"
	"strconv"
	"strings"

	"deltatrace/traceability"
)

// regAnhui is the regulator of the farm's province.
const regAnhui traceability.PartyID = "reg:340000"

// recallSteps lead from the cause to the end: the lettuce is recalled with all that
// was made of it, and the case is closed.
func recallSteps() []step {
	return []step{
		{"安徽责令合作社二级召回这批生菜，连同下游产品", "Anhui orders the farm to recall the lettuce, level II, with all that was made of it", func(s *storyline) []signed {
			return []signed{{regAnhui, traceability.TypeRecallOpen, &traceability.RecallOpen{Lots: []traceability.LotID{s.lettuce()}, Downstream: true, At: now(), Notice: s.notice(), Level: traceability.RecallII,
				Hazard: "毒死蜱残留超标，可能危害健康", Reason: "核查查明净菜不合格由原料生菜带入", Regions: []traceability.DivisionCode{"310000", "320000", "330000", "340000"}}}}
		}, func(s *storyline) []look {
			return []look{
				s.recalled(lettuceFarm, "ordered", "合作社收到责令，启动期限开始", "the farm is told; its period to begin runs", `"level":"II"`, `"timer":"R2a"`),
				{path: s.recallPath(), gone: true, zh: "公告之前公众看不到", en: "before it is announced, the public sees nothing"},
				{who: regAnhui, path: s.recallPath() + "/scope", has: []string{string(s.cut()), string(s.dish())}, zh: "召回范围：由追溯算出，四省可见", en: "its scope, computed from the trace, over four provinces"},
			}
		}},
		{"合作社提交召回计划并发布公告", "The farm submits its plan and announces the recall", func(s *storyline) []signed {
			return []signed{
				s.recall(lettuceFarm, traceability.RecallAct{Act: traceability.ActPlan, Level: traceability.RecallII, Measures: "停止销售，通知下游，就地封存，无害化销毁", Regions: []traceability.DivisionCode{"310000", "320000", "330000", "340000"}}),
				s.recall(lettuceFarm, traceability.RecallAct{Act: traceability.ActAnnounce}),
			}
		}, func(s *storyline) []look {
			return []look{
				s.recalled("", "announced", "公众可见召回公告", "the public sees the recall"),
				s.batch(s.lettuce(), "生菜的页面：召回", "the lettuce’s page: recalled", "召回"),
				s.batch(s.cut(), "净菜的页面：不合格并召回", "the fresh-cut lettuce’s page: failed, and recalled", "召回", "不合格"),
				s.batch(s.dish(), "沙拉的页面：召回波及", "the salad’s page: the recall reaches it", "召回"),
				s.covered(s.lettuce(), 0, "生菜：被召回的批次", "the lettuce: the lot that is recalled"),
				s.covered(s.cut(), 1, "净菜：由它制成", "the fresh-cut lettuce: made of it"),
				s.covered(s.dish(), 2, "沙拉：再下一环", "the salad: one step further"),
				{path: strings.TrimPrefix(s.recallPath(), "/v1"), page: true, has: []string{"召回", "生菜"}, zh: "召回公告的页面", en: "the recall’s page"},
				{path: "/v1/feed?kinds=recall.announce&from=" + s.height(), has: []string{traceability.RecallKey(s.recallID())}, zh: "公众信号", en: "the public's feed"},
			}
		}},
		{"上海超市仍有售出：自动预警", "The supermarket in Shanghai sells some all the same: an alert", func(s *storyline) []signed {
			return []signed{s.event(supermarket, "12", traceability.Event{Type: traceability.EventSell, Time: now(), Place: in("310101", ""), Process: "误售 5 盒", Lots: amounts(s.cut(), "5", "XBX")})}
		}, func(s *storyline) []look {
			return []look{{who: "reg:310000", path: "/v1/alerts?recall=" + url.QueryEscape(string(s.recallID())), has: []string{string(s.cut()), string(supermarket)}, zh: "上海监管部门收到预警", en: "Shanghai’s regulator is alerted"}}
		}},
		{"合作社分地区报告进展", "The farm reports how far it is, region by region", func(s *storyline) []signed {
			region := func(code traceability.DivisionCode, made, sold, recalled, destroyed traceability.Decimal) traceability.RecallAmount {
				return traceability.RecallAmount{Region: code, Made: made, Sold: sold, Recalled: recalled, Destroyed: destroyed}
			}
			return []signed{s.recall(lettuceFarm, traceability.RecallAct{Act: traceability.ActProgress, Unit: "KGM", Amounts: []traceability.RecallAmount{
				region("310000", "", "500", "140", "140"), region("320000", "", "340", "340", "340"), region("330000", "", "60", "36", "36"), region("340000", "1000", "0", "0", "0")}})}
		}, func(s *storyline) []look {
			return []look{
				s.recalled(regAnhui, "executing", "各地区数量与召回率", "amounts of each region", `"region":"310000"`, `"recalled":"140"`),
				{path: s.recallPath(), has: []string{`"state":"executing"`}, lacks: []string{`"amounts"`}, zh: "公众可见进展，不见数量", en: "the public sees that it goes on, and no amounts"},
			}
		}},
		{"合作社提交总结，安徽评价有效并结束召回", "The farm reports that it is done; Anhui finds it effective and closes it", func(s *storyline) []signed {
			return []signed{
				s.recall(lettuceFarm, traceability.RecallAct{Act: traceability.ActReport, Reason: "未消费的均已召回并销毁"}),
				s.recall(regAnhui, traceability.RecallAct{Act: traceability.ActAssess, Effect: traceability.Effective, Reason: "经核对票据和销毁记录，召回有效"}),
				s.recall(regAnhui, traceability.RecallAct{Act: traceability.ActClose}),
			}
		}, func(s *storyline) []look {
			return []look{s.recalled("", "closed", "召回结束，记录仍在", "closed, and it stays to be seen", `"effect":"effective"`)}
		}},
		{"各地完成核查处置，浙江办结", "The cases are completed, and Zhejiang closes the notice", (*storyline).settle, func(s *storyline) []look {
			return []look{
				s.stands(regJiangsu, "closed", "通报办结，每一步谁签的、何时签的都在", "closed: every step, who signed it and when", `"state":"passed"`),
				s.batch(s.cut(), "消费者看到的仍是事实", "what happened stays to be seen", "不合格", "毒死蜱", "召回"),
			}
		}},
	}
}

// settle completes both links' cases and closes the notice.
func (s *storyline) settle() []signed {
	documents := s.handle(regZhejiang, traceability.LinkCatering, "剩余净菜已封存", "进货查验记录齐全，净菜原料带入")
	for _, c := range []struct {
		by   traceability.PartyID
		link traceability.Link
	}{{regJiangsu, traceability.LinkProduction}, {regZhejiang, traceability.LinkCatering}} {
		documents = append(documents,
			s.act(c.by, traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: c.link, Step: traceability.StepNoPenalty, Reason: "已履行进货查验义务，能如实说明来源"}),
			s.act(c.by, traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: c.link, Step: traceability.StepRectification, Reason: "已更换供货方，复查合格"}),
			s.act(c.by, traceability.NoticeAct{Act: traceability.ActHandlingSubmit, Link: c.link}),
			s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActHandlingPass, Link: c.link}))
	}
	return append(documents, s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActClose}))
}

func (s *storyline) recallID() traceability.RecallID { return traceability.RecallID(s.lettuce()) }

func (s *storyline) recallPath() string {
	return "/v1/recalls/" + strings.ReplaceAll(url.PathEscape(string(s.recallID())), "%2F", "/")
}

func (s *storyline) recall(by traceability.PartyID, a traceability.RecallAct) signed {
	a.Recall, a.At = s.recallID(), now()
	return signed{by, traceability.TypeRecallAct, &a}
}

// recalled is the recall as somebody sees it.
func (s *storyline) recalled(who traceability.PartyID, phase traceability.Phase, zh, en string, has ...string) look {
	return look{who: who, path: s.recallPath(), has: append([]string{`"state":"` + string(phase) + `"`}, has...), zh: zh, en: en}
}

// covered is the recall as a lot meets it, so many steps downstream.
func (s *storyline) covered(lot traceability.LotID, distance int, zh, en string) look {
	return look{path: "/v1/lots/" + string(lot) + "/recalls", has: []string{string(s.recallID()), `"distance":` + strconv.Itoa(distance)}, zh: zh, en: en}
}
