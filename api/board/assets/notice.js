// One notice: what can be done, what is due, where each part stands, and the
// whole history with who signed what.
import { actsOf } from "./acts.js";
import { h, facts, table } from "./dom.js";
import { ask } from "./door.js";
import { left, urgency } from "./due.js";
import { about, learnParties, party, province, subject, when, word } from "./format.js";
import { timeline } from "./pictures.js";
import { signatures } from "./signatures.js";
import { current } from "./session.js";
import { pick, t } from "./texts.js";

/** Shows a notice. again shows it anew, after an act. */
export async function detail(main, id, again) {
  const n = await ask("/v1/notices/" + encodeURIComponent(id));
  await learnParties([...(n.history ?? []).map(e => e.party), ...(n.recipients ?? []).map(r => r.party), ...(n.due ?? []).map(d => d.of), n.reinspection?.lab]);
  main.append(head(n), h("div", { class: "case-columns" },
    h("div", { class: "stack side" }, actsOf("notices", n.notice, n, again)),
    h("div", { class: "stack" }, dueCard(n), where(n), lineCard(n), historyCard(n))));
}

function head(n) {
  return h("div", { class: "head" },
    h("p", { class: "crumb" }, h("a", { href: "#/notices" }, t("board.back"))),
    h("h1", null, n.food_name || n.notice),
    h("p", { class: "chips" }, h("span", { class: "state " + n.state }, word("state", n.state)), n.urgent && h("span", { class: "tag" }, t("notice.urgent")),
      n.producer_cleared && h("span", { class: "tag quiet" }, t("notice.cleared"))),
    facts([t("notice.sampling"), h("span", { class: "code" }, n.notice)], [t("notice.failed"), (n.failed ?? []).map(f => f.parameter + (f.microbiological ? "（" + t("notice.micro") + "）" : "")).join("、")],
      [t("notice.organiser"), party("reg:" + n.organiser)], [t("notice.issued"), n.issued && when(n.issued)],
      [t("notice.outcome"), n.outcome && word("decision", n.outcome)],
      [t("notice.report"), n.report && h("span", { class: "code" }, n.report)], [t("notice.lot"), n.lot && h("a", { class: "code", href: "/" + n.lot, target: "_blank", rel: "noopener" }, n.lot)]));
}

function dueCard(n) {
  const mine = d => d.of === current().party && h("span", { class: "tag quiet" }, t("due.mine"));
  const rows = (n.due ?? []).map(d => ({ attributes: { class: "due " + urgency(d) }, cells: [
    [d.act || d.timer, about(d.about) && h("span", { class: "sub" }, about(d.about))], [party(d.of) || about(d.about), mine(d)],
    [d.due ? when(d.due) : "—", h("span", { class: "due-left" }, left(d))], [d.timer, d.basis && h("span", { class: "sub" }, d.basis)]] }));
  return h("section", { class: "card" }, h("h2", null, t("notice.due")),
    rows.length ? table(t("notice.due"), [t("due.what"), t("due.of"), t("due.by"), t("due.basis")], rows, { class: "grid dues" }) : h("p", { class: "lead" }, t("notice.nodue")));
}

