// What went wrong, as the API says it (RFC 9457): the sentence, the place, what
// was found and what was expected.
import { h, facts } from "./dom.js";
import { pick, t } from "./texts.js";

/** The sentence alone. */
export function sentence(error) {
  if (error.problem) return pick(error.problem);
  return error.status === 0 ? t("error.offline") : error.message;
}

/** A block that shows an error. */
export function problem(error) {
  const p = error.problem ?? {};
  return h("div", { class: "alert", role: "alert" }, h("div", null, h("strong", null, t("error.title")), h("p", null, sentence(error)),
    facts([t("error.place"), p.field], [t("error.found"), p.found], [t("error.expected"), p.expected], [t("error.request"), p.request_id])));
}
