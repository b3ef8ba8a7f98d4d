// The phone's own database: what is kept in it, and transactions as promises.

const NAME = "courier-app", VERSION = 1;

/**
 * meta: what must be readable before the lock opens (lock, look, chain heads); keys: the device's key pair;
 * sealed: whole documents under the data key (session, round, log); events, blobs, drafts: sealed one by one.
 */
const STORES = { meta: {}, keys: {}, sealed: {}, drafts: {}, blobs: {}, events: { keyPath: ["phone", "seq"] } };

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
export function database() {
  opening ??= new Promise((done, fail) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
      request.transaction.objectStore("events").createIndex("state", ["phone", "state"]);
      request.transaction.objectStore("events").createIndex("plain", "state");
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = null; };
      done(request.result);
    };
    request.onerror = () => { opening = null; fail(request.error); };
  });
  return opening;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const asked = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

/**
 * One transaction, all or nothing: `work` may await nothing but requests of it. Done when it is on disk.
 * @template T
 * @param {string[]} stores @param {IDBTransactionMode} mode
 * @param {(stores: Record<string, IDBObjectStore>) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function transaction(stores, mode, work) {
  const db = await database();
  const tx = db.transaction(stores, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
  const ended = new Promise((done, fail) => {
    tx.oncomplete = () => done();
    tx.onabort = () => fail(tx.error ?? new DOMException("aborted", "AbortError"));
  });
  ended.catch(() => {});  // told by the await below
  let result;
  try {
    result = await work(Object.fromEntries(stores.map((name) => [name, tx.objectStore(name)])));
  } catch (error) {
    try { tx.abort(); } catch { /* the transaction ended by itself */ }
    throw error?.name === "AbortError" && tx.error ? tx.error : error;
  }
  await ended;
  return result;
}

/** @param {string} store @param {IDBValidKey} key */
export const get = (store, key) => transaction([store], "readonly", (at) => asked(at[store].get(key)));

/** @param {string} store @param {unknown} value @param {IDBValidKey} [key] */
export const put = (store, value, key) => transaction([store], "readwrite", (at) => { at[store].put(value, key); });

/** Whether an error says that the phone has no room. @param {any} error */
export const isFull = (error) => error?.name === "QuotaExceededError";

/** Work that may be left undone on a full phone: what frees room must not fail for want of it. @param {() => Promise<unknown>} work */
export async function ifRoom(work) {
  try { await work(); return true; } catch (error) {
    if (!isFull(error)) throw error;
    return false;
  }
}

/** Forget everything that this app keeps on the phone. @returns {Promise<void>} */
export async function wipe() {
  await transaction(Object.keys(STORES), "readwrite", (at) => { for (const one of Object.values(at)) one.clear(); });
}