/** The parts of the notice; those that do not exist are left out. */
function where(n) {
  const parts = [];
  const part = (title, headings, rows) => rows?.length && parts.push(table(title, headings, rows));
  const answered = a => word("answer", a.answer) + (a.to ? " → " + province(a.to) : "") + " · " + when(a.at);
  part(t("notice.provinces"), [t("part.province"), t("part.why"), t("part.state"), t("part.answer")], n.provinces?.map(c =>
    [province(c.province), c.as.map(as => word("concern", as)).join("、"), progressOf(c), (c.answers ?? []).map(answered).join("；") || "—"]));
  part(t("notice.recipients"), [t("part.recipient"), t("part.party"), t("part.responsible"), t("part.served")], n.recipients?.map(r =>
    [word("recipient", r.as), party(r.party) || "—", province(r.province) || province(n.organiser), [r.served ? when(r.served) : t("part.notserved"), r.waived && h("span", { class: "sub" }, t("part.waived"))]]));
  part(t("notice.objections"), [t("part.kind"), t("part.recipient"), t("part.state")], n.objections?.map(o => [word("objection", o.kind), word("recipient", o.for), word("progress", o.state)]));
  const r = n.reinspection;
  part(t("notice.reinspection"), [t("part.state"), t("part.lab"), t("part.items"), t("part.result")], r && [[word("progress", r.state), party(r.lab) || "—",
    r.items.map(seq => n.failed?.find(f => f.seq === seq)?.parameter ?? seq).join("、"), word("verdict", r.verdict) || "—"]]);
  part(t("notice.cases"), [t("part.link"), t("part.responsible"), t("part.state"), t("part.steps")], n.cases?.map(c =>
    [word("link", c.link), province(c.province), [word("progress", c.state), c.escalated && h("span", { class: "tag" }, t("part.escalated"))], (c.steps ?? []).map(s => word("step", s)).join("、") || "—"]));
  part(t("notice.publication"), [t("part.act"), t("part.when"), t("part.published")], n.publication?.map(v =>
    [actName(v.act), when(v.at), v.row ? v.row.food_name + "：" + v.row.failures.map(f => `${f.parameter} ${f.result}（${f.limit}）`).join("、") : [t("part.takenback"), v.reason && h("span", { class: "sub" }, v.reason)]]));
  return h("section", { class: "card parts" }, h("h2", null, t("notice.where")), parts);
}

const progressOf = c => word("progress", !c.sent ? "none" : c.sent > (c.acknowledged ?? 0) ? "pending" : "acknowledged");

/** An act's name; the issue has none. */
export const actName = act => act ? pick(subject("notices").moves.find(m => m.act === act)) || act : t("history.issue");

function lineCard(n) {
  return h("section", { class: "card" }, h("h2", null, t("notice.timeline")), h("div", { class: "timeline-scroll", tabindex: 0, role: "group", "aria-label": t("notice.timeline") }, timeline({
    name: n.food_name || n.notice,
    documents: (n.done ?? []).map(d => ({ at: d.at, name: actName(d.act), late: d.late?.some(l => l.lateness === "late") })),
    periods: (n.deadlines ?? []).filter(d => d.due).map(d => ({ from: d.from, due: d.due, at: d.at, status: d.status, late: d.lateness === "late", name: d.timer + " " + (d.act || "") + (about(d.about) ? " · " + about(d.about) : "") })),
  })));
}

function historyCard(n) {
  const late = new Map((n.done ?? []).map(d => [d.document, d.late ?? []]));
  const rows = (n.history ?? []).map(e => {
    const a = e.act ?? {};
    const what = [word("recipient", a.for), a.kind && word("objection", a.kind), a.link && word("link", a.link), a.step && word("step", a.step), a.answer && word("answer", a.answer),
      a.to && province(a.to), a.decision && word("decision", a.decision), a.verdict && word("verdict", a.verdict)].filter(Boolean).join(" · ");
    return { attributes: { "data-document": e.id }, cells: [
      [actName(e.act?.act ?? (e.issue ? "" : n.done?.find(d => d.document === e.id)?.act)), what && h("span", { class: "sub" }, what), (a.reason || e.issue?.note) && h("span", { class: "sub said" }, a.reason || e.issue.note),
        (a.evidence ?? e.issue?.evidence ?? []).map(p => h("span", { class: "sub" }, t("history.paper") + p.name + (p.no ? " " + p.no : "")))],
      [party(e.party), h("span", { class: "sub code" }, e.party)],
      [when(a.at ?? e.issue?.at ?? e.issued_at), h("span", { class: "sub" }, t("history.block", e.position.block)),
        late.get(e.id)?.map(l => h("span", { class: "late " + l.lateness }, l.timer + " " + word("lateness", l.lateness)))],
      [h("span", { class: "code sub", title: e.key }, e.key.split("#")[1]?.slice(0, 10) + "…"), h("span", { class: "verdict-of" })]] };
  });
  const body = table(t("notice.history"), [t("history.what"), t("history.who"), t("history.when"), t("history.sign")], rows, { class: "grid history" });
  return h("section", { class: "card" }, h("h2", null, t("notice.history")), signatures(n.history ?? [], body), body);
}
