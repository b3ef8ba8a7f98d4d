// The phone's own journal of what happened and is not yet the office's: gapless, chained, sealed, never doubled.

import { fingerprint } from "./canonical.js";
import { sha256 } from "./bytes.js";
import { asked, get, isFull, transaction } from "./db.js";
import { BOOT, monotonic, stamp, uuid7 } from "./moment.js";
import { APP, clockOffset } from "./session.js";

const NOTHING = "0".repeat(64);
/**
 * States of a kept event. unsent: the office has not heard of it; waiting: it lacks the pictures; refused: it did not take
 * it in; held: it has all and waits for something else, the verdict is still to come.
 */
const OWED = ["unsent", "waiting", "refused"];

/** The phone has no room left: nothing of this act was kept, everything before it stands. */
export class PhoneFull extends Error {}

/**
 * @typedef {import("./vault.js").Vault} Vault
 * @typedef {{id?: string, step: string, item?: string, bag?: string, parent?: string | null, from: string, to?: string,
 *   reason?: string, action?: string, evidence?: string[], capture?: string, note?: string, position?: object | null,
 *   corrects?: string | null, proof?: object | null, redelivery?: {on: string, hours: string} | null,
 *   invitation?: number}} Fact what happened; everything else of an event is added here
 */

/** Work that reads and then writes what tabs share; one at a time over all tabs. @template T @param {() => Promise<T>} work */
export const alone = (work) => (navigator.locks ? navigator.locks.request("courier-books", work) : work());

/**
 * Keep facts with their pictures in one transaction, and forget the draft that they were written in.
 * @param {Vault} vault @param {string} phone @param {Fact[]} facts
 * @param {{blobs?: Blob[], draft?: string | string[]}} [with_]
 * @returns {Promise<object[]>} the events as they stand in the outbox; PhoneFull when there is no room
 */
export const append = (vault, phone, facts, { blobs = [], draft } = {}) => alone(async () => {
  const pictures = await Promise.all(blobs.map((one) => sealedBlob(vault, phone, one)));
  for (;;) {
    const head = (await get("meta", chainOf(phone))) ?? { next_seq: 1, previous: NOTHING };
    const { events, records, after } = await minted(vault, phone, facts, head, pictures);
    const kept = await keep(phone, head, after, records, pictures, draft);
    if (kept) return events;
  }
});

async function keep(phone, head, after, records, pictures, draft) {
  try {
    return await transaction(["meta", "events", "blobs", "drafts"], "readwrite", async (at) => {
      const now = (await asked(at.meta.get(chainOf(phone)))) ?? { next_seq: 1, previous: NOTHING };
      if (now.next_seq !== head.next_seq || now.previous !== head.previous) return false;  // a tab without locks
      for (const one of records) at.events.add(one);
      for (const one of pictures) at.blobs.put({ phone, media: one.media, sealed: one.sealed }, one.hash);
      at.meta.put(after, chainOf(phone));
      for (const key of [draft ?? []].flat()) at.drafts.delete(key);
      return true;
    });
  } catch (error) {
    if (isFull(error)) throw new PhoneFull("no room");
    throw error;
  }
}

async function minted(vault, phone, facts, head, pictures) {
  const events = [], records = [], offset = await clockOffset();
  let { next_seq: seq, previous } = head;
  for (const fact of facts) {
    const event = {
      id: fact.id ?? uuid7(), phone, seq, previous, at: stamp(), monotonic_ms: monotonic(), boot: BOOT,
      clock_offset_ms: offset, app: APP, step: fact.step, item: fact.item ?? "", bag: fact.bag ?? "",
      parent: fact.parent ?? null, from: fact.from, to: fact.to ?? "", reason: fact.reason ?? "",
      action: fact.action ?? "", evidence: fact.evidence ?? [], capture: fact.capture ?? "typed",
      note: fact.note ?? "", position: fact.position ?? null, corrects: fact.corrects ?? null, proof: fact.proof ?? null,
      redelivery: fact.redelivery ?? null, invitation: fact.invitation ?? 0,
    };
    events.push(event);
    records.push({
      phone, seq, state: "unsent", id: event.id, blobs: facts.length === 1 ? pictures.map((one) => one.hash) : [],
      sealed: await vault.seal(event, `event ${phone} ${seq}`),
    });
    previous = await fingerprint(event);
    seq += 1;
  }
  return { events, records, after: { next_seq: seq, previous } };
}

async function sealedBlob(vault, phone, blob) {
  const bytes = await blob.arrayBuffer(), hash = await sha256(bytes);
  return { hash, media: blob.type, sealed: await vault.sealBytes(bytes, `blob ${phone} ${hash}`) };
}

/** @param {Vault} vault @param {string} phone @param {string} hash @returns {Promise<Blob | null>} */
export async function blobOf(vault, phone, hash) {
  const kept = await get("blobs", hash);
  return kept ? new Blob([await vault.openBytes(kept.sealed, `blob ${phone} ${hash}`)], { type: kept.media }) : null;
}

/**
 * The kept records in their order, from `after` on, with their events opened.
 * @param {Vault} vault @param {string} phone @param {number} [after] @param {number} [most]
 * @param {Map<string, object>} [opened] events that were opened before, by id: they never change
 * @returns {Promise<{seq: number, state: string, code: string, blobs: string[], event: object}[]>}
 */
export async function kept(vault, phone, after = 0, most = Infinity, opened = new Map()) {
  const range = IDBKeyRange.bound([phone, after], [phone, Number.MAX_SAFE_INTEGER], true);
  const count = Number.isFinite(most) ? most : undefined;
  const records = await transaction(["events"], "readonly", ({ events }) => asked(events.getAll(range, count)));
  return Promise.all(records.map(async (one) => {
    const event = opened.get(one.id) ?? (await vault.open(one.sealed, `event ${phone} ${one.seq}`));
    opened.set(one.id, event);
    return { seq: one.seq, state: one.state, code: one.code ?? "", blobs: one.blobs, event };
  }));
}

/** How many events the office does not hold; readable before the lock opens. @param {string} [phone] of one pairing */
export async function unsent(phone) {
  return transaction(["events"], "readonly", async ({ events }) => {
    const keys = phone ? OWED.map((state) => asked(events.index("state").count([phone, state]))) : OWED.map((state) => asked(events.index("plain").count(state)));
    return (await Promise.all(keys)).reduce((sum, one) => sum + one, 0);
  });
}

/** @param {string} phone @returns {Promise<Set<number>>} the numbers of the events that are still here */
export async function seqsKept(phone) {
  const range = IDBKeyRange.bound([phone, 0], [phone, Number.MAX_SAFE_INTEGER]);
  return new Set((await transaction(["events"], "readonly", ({ events }) => asked(events.getAllKeys(range)))).map(([, seq]) => seq));
}

/** @param {string} phone @returns {Promise<number>} the number that the next event will get */
export const nextSeq = async (phone) => (await get("meta", chainOf(phone)))?.next_seq ?? 1;

/** The head of a phone's chain in `meta`. @param {string} phone */
export const chainOf = (phone) => `chain ${phone}`;
