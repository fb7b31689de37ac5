// The disclosure rate: of the shops that are open and need a licence, how many show
// one, and how many show one that is valid, their own and verified in time. The
// server cuts percentages off and never rounds them up; they are shown as they come.
import { facts, h, table } from "./dom.js";
import { ask, seconds } from "./door.js";
import { series } from "./pictures.js";
import { t } from "./texts.js";

const DAYS = 30;

/** Panels with the last day's rate of a cell, {platform, division}, and its time series. */
export async function ratePanels(cell) {
  const from = new Date((seconds() - DAYS * 86_400) * 1000).toISOString().slice(0, 10);
  const days = (await ask("/v1/disclosure?" + new URLSearchParams({ ...cell, from }))).items;
  const last = days.at(-1);
  if (!last) return [];
  return [
    h("section", { class: "card panel rate" }, h("h2", null, t("rate.title", last.day)), figure("strict", last.strict_percent, last.strict, last.base), figure("nominal", last.nominal_percent, last.nominal, last.base),
      facts([t("rate.unknown"), String(last.unknown)], [t("rate.exempt"), String(last.exempt)]),
      !cell.platform && h("p", { class: "hint" }, t("rate.together"))),
    h("section", { class: "card panel" }, h("h2", null, t("rate.series", DAYS)),
      series(t("rate.series", DAYS), days.map(d => ({ day: d.day, strict: number(d.strict_percent), nominal: number(d.nominal_percent) })), [["nominal", t("rate.nominal")], ["strict", t("rate.strict")]]),
      h("p", { class: "legend" }, h("span", { class: "strict" }, t("rate.strict")), h("span", null, t("rate.nominal"))),
      h("details", { class: "fold" }, h("summary", null, t("rate.table")), table(t("rate.series", DAYS), [t("rate.day"), t("rate.strict"), t("rate.nominal"), t("rate.unknown")],
        days.toReversed().map(d => [d.day, share(d.strict_percent, d.strict, d.base), share(d.nominal_percent, d.nominal, d.base), String(d.unknown)]), { class: "grid numbers" }))),
  ];
}

const number = percent => percent === undefined ? undefined : Number(percent);

const share = (percent, n, all) => percent === undefined ? "—" : `${percent}%（${n}/${all}）`;

function figure(name, percent, n, all) {
  return h("p", { class: "quota" }, h("span", { class: "sub" }, t("rate." + name)),
    h("strong", null, percent === undefined ? "—" : percent + "%"), h("span", { class: "sub" }, t("rate.of", n, all)), h("span", { class: "hint" }, t("rate." + name + "hint")));
}
