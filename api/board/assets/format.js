// How values are shown: times in China, names of parties and provinces, spans.
import { askOpenly } from "./door.js";
import { lang, pick, t } from "./texts.js";

let table = null;

/** Loads what the page knows of the domain; see subjects.go. */
export async function loadTable() {
  table = await askOpenly("/board/table.json");
}

export const subject = name => table.subjects[name];
export const provinces = () => table.provinces;

/** Divisions that lie in one; without it the provinces. */
export const divisionsIn = parent => table.divisions.filter(d => (d.parent ?? "") === (parent ?? ""));

/** What can be wrong with a shop: those for which service is refused first. */
export const reasons = () => table.reasons;
export const reason = code => table.reasons.find(r => r.code === code) ?? { code, severity: "refuse", zh: code, en: code, remedy: {} };

/** A division's name, from the province down. */
export function division(code) {
  const d = table.divisions.find(d => d.code === code);
  if (!d) return code ?? "";
  return d.parent ? division(d.parent) + (lang() === "en" ? " " : "") + pick(d) : pick(d);
}

/** The word for a value of a kind, or the value where there is none. */
export const word = (kind, value) => pick(table.words[kind]?.[value]) || value || "";

const clock = (locale, options) => new Intl.DateTimeFormat(locale, { timeZone: "Asia/Shanghai", hourCycle: "h23", ...options });
const minutes = { year: "numeric", day: "2-digit", hour: "2-digit", minute: "2-digit" };

/** A time in China, to the minute, as the consumer's pages have it: 2026-11-22 22:59, 22 Nov 2026, 22:59. */
export const when = at => (lang() === "en" ? clock("en-GB", { ...minutes, month: "short" }) : clock("sv-SE", { ...minutes, month: "2-digit" })).format(new Date(at));
export const day = at => clock(lang() === "en" ? "en-GB" : "zh-CN", { month: "2-digit", day: "2-digit" }).format(new Date(at));

/** A length of time in the largest fitting unit. */
export function span(milliseconds) {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  if (minutes < 120) return t("due.minutes", minutes);
  if (minutes < 48 * 60) return t("due.hours", Math.round(minutes / 60));
  return t("due.days", Math.round(minutes / 1440));
}

/** A province's name by its code. */
export const province = code => pick(table.provinces.find(p => p.code === code)) || code || "";

const names = new Map();

/** A party's name, from what rememberParty has seen; else its id. */
export function party(id) {
  if (!id) return "";
  if (id.startsWith("reg:")) return lang() === "en" ? province(id.slice(4)) + " regulator" : province(id.slice(4)) + "市场监管局";
  return pick(names.get(id)) || id;
}

export function rememberParty(record) {
  if (record.admission) names.set(record.id, { zh: record.admission.name, en: record.admission.name_en || record.admission.name });
}

/** Asks for the names of parties, each once; one that is not there keeps its id. */
export async function learnParties(ids) {
  const unknown = [...new Set(ids)].filter(id => id && !id.startsWith("reg:") && !names.has(id));
  await Promise.all(unknown.map(async id => {
    names.set(id, undefined);
    try {
      rememberParty(await askOpenly("/v1/parties/" + encodeURIComponent(id)));
    } catch { /* its id will do */ }
  }));
}

/** What a period is about: a province, a recipient, a link, or an objection. */
export function about(what) {
  if (!what) return "";
  if (what.includes("/")) {
    const [kind, recipient] = what.split("/");
    return word("objection", kind) + " · " + word("recipient", recipient);
  }
  return pick(table.words.recipient[what]) || pick(table.words.link[what]) || province(what);
}
