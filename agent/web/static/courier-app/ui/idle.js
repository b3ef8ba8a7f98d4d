// The app locks itself when nobody has touched it for a while, also when the phone slept meanwhile.

import { app } from "./state.js";

const CHECK_MS = 15_000;

/** @param {() => void} lock */
export function guardIdle(lock) {
  let last = Date.now();
  const touched = () => { last = Date.now(); };
  const check = () => { if (app.vault && Date.now() - last > app.look.idle * 60_000) lock(); };
  for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, touched, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) check(); });
  setInterval(check, CHECK_MS);
}
