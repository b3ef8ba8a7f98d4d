// The app lock: a PIN opens the data key, the data key opens everything that the phone keeps.

import { utf8 } from "./bytes.js";
import { asked, get, ifRoom, put, transaction } from "./db.js";

export const ITERATIONS = 600_000;
export const SHORTEST = 6;
const FREE_TRIES = 3, LONGEST_WAIT_MS = 15 * 60_000;

/** The PIN was wrong, or it is too early to try again. `wait`: ms for which no PIN is looked at, while the app runs. */
export class WrongPin extends Error {
  /** @param {number} fails @param {number} wait */
  constructor(fails, wait) { super("wrong PIN"); this.fails = fails; this.wait = wait; }
}

/** @param {number} fails wrong PINs in a row @returns {number} ms to wait: none for three, then 30 s, 1, 2, 4 … 15 min */
export const waitAfter = (fails) =>
  fails < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_MS, 30_000 * 2 ** (fails - FREE_TRIES));

/** @param {string} pin @returns {string} why this PIN is no good, by name; empty when it is */
export function weakness(pin) {
  if (!/^\d+$/.test(pin) || pin.length < SHORTEST) return "short";
  const steps = new Set([...pin].slice(1).map((one, n) => (Number(one) - Number(pin[n]) + 10) % 10));
  return steps.size === 1 && [0, 1, 9].includes([...steps][0]) ? "simple" : "";  // 000000, 123456, 654321
}

/** Opens and seals with one AES-GCM key that cannot leave this run. */
export class Vault {
  /** @param {CryptoKey} key */
  constructor(key) { this.key = key; }

  /** @param {unknown} value JSON @param {string} label what it is; a record cannot be passed off as another */
  async seal(value, label) { return this.sealBytes(utf8(JSON.stringify(value)), label); }

  /** @param {{iv: Uint8Array, data: ArrayBuffer} | undefined} sealed @param {string} label */
  async open(sealed, label) {
    return sealed ? JSON.parse(new TextDecoder().decode(await this.openBytes(sealed, label))) : null;
  }

  /** @param {BufferSource} bytes @param {string} label @returns {Promise<{iv: Uint8Array, data: ArrayBuffer}>} */
  async sealBytes(bytes, label) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: utf8(label) };
    return { iv, data: await crypto.subtle.encrypt(how, this.key, bytes) };
  }

  /** @param {{iv: Uint8Array, data: ArrayBuffer}} sealed @param {string} label @returns {Promise<ArrayBuffer>} */
  openBytes({ iv, data }, label) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8(label) }, this.key, data);
  }
}

/**
 * What this run knows of the wait. It goes by the run's own clock, which nobody can set: a run that was started anew, or
 * that learns of a try in another tab, begins the whole wait again.
 */
const seen = { fails: -1, at: 0, unkept: 0 };

/** @returns {Promise<{fails: number} | null>} the lock's state; null when there is no lock yet */
export async function lockState() {
  const lock = (await get("meta", "lock")) ?? null;
  if (lock) left(lock);
  return lock;
}

/** Set the first PIN. @param {string} pin @returns {Promise<Vault>} */
export async function createLock(pin) {
  const data = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  await put("meta", await wrapped(data, pin), "lock");
  return openLock(pin);
}

/** @param {string} pin @returns {Promise<Vault>} WrongPin for another PIN; it slows down with each */
export async function openLock(pin) {
  const lock = await get("meta", "lock"), wait = left(lock);
  if (wait > 0) throw new WrongPin(seen.fails, wait);
  await begin(lock.fails);  // before the PIN is tried: ending the app in the middle gains no try
  const key = await unwrapped(lock, pin, false).catch(() => null);
  if (key === null) throw new WrongPin(seen.fails, waitAfter(seen.fails));
  seen.unkept = 0;
  await ifRoom(() => note(() => 0));
  return new Vault(key);
}

/** @param {string} old @param {string} next @returns {Promise<void>} */
export async function changePin(old, next) {
  await openLock(old);
  const lock = await get("meta", "lock");
  await put("meta", await wrapped(await unwrapped(lock, old, true), next), "lock");
}

/** ms for which this lock opens to nobody. */
function left(lock) {
  const fails = lock.fails + seen.unkept;
  if (fails !== seen.fails) Object.assign(seen, { fails, at: performance.now() });
  return waitAfter(fails) - (performance.now() - seen.at);
}

/** One more try; none when another tab tried meanwhile. On a full phone it counts in this run alone. @param {number} fails */
async function begin(fails) {
  let other = null;
  const kept = await ifRoom(() => note((now) => { other = now === fails ? null : now; return other ?? fails + 1; }));
  if (other !== null) throw new WrongPin(other, left({ fails: other }));
  if (!kept) seen.unkept += 1;
  left({ fails: kept ? fails + 1 : fails });
}

/** @param {(fails: number) => number} next */
async function note(next) {
  await transaction(["meta"], "readwrite", async ({ meta }) => {
    const lock = await asked(meta.get("lock"));
    meta.put({ ...lock, fails: next(lock.fails) }, "lock");
  });
  return true;
}

async function wrapped(data, pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16)), iv = crypto.getRandomValues(new Uint8Array(12));
  const wrap = await keyOfPin(pin, salt, ITERATIONS);
  const key = await crypto.subtle.wrapKey("raw", data, wrap, { name: "AES-GCM", iv });
  return { salt, iv, key, iterations: ITERATIONS, fails: 0 };
}

async function unwrapped(lock, pin, extractable) {
  const wrap = await keyOfPin(pin, lock.salt, lock.iterations);
  const how = { name: "AES-GCM", iv: lock.iv };
  return crypto.subtle.unwrapKey("raw", lock.key, wrap, how, { name: "AES-GCM" }, extractable, ["encrypt", "decrypt"]);
}

async function keyOfPin(pin, salt, iterations) {
  const raw = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}
