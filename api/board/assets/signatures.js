// Checks, in this browser, who signed what: each document's JWS against the key
// that the ledger has for its signer. Trust in the server that shows the page is
// not needed for more than the list of keys.
import { h } from "./dom.js";
import { ask, askOpenly } from "./door.js";
import { verify } from "./jws.js";
import { t } from "./texts.js";

/** A button that checks the entries and marks their rows in a table. */
export function signatures(entries, table) {
  const result = h("span", { class: "sub", role: "status" });
  const button = h("button", { type: "button", class: "quiet", onclick: async () => {
    button.disabled = true;
    try {
      await check(entries, table, result);
    } finally {
      button.disabled = false;
    }
  } }, t("notice.verify"));
  return h("p", { class: "tools" }, button, result);
}

async function check(entries, table, result) {
  const keys = new Map();
  for (const id of new Set(entries.map(e => e.party))) {
    const record = await askOpenly("/v1/parties/" + encodeURIComponent(id)).catch(() => null);
    keys.set(id, record?.keys.map(k => k.key) ?? []);
  }
  const counts = { valid: 0, invalid: 0, unreadable: 0 };
  for (const entry of entries) {
    const found = await judge(entry, keys.get(entry.party));
    counts[found]++;
    const mark = table.querySelector(`[data-document="${entry.id}"] .verdict-of`);
    mark.textContent = t("notice." + found);
    mark.className = "verdict-of " + found;
  }
  result.textContent = t("notice.verified", entries.length, counts.valid, counts.invalid + counts.unreadable);
}

async function judge(entry, keys) {
  const document = await ask("/v1/documents/" + entry.id).catch(() => null);
  if (!document?.jws) return "unreadable";
  for (const key of keys) {
    if (await verify(document.jws, entry.id, entry.key, key)) return "valid";
  }
  return "invalid";
}
