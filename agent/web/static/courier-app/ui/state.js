// What the app knows while it is open, and the few acts that every screen shares.

import { addItems, itemsNow, logOf, roundOf } from "../core/books.js";
import { get, isFull, put, transaction } from "../core/db.js";
import { append, kept, PhoneFull, unsent } from "../core/outbox.js";
import { paired, revoked, session } from "../core/session.js";
import { sync } from "../core/sync.js";
import { NetTrouble } from "../core/net.js";
import { t } from "./words.js";

const channel = new BroadcastChannel("courier-app");
const RETRY_MS = [5_000, 15_000, 60_000, 300_000], ROUND_MS = 300_000;

function blank() {
  return { round: { items: {}, reasons: [], limits: {}, couriers: [], fetched_at: 0 }, items: {}, records: [], log: [], opened: new Map() };
}

/** Everything that screens read; `refresh()` makes it anew from what is kept. */
export const app = {
  vault: null, session: null, ...blank(),
  unsent: 0, paired: null, revoked: null, update: null, installer: null, persisted: null, workerTrouble: "",
  sync: { running: false, at: 0, trouble: null, lost: 0, done: 0, of: 0 }, look: { theme: "auto", language: "vi", idle: 10 },
  get me() { return this.session ? `courier:${this.session.courier}` : ""; },
  get office() { return this.session ? `office:${this.session.office}` : ""; },
};

const watchers = new Set();
/** @param {(what: string) => void} watcher */
export const watch = (watcher) => { watchers.add(watcher); };
export const changed = (what = "data") => { for (const one of watchers) one(what); };

/** Forget what the lock hides: nobody's name or address stays in the page's memory. */
export const forget = () => { Object.assign(app, { vault: null, session: null, ...blank() }); };

let reading = null, stale = false;
/**
 * Read again what may be read now: the count always, the rest when the lock is open. One reading at a time, so that an
 * older one never ends last and puts back what is over. @returns {Promise<void>} done when what stood at the call was read
 */
export function refresh() {
  stale = true;
  reading ??= readAll();
  return reading;
}

async function readAll() {
  try {
    while (stale) {
      stale = false;
      await readOnce();
      changed();
    }
  } finally { reading = null; }
}

async function readOnce() {
  app.paired = await paired();
  app.revoked = await revoked();
  app.unsent = await unsent();
  app.sync.at = (await get("meta", "contact"))?.at ?? 0;
  const { vault, opened } = app;
  if (!vault) return;
  const who = await session(vault);
  const [held, records, log] = who ? await Promise.all([roundOf(vault), kept(vault, who.phone, 0, Infinity, opened), logOf(vault)]) : [];
  if (app.vault !== vault) return;  // locked meanwhile: nothing of it comes back
  app.session = who;
  if (who) Object.assign(app, { round: held, records, log, items: itemsNow(held, records) });
}

/** Other tabs and the worker changed what is kept. */
channel.addEventListener("message", ({ data }) => {
  if (data.kind === "changed") refresh();
  if (data.kind === "lock") changed("lock");
});
export const tellOthers = (kind = "changed") => channel.postMessage({ kind });

/**
 * Keep what happened; the words of a full phone are the caller's to show.
 * @param {import("../core/outbox.js").Fact[]} facts @param {{blobs?: Blob[], draft?: string, items?: object[]}} [with_]
 */
export async function keepFacts(facts, { items, ...with_ } = {}) {
  if (app.revoked) throw new Refused(t("Điện thoại này đã bị thu quyền: không ghi thêm được. Mang máy về bưu cục; những gì đã ghi vẫn còn trong máy."));
  let events;
  try {
    if (items) await addItems(app.vault, items);
    events = await append(app.vault, app.session.phone, facts, with_);
  } catch (error) {
    if (error instanceof PhoneFull || isFull(error)) {
      throw new Refused(t("Bộ nhớ điện thoại đầy: việc vừa rồi CHƯA được ghi, những việc trước vẫn còn nguyên. Xóa bớt ảnh hoặc ứng dụng khác, gửi những gì đang chờ, rồi bấm ghi lại; những gì bạn đã nhập vẫn ở đây."));
    }
    throw error;
  }
  tellOthers();
  await refresh();
  askBackgroundSync();
  soon(300);
  return events;
}

