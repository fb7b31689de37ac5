// Saves tables as files. They are asked for with a token, so no link can.
import { announce, h } from "./dom.js";
import { file } from "./door.js";
import { sentence } from "./problem.js";

/** A button for each format; the address takes one more parameter, format. */
export function saveButtons(address, name) {
  return h("span", { class: "tools" }, ["csv", "xlsx"].map(format => {
    const button = h("button", { type: "button", class: "quiet", "data-format": format, onclick: async () => {
      button.disabled = true;
      try {
        save(await file(address + "format=" + format), name + "." + format);
      } catch (e) {
        announce(sentence(e));
      } finally {
        button.disabled = false;
      }
    } }, format.toUpperCase());
    return button;
  }));
}

function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
