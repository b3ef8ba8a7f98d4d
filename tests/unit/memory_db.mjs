// IndexedDB in memory, as far as the courier's app uses it, and what else of a browser its core expects.

const stores = new Map();
const KEYED = { events: ["phone", "seq"] };

function asked(run) {
  const request = {};
  queueMicrotask(() => { request.result = run(); request.onsuccess?.({ target: request }); });
  return request;
}

function objectStore(name) {
  const held = stores.get(name) ?? stores.set(name, new Map()).get(name);
  const put = (value, key = KEYED[name]?.map((part) => value[part])) => asked(() => { held.set(JSON.stringify(key), { key, value }); });
  return {
    put, add: put, get: (key) => asked(() => held.get(JSON.stringify(key))?.value), delete: (key) => asked(() => held.delete(JSON.stringify(key))),
    getAllKeys: (range) => asked(() => rows(held, range).map((one) => one.key)), getAll: (range, most) => asked(() => rows(held, range).slice(0, most).map((one) => one.value)),
    index: (by) => ({ count: (key) => asked(() => rows(held).filter(({ value }) => String(by === "plain" ? value.state : [value.phone, value.state]) === String(key)).length) }),
  };
}

/** Keys are [phone, number]; a range names the number behind which it begins. */
const rows = (held, range) => [...held.values()].filter(({ key }) => !range || key[1] > range[1]).sort((a, b) => (a.key < b.key ? -1 : 1));

function transaction() {
  const made = { objectStore, abort() {} };
  setTimeout(() => made.oncomplete?.(), 5);
  return made;
}

function open() {
  const request = {};
  queueMicrotask(() => { request.result = { transaction }; request.onsuccess(); });
  return request;
}

Object.assign(globalThis, {
  indexedDB: { open }, IDBKeyRange: { bound: (lower) => lower }, navigator: {}, location: { hash: "#/deliver/RD1" }, addEventListener() {},
  document: { hidden: false, addEventListener() {}, removeEventListener() {}, getElementById: () => null },
  BroadcastChannel: class { addEventListener() {} postMessage() {} },
});
