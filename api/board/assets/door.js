// Asks the API and sends documents to it: GET with a token that the key signs for
// this one request, and POST /v1/documents, the one door for writes.
import { current, signOut } from "./session.js";
import { sign, token } from "./jws.js";

const audience = document.querySelector("meta[name=audience]").content;

/** Whether this page comes from the address that tokens are for. If not, somebody may
 * stand between, who would have tokens signed that are good elsewhere. */
export const home = new URL(audience, location.href).origin === location.origin;

/** The address that tokens are for. */
export const address = audience;

async function bearer(signer) {
  if (!home) throw new Refusal(0);
  return "Bearer " + await token(signer, audience, seconds());
}

/** An answer that is none: the problem (RFC 9457) that the server described. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? "status " + status);
    this.status = status;
    this.problem = problem;
  }
}

// How far the server's clock is ahead of this computer's, in seconds: tokens and
// documents are judged by the server's.
let ahead = 0;

/** The time, in seconds since 1970, by the server's clock. */
export const seconds = () => Math.floor(Date.now() / 1000) + ahead;

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer", ...options });
  } catch {
    throw new Refusal(0);
  }
  const date = Date.parse(response.headers.get("Date"));
  const off = date ? Math.round((date - Date.now()) / 1000) : 0;
  if (date && Math.abs(off - ahead) > 2) ahead = off;
  const json = /json/.test(response.headers.get("Content-Type"));
  const body = json ? await response.json() : null;
  if (!response.ok) throw new Refusal(response.status, body);
  return { body, response };
}

/** Asks as the public. */
export async function askOpenly(path) {
  return (await send(path)).body;
}

/** Asks as whoever is signed in, or as the signer given. */
export async function ask(path, signer = current()) {
  if (!signer) throw new Refusal(401);
  try {
    return (await send(path, { headers: { Authorization: await bearer(signer) } })).body;
  } catch (e) {
    // The party was suspended or has replaced its key: there is nothing to do with this one.
    if (e.status === 401 && signer === current()) signOut("refused");
    throw e;
  }
}

/** Asks for a file, as whoever is signed in. */
export async function file(path) {
  const { response } = await send(path, { headers: { Authorization: await bearer(current()) } });
  return response.blob();
}

/** Signs a document and submits it; the receipt's one outcome comes back. */
export async function submit(typ, payload) {
  if (!home) throw new Refusal(0);
  const body = await sign(current(), typ, payload, seconds());
  const { body: receipt, response } = await send("/v1/documents", { method: "POST", headers: { "Content-Type": "application/jose" }, body });
  return { ...receipt.outcomes[0], block: receipt.block, projected: response.headers.get("Deltatrace-Projected") === "true" };
}
