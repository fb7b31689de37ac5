// Signing in: a key file or a pasted key becomes a CryptoKey, is compared with
// the public key on the ledger, and is tried with one request.
import { h, announce, unique } from "./dom.js";
import { address, ask, askOpenly, home } from "./door.js";
import { rememberParty } from "./format.js";
import { KeyError, readKey, supported } from "./jws.js";
import { sentence } from "./problem.js";
import { signIn } from "./session.js";
import { t } from "./texts.js";

const LONGEST = 20_000; // characters; a key file has 300

/** Takes a key to the ledger; an error is a KeyError or a Refusal. */
async function enter(source, party) {
  if (!home) throw Object.assign(new KeyError("elsewhere"), { party: address });
  const signer = await readKey(source, party || undefined);
  let record;
  try {
    record = await askOpenly("/v1/parties/" + encodeURIComponent(signer.party));
  } catch (e) {
    throw e.status === 404 || e.status === 400 ? Object.assign(new KeyError("unknown_party"), { party: signer.party }) : e;
  }
  if (record.status !== "active") throw Object.assign(new KeyError("suspended"), { party: signer.party });
  rememberParty(record);
  try {
    await ask("/v1/notices?limit=1&party=" + encodeURIComponent(signer.party), signer);
  } catch (e) {
    throw e.status === 401 ? Object.assign(new KeyError("other_key"), { party: signer.party }) : e;
  }
  signIn(signer);
}

/** What is wrong, in words. */
const explain = error => error instanceof KeyError ? t("key." + error.reason, error.party ?? "") : sentence(error);

/** Shows the form. why says why nobody is signed in, if there is a reason. */
export async function showSignIn(main, why) {
  if (!await supported()) {
    main.replaceChildren(h("section", { class: "card sign" }, h("h1", { tabindex: -1 }, t("sign.title")), h("p", { class: "alert", role: "alert" }, t("sign.unsupported"))));
    return;
  }
  const error = h("p", { class: "alert", role: "alert", id: unique("error"), hidden: true });
  const file = h("input", { type: "file", id: "keyfile", class: "hidden", accept: ".json,application/json", "aria-describedby": "keyfile-hint", onchange: () => file.files[0] && take(file.files[0]) });
  const paste = h("textarea", { id: "keytext", rows: 3, maxlength: LONGEST, autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: '{"party": …, "key": …}' });
  const party = h("input", { id: "keyparty", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: 40, "aria-describedby": "party-hint" });
  const button = h("button", { type: "submit", class: "button" }, t("sign.in"));

  function fail(e) {
    error.textContent = explain(e);
    error.hidden = false;
  }
  async function attempt(source) {
    error.hidden = true;
    button.disabled = true;
    announce(t("sign.checking"), true);
    try {
      await enter(source, party.value.trim());
    } catch (e) {
      fail(e);
    } finally {
      file.value = "";
      paste.value = "";
      button.disabled = false;
    }
  }
  async function take(chosen) {
    if (chosen.size > LONGEST) fail(new KeyError("too_long"));
    else await attempt(await chosen.text());
  }
  const drop = h("label", { class: "drop", for: "keyfile",
    ondragover: event => { event.preventDefault(); drop.classList.add("over"); },
    ondragleave: () => drop.classList.remove("over"),
    ondrop: event => {
      event.preventDefault();
      drop.classList.remove("over");
      if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
    } },
    file, h("span", { class: "button" }, t("sign.file")), h("span", null, t("sign.drop")), h("span", { class: "hint", id: "keyfile-hint" }, t("sign.made")));

  main.replaceChildren(h("section", { class: "card sign" },
    h("h1", { tabindex: -1 }, t("sign.title")), h("p", { class: "lead" }, t("sign.lead")),
    why && h("p", { class: "alert", role: "status" }, t("sign." + why)), error, drop,
    h("form", { autocomplete: "off", onsubmit: event => {
      event.preventDefault();
      if (paste.value.trim()) attempt(paste.value);
      else {
        fail(new KeyError("empty"));
        paste.focus();
      }
    } },
      h("details", { class: "fold" }, h("summary", null, t("sign.paste")),
        h("label", { for: "keytext" }, t("sign.pasted")), paste,
        h("label", { for: "keyparty" }, t("sign.party")), party, h("span", { class: "hint", id: "party-hint" }, t("sign.partyhint")),
        button))));
}
