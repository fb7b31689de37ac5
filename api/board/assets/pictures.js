// Pictures as SVG: bars, and the time line of a case. Each has a title and a
// description; whoever cannot see it has the same in a table beside it.
import { s, unique } from "./dom.js";
import { day, when } from "./format.js";
import { seconds } from "./door.js";
import { t } from "./texts.js";

/** A picture of a size, with its title and description. */
function picture(width, height, title, description, attributes, ...children) {
  const [a, b] = [unique("title"), unique("desc")];
  return s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-labelledby": a + " " + b, ...attributes },
    s("title", { id: a }, title), s("desc", { id: b }, description), children);
}

/** Horizontal bars: [{name, value, text}], the longest as wide as there is room. */
export function bars(title, entries) {
  const [width, line, label] = [320, 30, 76];
  const room = 20 + 9 * Math.max(...entries.map(e => e.text.length)); // for what is written after a bar
  const most = Math.max(1, ...entries.map(e => e.value ?? 0));
  return picture(width, entries.length * line, title, entries.map(e => e.name + " " + e.text).join("；"), { class: "bars" },
    entries.map((e, i) => {
      const long = e.value ? Math.max(3, (width - label - room) * e.value / most) : 0;
      return s("g", { class: e.class }, s("text", { x: 0, y: i * line + 20, class: "bar-name" }, e.name),
        s("rect", { x: label, y: i * line + 6, width: long, height: 20, rx: 3, class: "bar-fill" }),
        s("text", { x: label + long + 8, y: i * line + 20, class: "bar-value" }, e.text));
    }));
}

/** The time line: documents as dots on one line, periods as bars below it. */
export function timeline({ name, documents, periods }) {
  const now = seconds() * 1000;
  const times = [now, ...documents.map(d => Date.parse(d.at)), ...periods.flatMap(p => [Date.parse(p.from), Date.parse(p.due)])];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const [width, edge, row, top] = [720, 14, 22, 56];
  const x = at => edge + (width - 2 * edge) * (Date.parse(at) - first || 0) / (last - first || 1);
  const nowX = edge + (width - 2 * edge) * (now - first) / (last - first || 1);
  const height = top + periods.length * row + 26;
  const ticks = [0, 1, 2, 3, 4].map(i => first + (last - first) * i / 4);
  return picture(width, height, t("line.title", name), t("line.desc", documents.length, periods.length), { class: "timeline" },
    ticks.map((at, i) => s("text", { x: x(new Date(at)), y: height - 6, class: "tick", "text-anchor": i === 0 ? "start" : i === 4 ? "end" : "middle" }, day(at))),
    s("line", { x1: nowX, x2: nowX, y1: 22, y2: height - 22, class: "now" }),
    s("text", { x: Math.min(nowX, width - 28), y: 14, class: "tick", "text-anchor": "middle" }, t("line.now")),
    s("line", { x1: edge, x2: width - edge, y1: 36, y2: 36, class: "axis" }),
    documents.map(d => s("circle", { cx: x(d.at), cy: 36, r: 6, class: d.late ? "dot late" : "dot" }, s("title", null, d.name + " · " + when(d.at)))),
    periods.map((p, i) => period(p, x, top + i * row, row, width)));
}

/** A period: a bar from its beginning to its end, and a mark where it was met. */
function period(p, x, y, row, width) {
  const overdue = p.status === "running" && Date.parse(p.due) < seconds() * 1000;
  const kind = p.status === "running" ? overdue ? "late" : "running" : p.status === "lapsed" ? "lapsed" : p.late ? "late" : "met";
  const [from, to] = [x(p.from), x(p.due)];
  const right = to > width * 0.6;
  return s("g", { class: "period " + kind }, s("title", null, p.name + " · " + when(p.from) + " – " + when(p.due) + " · " + t("line." + kind)),
    s("rect", { x: from, y: y + 3, width: Math.max(3, to - from), height: row - 8, rx: 3 }),
    p.at && p.status === "met" && s("circle", { cx: x(p.at), cy: y + row / 2 - 1, r: 4 }),
    s("text", { x: right ? Math.max(from, 14) + 4 : to + 6, y: y + row - 8, class: right ? "in" : "" }, p.name));
}

/**
 * A time series in percent: points [{day, <name>: number}] and lines [[name, text]]. The
 * scale begins below the lowest value, and says where; a day without a value, or that is
 * not among the points, breaks a line.
 */
export function series(title, points, lines) {
  const [width, height, left, bottom] = [320, 170, 34, 22];
  const values = points.flatMap(p => lines.map(([name]) => p[name])).filter(v => v !== undefined);
  const low = Math.min(90, 10 * Math.floor(Math.min(100, ...values) / 10));
  const times = points.map(p => Date.parse(p.day));
  const [first, last] = [times[0], times.at(-1)];
  const x = time => last === first ? (left + width) / 2 : left + (width - left - 8) * (time - first) / (last - first);
  const y = value => 12 + (height - bottom - 12) * (100 - value) / (100 - low);
  const begins = (name, i) => i === 0 || points[i - 1][name] === undefined || times[i] - times[i - 1] > 86_400_000;
  const alone = (name, i) => begins(name, i) && (i === points.length - 1 || begins(name, i + 1));
  const label = i => points[i].day.slice(5);
  return picture(width, height, title, points.map(p => p.day + " " + lines.map(([name, text]) => text + " " + (p[name] ?? "—")).join(" ")).join("；"), { class: "series" },
    [100, (100 + low) / 2, low].map(v => [s("line", { x1: left, x2: width, y1: y(v), y2: y(v), class: "rule" }), s("text", { x: left - 4, y: y(v) + 4, class: "tick", "text-anchor": "end" }, v + "%")]),
    lines.map(([name, text]) => s("g", { class: "line " + name }, s("title", null, text),
      s("path", { d: points.map((p, i) => p[name] === undefined ? "" : (begins(name, i) ? "M" : "L") + x(times[i]).toFixed(1) + " " + y(p[name]).toFixed(1)).join("") }),
      points.map((p, i) => p[name] !== undefined && (points.length < 12 || i === points.length - 1 || alone(name, i)) && s("circle", { cx: x(times[i]), cy: y(p[name]), r: 3 }, s("title", null, p.day + " " + p[name] + "%"))))),
    s("text", { x: x(first), y: height - 6, class: "tick", "text-anchor": last === first ? "middle" : "start" }, label(0)),
    last !== first && s("text", { x: width, y: height - 6, class: "tick", "text-anchor": "end" }, label(points.length - 1)));
}
