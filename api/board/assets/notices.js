// Failed samples: the inbox, by deadline.
import { h } from "./dom.js";
import { party, province, word } from "./format.js";
import { caseRow, filterBar, inbox } from "./inbox.js";
import { detail } from "./notice.js";
import { current } from "./session.js";
import { t } from "./texts.js";

/** The subject of failed samples; see doc.go. */
export const notices = { path: "notices", name: "notices.nav", list, detail };

const STATES = ["issued", "dispatched", "served", "upheld", "overturned", "published", "closed"];

async function list(main, query) {
  const me = current().party;
  const whose = me.startsWith("reg:") ? query.get("party") ?? me : me;
  const whole = whose === "all";
  await inbox(main, {
    title: whole ? t("notices.all") : t("notices.of", party(whose)), lead: whole ? "" : t("notices.lead"),
    filters: me.startsWith("reg:") && filterBar("notices", query, whose, ["state", STATES], ...(whole ? [] : [["overdue", t("notices.overdue")]])),
    address: "/v1/notices", grouped: !whole, row,
    ask: { ...(!whole && { party: whose }), ...(query.get("state") && { state: query.get("state") }), ...(query.get("overdue") && !whole && { overdue: "true" }) },
  });
}

function row(n) {
  const failed = (n.failed ?? []).map(f => f.parameter).join("、");
  return caseRow("#/notices/" + encodeURIComponent(n.notice),
    [h("strong", null, n.food_name || n.notice), failed && h("span", { class: "failed" }, failed), n.urgent && h("span", { class: "tag" }, t("notice.urgent")), h("span", { class: "code sub" }, n.notice)],
    [h("span", { class: "state " + n.state }, word("state", n.state)), h("span", { class: "sub" }, t("notice.organiser") + " " + province(n.organiser))], n);
}
