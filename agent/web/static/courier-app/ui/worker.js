// The page's side of the service worker: start it, lend it the key, learn of new versions.

import { app, changed } from "./state.js";

let key = null;

/** @returns {Promise<void>} `app.workerTrouble` says why there is none: none | certificate | failed */
export async function startWorker() {
  if (!navigator.serviceWorker) { app.workerTrouble = isSecureContext ? "none" : "certificate"; return; }
  navigator.serviceWorker.addEventListener("message", ({ data, source }) => {
    if (data?.kind === "need key" && key) source.postMessage({ kind: "key", key });
  });
  let reloading = !navigator.serviceWorker.controller;  // the first one takes over quietly
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (reloading) { reloading = false; if (key) lend(key); return; }
    location.reload();
  });
  try {
    const registration = await navigator.serviceWorker.register("/courier/app/sw.js", { type: "module", scope: "/courier/app/" });
    offer(registration);
    registration.addEventListener("updatefound", () => offer(registration));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) registration.update().catch(() => {}); });
  } catch (error) {
    if (!navigator.serviceWorker.controller) app.workerTrouble = error?.name === "SecurityError" ? "certificate" : "failed";
  }
}

/** Lend the open key to the worker, so that it can send while the page sleeps; null takes it back. @param {CryptoKey | null} next */
export function lend(next) {
  key = next;
  navigator.serviceWorker?.controller?.postMessage(next ? { kind: "key", key: next } : { kind: "lock" });
}

function offer(registration) {
  const told = () => {
    const { waiting } = registration;
    app.update = waiting && navigator.serviceWorker.controller ? () => waiting.postMessage({ kind: "update" }) : null;
    changed();
  };
  registration.installing?.addEventListener("statechange", told);
  told();
}
