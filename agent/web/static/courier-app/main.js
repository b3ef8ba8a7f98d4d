// The app begins: look, service worker, lock, pairing, and the screen that the address names.

import { WrongPin, lockState } from "./core/vault.js";
import { accept } from "./ui/accept.js";
import { cash } from "./ui/cash.js";
import { correct } from "./ui/correct.js";
import { deliver } from "./ui/deliver.js";
import { fill, say, sayAgain } from "./ui/dom.js";
import { choosePin, languageSwitch, lockPad, pairingOf, welcome } from "./ui/enter.js";
import { failed } from "./ui/failed.js";
import { frame, paintFrame, paintNotes } from "./ui/frame.js";
import { give, take } from "./ui/handover.js";
import { guardIdle } from "./ui/idle.js";
import { held } from "./ui/keep.js";
import { item } from "./ui/item.js";
import { more } from "./ui/more.js";
import { office } from "./ui/office.js";
import { outbox } from "./ui/outbox.js";
import { round } from "./ui/round.js";
import { closeCamera, hearReader, warmDecoder } from "./ui/scanner.js";
import { scan } from "./ui/scan.js";
import { app, changed, forget, lastDraft, readLook, Refused, refresh, soon, syncNow, tellOthers, watch } from "./ui/state.js";
import { speak, t } from "./ui/words.js";
import { startWorker, lend } from "./ui/worker.js";

const SCREENS = { "": round, item, deliver, failed, accept, give, take, office, outbox, cash, correct, more, scan };
const place = document.getElementById("app");
let shown = null, drawing = 0, redrawing = 0, news = 0;

/** Draw the screen of the address. A screen is `(app, ...parts of the address) => {title, body, foot, live, leave}`. */
async function draw() {
  const mine = ++drawing, known = news;
  shown?.leave?.();
  closeCamera();
  hearReader(null);
  const screen = await chosen();
  if (mine !== drawing) return;
  shown = screen;
  place.replaceChildren(frame(screen));
  document.title = `${screen.title ?? t("Tuyến phát")} · ${t("Bưu tá")}`;
  paintFrame();
  paintNotes();
  sayAgain();
  screen.ready?.();
  document.getElementById("main").scrollTo(0, 0);
  if (news !== known && screen.live && app.vault) redraw();  // something changed while it was drawn
}

async function chosen() {
  const offer = pairingOf(location.hash);
  if (offer || !app.paired) return { title: t("Bưu tá"), body: welcome(offer, opened) };
  if (!app.vault) {
    const body = (await lockState()) ? lockPad(opened) : choosePin(opened);
    return { title: t("Bưu tá"), body: fill(document.createElement("div"), [body, languageSwitch()]) };
  }
  if (!app.session) return { title: t("Bưu tá"), body: welcome(null, opened) };
  const [name, ...parts] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return (SCREENS[name] ?? round)(app, ...parts);
}

/** The lock is open. @param {import("./core/vault.js").Vault} vault */
async function opened(vault) {
  app.vault = vault;
  lend(vault.key);
  await refresh();
  if (!app.session) return;
  if (["", "#", "#/"].includes(location.hash)) {
    const draft = await lastDraft();
    if (draft && draft.route !== location.hash) history.replaceState(null, "", draft.route);
  }
  await draw();
  soon(0);
  warmDecoder();
}

/** Shut everything that was open; drafts and outbox stay, sealed. */
function lock(others = true) {
  if (!app.vault) return;
  for (const box of document.querySelectorAll("dialog[open]")) box.close("");  // names stand in it, and it covers the PIN
  forget();
  lend(null);
  if (others) tellOthers("lock");
  draw();
}

watch((what) => {
  if (what === "lock") return lock(false);
  if (what === "lock here") return lock();
  if (what === "look") { dress(); return draw(); }
  news += 1;
  paintFrame();
  paintNotes();
  const busy = document.activeElement?.matches?.("input, textarea, select") || document.querySelector("dialog[open]");
  if (shown?.live && app.vault && !busy) redraw();
  return undefined;
});

/** A screen that shows lists follows what changes, and stays as its reader left it. */
async function redraw() {
  const [name, ...parts] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const mine = drawing, turn = ++redrawing, next = await (SCREENS[name] ?? round)(app, ...parts), main = document.getElementById("main");
  if (mine !== drawing || turn !== redrawing || !next.live || !shown?.live || !main) return;
  const scrolled = main.scrollTop, again = held();
  const said = document.getElementById("said"), notes = document.getElementById("notes");
  main.replaceChildren(said, notes);
  fill(main, [next.body]);
  document.querySelector(".foot")?.replaceChildren();
  if (next.foot) fill(document.querySelector(".foot"), [next.foot]);
  shown = next;
  next.ready?.();
  again();
  main.scrollTop = scrolled;
}

function dress() {
  document.documentElement.dataset.theme = app.look.theme;
  speak(app.look.language);
}

/** What a screen could not do is said in words; anything else too, with what to tell the office. */
addEventListener("unhandledrejection", (event) => {
  const { reason } = event;
  if (reason instanceof Refused) { event.preventDefault(); say(reason.message, "bad"); document.getElementById("main")?.scrollTo(0, 0); }
  else if (reason instanceof WrongPin) event.preventDefault();
  else say(t("Ứng dụng gặp lỗi: {why}. Những gì đã ghi vẫn còn; báo bưu cục.", { why: String(reason?.message ?? reason) }), "bad");
});
addEventListener("hashchange", draw);
addEventListener("online", () => syncNow());
document.addEventListener("visibilitychange", () => { if (!document.hidden) syncNow(); });
addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); app.installer = event; changed(); });

await readLook().catch(() => {});
dress();
await startWorker();
await refresh();
guardIdle(() => lock());
app.persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
await draw();
