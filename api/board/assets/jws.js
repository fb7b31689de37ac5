// Signed statements: compact JWS (RFC 7515) with a party's key, which WebCrypto
// holds. The counterpart in Go is traceability/jws.go and traceability/key.go.
import { canonical } from "./canonical.js";

const text = new TextEncoder();

/** What is wrong with a key, by a name that texts.js has a sentence for. */
export class KeyError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export function base64url(bytes) {
  return new Uint8Array(bytes).toBase64 ? new Uint8Array(bytes).toBase64({ alphabet: "base64url", omitPadding: true })
    : btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromBase64url(s) {
  return Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
}

export async function sha256(bytes) {
  return crypto.subtle.digest("SHA-256", typeof bytes === "string" ? text.encode(bytes) : bytes);
}

export function hex(bytes) {
  return [...new Uint8Array(bytes)].map(b => b.toString(16).padStart(2, "0")).join("");
}

// The algorithms by the curve of the key. SM2 would be one more line.
const algorithms = {
  "Ed25519": { alg: "EdDSA", key: { name: "Ed25519" }, sign: { name: "Ed25519" }, members: ["crv", "kty", "x"] },
  "P-256": { alg: "ES256", key: { name: "ECDSA", namedCurve: "P-256" }, sign: { name: "ECDSA", hash: "SHA-256" }, members: ["crv", "kty", "x", "y"] },
};

function only(jwk, members) {
  return Object.fromEntries(members.map(name => [name, jwk[name]]));
}

/** The RFC 7638 thumbprint of a JWK, base64url. */
async function thumbprint(jwk, algorithm) {
  return base64url(await sha256(canonical(only(jwk, algorithm.members))));
}

/** Whether this browser can sign as the ledger wants it. */
export async function supported() {
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a key file as labs-adapter keygen writes it, {"party": …, "key": <private
 * JWK>}, or a private JWK alone with the party beside it. What comes back signs,
 * and cannot be exported again.
 */
export async function readKey(source, party) {
  let file;
  try {
    file = JSON.parse(source);
  } catch {
    throw new KeyError("not_json");
  }
  const jwk = file?.kty ? file : file?.key;
  const owner = file?.kty ? party : file?.party;
  const algorithm = algorithms[jwk?.crv];
  if (!algorithm || typeof jwk.x !== "string") throw new KeyError("not_key");
  if (typeof jwk.d !== "string") throw new KeyError("public_key");
  if (typeof owner !== "string" || !/^(reg|lab|op|plat):[0-9A-Za-z]+$/.test(owner)) throw new KeyError("no_party");
  let key;
  try {
    key = await crypto.subtle.importKey("jwk", { ...only(jwk, algorithm.members), d: jwk.d }, algorithm.key, false, ["sign"]);
  } catch {
    throw new KeyError("broken_key");
  }
  return { party: owner, kid: owner + "#" + await thumbprint(jwk, algorithm), key, algorithm };
}

/** The compact JWS of a payload, dated at a time in seconds since 1970. */
export async function sign(signer, typ, payload, seconds) {
  const header = canonical({ alg: signer.algorithm.alg, iat: seconds, kid: signer.kid, typ });
  const signed = base64url(text.encode(header)) + "." + base64url(text.encode(canonical(payload)));
  return signed + "." + base64url(await crypto.subtle.sign(signer.algorithm.sign, signer.key, text.encode(signed)));
}

/** A token for one request (traceability/token.go): good for five minutes, once. */
export async function token(signer, audience, seconds) {
  const jti = base64url(crypto.getRandomValues(new Uint8Array(18)));
  return sign(signer, "JWT", { aud: audience, exp: seconds + 240, jti }, seconds);
}

/** Whether a JWS was signed with the public key (a JWK), and says what its id says. */
export async function verify(jws, id, kid, jwk) {
  const [header, payload, signature] = jws.split(".");
  const algorithm = algorithms[jwk?.crv];
  if (!algorithm || !signature) return false;
  const head = JSON.parse(new TextDecoder().decode(fromBase64url(header)));
  const body = new TextDecoder().decode(fromBase64url(payload));
  const party = kid.split("#")[0];
  if (head.kid !== kid || head.alg !== algorithm.alg || party + "#" + await thumbprint(jwk, algorithm) !== kid) return false;
  if (hex(await sha256(head.typ + "\n" + party + "\n" + canonical(JSON.parse(body)))) !== id) return false;
  const key = await crypto.subtle.importKey("jwk", only(jwk, algorithm.members), algorithm.key, false, ["verify"]);
  return crypto.subtle.verify(algorithm.sign, key, fromBase64url(signature), text.encode(header + "." + payload));
}