/** Something that the courier must read before going on. */
export class Refused extends Error {}

let timer = 0, tries = 0, wanted = false;
/** Contact the office after `ms`. @param {number} ms */
export function soon(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => syncNow(), ms);
}

/** One contact, told to every screen. @returns {Promise<boolean>} whether the office answered */
export async function syncNow() {
  if (!app.vault || !app.session || app.revoked) return false;
  if (app.sync.running) { wanted = true; return false; }  // there is a network again, and this one began without it
  clearTimeout(timer);
  wanted = false;
  Object.assign(app.sync, { running: true, done: 0, of: app.unsent });
  changed("sync");
  try {
    const tell = ({ sent, of }) => { Object.assign(app.sync, { done: sent, of }); refresh(); };
    const result = await sync({ vault: app.vault, session: app.session, tell });
    Object.assign(app.sync, { trouble: null, lost: result?.lost ?? app.sync.lost });
    tries = 0;
  } catch (error) {
    if (!app.vault) return false;  // locked meanwhile: it goes on after the next PIN
    app.sync.trouble = isFull(error) ? { kind: "full", message: "" } : error instanceof NetTrouble ? { kind: error.kind, message: error.message } : { kind: "broken", message: String(error) };
    tries += 1;
  } finally {
    app.sync.running = false;
  }
  await refresh();
  tellOthers();
  const open = app.records.some((one) => one.state === "unsent");
  const after = wanted ? 0 : RETRY_MS[Math.min(tries, RETRY_MS.length) - 1] ?? 5_000;
  soon(app.sync.trouble ? after : open ? 1_000 : ROUND_MS);
  return app.sync.trouble === null;
}

async function askBackgroundSync() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.sync?.register("outbox");
  } catch { /* not here: the page's own events and the button do it */ }
}

/** How the app looks and speaks; readable before the lock opens. @param {object} part */
export async function setLook(part) {
  app.look = { ...app.look, ...part };
  await put("meta", app.look, "look");
  changed("look");
}
export const readLook = async () => { app.look = { ...app.look, ...(await get("meta", "look")) }; };

// --- drafts: what is being filled in survives the app's end ---

/** @param {string} key @returns {Promise<any>} null when there is none */
export async function readDraft(key) {
  try { return await app.vault.open(await get("drafts", key), `draft ${key}`); } catch { return null; }
}

/**
 * @param {string} key @param {any} value JSON @param {string} [route] where it is filled in; "" for a part of another draft
 * @returns {Promise<boolean>} false when the phone has no room for it
 */
export async function writeDraft(key, value, route = location.hash) {
  const vault = app.vault;
  if (!vault) return false;
  try {
    await put("drafts", await vault.seal({ ...value, route, at: Date.now() }, `draft ${key}`), key);
    return true;
  } catch { return false; }
}

/** @param {...string} keys */
export const dropDraft = (...keys) => transaction(["drafts"], "readwrite", ({ drafts }) => { for (const key of keys) drafts.delete(key); });

/** The draft that was written last, with its place in the app. @returns {Promise<{key: string, route: string, at: number} | null>} */
export async function lastDraft() {
  const keys = await transaction(["drafts"], "readonly", ({ drafts }) => new Promise((done) => {
    drafts.getAllKeys().onsuccess = (event) => done(event.target.result);
  }));
  const all = await Promise.all(keys.map(async (key) => ({ key, ...(await readDraft(key)) })));
  return all.filter((one) => one.route).sort((a, b) => b.at - a.at)[0] ?? null;
}
