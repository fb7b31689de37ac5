// Shops on delivery platforms: which fail, the worst first, as counted at the end of
// a day, and how each stands now. A regulator sees those of all platforms, a platform
// its own, and what it has to verify again.
import { announce, h } from "./dom.js";
import { ask } from "./door.js";
import { divisionsIn, learnParties, party, reason, reasons, rememberParty, word } from "./format.js";
import { sentence } from "./problem.js";
import { ratePanels } from "./rates.js";
import { saveButtons } from "./save.js";
import { current } from "./session.js";
import { detail } from "./shop.js";
import { dueShops } from "./shopdue.js";
import { pick, t } from "./texts.js";

/** The subject for regulators, and that for platforms; see doc.go. */
export const shops = { path: "shops", name: "shops.nav", kinds: ["reg"], list: (main, query) => list(main, query), detail };
export const myShops = { path: "shops", name: "shops.mine", kinds: ["plat"], list: mine, detail };

const PAGE = 50;
const SEVERITIES = ["refuse", "mend", "unknown"];

const isRegulator = () => current().party.startsWith("reg:");

/** Members that are there. */
const compact = object => Object.fromEntries(Object.entries(object).filter(([, value]) => value));

/** A platform's page has two views. */
async function mine(main, query) {
  const due = query.get("view") === "due";
  const tab = (view, text) => h("a", { href: "#/shops" + (view ? "?view=" + view : ""), "aria-current": due === (view === "due") && "page" }, text);
  const tabs = h("nav", { class: "tabs", "aria-label": t("shops.mine") }, tab("", t("shops.tofix")), tab("due", t("shops.toverify")));
  await (due ? dueShops(main, tabs) : list(main, query, tabs));
}

async function list(main, query, tabs) {
  const me = current().party;
  const own = isRegulator() ? me.slice(4) : "all";
  const division = (query.get("division") ?? own).replace("all", "");
  const cell = compact({ platform: isRegulator() ? query.get("platform") : me, division });
  const wanted = compact({ ...cell, code: query.get("code"), severity: query.get("severity") });
  const page = after => ask("/v1/disclosure/failing?" + new URLSearchParams({ ...wanted, limit: PAGE, ...(after && { after }) }));
  const [first, panels, platforms] = await Promise.all([page(), ratePanels(cell), isRegulator() ? allPlatforms() : learnParties([me])]);

  const filters = filterForm(query, division, platforms);
  main.append(
    h("div", { class: "head" }, h("h1", null, t(isRegulator() ? "shops.title" : "shops.mine")), tabs || "",
      h("p", { class: "lead" }, first.day ? t("shops.asof", first.day, first.height) : t("shops.nodayyet"))),
    filters);
  if (!first.day) return;
  const found = [...first.items];
  const groups = h("div", { class: "groups" });
  const more = h("button", { type: "button", class: "quiet", onclick: () => page(more.dataset.after).then(show).catch(e => announce(sentence(e))) }, t("board.more"));
  function show(answer) {
    if (answer !== first) found.push(...answer.items);
    groups.replaceChildren(...bySeverity(found, first.count, wanted));
    more.hidden = !answer.next;
    more.dataset.after = answer.next ?? "";
  }
  show(first);
  main.append(
    h("div", { class: "panels" }, panels, reasonPanel(first.count, query)),
    h("div", { class: "listbar" }, h("h2", null, t("shops.list")), h("span", { class: "tools" }, t("shops.export"), saveButtons("/v1/disclosure/failing?" + new URLSearchParams({ ...wanted, day: first.day }) + "&", "shops-" + first.day))),
    groups, more);
}

async function allPlatforms() {
  const answer = await ask("/v1/parties?kind=plat&limit=1000");
  for (const record of answer.items) rememberParty(record);
  return answer.items.map(record => record.id);
}

/** The address of the list with one filter changed. */
function withFilter(query, name, value) {
  const next = new URLSearchParams(query);
  if (value) next.set(name, value);
  else next.delete(name);
  const text = next.toString();
  return "#/shops" + (text && "?" + text);
}

