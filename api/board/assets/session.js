// Who is signed in: the key, as a CryptoKey that cannot be exported, in this
// variable and nowhere else. Closing or leaving the page forgets it, and so does
// leaving it alone.

const IDLE_MINUTES = 15;

let signer = null;
let timer = 0;
let changed = () => {};

/** The one who is signed in, or null. */
export const current = () => signer;

/** Calls back when somebody signs in, or out; with why, if it was not asked for. */
export function onChange(callback) {
  changed = callback;
}

export function signIn(who) {
  signer = who;
  stir();
  changed();
}

export function signOut(why) {
  const was = signer;
  signer = null;
  clearTimeout(timer);
  if (was) changed(why);
}

function stir() {
  clearTimeout(timer);
  if (signer) timer = setTimeout(() => signOut("idle"), IDLE_MINUTES * 60_000);
}

for (const event of ["pointerdown", "keydown", "focusin"]) addEventListener(event, stir, { passive: true });
// A page that the browser keeps to come back to would keep the key.
addEventListener("pagehide", () => signOut("left"));
