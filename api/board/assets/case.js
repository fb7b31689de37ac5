// What every case has, whatever its subject: a head, what is due, the time line,
// and the history with who signed what.
import { h, facts, table } from "./dom.js";
import { left, urgency } from "./due.js";
import { about, learnParties, party, province, subject, when, word } from "./format.js";
import { timeline } from "./pictures.js";
import { current } from "./session.js";
import { signatures } from "./signatures.js";
import { pick, t } from "./texts.js";

/** Asks for the names of all who appear in a record. */
export const learn = (record, ...others) => learnParties([...(record.history ?? []).map(e => e.party), ...(record.due ?? []).map(d => d.of), ...others]);

/** The head of a case: where to go back to, its name, where it stands, and facts. */
export function head(path, name, chips, ...pairs) {
  return h("div", { class: "head" }, h("p", { class: "crumb" }, h("a", { href: "#/" + path }, t("board.back"))),
    h("h1", null, name), h("p", { class: "chips" }, chips), facts(...pairs));
}

/** The acts beside, and the cards one below the other. */
export const columns = (acts, ...cards) => h("div", { class: "case-columns" }, h("div", { class: "stack side" }, acts), h("div", { class: "stack" }, cards));

/** A card of tables; parts without rows are left out. */
export function parts(...list) {
  return h("section", { class: "card parts" }, h("h2", null, t("notice.where")),
    list.filter(([, , rows]) => rows?.length).map(([title, headings, rows]) => table(title, headings, rows)));
}

/** The name of an act of a subject; the document that began a case has none. */
export const actName = (name, act) => act ? pick(subject(name).moves.find(m => m.act === act)) || act : t(name + ".began");

/** The periods that run. */
export function dueCard(record) {
  const mine = d => d.of === current().party && h("span", { class: "tag quiet" }, t("due.mine"));
  const rows = (record.due ?? []).map(d => ({ attributes: { class: "due " + urgency(d) }, cells: [
    [d.act || d.timer, about(d.about) && h("span", { class: "sub" }, about(d.about))], [party(d.of) || about(d.about), mine(d)],
    [d.due ? when(d.due) : "—", h("span", { class: "due-left" }, left(d))], [d.timer, d.basis && h("span", { class: "sub" }, d.basis)]] }));
  return h("section", { class: "card" }, h("h2", null, t("notice.due")),
    rows.length ? table(t("notice.due"), [t("due.what"), t("due.of"), t("due.by"), t("due.basis")], rows, { class: "grid dues" }) : h("p", { class: "lead" }, t("notice.nodue")));
}

/** The documents and periods of a case as a picture. */
export function lineCard(name, title, record) {
  return h("section", { class: "card" }, h("h2", null, t("notice.timeline")), h("div", { class: "timeline-scroll", tabindex: 0, role: "group", "aria-label": t("notice.timeline") }, timeline({
    name: title,
    documents: (record.done ?? []).map(d => ({ at: d.at, name: actName(name, d.act), late: d.late?.some(l => l.lateness === "late") })),
    periods: (record.deadlines ?? []).filter(d => d.due).map(d => ({ from: d.from, due: d.due, at: d.at, status: d.status, late: d.lateness === "late",
      name: d.timer + " " + (d.act || "") + (about(d.about) ? " · " + about(d.about) : "") })),
  })));
}

/** What a document says in words of the table: its choices, and where it points. */
function said(name, payload) {
  return subject(name).fields.filter(f => f.kind === "choice" && payload[f.name]).map(f => pick(f.options.find(o => o.value === payload[f.name]))).join(" · ");
}

/** Every document: what, by whom, when, how late, and whose signature. */
export function historyCard(name, record) {
  const done = new Map((record.done ?? []).map(d => [d.document, d]));
  const rows = (record.history ?? []).map(e => {
    const payload = e.act ?? e.issue ?? e.open ?? {};
    const text = payload.reason || payload.note;
    return { attributes: { "data-document": e.id }, cells: [
      [actName(name, e.act?.act ?? done.get(e.id)?.act), said(name, payload) && h("span", { class: "sub" }, said(name, payload)), text && h("span", { class: "sub said" }, text),
        (payload.evidence ?? []).map(p => h("span", { class: "sub" }, t("history.paper") + p.name + (p.no ? " " + p.no : "")))],
      [party(e.party), h("span", { class: "sub code" }, e.party)],
      [when(payload.at ?? e.issued_at), h("span", { class: "sub" }, t("history.block", e.position.block)),
        done.get(e.id)?.late?.map(l => h("span", { class: "lateness " + l.lateness }, l.timer + " " + word("lateness", l.lateness)))],
      [h("span", { class: "code sub", title: e.key }, e.key.split("#")[1]?.slice(0, 10) + "…"), h("span", { class: "verdict-of" })]] };
  });
  const body = table(t("notice.history"), [t("history.what"), t("history.who"), t("history.when"), t("history.sign")], rows, { class: "grid history" });
  return h("section", { class: "card" }, h("h2", null, t("notice.history")), signatures(record.history ?? [], body), body);
}
