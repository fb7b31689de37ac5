package demo

import (
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"deltatrace/traceability"
)

// The regulators of the story.
const (
	regJiangsu  traceability.PartyID = "reg:320000"
	regZhejiang traceability.PartyID = "reg:330000"
)

// noticeSteps lead from the field to the published finding.
func noticeSteps() []step {
	return []step{
		{"四地监管部门准入各自的企业", "Each province admits its own businesses", (*storyline).admit, func(s *storyline) []look {
			return []look{{path: "/v1/parties/" + url.PathEscape(string(lettuceFarm)), has: []string{"和县示例"}, zh: "合作社已在账本上", en: "the cooperative is on the ledger"}}
		}},
		{"安徽和县：采收一批生菜", "Anhui: a lot of lettuce is harvested", (*storyline).grow, func(s *storyline) []look {
			return []look{s.batch(s.lettuce(), "扫码可见这批生菜，尚无抽检记录", "its page: no test record yet", "生菜", "无抽检记录")}
		}},
		{"江苏苏州：切成净菜装盒", "Jiangsu: it is cut and packed", (*storyline).process, func(s *storyline) []look {
			return []look{s.batch(s.cut(), "净菜的来路：生菜批次", "its page leads back to the field", "鲜切生菜", s.lettuce().Path())}
		}},
		{"上海超市售出，杭州餐厅做成沙拉", "Sold in Shanghai, made into a salad in Hangzhou", (*storyline).sell, func(s *storyline) []look {
			return []look{
				s.batch(s.dish(), "一份沙拉的来路", "a salad’s page: its way", "鸡胸肉沙拉", s.cut().Path()),
				{path: "/v1/lots/" + string(s.lettuce()) + "/trace?direction=down", has: []string{string(s.cut()), string(s.dish())}, zh: "向下追溯：生菜去了哪里", en: "downstream: where the lettuce went"},
			}
		}},
		{"浙江抽检杭州餐厅里的净菜：毒死蜱 0.11 mg/kg，标准 ≤0.02", "Zhejiang samples the fresh-cut lettuce in the restaurant: chlorpyrifos 0.11 mg/kg, limit 0.02", func(s *storyline) []signed {
			return []signed{{labZhejiang, traceability.TypeReportSubmit, s.report()}}
		}, func(s *storyline) []look {
			return []look{
				{who: regJiangsu, path: "/v1/reports/" + url.PathEscape(string(s.reportID())), has: []string{`"verdict":"fail"`}, zh: "监管部门可见报告", en: "regulators see the report"},
				{path: "/v1/reports/" + url.PathEscape(string(s.reportID())), gone: true, zh: "公众还看不到：未经核实，不公布", en: "the public does not: nothing is confirmed yet"},
				s.silent("扫码仍为无抽检记录", "its page still has no test record"),
			}
		}},
		{"浙江确认不合格，通报江苏", "Zhejiang confirms the failure and tells Jiangsu", func(s *storyline) []signed {
			return []signed{
				{regZhejiang, traceability.TypeNoticeIssue, &traceability.NoticeIssue{Report: s.reportID(), At: now(), Stage: traceability.StageCatering, Packaging: traceability.Prepackaged, SampledIn: "330105", ProducedIn: "320507"}},
				s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActDispatch}),
			}
		}, func(s *storyline) []look {
			return []look{
				s.stands(regZhejiang, "dispatched", "通报，各方期限开始计算", "the notice, and the periods that run from now"),
				s.feed(regJiangsu, "notice.dispatch", "江苏收到信号", "Jiangsu is told"),
				{path: s.noticePath(), gone: true, zh: "公众还看不到通报", en: "the public does not see the notice"},
				{path: "/notices/" + s.notice().Path(), page: true, gone: true, zh: "也没有它的页面", en: "nor a page of it"},
			}
		}},
		{"江苏签收并确认企业属于本省", "Jiangsu acknowledges, and answers that the factory is its own", func(s *storyline) []signed {
			return []signed{
				s.act(regJiangsu, traceability.NoticeAct{Act: traceability.ActAcknowledge}),
				s.act(regJiangsu, traceability.NoticeAct{Act: traceability.ActAnswer, Answer: traceability.AnswerAccept}),
			}
		}, func(s *storyline) []look {
			return []look{
				{path: "/board", page: true, has: []string{"<script"}, zh: "监管工作台（以 " + filepath.Base(s.keys.Path(regJiangsu)) + " 登录，可在页面上签收和答复）", en: "the regulators' board: sign in with that key"},
				s.stands(regZhejiang, "dispatched", "浙江可见江苏已签收、何时签收", "Zhejiang sees that Jiangsu has it, and since when", `"acknowledged":1`, `"answer":"accept"`),
			}
		}},
		{"两地分别送达通知书和检验报告", "Each province serves its own: the restaurant, the factory", func(s *storyline) []signed {
			return []signed{
				s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToUnit, Evidence: paper("送达回证")}),
				s.act(regJiangsu, traceability.NoticeAct{Act: traceability.ActServe, For: traceability.ToProducer, Evidence: paper("送达回证")}),
			}
		}, func(s *storyline) []look {
			return []look{s.stands(saladFactory, "served", "企业可见与己有关的通报：七个工作日内可申请复检", "the factory sees it: seven working days to ask for re-inspection", `"timer":"T7"`)}
		}},
		{"工厂不服，申请复检；浙江受理，指定上海的机构", "The factory contests it; Zhejiang has a laboratory in Shanghai test the backup sample", func(s *storyline) []signed {
			return []signed{
				s.act(saladFactory, traceability.NoticeAct{Act: traceability.ActReinspectionApply, For: traceability.ToProducer, Items: []int{1}, Reason: "出厂自检未检出毒死蜱"}),
				s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActReinspectionAccept}),
				s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActReinspectionAssign, Lab: labShanghai}),
				s.act(labZhejiang, traceability.NoticeAct{Act: traceability.ActReinspectionTransfer, Evidence: paper("备份样品移交单")}),
			}
		}, func(s *storyline) []look {
			return []look{
				s.stands(regJiangsu, "served", "复检进展", "how far the re-inspection is", `"state":"transferred"`),
				s.silent("争议期间公众仍看不到", "while it is contested, the public learns nothing"),
			}
		}},
		{"复检仍不合格", "The second laboratory finds the same", func(s *storyline) []signed {
			return []signed{
				s.act(labShanghai, traceability.NoticeAct{Act: traceability.ActReinspectionConclude, Verdict: traceability.VerdictFail, Reason: "毒死蜱 0.10 mg/kg"}),
				s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActReinspectionNotify}),
			}
		}, func(s *storyline) []look {
			return []look{s.stands(saladFactory, "served", "复检结论已通知工厂", "the factory is told", `"verdict":"fail"`)}
		}},
		{"餐厅对检验提出异议，浙江审核后不认可", "The restaurant objects to the method; Zhejiang rejects it with its reasons", func(s *storyline) []signed {
			return []signed{
				s.act(saladRestaurant, traceability.NoticeAct{Act: traceability.ActObjectionFile, For: traceability.ToUnit, Kind: traceability.ObjectResult, Reason: "认为检验方法不适用于净菜", Evidence: paper("异议申请书")}),
				s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActObjectionAccept, For: traceability.ToUnit, Kind: traceability.ObjectResult}),
				s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActObjectionDecide, For: traceability.ToUnit, Kind: traceability.ObjectResult, Decision: traceability.Rejected, Reason: "GB 23200.121-2021 适用于蔬菜及其净菜"}),
				s.act(saladRestaurant, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToUnit}),
				s.act(saladFactory, traceability.NoticeAct{Act: traceability.ActWaive, For: traceability.ToProducer}),
			}
		}, func(s *storyline) []look {
			return []look{s.stands(saladRestaurant, "served", "餐厅可见审核结果", "the restaurant sees the decision", `"state":"rejected"`)}
		}},
		{"浙江认定：不合格成立", "Zhejiang determines: the result stands", func(s *storyline) []signed {
			return []signed{s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActDetermine, Decision: traceability.Upheld, Reason: "复检维持，异议不成立"})}
		}, func(s *storyline) []look {
			return []look{
				s.stands(regJiangsu, "upheld", "已认定，七日内公布", "upheld; to be published within seven days", `"timer":"T22"`),
				s.silent("公布之前，公众仍看不到", "until it is published, the public sees nothing"),
			}
		}},
		{"浙江公布", "Zhejiang publishes it", func(s *storyline) []signed {
			row := traceability.DraftRow(s.report(), nameOf(labZhejiang))
			return []signed{s.act(regZhejiang, traceability.NoticeAct{Act: traceability.ActPublish, Row: &row})}
		}, func(s *storyline) []look {
			return []look{
				s.batch(s.cut(), "扫码：不合格（毒死蜱）", "its page: failed, with the measured value", "不合格", "毒死蜱", "0.11"),
				{path: s.noticePath(), has: []string{`"state":"published"`, "毒死蜱"}, lacks: []string{"认为检验方法不适用", `"provinces"`}, zh: "公众可见公布的一行，看不到内部往来", en: "the public sees the row, and nothing of what went before"},
				s.feed("", "notice.publish", "公众信号", "the public's feed"),
				{path: "/notices/" + s.notice().Path(), page: true, has: []string{"鲜切生菜", "毒死蜱", "0.11"}, zh: "公布的通告", en: "the published notice"},
				{path: s.noticePath() + "?format=csv", page: true, has: []string{"毒死蜱"}, zh: "不合格信息表（CSV，也有 XLSX）", en: "the table of failed samples (CSV; XLSX too)"},
			}
		}},
		{"江苏核查处置：追到原料——安徽的生菜", "Jiangsu investigates: it came with the lettuce from Anhui", func(s *storyline) []signed {
			return s.handle(regJiangsu, traceability.LinkProduction, "净菜剩余 1200 盒已封存", "原料生菜带入：供货方为和县示例蔬菜专业合作社")
		}, func(s *storyline) []look {
			return []look{s.stands(regZhejiang, "published", "核查处置：原因为原料", "the case: its cause is the raw material", `"cause":"material"`)}
		}},
	}
}

