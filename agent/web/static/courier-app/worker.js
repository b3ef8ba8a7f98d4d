// The service worker: keeps this version's files for days without a network, and sends the outbox when the phone is awake.

import { session } from "./core/session.js";
import { sync } from "./core/sync.js";
import { Vault } from "./core/vault.js";

const CACHE = "courier-app-", PATIENCE_MS = 3000;

/** @type {CryptoKey | null} lent by an open page; gone when this worker ends or the app is locked */
let lent = null;
let heard = () => {};

/** @param {{version: string, base: string, shell: string[], files: {path: string, hash: string}[]}} app */
export function serve(app) {
  const name = CACHE + app.version;
  self.addEventListener("install", (event) => event.waitUntil(keepFiles(app, name)));
  self.addEventListener("activate", (event) => event.waitUntil(takeOver(name)));
  self.addEventListener("fetch", (event) => answer(event, app, name));
  self.addEventListener("message", (event) => hear(event));
  self.addEventListener("sync", (event) => event.waitUntil(send(event.lastChance)));
}

/** Everything of this version, or nothing of it. A file that an older version had with the same bytes is not fetched again. */
async function keepFiles(app, name) {
  const cache = await caches.open(name), older = await olderFiles();
  await Promise.all(app.files.map(async ({ path, hash }) => {
    const address = app.base + path, had = older.get(`"${hash}"`);
    await cache.put(address, had ? await had() : await fetched(address));
  }));
  for (const address of app.shell) await cache.put(address, await fetched(address, "reload"));
}

async function fetched(address, cache = "default") {
  const answer = await fetch(address, { cache, credentials: "omit" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

async function olderFiles() {
  const found = new Map();
  for (const name of (await caches.keys()).filter((one) => one.startsWith(CACHE))) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const tag = (await cache.match(request, { ignoreVary: true }))?.headers.get("ETag");
      if (tag) found.set(tag, async () => nameless(await cache.match(request, { ignoreVary: true })));
    }
  }
  return found;
}

/** The same answer without its address: a script's imports are looked for beside the address that its answer bears. */
function nameless({ body, status, headers }) {
  return new Response(body, { status, headers });
}

async function takeOver(name) {
  for (const one of await caches.keys()) if (one.startsWith(CACHE) && one !== name) await caches.delete(one);
  await self.clients.claim();
}

/** Files and the page come from the cache; whatever is personal (/api/) never touches it. */
function answer(event, app, name) {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const page = request.mode === "navigate" && url.pathname === app.shell[0];
  const own = url.pathname.startsWith(app.base) || url.pathname === app.shell[1];
  if (!page && !own) return;
  event.respondWith(fromCache(page ? app.shell[0] : url.pathname, request, name));
}

async function fromCache(address, request, name) {
  const cache = await caches.open(name);
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(request);
}

function hear({ data, source }) {
  if (data?.kind === "key") { lent = data.key; heard(); }
  if (data?.kind === "lock") lent = null;
  if (data?.kind === "update") self.skipWaiting();
  if (data?.kind === "alive") source?.postMessage({ kind: "alive" });
}

/** Background Sync: the phone has a network again, the page perhaps sleeps. Without the key nothing can be opened. */
async function send(lastChance) {
  lent ??= await borrowed();
  if (!lent) {
    if (lastChance) return;
    throw new Error("locked: the phone asks again later");
  }
  const vault = new Vault(lent), who = await session(vault);
  if (who) await sync({ vault, session: who });
  new BroadcastChannel("courier-app").postMessage({ kind: "changed" });
}

/** Ask an open page for the key. @returns {Promise<CryptoKey | null>} */
async function borrowed() {
  const pages = await self.clients.matchAll({ type: "window" });
  if (pages.length === 0) return null;
  return new Promise((done) => {
    heard = () => done(lent);
    setTimeout(() => done(lent), PATIENCE_MS);
    for (const page of pages) page.postMessage({ kind: "need key" });
  });
}
