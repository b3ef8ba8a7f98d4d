// The PIN: big keys, dots, nothing that the phone's own keyboard would remember.

import { h } from "./dom.js";
import { t } from "./words.js";

const LONGEST = 12;

/**
 * @param {{title: string, hint?: string, shortest: number, done: (pin: string) => Promise<string | void>, extra?: any}} with_
 *   `done` answers words when the PIN was not taken
 */
export function pinPad({ title, hint = "", shortest, done, extra }) {
  let pin = "", busy = false;
  const dots = h("p.dots", { "aria-hidden": "true" }), told = h("p.error", { role: "alert" });
  const spoken = h("p.sr", { "aria-live": "polite" });
  const ok = key("OK", "✓", () => finish(), t("Xong"));
  const paint = () => {
    dots.replaceChildren(...Array.from({ length: Math.max(shortest, pin.length) }, (_, n) => h(`i${n < pin.length ? ".on" : ""}`)));
    spoken.textContent = t("{n} số", { n: pin.length });
    ok.disabled = pin.length < shortest || busy;
  };
  const press = (digit) => { if (!busy && pin.length < LONGEST) { pin += digit; told.textContent = ""; paint(); } };
  const finish = async () => {
    if (busy || pin.length < shortest) return;
    busy = true;
    told.textContent = t("Đang mở…");
    paint();
    const tried = pin;
    pin = "";
    const wrong = await done(tried).catch((error) => String(error?.message ?? error));
    busy = false;
    told.textContent = wrong ?? "";
    paint();
  };
  const pad = h("div.pinpad", null, [..."123456789"].map((one) => key(one, one, () => press(one))),
    key("Backspace", "⌫", () => { pin = pin.slice(0, -1); paint(); }, t("Xóa một số")), key("0", "0", () => press("0")), ok);
  const typed = (event) => {
    if (!pad.isConnected) { removeEventListener("keydown", typed); return; }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") { pin = pin.slice(0, -1); paint(); }
    else if (event.key === "Enter" && event.target.tagName !== "BUTTON" && event.target.tagName !== "A") finish();
  };
  addEventListener("keydown", typed);
  paint();
  return h("section.pin", null, h("h1", null, title), hint && h("p.hint", null, hint), dots, spoken, told, pad, extra);
}

function key(name, sign, act, words) {
  return h("button.key", { type: "button", "data-key": name, "aria-label": words ?? null, onclick: act }, sign);
}
