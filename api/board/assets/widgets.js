// The inputs of a form, one for each kind of field (fields.go). A widget has an
// element, says what it holds as members of the payload (undefined: nothing), and
// whether it must hold something.
import { h, unique } from "./dom.js";
import { about, when } from "./format.js";
import { hex, sha256 } from "./jws.js";
import { pick, t } from "./texts.js";

/** The widget of a field, for an act on a record. */
export function widget(field, move, record) {
  const { input, value, labelled } = kinds[field.kind](field, move, record);
  const optional = h("span", { class: "optional" }, t("act.optional"));
  const hint = field.hint && h("span", { class: "hint", id: unique("hint") }, pick(field.hint));
  if (hint) input.setAttribute("aria-describedby", hint.id);
  input.id ||= unique(field.name);
  const element = labelled
    ? h("fieldset", { class: "field", "data-field": field.name }, h("legend", null, pick(field), optional), input, hint)
    : h("div", { class: "field", "data-field": field.name }, h("label", { for: input.id }, pick(field), optional), input, hint);
  let needed = false;
  return {
    field, element, value: () => value(),
    required: () => needed,
    require(must) {
      needed = must;
      optional.hidden = must;
      if (!labelled) input.required = must;
    },
    focus: () => (labelled ? input.querySelector("input, button, select") : input).focus(),
  };
}

const member = (name, value) => value === "" || value === undefined ? undefined : { [name]: value };

const kinds = {
  text(field) {
    const input = h("input", { type: "text", maxlength: field.most, autocomplete: "off", spellcheck: "false" });
    return { input, value: () => member(field.name, input.value.trim()) };
  },
  longtext(field) {
    const input = h("textarea", { rows: 3, maxlength: field.most });
    return { input, value: () => member(field.name, input.value.trim().replace(/\r\n?/g, "\n")) };
  },
  choice(field, move) {
    const options = field.options.filter(o => !o.acts || o.acts.includes(move.act));
    const input = h("select", null, h("option", { value: "" }, t("act.choose")), options.map(o => h("option", { value: o.value }, pick(o))));
    return { input, value: () => member(field.name, input.value) };
  },
  items(field, move, record) {
    const boxes = record.failed.map(f => h("input", { type: "checkbox", value: f.seq, disabled: f.microbiological, checked: !f.microbiological }));
    const input = h("div", { class: "boxes" }, record.failed.map((f, i) =>
      h("label", { class: "check" }, boxes[i], f.parameter, f.microbiological && h("span", { class: "hint" }, t("notice.micro")))));
    return { input, labelled: true, value() {
      const chosen = boxes.filter(b => b.checked).map(b => Number(b.value));
      return chosen.length ? { [field.name]: chosen } : undefined;
    } };
  },
  // A period names its timer, and in for, kind and link what it is about.
  timer(field, move, record) {
    const running = record.deadlines.filter(d => d.status === "running" && !d.extended);
    const input = h("select", null, h("option", { value: "" }, t("act.choose")), running.map((d, i) =>
      h("option", { value: i }, [d.timer, d.act, about(d.about), d.due && when(d.due)].filter(Boolean).join(" · "))));
    return { input, value() {
      if (input.value === "") return undefined;
      const d = running[input.value];
      const [first, second] = (d.about ?? "").split("/");
      if (second) return { timer: d.timer, kind: first, for: second };
      if (["production", "distribution", "catering", "online"].includes(first)) return { timer: d.timer, link: first };
      return { timer: d.timer, ...(["unit", "producer", "platform"].includes(first) && { for: first }) };
    } };
  },
  evidence(field) {
    const input = h("div", { class: "papers" });
    const papers = [];
    const changed = () => input.dispatchEvent(new Event("input", { bubbles: true }));
    const add = () => {
      const paper = paperOf(papers.length + 1, () => {
        papers.splice(papers.indexOf(paper), 1);
        paper.element.remove();
        more.focus();
        changed();
      }, changed);
      papers.push(paper);
      input.insertBefore(paper.element, more);
      return paper;
    };
    const more = h("button", { type: "button", class: "quiet", onclick: () => add().name.focus() }, t("evidence.add"));
    input.append(more);
    add();
    return { input, labelled: true, value() {
      const list = papers.map(p => p.value()).filter(p => p.name);
      return list.length ? { [field.name]: list } : undefined;
    } };
  },
  day(field) {
    const input = h("input", { type: "date" });
    return { input, value: () => member(field.name, input.value) };
  },
  lines(field) {
    const input = h("textarea", { rows: 3, maxlength: field.most });
    return { input, value() {
      const list = input.value.split(/\r?\n/).map(line => line.trim()).filter(Boolean);
      return list.length ? { [field.name]: list } : undefined;
    } };
  },
  object(field, move, record) {
    const members = field.members.map(m => ({ ...kinds[m.kind](m, move, record), field: m }));
    const input = h("div", { class: "public-row" }, members.map(m => {
      m.input.id = unique(m.field.name);
      return h("div", { class: "field" }, h("label", { for: m.input.id }, pick(m.field)), m.input);
    }));
    return { input, labelled: true, value() {
      const value = Object.assign({}, ...members.map(m => m.value()));
      return Object.keys(value).length ? { [field.name]: value } : undefined;
    } };
  },
  codes(field, move, record) {
    const input = h("input", { type: "text", autocomplete: "off", inputmode: "numeric", value: (record[field.name] ?? []).join(" ") });
    return { input, value() {
      const list = [...new Set(input.value.split(/[\s,，、;；]+/).filter(Boolean))];
      return list.length ? { [field.name]: list } : undefined;
    } };
  },
  // Amounts by region: they begin with what was said last, and bring their unit.
  amounts(field, move, record) {
    const input = h("div", { class: "papers" });
    const regions = [];
    const add = said => {
      const boxes = ["region", "made", "sold", "recalled", "destroyed"].map(name => [name, h("input", { type: "text", inputmode: "decimal", maxlength: 20, autocomplete: "off", value: said[name] ?? "" })]);
      const region = { value: () => Object.fromEntries(boxes.map(([name, box]) => [name, box.value.trim() || undefined])) };
      region.element = h("div", { class: "region" }, boxes.map(([name, box]) => h("label", null, name === "region" ? t("amounts.code") : t("recalls." + name) + " (" + record.unit + ")", box)),
        h("button", { type: "button", class: "quiet", onclick: () => {
          regions.splice(regions.indexOf(region), 1);
          region.element.remove();
          input.dispatchEvent(new Event("input", { bubbles: true }));
          more.focus();
        } }, t("evidence.remove")));
      regions.push(region);
      input.insertBefore(region.element, more);
    };
    const more = h("button", { type: "button", class: "quiet", onclick: () => {
      add({});
      regions.at(-1).element.querySelector("input").focus();
    } }, t("amounts.add"));
    input.append(more);
    for (const said of record.amounts ?? [{}]) add(said);
    return { input, labelled: true, value() {
      const list = regions.map(r => r.value()).filter(r => r.region);
      return list.length ? { [field.name]: list, unit: record.unit } : undefined;
    } };
  },
  row(field, move, record) {
    // Only what is shown here is taken over from the record, which is the server's word.
    const given = record.row ?? { food_name: record.food_name, failures: record.failed };
    const draft = { failures: given.failures.map(f => ({ parameter: f.parameter, result: f.result ?? "", limit: f.limit ?? "", ...(f.label && { label: f.label }) })) };
    for (const m of field.members) if (typeof read(given, m.name) === "string") write(draft, m.name, read(given, m.name));
    const input = h("div", { class: "public-row" });
    for (const m of field.members) {
      const box = h(m.kind === "longtext" ? "textarea" : "input", { id: unique("row"), maxlength: m.most, value: read(draft, m.name) ?? "", oninput: () => write(draft, m.name, box.value.trim()) });
      input.append(h("div", { class: "field" }, h("label", { for: box.id }, pick(m)), box));
    }
    for (const failure of draft.failures) {
      input.append(h("div", { class: "failure" }, h("strong", null, failure.parameter), ["result", "limit", "label"].map(name =>
        h("label", null, t("row." + name), h("input", { value: failure[name] ?? "", maxlength: 400, oninput: event => { write(failure, name, event.target.value.trim()); } })))));
    }
    return { input, labelled: true, value: () => ({ [field.name]: draft }) };
  },
};

