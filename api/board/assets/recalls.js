// Recalls: the list, and one recall with how far it is.
import { actsOf } from "./acts.js";
import { columns, dueCard, head, historyCard, learn, lineCard, parts } from "./case.js";
import { h } from "./dom.js";
import { ask } from "./door.js";
import { saveButtons } from "./save.js";
import { party, province, when, word } from "./format.js";
import { caseRow, filterBar, inbox } from "./inbox.js";
import { bars } from "./pictures.js";
import { current } from "./session.js";
import { lang, t } from "./texts.js";

/** The subject of recalls; see doc.go. */
export const recalls = { path: "recalls", name: "recalls.nav", list, detail };

const STATES = ["ordered", "voluntary", "planned", "announced", "executing", "reported", "assessed", "closed", "withdrawn"];
const AMOUNTS = ["made", "sold", "recalled", "destroyed"];

const product = r => lang() === "en" && r.product_en || r.product;

async function list(main, query) {
  const me = current().party;
  const whose = me.startsWith("reg:") ? query.get("party") ?? "all" : me;
  await inbox(main, {
    title: t("recalls.title"), lead: t("recalls.lead"), filters: me.startsWith("reg:") && filterBar("recalls", query, whose, ["state", STATES]),
    address: "/v1/recalls", grouped: true, row,
    ask: { ...(whose !== "all" && { party: whose }), ...(query.get("state") && { state: query.get("state") }) },
  });
}

function row(r) {
  return caseRow("#/recalls/" + encodeURIComponent(r.recall),
    [h("strong", null, product(r)), h("span", { class: "failed" }, r.hazard), h("span", { class: "code sub" }, r.recall)],
    [h("span", { class: "state " + r.state }, word("state", r.state)), h("span", { class: "sub" }, [word("level", r.level), province(r.province)].filter(Boolean).join(" · "))], r);
}

/** Shows a recall. again shows it anew, after an act. */
async function detail(main, id, again) {
  const r = await ask("/v1/recalls/" + encodeURIComponent(id));
  await learn(r, r.producer);
  main.append(
    head("recalls", product(r), [h("span", { class: "state " + r.state }, word("state", r.state)), r.level ? h("span", { class: "tag" }, word("level", r.level)) : ""],
      [t("recalls.hazard"), r.hazard], [t("part.note"), r.reason], [t("recalls.producer"), party(r.producer)],
      [t("recalls.ordered"), r.ordered_by ? party("reg:" + r.ordered_by) : t("recalls.own")], [t("recalls.lots"), r.lots.map(l => h("a", { class: "code sub", href: "/" + l, target: "_blank", rel: "noopener" }, l))],
      [t("recalls.scope"), r.downstream ? t("recalls.downstream") : t("recalls.only")], [t("recalls.measures"), r.measures],
      [t("recalls.announced"), r.announced && when(r.announced)], [t("notices.nav"), r.notice && h("a", { class: "code", href: "#/notices/" + encodeURIComponent(r.notice) }, r.notice)],
      [t("recalls.effect"), r.effect && word("effect", r.effect)], [t("recalls.list"), r.announced && saveButtons("/v1/recalls/" + encodeURIComponent(r.recall) + "/scope?", "recall-" + r.lots[0].replace(/\W+/g, "-"))]),
    columns(actsOf("recalls", r.recall, r, again), dueCard(r), amountsCard(r), lineCard("recalls", product(r), r), historyCard("recalls", r)));
}

function amountsCard(r) {
  if (!r.amounts?.length) return "";
  const cells = a => AMOUNTS.map(m => a[m] ?? "0");
  return h("div", { class: "stack" }, parts([t("recalls.amounts") + "（" + r.unit + "）", [t("recalls.region"), ...AMOUNTS.map(m => t("recalls." + m))],
    [...r.amounts.map(a => [a.region, ...cells(a)]), ...(r.total ? [[t("recalls.total"), ...cells(r.total)]] : [])]]),
  r.total && h("figure", { class: "card panel" }, h("figcaption", null, h("h2", null, t("recalls.total"))),
    bars(t("recalls.amounts"), AMOUNTS.map(m => ({ name: t("recalls." + m), value: Number(r.total[m] ?? 0), text: (r.total[m] ?? "0") + " " + r.unit })))));
}
