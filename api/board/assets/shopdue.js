// What a platform has to verify again: shops never verified, those overdue, and those
// that fall due within a month.
import { announce, h } from "./dom.js";
import { ask, seconds } from "./door.js";
import { reason, span, when, word } from "./format.js";
import { sentence } from "./problem.js";
import { saveButtons } from "./save.js";
import { current } from "./session.js";
import { pick, t } from "./texts.js";

const PAGE = 50;
const AHEAD = 30; // days

/** Shows what falls due; tabs lead to the other view. */
export async function dueShops(main, tabs) {
  const before = new Date((seconds() + AHEAD * 86_400) * 1000).toISOString().slice(0, 19) + "Z";
  const found = [];
  const groups = h("div", { class: "groups" });
  const more = h("button", { type: "button", class: "quiet", onclick: () => load(more.dataset.after).catch(e => announce(sentence(e))) }, t("board.more"));
  async function load(after) {
    const answer = await ask("/v1/verifications/due?" + new URLSearchParams({ before, limit: PAGE, ...(after && { after }) }));
    found.push(...answer.items);
    groups.replaceChildren(...byUrgency(found));
    more.hidden = !answer.next;
    more.dataset.after = answer.next ?? "";
  }
  await load();
  main.append(h("div", { class: "head" }, h("h1", null, t("shops.mine")), tabs, h("p", { class: "lead" }, t("shopdue.lead", AHEAD))),
    h("div", { class: "listbar" }, h("h2", null, t("shops.toverify")), h("span", { class: "tools" }, t("shops.export"), saveButtons("/v1/verifications/due?" + new URLSearchParams({ before }) + "&", "due-" + before.slice(0, 10)))),
    groups, more);
}

function urgency(d) {
  if (!d.verified) return "never";
  if (!d.due) return "unknown";
  return Date.parse(d.due) < seconds() * 1000 ? "overdue" : "soon";
}

function byUrgency(found) {
  if (found.length === 0) return [h("p", { class: "card lead" }, t("shopdue.none"))];
  return ["never", "unknown", "overdue", "soon"].map(name => [name, found.filter(d => urgency(d) === name)]).filter(([, of]) => of.length > 0)
    .map(([name, of]) => h("section", { class: "group " + (name === "never" ? "overdue" : name) }, h("h2", null, t("shopdue." + name)), h("ul", { class: "plain cases" }, of.map(d => h("li", null, row(d, name))))));
}

function row(d, name) {
  const left = d.due && Date.parse(d.due) - seconds() * 1000;
  return h("a", { class: "case", href: "#/shops/" + encodeURIComponent(current().party + "/" + d.shop) },
    h("span", { class: "case-what" }, h("strong", null, d.name), d.address && h("span", { class: "sub" }, d.address), h("span", { class: "sub code" }, d.shop)),
    h("span", { class: "case-where" }, d.verdict ? h("span", { class: "state " + d.verdict }, word("standing", d.verdict)) : h("span", { class: "state unverified" }, t("shopdue.unverified")),
      d.codes?.length ? h("span", { class: "sub" }, d.codes.map(c => pick(reason(c))).join(t("shops.comma"))) : ""),
    h("span", { class: "case-due" }, h("span", { class: "due " + (name === "never" ? "overdue" : name) }, h("span", { class: "due-left" }, left ? t(left < 0 ? "due.overdue" : "due.left", span(left)) : t(name === "unknown" ? "shopdue.unknown" : "shopdue.now")),
      h("span", null, d.due ? t("shopdue.by", when(d.due)) : "")), d.verified && h("span", { class: "sub" }, t("shopdue.last", when(d.verified)))));
}
