// Joint risk consultations: the list, and one with its opinions, drafts and votes.
import { actsOf } from "./acts.js";
import { columns, head, historyCard, learn, lineCard, parts } from "./case.js";
import { h, facts } from "./dom.js";
import { ask } from "./door.js";
import { party, province, provinces, when, word } from "./format.js";
import { caseRow, filterBar, inbox } from "./inbox.js";
import { bars } from "./pictures.js";
import { t } from "./texts.js";

/** The subject of consultations; see doc.go. */
export const consultations = { path: "consultations", name: "consultations.nav", kinds: ["reg"], list, detail };

const STATES = ["open", "resolved", "reviewing", "lifted", "withdrawn", "closed"];

async function list(main, query) {
  await inbox(main, {
    title: t("consultations.title"), lead: t("consultations.lead"), filters: filterBar("consultations", query, "", ["consultation", STATES]),
    address: "/v1/consultations", row, ask: query.get("state") ? { state: query.get("state") } : {},
  });
}

const state = c => h("span", { class: "state " + c.state }, word("consultation", c.state));

function row(c) {
  return caseRow("#/consultations/" + encodeURIComponent(c.consultation),
    [h("strong", null, c.title), h("span", { class: "failed" }, (c.parameters ?? []).join("、")), h("span", { class: "code sub" }, c.consultation)],
    [state(c), h("span", { class: "sub" }, t("consultations.initiator") + " " + province(c.initiator))], c);
}

/** Shows a consultation. again shows it anew, after an act. */
async function detail(main, id, again) {
  const c = await ask("/v1/consultations/" + encodeURIComponent(id));
  await learn(c);
  const open = c.history?.find(e => e.open)?.open;
  main.append(
    head("consultations", c.title, [state(c), c.resolution ? h("span", { class: "tag" }, word("warning", c.resolution.level)) : ""],
      [t("consultations.initiator"), party("reg:" + c.initiator)], [t("consultations.hazards"), (c.parameters ?? []).join("、")], [t("consultations.products"), (c.products ?? []).join("、")],
      [t("consultations.opened"), c.opened && when(c.opened)], [t("consultations.respond"), c.respond_by], [t("consultations.question"), open?.question]),
    columns(actsOf("consultations", c.consultation, c, again), resolutionCard(t("consultations.resolution"), c.resolution), opinions(c), (c.drafts ?? []).toReversed().map(draftCard),
      lineCard("consultations", c.title, c), historyCard("consultations", c)));
}

const resolutionFacts = r => facts([t("consultations.level"), word("warning", r.level)], [t("consultations.measures"), r.measures && h("ol", null, r.measures.map(m => h("li", null, m)))], [t("consultations.review"), r.review_on]);

const resolutionCard = (title, r) => r ? h("section", { class: "card" }, h("h2", null, title), resolutionFacts(r)) : "";

// The words of an opinion are in its document.
function opinions(c) {
  const words = (c.history ?? []).filter(e => e.act?.act === "opine");
  return c.opinions?.length ? parts([t("consultations.opinions"), [t("part.province"), t("part.when"), t("consultations.level"), t("consultations.opinions")],
    c.opinions.map((o, i) => [province(o.province), [when(o.at), o.late && h("span", { class: "lateness" }, t("consultations.late"))], word("warning", o.level) || "—", h("span", { class: "said" }, words[i]?.act.opinion ?? "—")])]) : "";
}

/** A draft with how each province votes: its last vote counts. */
function draftCard(d) {
  const last = code => (d.ballots ?? []).filter(b => b.province === code).at(-1);
  const count = vote => provinces().filter(p => last(p.code)?.vote === vote).length;
  return h("section", { class: "card" }, h("h2", null, t("consultations.draft", d.n), d.decision ? " · " + word("review", d.decision) : ""), d.resolution && resolutionFacts(d.resolution),
    bars(t("consultations.votes"), ["yes", "no", "abstain"].map(v => ({ name: word("vote", v), value: count(v), text: String(count(v)), class: v === "no" ? "bad" : "" }))),
    facts(...provinces().map(p => [province(p.code), last(p.code) ? word("vote", last(p.code).vote) + " · " + when(last(p.code).at) + (last(p.code).late ? " · " + t("consultations.late") : "") : t("consultations.notvoted")])));
}
