// Bringing the outbox to the office and the round to the phone; may be cut anywhere and begun again.

import { settle, takeRound, roundOf } from "./books.js";
import { ifRoom, put } from "./db.js";
import { NetTrouble, ask } from "./net.js";
import { blobOf, kept, seqsKept, unsent } from "./outbox.js";
import { learnClock, noteRevoked } from "./session.js";

const BATCH = 400, PICTURES = 12;

/**
 * One contact with the office. Only one tab or worker at a time; another that asks meanwhile gets null.
 * @param {{vault: import("./vault.js").Vault, session: import("./session.js").Session,
 *   tell?: (step: {sent: number, of: number}) => void}} with_
 * @returns {Promise<{sent: number, lost: number} | null>} NetTrouble when it was cut
 */
export function sync(with_) {
  const run = () => contact(with_);
  if (!navigator.locks) return run();
  return navigator.locks.request("courier-sync", { ifAvailable: true }, (lock) => (lock ? run() : null));
}

async function contact({ vault, session, tell = () => {} }) {
  try {
    const state = await timed("GET", `/courier/state?unsent=${await unsent(session.phone)}`, session);
    if (state.revoked) throw new NetTrouble("revoked", "phone-revoked");
    const lost = missedFor(state, await seqsKept(session.phone));
    const sent = await sendAll(vault, session, tell);
    const { cursor } = await roundOf(vault);
    const round = await timed("GET", `/courier/round?since=${encodeURIComponent(cursor)}&unsent=${await unsent(session.phone)}`, session);
    await ifRoom(() => takeRound(vault, { ...round, me: `courier:${session.courier}` }));
    await ifRoom(() => put("meta", { at: Date.now() }, "contact"));
    return { sent, lost };
  } catch (error) {
    if (error instanceof NetTrouble && error.kind === "revoked") await noteRevoked(error.code);
    throw error;
  }
}

async function sendAll(vault, session, tell) {
  const of = await unsent(session.phone);
  let sent = 0, last = 0;
  for (;;) {
    const batch = await nextBatch(vault, session.phone, last);
    if (batch.length === 0) return sent;
    for (const hash of new Set(batch.flatMap((one) => one.blobs))) await sendPicture(vault, session, hash);
    const answer = await timed("POST", "/events:batch", session, { phone: session.phone, events: batch.map((one) => one.event) });
    await settle(vault, session.phone, batch, answer);
    last = batch.at(-1).seq;
    sent += batch.length;
    tell({ sent, of });
  }
}

/** The next events in order, cut so that the pictures that go before them are few. */
async function nextBatch(vault, phone, last) {
  const some = await kept(vault, phone, last, BATCH);
  let pictures = 0, end = 0;
  while (end < some.length && (end === 0 || pictures + some[end].blobs.length <= PICTURES)) pictures += some[end++].blobs.length;
  return some.slice(0, end);
}

/** A picture that the office does not want as it is leaves its event waiting; the others go on. */
async function sendPicture(vault, session, hash) {
  const blob = await blobOf(vault, session.phone, hash);
  if (!blob) return;
  try {
    await ask("PUT", `/courier/blobs/${hash}`, { token: session.token, body: blob, timeout: 120_000 });
  } catch (error) {
    if (!(error instanceof NetTrouble) || error.kind !== "refused") throw error;
  }
}

async function timed(method, path, session, json) {
  const begun = Date.now();
  const answer = await ask(method, path, { token: session.token, json, timeout: json ? 120_000 : 30_000 });
  if (answer?.server_time) await learnClock(answer.server_time, begun, Date.now());
  return answer;
}

/** How many events the office misses that are no longer here: an office that was restored from an older copy. */
function missedFor(state, here) {
  let count = 0;
  for (const [first, last] of state.missing ?? []) for (let seq = first; seq <= last; seq++) count += here.has(seq) ? 0 : 1;
  return count;
}
