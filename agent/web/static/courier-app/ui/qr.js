// QR codes on the screen: black on white whatever the theme, several in turn when one is too small.

import { generate } from "../../vendor/lean-qr/lean-qr.js";
import { h } from "./dom.js";
import { t } from "./words.js";

const TURN_MS = 900, QUIET = 4;

/** @param {string[]} texts @param {string} words what they are */
export function qrShow(texts, words) {
  const canvas = h("canvas.qr", { role: "img", "aria-label": words }), told = h("p.soft");
  let at = 0, timer = 0;
  const paint = () => {
    const code = generate(texts[at]);
    code.toCanvas(canvas, { on: [0, 0, 0, 255], off: [255, 255, 255, 255], padX: QUIET, padY: QUIET });
    told.textContent = texts.length > 1 ? t("mã {n}/{count}", { n: at + 1, count: texts.length }) : "";
  };
  const step = () => { at = (at + 1) % texts.length; paint(); };
  const run = h("button.do.plain", { type: "button", hidden: texts.length < 2, "aria-pressed": "false", onclick: () => {
    const held = run.getAttribute("aria-pressed") === "true";
    run.setAttribute("aria-pressed", String(!held));
    run.textContent = held ? t("Dừng") : t("Mã sau");
    if (held) start(); else clearInterval(timer);
    if (!held) step();
  } }, t("Dừng"));
  const start = () => { timer = setInterval(() => (canvas.isConnected ? step() : clearInterval(timer)), TURN_MS); };
  paint();
  if (texts.length > 1) start();
  return h("div.qrbox", null, canvas, told, run);
}
