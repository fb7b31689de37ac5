// The board: who is signed in, which subject is open, in which language.
// Addresses are #/<subject>?<filters> for a list and #/<subject>/<id> for a case.
import { announce, h } from "./dom.js";
import { loadTable, party } from "./format.js";
import { problem } from "./problem.js";
import { current, onChange, signOut } from "./session.js";
import { showSignIn } from "./signin.js";
import { subjects } from "./subjects.js";
import { lang, setLang, t } from "./texts.js";

const element = id => document.getElementById(id);
const main = element("main");
let showing = 0; // only the last thing asked for is shown

const usable = () => subjects.filter(s => !s.kinds || s.kinds.includes(current().party.split(":")[0]));

/** What the address asks for. */
function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  return { subject: usable().find(s => s.path === name) ?? subjects[0], id: decodeURIComponent(rest.join("/")), query: new URLSearchParams(query) };
}

function frame() {
  const signer = current();
  element("brand").textContent = t(!signer || signer.party.startsWith("reg:") ? "board.title" : "board.business");
  element("skip").textContent = t("board.skip");
  element("foot").textContent = t("board.foot");
  element("nav").setAttribute("aria-label", t("board.nav"));
  const other = lang() === "en" ? "zh" : "en";
  const change = element("switch");
  change.textContent = other === "en" ? "English" : "中文";
  change.lang = change.hreflang = other === "en" ? "en" : "zh-Hans";
  change.href = "?lang=" + other + location.hash;
  element("nav").replaceChildren(...(signer ? usable().map(s => h("a", { href: "#/" + s.path, "aria-current": place().subject === s && "page" }, t(s.name))) : []));
  element("who").replaceChildren(...(signer ? [
    h("span", { class: "me", title: t("sign.key") + " " + signer.kid }, h("strong", null, party(signer.party)), h("span", { class: "code" }, signer.party)),
    h("button", { type: "button", id: "signout", class: "quiet", onclick: () => signOut("bye") }, t("sign.out"))] : []));
}

/** Shows what the address asks for. quiet: where it is already, so the focus stays. */
async function show(quiet) {
  const turn = ++showing;
  frame();
  if (!current()) return;
  const { subject, id, query } = place();
  const view = h("div", { class: "view" });
  if (!quiet) main.replaceChildren(h("p", { class: "lead" }, t("board.loading")));
  try {
    await (id && subject.detail ? subject.detail(view, id, () => show(true)) : subject.list(view, query, () => show(true)));
  } catch (error) {
    if (!current()) return;
    view.replaceChildren(problem(error), h("button", { type: "button", class: "quiet", onclick: () => show() }, t("board.try")));
  }
  if (turn !== showing || !current()) return;
  main.replaceChildren(view);
  const heading = main.querySelector("h1");
  document.title = (heading?.textContent ?? "") + " · " + element("brand").textContent;
  if (!quiet && heading) {
    heading.tabIndex = -1;
    heading.focus();
    announce(t("board.loaded", heading.textContent), true);
  }
}

async function showDoor(why) {
  frame();
  document.title = t("sign.title") + " · " + t("board.title");
  await showSignIn(main, why);
  if (why) announce(t("sign." + why));
}

onChange(why => {
  showing++;
  if (current()) show();
  else showDoor(why);
});
addEventListener("hashchange", () => { if (current()) show(); });
addEventListener("pageshow", event => { if (event.persisted && !current()) showDoor("left"); });
element("skip").addEventListener("click", event => {
  event.preventDefault();
  main.focus();
});
element("switch").addEventListener("click", event => {
  event.preventDefault();
  setLang(lang() === "en" ? "zh" : "en");
  history.replaceState(null, "", "?lang=" + lang() + location.hash);
  if (current()) show(true);
  else showDoor();
});

try {
  await loadTable();
  await showDoor();
} catch (error) {
  main.replaceChildren(problem(error));
}
