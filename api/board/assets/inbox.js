// A list of cases, by how urgent they are, part by part.
import { h } from "./dom.js";
import { ask } from "./door.js";
import { due, urgency } from "./due.js";
import { party, provinces, word } from "./format.js";
import { t } from "./texts.js";

const PAGE = 50;

/**
 * Shows a list: address and filters of what to ask, the row of a case (link,
 * parts), and whether it comes ordered by what is due.
 */
export async function inbox(main, { title, lead, filters, address, ask: wanted, row, grouped }) {
  const lists = h("div", { class: "groups" });
  const more = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => load(more.dataset.after) }, t("board.more"));
  const found = [];
  async function load(after) {
    const query = new URLSearchParams({ ...wanted, limit: PAGE, ...(after && { after }) });
    const answer = await ask(address + "?" + query);
    found.push(...answer.items);
    lists.replaceChildren(...groups(found, row, grouped));
    more.hidden = !answer.next;
    more.dataset.after = answer.next ?? "";
  }
  await load();
  main.append(h("div", { class: "head" }, h("h1", null, title), h("p", { class: "lead" }, lead)), filters || "", lists, more);
}

function groups(items, row, grouped) {
  if (items.length === 0) return [h("p", { class: "card lead" }, t("board.none"))];
  const names = grouped ? ["unknown", "overdue", "soon", "running", "none"] : ["list"];
  return names.map(name => [name, grouped ? items.filter(i => urgency(i.due?.[0]) === name) : items]).filter(([, of]) => of.length > 0)
    .map(([name, of]) => h("section", { class: "group " + name }, h("h2", null, t("inbox.group." + name), " ", h("span", { class: "count" }, of.length)),
      h("ul", { class: "plain cases" }, of.map(item => h("li", null, row(item))))));
}

/** A case in the list: what it is, where it stands, what is due. */
export function caseRow(href, what, where, record) {
  const periods = record.due ?? [];
  return h("a", { class: "case", href }, h("span", { class: "case-what" }, what), h("span", { class: "case-where" }, where),
    h("span", { class: "case-due" }, periods.slice(0, 2).map(due), periods.length > 2 && h("span", { class: "sub" }, "+" + (periods.length - 2))));
}

/** A regulator's filters: whose list, where the cases stand, and a tick box or two. */
export function filterBar(path, query, whose, [kind, states], ...ticks) {
  const go = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    location.hash = "#/" + path + "?" + next;
  };
  const option = (value, text, chosen) => h("option", { value, selected: value === chosen }, text);
  return h("form", { class: "filters", onsubmit: event => event.preventDefault() },
    whose && h("label", null, t("inbox.whose"), h("select", { id: "filter-party", onchange: event => go("party", event.target.value) },
      provinces().map(p => option("reg:" + p.code, party("reg:" + p.code), whose)), option("all", t("inbox.any"), whose))),
    h("label", null, t("inbox.state"), h("select", { id: "filter-state", onchange: event => go("state", event.target.value) },
      ["", ...states].map(s => option(s, s ? word(kind, s) : t("inbox.any"), query.get("state") ?? "")))),
    ticks.map(([name, text]) => h("label", { class: "check" }, h("input", { type: "checkbox", id: "filter-" + name, checked: query.get(name) === "true",
      onchange: event => go(name, event.target.checked ? "true" : "") }), text)));
}
