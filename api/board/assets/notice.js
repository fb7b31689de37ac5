// One notice: what can be done, what is due, where each part stands, and the
// whole history with who signed what.
import { actsOf } from "./acts.js";
import { actName, columns, dueCard, head, historyCard, learn, lineCard, parts } from "./case.js";
import { h } from "./dom.js";
import { ask } from "./door.js";
import { party, province, when, word } from "./format.js";
import { t } from "./texts.js";

/** Shows a notice. again shows it anew, after an act. */
export async function detail(main, id, again) {
  const n = await ask("/v1/notices/" + encodeURIComponent(id));
  await learn(n, ...(n.recipients ?? []).map(r => r.party), n.reinspection?.lab);
  const name = n.food_name || n.notice;
  main.append(
    head("notices", name, [h("span", { class: "state " + n.state }, word("state", n.state)), n.urgent ? h("span", { class: "tag" }, t("notice.urgent")) : "",
      n.producer_cleared ? h("span", { class: "tag quiet" }, t("notice.cleared")) : ""],
    [t("notice.sampling"), h("span", { class: "code" }, n.notice)], [t("notice.failed"), (n.failed ?? []).map(f => f.parameter + (f.microbiological ? "（" + t("notice.micro") + "）" : "")).join("、")],
    [t("notice.organiser"), party("reg:" + n.organiser)], [t("notice.issued"), n.issued && when(n.issued)], [t("notice.outcome"), n.outcome && word("decision", n.outcome)],
    [t("notice.report"), n.report && h("span", { class: "code" }, n.report)], [t("notice.lot"), n.lot && h("a", { class: "code", href: "/" + n.lot, target: "_blank", rel: "noopener" }, n.lot)]),
    columns(actsOf("notices", n.notice, n, again), dueCard(n), where(n), lineCard("notices", name, n), historyCard("notices", n)));
}

/** The parts of the notice. */
function where(n) {
  const answered = a => word("answer", a.answer) + (a.to ? " → " + province(a.to) : "") + " · " + when(a.at);
  const progress = c => word("progress", !c.sent ? "none" : c.sent > (c.acknowledged ?? 0) ? "pending" : "acknowledged");
  const item = seq => n.failed?.find(f => f.seq === seq)?.parameter ?? seq;
  const r = n.reinspection;
  return parts(
    [t("notice.provinces"), [t("part.province"), t("part.why"), t("part.state"), t("part.answer")], n.provinces?.map(c =>
      [province(c.province), c.as.map(as => word("concern", as)).join("、"), progress(c), (c.answers ?? []).map(answered).join("；") || "—"])],
    [t("notice.recipients"), [t("part.recipient"), t("part.party"), t("part.responsible"), t("part.served")], n.recipients?.map(r =>
      [word("recipient", r.as), party(r.party) || "—", province(r.province) || province(n.organiser), [r.served ? when(r.served) : t("part.notserved"), r.waived && h("span", { class: "sub" }, t("part.waived"))]])],
    [t("notice.objections"), [t("part.kind"), t("part.recipient"), t("part.state")], n.objections?.map(o => [word("objection", o.kind), word("recipient", o.for), word("progress", o.state)])],
    [t("notice.reinspection"), [t("part.state"), t("part.lab"), t("part.items"), t("part.result")], r && [[word("progress", r.state), party(r.lab) || "—", r.items.map(item).join("、"), word("verdict", r.verdict) || "—"]]],
    [t("notice.cases"), [t("part.link"), t("part.responsible"), t("part.state"), t("part.steps")], n.cases?.map(c =>
      [word("link", c.link), province(c.province), [word("progress", c.state), c.escalated && h("span", { class: "tag" }, t("part.escalated"))], (c.steps ?? []).map(s => word("step", s)).join("、") || "—"])],
    [t("notice.publication"), [t("part.act"), t("part.when"), t("part.published")], n.publication?.map(v => [actName("notices", v.act), when(v.at),
      v.row ? v.row.food_name + "：" + v.row.failures.map(f => `${f.parameter} ${f.result}（${f.limit}）`).join("、") : [t("part.takenback"), v.reason && h("span", { class: "sub" }, v.reason)]])]);
}