// handle records a link's case from its start to the finding of the cause.
func (s *storyline) handle(by traceability.PartyID, link traceability.Link, control, cause string) []signed {
	return []signed{
		s.act(by, traceability.NoticeAct{Act: traceability.ActHandlingOpen, Link: link}),
		s.act(by, traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: link, Step: traceability.StepStart, Reason: "已立案并到场"}),
		s.act(by, traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: link, Step: traceability.StepProductControl, Reason: control}),
		s.act(by, traceability.NoticeAct{Act: traceability.ActHandlingStep, Link: link, Step: traceability.StepCause, Cause: traceability.CauseMaterial, Reason: cause}),
	}
}

func (s *storyline) act(by traceability.PartyID, a traceability.NoticeAct) signed {
	a.Notice, a.At = s.notice(), now()
	return signed{by, traceability.TypeNoticeAct, &a}
}

// batch is what a consumer sees of a lot.
func (s *storyline) batch(lot traceability.LotID, zh, en string, has ...string) look {
	return look{path: lot.Path(), page: true, has: has, zh: zh, en: en}
}

// silent is a lot's page that says nothing of a failure.
func (s *storyline) silent(zh, en string) look {
	return look{path: s.cut().Path(), page: true, has: []string{"无抽检记录"}, lacks: []string{"毒死蜱"}, zh: zh, en: en}
}

func (s *storyline) noticePath() string { return "/v1/notices/" + s.notice().Path() }

// stands is the notice as a party sees it.
func (s *storyline) stands(who traceability.PartyID, phase traceability.Phase, zh, en string, has ...string) look {
	return look{who: who, path: s.noticePath(), has: append([]string{`"state":"` + string(phase) + `"`}, has...), zh: zh, en: en}
}

// feed is a signal about the story that an audience has received.
func (s *storyline) feed(who traceability.PartyID, kind, zh, en string) look {
	subject := traceability.NoticeKey(s.notice())
	return look{who: who, path: "/v1/feed?kinds=" + kind + "&from=" + s.height(), has: []string{subject}, zh: zh, en: en}
}

// height is where the ledger stood before the story.
func (s *storyline) height() string { return strconv.FormatUint(s.from, 10) }

func paper(name string) []traceability.Evidence {
	return []traceability.Evidence{{Name: name + "（演示）"}}
}

func now() time.Time { return traceability.Instant(time.Now()) }
