// Canonical JSON (RFC 8785): what is signed has one spelling. ECMAScript writes
// numbers and strings as the RFC wants them; the order of names is by UTF-16 code
// units, which is how sort() compares. traceability/canonical.go does the same,
// and a test holds one against the other.

/** Returns value as RFC 8785 JSON. Members that are undefined are left out. */
export function canonical(value) {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new TypeError("a string with half a surrogate pair has no UTF-8");
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError("JSON has no " + value);
      return JSON.stringify(value);
    case "boolean":
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
      return "{" + Object.keys(value).filter(name => value[name] !== undefined).sort()
        .map(name => canonical(name) + ":" + canonical(value[name])).join(",") + "}";
    default:
      throw new TypeError("JSON has no " + typeof value);
  }
}
