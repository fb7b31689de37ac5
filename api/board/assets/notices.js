// Failed samples: the inbox, by deadline.
import { h } from "./dom.js";
import { ask } from "./door.js";
import { due, urgency } from "./due.js";
import { party, province, provinces, word } from "./format.js";
import { detail } from "./notice.js";
import { current } from "./session.js";
import { t } from "./texts.js";

/** The subject of failed samples; see doc.go. */
export const notices = { path: "notices", name: "notices.nav", list, detail };

const PAGE = 50;

async function list(main, query, again) {
  const me = current().party;
  const regulator = me.startsWith("reg:");
  const whose = regulator ? query.get("party") ?? me : me;
  const filters = new URLSearchParams({ limit: PAGE });
  if (whose !== "all") filters.set("party", whose);
  if (query.get("state")) filters.set("state", query.get("state"));
  if (query.get("overdue") && whose !== "all") filters.set("overdue", "true");

  const lists = h("div", { class: "groups" });
  const more = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => load(more.dataset.after) }, t("board.more"));
  const found = [];
  async function load(after) {
    if (after) filters.set("after", after);
    const answer = await ask("/v1/notices?" + filters);
    found.push(...answer.items);
    lists.replaceChildren(...groups(found, whose === "all"));
    more.hidden = !answer.next;
    more.dataset.after = answer.next ?? "";
  }
  await load();
  main.append(
    h("div", { class: "head" }, h("h1", null, whose === "all" ? t("notices.all") : t("notices.of", party(whose))),
      h("p", { class: "lead" }, whose === "all" ? "" : t("notices.lead"))),
    regulator && filterBar(query, whose), lists, more);
}

/** The filters of a regulator: whose, where it stands, overdue only. */
function filterBar(query, whose) {
  const go = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    location.hash = "#/notices?" + next;
  };
  const option = (value, text, chosen) => h("option", { value, selected: value === chosen }, text);
  const states = ["", "issued", "dispatched", "served", "upheld", "overturned", "published", "closed"];
  return h("form", { class: "filters", onsubmit: event => event.preventDefault() },
    h("label", null, t("notices.whose"), h("select", { id: "filter-party", onchange: event => go("party", event.target.value) },
      provinces().map(p => option("reg:" + p.code, party("reg:" + p.code), whose)), option("all", t("notices.any"), whose))),
    h("label", null, t("notices.state"), h("select", { id: "filter-state", onchange: event => go("state", event.target.value) },
      states.map(s => option(s, s ? word("state", s) : t("notices.any"), query.get("state") ?? "")))),
    whose !== "all" && h("label", { class: "check" }, h("input", { type: "checkbox", id: "filter-overdue", checked: query.get("overdue") === "true", onchange: event => go("overdue", event.target.checked ? "true" : "") }), t("notices.overdue")));
}

/** Which heading a notice comes under, by its next period. */
const group = notice => urgency(notice.due?.[0]);

function groups(items, whole) {
  if (items.length === 0) return [h("p", { class: "card lead" }, t("notices.empty"))];
  const names = whole ? ["list"] : ["unknown", "overdue", "soon", "running", "none"];
  return names.map(name => [name, items.filter(n => whole || group(n) === name)]).filter(([, of]) => of.length > 0)
    .map(([name, of]) => h("section", { class: "group " + name }, h("h2", null, t("notices.group." + name), " ", h("span", { class: "count" }, of.length)),
      h("ul", { class: "plain cases" }, of.map(row))));
}

function row(n) {
  const failed = (n.failed ?? []).map(f => f.parameter).join("、");
  return h("li", null, h("a", { class: "case", href: "#/notices/" + encodeURIComponent(n.notice) },
    h("span", { class: "case-what" }, h("strong", null, n.food_name || n.notice), failed && h("span", { class: "failed" }, failed), n.urgent && h("span", { class: "tag" }, t("notice.urgent")),
      h("span", { class: "code sub" }, n.notice)),
    h("span", { class: "case-where" }, h("span", { class: "state " + n.state }, word("state", n.state)), h("span", { class: "sub" }, t("notice.organiser") + " " + province(n.organiser))),
    h("span", { class: "case-due" }, (n.due ?? []).slice(0, 2).map(due), (n.due?.length ?? 0) > 2 && h("span", { class: "sub" }, "+" + (n.due.length - 2)))));
}
