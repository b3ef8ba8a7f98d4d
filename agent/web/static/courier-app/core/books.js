// The sealed documents of the phone: the round as the office gave it, and the log of what became of each event.

import { after, folded } from "./custody.js";
import { asked, get, ifRoom, transaction } from "./db.js";
import { dayOf } from "./moment.js";
import { alone } from "./outbox.js";

const LONGEST_LOG = 400;
const EMPTY_ROUND = { cursor: "", fetched_at: 0, items: {}, reasons: [], limits: {}, couriers: [], redelivery_days: [] };
const LOUD = ["refused", "conflict"];

/**
 * @typedef {import("./vault.js").Vault} Vault
 * @typedef {{seq: number, id: string, phone: string, step: string, item: string, at: string, verdict: string, code: string,
 *   message: string, seen: boolean, collected: number}} Line of the log: no name, no address
 */

/** @param {Vault} vault */
export const roundOf = async (vault) => (await vault.open(await get("sealed", "round"), "round")) ?? { ...EMPTY_ROUND };

/** @param {Vault} vault @returns {Promise<Line[]>} newest last */
export const logOf = async (vault) => (await vault.open(await get("sealed", "log"), "log")) ?? [];

/**
 * Take the office's verdicts in one transaction: what it holds leaves the outbox with its pictures, enters the log and
 * the round; what waits or was not taken in stays.
 * @param {Vault} vault @param {string} phone
 * @param {{seq: number, blobs: string[], event: any}[]} sent
 * @param {{verdicts: {id: string, seq: number, verdict: string, code?: string, message?: string}[], next_seq: number}} answer
 */
export const settle = (vault, phone, sent, answer) => alone(async () => {
  const verdictOf = new Map(answer.verdicts.map((one) => [one.id, one]));
  const round = await roundOf(vault), log = await logOf(vault);
  const gone = [], stay = [], known = new Set(log.map((one) => one.id));
  for (const one of sent) {
    const said = verdictOf.get(one.event.id);
    if (!said) continue;  // unheard: it is sent again
    if (said.verdict === "waiting" || (said.verdict === "refused" && one.seq >= answer.next_seq)) {
      const held = said.verdict === "waiting" && said.code !== "picture-missing";
      stay.push({ seq: one.seq, state: held ? "held" : said.verdict, code: said.code ?? "" });
      if (said.verdict === "waiting") continue;
    } else gone.push(one);
    if (!known.has(one.event.id)) log.push(line(one.event, said));
    const item = round.items[one.event.item];
    if (item && said.verdict !== "refused") {
      round.items[one.event.item] = { ...after(item, one.event), doubt: said.verdict === "conflict" };
    }
    const place = { taken: "cash_in_hand", conflict: "cash_undecided" }[said.verdict];
    if (place && one.event.proof?.collected) {
      round.limits = { ...round.limits, [place]: (round.limits[place] ?? 0) + one.event.proof.collected };
    }
  }
  const sealed = { round: await vault.seal(round, "round"), log: await vault.seal(shortened(log), "log") };
  const leave = (at) => {
    for (const one of gone) {
      at.events.delete([phone, one.seq]);
      for (const hash of one.blobs) at.blobs.delete(hash);
    }
  };
  const whole = await ifRoom(() => transaction(["events", "blobs", "sealed"], "readwrite", (at) => {
    leave(at);
    for (const one of stay) mark(at.events, phone, one);
    at.sealed.put(sealed.round, "round");
    at.sealed.put(sealed.log, "log");
  }));
  if (!whole) await transaction(["events", "blobs"], "readwrite", leave);  // a full phone: what the office has makes room first
});

/**
 * Take the office's newest round. @param {Vault} vault
 * @param {any} answer of /courier/round
 */
export const takeRound = (vault, answer) => alone(async () => {
  const round = await roundOf(vault), items = { ...round.items }, today = dayOf(Date.now());
  for (const number of answer.gone ?? []) {
    const one = items[number];
    if (one && !(one.done && dayOf(one.done.at) === today)) delete items[number];
    else if (one) items[number] = { ...one, holder: one.state === "delivered" ? "receiver" : "gone", offered_to: "", correcting: false, doubt: false };
  }
  for (const item of answer.items ?? []) {
    const before = items[item.number];
    const same = before?.done && before.last_event === item.last_event && before.state === item.state;
    items[item.number] = same ? { ...item, done: before.done } : disputed(item, before);
  }
  for (const [number, one] of Object.entries(items)) {
    if (one.done && one.holder !== answer.me && dayOf(one.done.at) !== today) delete items[number];
  }
  const made = {
    cursor: answer.cursor ?? "", fetched_at: Date.now(), items, reasons: answer.reasons ?? round.reasons,
    limits: answer.limits ?? round.limits, couriers: answer.couriers ?? round.couriers,
    redelivery_days: answer.redelivery_days ?? round.redelivery_days, courier: answer.courier ?? round.courier,
  };
  const sealed = await vault.seal(made, "round");
  await transaction(["sealed", "drafts"], "readwrite", async (at) => {
    at.sealed.put(sealed, "round");
    for (const key of await asked(at.drafts.getAllKeys())) if (isOver(key, items)) at.drafts.delete(key);
  });
});

/** What waits for a person's decision stands as the courier reported it; once it is decided, the office's word does. */
const disputed = (item, before) => (!item.disputed ? item : !before?.doubt ? { ...item, doubt: true }
  : { ...item, state: before.state, holder: before.holder, offered_to: before.offered_to, last_event: before.last_event, done: before.done, doubt: true });

/** Whether a draft is about an item that left the round: nothing of its receiver stays. */
function isOver(key, items) {
  const [, number] = /^(?:deliver|failed) ([^/]+)/.exec(key) ?? [];
  return number !== undefined && !items[number];
}

/**
 * Items that came from another phone without a network, so that they stand in the round at once.
 * @param {Vault} vault @param {import("./custody.js").Item[]} items
 */
export const addItems = (vault, items) => alone(async () => {
  const round = await roundOf(vault);
  for (const item of items) round.items[item.number] ??= item;
  const sealed = await vault.seal(round, "round");
  await transaction(["sealed"], "readwrite", (at) => { at.sealed.put(sealed, "round"); });
});

/** The courier has read what the office said of an event. @param {Vault} vault @param {string} id */
export const markSeen = (vault, id) => alone(async () => {
  const log = (await logOf(vault)).map((one) => (one.id === id ? { ...one, seen: true } : one));
  const sealed = await vault.seal(log, "log");
  await transaction(["sealed"], "readwrite", (at) => { at.sealed.put(sealed, "log"); });
});

/** @param {any} round @param {{event: any, state: string}[]} records @returns {Record<string, any>} the items as they stand now */
export const itemsNow = (round, records) =>
  folded(round.items, records.filter((one) => one.state !== "refused").map((one) => one.event));

function line(event, said) {
  return { seq: event.seq, id: event.id, phone: event.phone, step: event.step, item: event.item, at: event.at, verdict: said.verdict,
    code: said.code ?? "", message: said.message ?? "", seen: false, collected: event.proof?.collected ?? 0 };
}

/** Today's lines and yesterday's; what was refused or is in dispute stays until it was read. */
function shortened(log) {
  const oldest = dayOf(Date.now() - 86_400_000);
  const wanted = log.filter((one) => dayOf(one.at) >= oldest || (LOUD.includes(one.verdict) && !one.seen));
  return wanted.slice(-LONGEST_LOG);
}

function mark(events, phone, { seq, state, code }) {
  const request = events.get([phone, seq]);
  request.onsuccess = () => { if (request.result) events.put({ ...request.result, state, code }); };
}