// A paper: what it is called, its number, and the digest of a file that is read
// here and sent nowhere.
function paperOf(n, remove, changed) {
  const name = h("input", { type: "text", maxlength: 200, autocomplete: "off", "aria-label": t("evidence.paper", n) + " " + t("evidence.name"), placeholder: t("evidence.name") });
  const no = h("input", { type: "text", maxlength: 100, autocomplete: "off", "aria-label": t("evidence.paper", n) + " " + t("evidence.no"), placeholder: t("evidence.no") });
  const digest = h("span", { class: "code sub" });
  let sum;
  const file = h("input", { type: "file", "aria-label": t("evidence.paper", n) + " " + t("evidence.file"), onchange: async () => {
    const chosen = file.files[0];
    sum = chosen && hex(await sha256(await chosen.arrayBuffer()));
    digest.textContent = sum ? "SHA-256 " + sum.slice(0, 16) + "…" : "";
    if (chosen && !name.value) name.value = chosen.name;
    changed();
  } });
  const element = h("div", { class: "paper" }, name, no, h("label", { class: "file" }, h("span", { class: "hint" }, t("evidence.file")), file), digest,
    h("button", { type: "button", class: "quiet", "aria-label": t("evidence.remove") + " " + t("evidence.paper", n), onclick: remove }, t("evidence.remove")));
  return { element, name, value: () => ({ name: name.value.trim(), no: no.value.trim() || undefined, sha256: sum }) };
}

/** Reads a member by its path, such as claimed_producer.name. */
const read = (object, path) => path.split(".").reduce((o, name) => o?.[name], object);

/** Writes a member by its path; an empty text takes it away. */
function write(object, path, value) {
  const [name, ...rest] = path.split(".");
  if (rest.length > 0) return write(object[name] ??= {}, rest.join("."), value);
  if (value === "") delete object[name];
  else object[name] = value;
}