function filterForm(query, division, platforms) {
  const choice = (name, label, options, chosen, any) => h("label", null, label, h("select", { id: "filter-" + name, onchange: event => { location.hash = withFilter(query, name.split("-")[0], event.target.value); } },
    h("option", { value: any, selected: !chosen }, t("inbox.any")), options.map(([value, text]) => h("option", { value, selected: value === chosen }, text))));
  const choices = list => list.map(d => [d.code, pick(d)]);
  // What a code lies in: the province, and the city where the province has cities.
  const inside = parent => divisionsIn(parent).find(d => d.code === division || division.startsWith(d.code.replace(/(00)+$/, "")));
  const at = division && inside("");
  const below = at ? divisionsIn(at.code) : [];
  const cities = below.length > 0 && divisionsIn(below[0].code).length > 0; // a municipality has only counties
  const city = at && inside(at.code);
  return h("form", { class: "filters shop-filters", onsubmit: event => event.preventDefault() },
    platforms && choice("platform", t("shops.platform"), platforms.map(id => [id, party(id)]), query.get("platform"), ""),
    choice("division", t("shops.province"), choices(divisionsIn("")), at?.code, "all"),
    at && choice("division-city", t(cities ? "shops.city" : "shops.county"), choices(below), city?.code, at.code),
    cities && city && choice("division-county", t("shops.county"), choices(divisionsIn(city.code)), division, city.code),
    choice("code", t("shops.reason"), reasons().map(r => [r.code, pick(r)]), query.get("code"), ""),
    choice("severity", t("shops.severity"), SEVERITIES.map(s => [s, word("severity", s)]), query.get("severity"), ""));
}

/** How many shops have each finding; a click lists them. */
function reasonPanel(count, query) {
  const chosen = query.get("code");
  const rows = reasons().filter(r => count.codes?.[r.code]).sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || count.codes[b.code] - count.codes[a.code]);
  return h("section", { class: "card panel reasons" }, h("h2", null, t("shops.byreason")),
    rows.length ? h("ul", { class: "plain" }, rows.map(r => h("li", null,
      h("a", { href: withFilter(query, "code", r.code === chosen ? "" : r.code), "aria-current": r.code === chosen && "true" },
        h("span", { class: "dot-of " + r.severity, title: word("severity", r.severity) }), h("span", null, pick(r)), h("strong", null, String(count.codes[r.code])))))) : h("p", { class: "lead" }, t("shops.nothing")),
    h("p", { class: "hint" }, t("shops.severalhint", count.shops)));
}

function bySeverity(found, count, wanted) {
  if (found.length === 0) return [h("p", { class: "card lead" }, t("shops.nothing"))];
  return SEVERITIES.map(s => [s, found.filter(f => f.severity === s)]).filter(([, of]) => of.length > 0)
    .map(([s, of]) => h("section", { class: "group " + s }, h("h2", null, word("severity", s), !wanted.code && [" ", h("span", { class: "count" }, count.severities?.[s] ?? of.length)]),
      h("ul", { class: "plain cases" }, of.map(f => h("li", null, row(f))))));
}

const order = code => reasons().findIndex(r => r.code === code);

/** Codes, the worst first. */
const sorted = codes => codes.toSorted((a, b) => order(a) - order(b));

const named = codes => sorted(codes).map(code => pick(reason(code))).join(t("shops.comma"));

function row(f) {
  const worst = sorted(f.now?.codes ?? f.codes)[0]; // what there is to do now
  return h("a", { class: "case", href: "#/shops/" + encodeURIComponent(f.platform + "/" + f.shop) },
    h("span", { class: "case-what" }, h("strong", null, f.name || f.shop), f.address && h("span", { class: "sub" }, f.address),
      h("span", { class: "sub" }, isRegulator() && party(f.platform) + " · ", h("span", { class: "code" }, f.shop))),
    h("span", { class: "case-where" }, h("span", { class: "why " + f.severity }, named(f.codes)), f.licence && h("span", { class: "code sub" }, f.licence)),
    h("span", { class: "case-due" }, now(f), worst && h("span", { class: "sub" }, pick(reason(worst).remedy))));
}

/** How the shop stands since. */
function now(f) {
  if (!f.now) return h("span", { class: "since none" }, t("shops.gone"));
  const codes = f.now.codes ?? [];
  if (codes.length === 0) return h("span", { class: "since good" }, t("shops.mended"));
  const same = codes.length === f.codes.length && codes.every(c => f.codes.includes(c));
  return h("span", { class: "since why " + reason(sorted(codes)[0]).severity }, same ? t("shops.same") : t("shops.now", named(codes)));
}
