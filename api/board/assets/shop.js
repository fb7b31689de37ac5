// One shop of a platform, compared with the register as it is now: what is wrong, what
// to do about it, the licence's standing, the verification on record, and how the
// page stood before.
import { head } from "./case.js";
import { facts, h, table } from "./dom.js";
import { ask, seconds } from "./door.js";
import { division, learnParties, party, reason, span, when, word } from "./format.js";
import { lang, pick, t } from "./texts.js";

/** Shows a shop, by its platform and number. */
export async function detail(main, id) {
  const [platform, number] = id.split("/");
  const [check] = await Promise.all([ask("/v1/listings/" + encodeURIComponent(number) + "/check?platform=" + encodeURIComponent(platform)), learnParties([platform])]);
  const { listing, result } = check;
  main.append(
    head("shops", listing.name, [h("span", { class: "state " + result.verdict }, word("standing", result.verdict)), state(listing)],
      [t("shops.platform"), party(platform)], [t("shop.number"), h("span", { class: "code" }, listing.shop)], [t("shop.address"), listing.address],
      [t("shop.division"), division(listing.division)], [t("shop.page"), listing.page && h("a", { href: listing.page, target: "_blank", rel: "noopener noreferrer" }, t("shop.open"))],
      [t("shop.licence"), listing.licence ? h("span", { class: "code" }, listing.licence) : t("shop.none")], [t("shop.holder"), listing.holder], [t("shop.read"), when(listing.at)]),
    h("p", { class: "hint asof" }, t("shop.asof", when(check.as_of.time), check.as_of.block)),
    check.stale ? h("p", { class: "alert", role: "status" }, pick(check.stale)) : "",
    h("div", { class: "shop-columns" }, findings(result.findings ?? [], result.address), h("div", { class: "stack" }, licence(result.licence), verified(check.verifications ?? [])), history(listing)));
}

function state(listing) {
  if (listing.removed || !listing.listed) return h("span", { class: "tag quiet" }, t("shop.removed"));
  return listing.closed ? h("span", { class: "tag quiet" }, t("shop.closed")) : "";
}

/** What was found and expected: not a day, nor in Chinese a phrase in English; the sentence has these. */
const legible = text => /^\d{4}-\d\d-\d\d$/.test(text ?? "") || lang() !== "en" && /[a-z]{2}/.test(text ?? "") ? "" : text;

function findings(list, address) {
  return h("section", { class: "card" }, h("h2", null, t("shop.findings"), list.length > 0 && [" ", h("span", { class: "count" }, list.length)]),
    list.length === 0 ? h("p", { class: "lead good" }, t("shop.nofindings")) : h("ul", { class: "plain findings" }, list.map(f => h("li", { class: f.severity, "data-code": f.code },
      h("h3", null, pick(reason(f.code)), h("span", { class: "why " + f.severity }, word("severity", f.severity))), h("p", null, pick(f)),
      facts([t("shop.found"), legible(f.found)], [t("shop.expected"), legible(f.expected)]),
      h("p", { class: "remedy" }, pick(reason(f.code).remedy))))),
    address?.differences?.length ? h("p", { class: "hint" }, t("shop.differs", address.differences.filter(d => d.a || d.b).map(d => `${d.a || "—"} / ${d.b || "—"}`).join("；"))) : "");
}

function licence(l) {
  if (!l) return h("section", { class: "card" }, h("h2", null, t("shop.register")), h("p", { class: "lead" }, t("shop.notfound")));
  return h("section", { class: "card" }, h("h2", null, t("shop.register")), h("p", { class: "chips" }, h("span", { class: "state " + (l.status === "valid" ? "valid" : "invalid") }, word("licence", l.status)), h("span", { class: "sub" }, t("shop.since", l.since))),
    facts([t("shop.licence"), h("a", { class: "code", href: "/licences/" + encodeURIComponent(l.licence), target: "_blank", rel: "noopener" }, l.licence)], [t("shop.holder"), l.holder?.name], [t("shop.storefront"), l.storefront],
      [t("shop.premises"), l.premises], [t("shop.validity"), [l.valid_from, l.valid_to].filter(Boolean).join(" – ")], [t("shop.items"), (l.items ?? []).map(i => i.name).join(t("shops.comma"))]));
}

/** The latest verification on record, and those before it. */
function verified([v, ...before]) {
  if (!v) return h("section", { class: "card" }, h("h2", null, t("shop.verification")), h("p", { class: "lead" }, t("shop.never")));
  const left = v.due && Date.parse(v.due) - seconds() * 1000;
  return h("section", { class: "card" }, h("h2", null, t("shop.verification")),
    facts([t("shop.verifiedat"), when(v.at)], [t("shop.verifiedas"), outcome(v)], [t("shop.verifiedagainst"), t("history.block", v.height)],
      [t("shop.due"), v.due ? [when(v.due), h("strong", { class: left < 0 ? "sub failed" : "sub" }, t(left < 0 ? "due.overdue" : "due.left", span(left)))] : t("shopdue.unknown")],
      [t("shop.record"), h("span", { class: "code" }, v.verification)]),
    before.length > 0 && h("details", { class: "fold" }, h("summary", null, t("shop.before", before.length)),
      table(t("shop.verification"), [t("shop.verifiedon"), t("shop.verifiedas"), t("shop.record")], before.map(b => [when(b.at), outcome(b), h("span", { class: "code sub" }, b.verification)]))));
}

const outcome = v => [word("standing", v.verdict), v.codes?.length && h("span", { class: "sub" }, v.codes.map(c => pick(reason(c))).join(t("shops.comma")))];

/** How the page stood before, the last first. */
function history(listing) {
  const rows = (listing.periods ?? []).toReversed().map(p => [[when(p.since), h("span", { class: "sub" }, t("shop.until", when(p.last)))], p.content.name, p.content.address,
    p.content.licence ? h("span", { class: "code" }, p.content.licence) : t("shop.none"), t(p.content.removed ? "shop.removed" : p.content.closed ? "shop.closed" : "shop.trading")]);
  return h("section", { class: "card" }, h("h2", null, t("shop.history")), table(t("shop.history"), [t("shop.seen"), t("shop.name"), t("shop.address"), t("shop.licence"), t("inbox.state")], rows));
}
