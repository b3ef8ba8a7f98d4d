// A hand-over between two phones without a network: a signed list, cut into pieces that a QR code can carry.

import { base64url, sha256, unbase64url, unhex, utf8, uuidText } from "./bytes.js";
import { canonical } from "./canonical.js";
import { sign, verify } from "./device_key.js";

const HEAD = "PA2P", PIECE = 420, LONGEST_MS = 12 * 3_600_000;

/**
 * @typedef {{number: string, parent: string}} Given `parent`: the id of the giver's own offer of this item
 * @typedef {{v: 1, giver: string, phone: string, to: string, manifest: string, count: number, items: Given[], at: string,
 *   nonce: string}} Offer
 */

/** @param {Given[]} items @returns {Promise<string>} SHA-256 over numbers and parents in their order */
export const manifestOf = (items) => sha256(utf8(canonical(items.map(({ number, parent }) => [number, parent]))));

/**
 * The text of an offer, signed by this phone. Numbers and parents are packed, so that forty items stay small.
 * @param {Omit<Offer, "v" | "manifest" | "count">} offer @returns {Promise<string>}
 */
export async function written(offer) {
  const { giver, phone, to, items, at, nonce } = offer;
  const packed = items.map(({ number, parent }) => number + base64url(unhex(parent)));
  const text = canonical({ v: 1, g: giver, p: phone, r: to, m: await manifestOf(items), c: items.length, i: packed, t: at, n: nonce });
  return `${text}.${await sign(text)}`;
}

/** @param {string} whole @returns {string[]} what each QR code says: `PA2P|nonce|2/5|…` */
export function pieces(whole) {
  const tag = shortTag(whole), count = Math.ceil(whole.length / PIECE);
  return Array.from({ length: count }, (_, n) => `${HEAD}|${tag}|${n + 1}/${count}|${whole.slice(n * PIECE, (n + 1) * PIECE)}`);
}

/** Puts pieces together in any order; pieces of another offer begin anew. */
export class Collector {
  constructor() { this.tag = ""; this.parts = []; this.count = 0; }

  /** @param {string} text @returns {"foreign" | "more" | "known" | "whole"} */
  take(text) {
    const found = /^PA2P\|([0-9a-z]+)\|(\d+)\/(\d+)\|(.*)$/s.exec(text);
    if (!found) return "foreign";
    const [, tag, n, count, part] = found;
    if (tag !== this.tag) Object.assign(this, { tag, parts: [], count: Number(count) });
    if (Number(n) < 1 || Number(n) > this.count) return "foreign";
    const known = this.parts[n - 1] !== undefined;
    this.parts[n - 1] = part;
    return this.have === this.count ? "whole" : known ? "known" : "more";
  }

  get have() { return this.parts.filter((one) => one !== undefined).length; }
  get text() { return this.parts.join(""); }
}

/**
 * Check an offer that was read. @param {string} whole
 * @param {{me: string, couriers: {username: string, phone: string, key: JsonWebKey}[], now?: number}} with_ `me`: username
 * @returns {Promise<{offer: Offer | null, why: string}>} `why`: broken | unknown | signature | other | old | manifest; empty when sound
 */
export async function read(whole, { me, couriers, now = Date.now() }) {
  const cut = whole.lastIndexOf(".");
  const offer = unpacked(whole.slice(0, cut));
  if (!offer) return { offer: null, why: "broken" };
  const giver = couriers.find((one) => one.phone === offer.phone && one.username === offer.giver);
  if (!giver) return { offer, why: "unknown" };
  if (!(await verify(giver.key, whole.slice(0, cut), whole.slice(cut + 1)))) return { offer: null, why: "signature" };
  if (offer.to !== me) return { offer, why: "other" };
  if (Math.abs(now - Date.parse(offer.at)) > LONGEST_MS) return { offer, why: "old" };
  const same = offer.count === offer.items.length && offer.manifest === (await manifestOf(offer.items));
  return same ? { offer, why: "" } : { offer, why: "manifest" };
}

function unpacked(text) {
  try {
    const { v, g, p, r, m, c, i, t, n } = JSON.parse(text);
    if (v !== 1 || !Array.isArray(i)) return null;
    const items = i.map((one) => ({ number: one.slice(0, 13), parent: uuidText(unbase64url(one.slice(13))) }));
    return { v, giver: g, phone: p, to: r, manifest: m, count: c, items, at: t, nonce: n };
  } catch { return null; }
}

/** Tells offers apart on their pieces; no secret. */
function shortTag(text) {
  let sum = 7;
  for (const one of text) sum = (Math.imul(sum, 31) + one.codePointAt(0)) >>> 0;
  return sum.toString(36);
}
