// Makes elements. Texts only ever become text: the page's policy forbids markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter(c => c !== undefined && c !== null && c !== false));
  return element;
}

/** An HTML element: h("p", {class: "hint"}, "text", …). */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** A table with a caption, headings, and rows of cells; the first cell heads its row. */
export function table(caption, headings, rows, attributes) {
  return h("table", { class: "grid", ...attributes },
    h("caption", null, caption),
    h("thead", null, h("tr", null, headings.map(text => h("th", { scope: "col" }, text)))),
    h("tbody", null, rows.map(row => h("tr", row.attributes, (row.cells ?? row).map((cell, i) =>
      i === 0 ? h("th", { scope: "row" }, cell) : h("td", { "data-label": headings[i] }, cell))))));
}

/** Terms and what they are; empty ones are left out. */
export function facts(...pairs) {
  return h("dl", { class: "facts" }, pairs.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false)
    .map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value))));
}

let serial = 0;

/** A name for an element that others refer to. */
export const unique = prefix => prefix + "-" + ++serial;

/** Says something to all, or, aside, only to those who listen instead of look. */
export function announce(text, aside) {
  const status = document.getElementById("status");
  status.className = aside ? "hidden" : "";
  status.textContent = "";
  // A region that is filled in the same turn in which it is emptied is not read again.
  setTimeout(() => { status.textContent = text; }, 50);
}
