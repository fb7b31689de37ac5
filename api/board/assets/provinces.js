// The four provinces side by side: how much each has issued, acknowledged and
// closed, how fast, and what is overdue. For regulators.
import { h, table } from "./dom.js";
import { ask } from "./door.js";
import { province, when } from "./format.js";
import { bars } from "./pictures.js";
import { t } from "./texts.js";

/** The subject; see doc.go. */
export const provincesSubject = { path: "provinces", name: "provinces.nav", kinds: ["reg"], list };

const MEASURES = ["issued", "acknowledged", "hours", "overdue", "closed"];

async function list(main) {
  const stats = await ask("/v1/notices/stats");
  const value = (row, measure) => measure === "hours" ? row.median_hours : row[measure];
  const text = (row, measure) => value(row, measure) === undefined ? t("provinces.none") : String(value(row, measure));
  main.append(
    h("div", { class: "head" }, h("h1", null, t("provinces.title")), h("p", { class: "lead" }, t("provinces.lead", when(stats.as_of)))),
    h("div", { class: "panels" }, MEASURES.map(measure => h("figure", { class: "card panel" },
      h("figcaption", null, h("h2", null, t("provinces." + measure)), measure === "hours" && h("p", { class: "hint" }, t("provinces.hourshint")), measure === "overdue" && h("p", { class: "hint" }, t("provinces.overduehint"))),
      bars(t("provinces." + measure), stats.provinces.map(row => ({ name: province(row.province), value: value(row, measure), text: text(row, measure), class: measure === "overdue" && row.overdue ? "bad" : "" })))))),
    h("section", { class: "card" }, table(t("provinces.table"), [t("provinces.province"), ...MEASURES.map(m => t("provinces." + m))],
      stats.provinces.map(row => [province(row.province), ...MEASURES.map(m => text(row, m))]), { class: "grid numbers" })));
}
