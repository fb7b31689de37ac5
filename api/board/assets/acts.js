// What can be done with a case, and the form for each act. Both come from
// elsewhere: what may be done from the record (`acts`, which the API computes),
// the form from the subject's table of moves and fields (table.json).
import { announce, h, unique } from "./dom.js";
import { canonical } from "./canonical.js";
import { seconds, submit } from "./door.js";
import { subject, word } from "./format.js";
import { problem } from "./problem.js";
import { pick, t } from "./texts.js";
import { widget } from "./widgets.js";

// The members of a choice that say what an act is about, with the kind of word.
const ABOUT = { for: "recipient", kind: "objection", link: "link" };

// What a choice brings into what is signed, and of what type. The record is the
// server's word: nothing else of it is signed that the form does not show.
const BROUGHT = { for: "string", kind: "string", link: "string", draft: "number" };

/** The members that a choice brings, of those that the move takes. */
function brought(move, choice) {
  const takes = [...(move.needs ?? []), ...(move.may ?? [])];
  return Object.fromEntries(Object.entries(BROUGHT).filter(([name, type]) => takes.includes(name) && typeof choice[name] === type).map(([name]) => [name, choice[name]]));
}

/** The acts that the record offers: a button each, whose form opens below it. */
export function actsOf(name, id, record, again) {
  const card = h("section", { class: "card acts" }, h("h2", { id: "acts" }, t("notice.can")));
  const offered = Map.groupBy(record.acts ?? [], choice => choice.act);
  if (offered.size === 0) card.append(h("p", { class: "lead" }, t("notice.cannot")));
  const kind = subject(name);
  for (const [act, choices] of offered) {
    const move = kind.moves.find(m => m.act === act);
    const body = h("div", { class: "act-body" });
    card.append(h("details", { class: "act", name: "act", "data-act": act, ontoggle: event => {
      if (!event.target.open) return body.replaceChildren();
      body.replaceChildren(form({ kind, id, record, again }, move, choices, event.target));
      body.querySelector("select, input, textarea, button")?.focus();
    } }, h("summary", null, pick(move)), body));
  }
  return card;
}

const aboutOf = choice => Object.entries(ABOUT).filter(([member]) => choice[member]).map(([member, words]) => word(words, choice[member])).join(" · ");

/** The form of one act. */
function form(on, move, choices, holder) {
  const names = [...(move.needs ?? []), ...(move.may ?? [])].filter(name => !(name in ABOUT));
  const fields = on.kind.fields.filter(f => names.includes(f.name)).map(f => widget(f, move, on.record));
  const value = name => fields.find(w => w.field.name === name)?.value()?.[name];
  // A condition on a field that this form does not have is none.
  const applies = condition => Object.keys(condition ?? {}).some(name => names.includes(name));
  const holds = condition => Object.entries(condition ?? {}).some(([name, values]) => values.includes(value(name)));

  const about = choices.length > 1 && h("select", { id: unique("about") }, choices.map((c, i) => h("option", { value: i }, aboutOf(c))));
  const at = h("input", { type: "datetime-local", id: unique("at"), step: 1, "aria-describedby": "at-hint" });
  const preview = h("pre", { class: "code" });
  const error = h("div");
  const say = h("button", { type: "submit", class: "button" }, t("act.say"));

  /** What will be signed. */
  function payload() {
    const now = new Date(at.value ? at.value.padEnd(19, ":00") + "+08:00" : seconds() * 1000).toISOString().replace(/\.\d+/, "");
    const said = brought(move, choices[about ? about.value : 0]);
    for (const w of fields) if (!w.element.hidden) Object.assign(said, w.value());
    return { ...said, [on.kind.about]: on.id, act: move.act, at: now }; // last: nothing goes over what it is about
  }
  /** Which fields are there, and which must be filled in, as the others stand. */
  function arrange() {
    for (const w of fields) {
      w.element.hidden = applies(w.field.when) && !holds(w.field.when);
      w.require(!w.element.hidden && (move.needs?.includes(w.field.name) || applies(w.field.when) || holds(w.field.must)));
    }
    preview.textContent = canonical(payload());
  }
  async function send() {
    const missing = fields.find(w => !w.element.hidden && w.required() && w.value() === undefined);
    if (missing) {
      error.replaceChildren(h("p", { class: "alert", role: "alert" }, t("act.need", pick(missing.field))));
      missing.focus();
      return;
    }
    say.disabled = true;
    error.replaceChildren();
    announce(t("act.busy"));
    try {
      const outcome = await submit(on.kind.type, payload());
      await on.again();
      document.getElementById("acts")?.setAttribute("tabindex", "-1");
      document.getElementById("acts")?.focus();
      const late = outcome.warnings?.some(w => w.code === "late") ? "；" + t("act.late") : "";
      announce(outcome.status === "duplicate" ? t("act.again") : t("act.done", outcome.block, pick(move)) + late);
    } catch (e) {
      error.replaceChildren(problem(e));
      say.disabled = false;
      say.focus();
    }
  }
  const result = h("form", { class: "form", novalidate: true, autocomplete: "off", oninput: arrange, onchange: arrange, onsubmit: event => {
    event.preventDefault();
    send();
  } },
    move.guard && h("p", { class: "hint" }, t("act.guard") + "：" + pick(move.guard)),
    about ? h("div", { class: "field" }, h("label", { for: about.id }, t("part.recipient")), about) : aboutOf(choices[0]) && h("p", { class: "about" }, aboutOf(choices[0])),
    fields.map(w => w.element),
    h("div", { class: "field" }, h("label", { for: at.id }, t("act.at"), h("span", { class: "optional" }, t("act.now"))), at, h("span", { class: "hint", id: "at-hint" }, t("act.athint"))),
    h("details", { class: "fold", open: true }, h("summary", null, t("act.preview")), preview),
    error, h("p", { class: "tools" }, say, h("button", { type: "button", class: "quiet", onclick: () => {
      holder.open = false;
      holder.querySelector("summary").focus();
    } }, t("act.cancel"))));
  arrange();
  return result;
}
