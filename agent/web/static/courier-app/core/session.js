// Who this phone is to the office: the pairing, its token, and whether the office still knows it.

import { get, ifRoom, put, transaction } from "./db.js";

export const APP = "1.1.0";

/**
 * @typedef {{phone: string, token: string, courier: string, name: string, office: string, paired_at: string}} Session
 * @typedef {import("./vault.js").Vault} Vault
 */

/** @param {Vault} vault @returns {Promise<Session | null>} */
export const session = async (vault) => vault.open(await get("sealed", "session"), "session");

/** Keep a pairing; what was kept of an earlier one's round goes, its outbox stays. @param {Vault} vault @param {Session} made */
export async function keepSession(vault, made) {
  const sealed = await vault.seal(made, "session");
  await transaction(["meta", "sealed"], "readwrite", ({ meta, sealed: at }) => {
    at.put(sealed, "session");
    at.delete("round");
    meta.put({ phone: made.phone }, "paired");
    meta.delete("revoked");
  });
}

/** @returns {Promise<{phone: string} | null>} readable before the lock opens */
export const paired = async () => (await get("meta", "paired")) ?? null;

/** @returns {Promise<{at: number, why: string} | null>} set when the office no longer knows this phone */
export const revoked = async () => (await get("meta", "revoked")) ?? null;

/** @param {string} why the office's code: phone-revoked, unauthorized */
export const noteRevoked = (why) =>
  transaction(["meta"], "readwrite", ({ meta }) => { meta.put({ at: Date.now(), why }, "revoked"); });

/** @returns {Promise<number | null>} server minus phone in ms, as learnt at the last contact */
export const clockOffset = async () => (await get("meta", "clock"))?.offset_ms ?? null;

/** @param {string} serverTime ISO @param {number} sent @param {number} received ms since 1970, of this phone */
export async function learnClock(serverTime, sent, received) {
  const server = Date.parse(serverTime);
  if (!Number.isFinite(server)) return;
  const offset = Math.round(server - (sent + received) / 2);
  await ifRoom(() => put("meta", { offset_ms: offset, at: received }, "clock"));
}
