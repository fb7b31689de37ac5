// Periods: how urgent one is, and how that is said.
import { h } from "./dom.js";
import { seconds } from "./door.js";
import { about, span, word } from "./format.js";
import { t } from "./texts.js";

/** unknown, overdue, soon or running; "none" without a period. */
export function urgency(d) {
  if (!d) return "none";
  if (!d.due) return "unknown";
  if (d.overdue) return "overdue";
  return d.warn && Date.parse(d.warn) <= seconds() * 1000 ? "soon" : "running";
}

/** How long a period still runs, by how much it is overdue, or why that cannot be said. */
export function left(d) {
  if (!d.due) return t("due.unknown", word("unknown", d.unknown));
  return t(d.overdue ? "due.overdue" : "due.left", span(Date.parse(d.due) - seconds() * 1000));
}

/** A period in one line. */
export function due(d) {
  return h("span", { class: "due " + urgency(d) }, h("span", { class: "due-left" }, left(d)),
    h("span", null, d.act || d.timer, about(d.about) && " · " + about(d.about)));
}
