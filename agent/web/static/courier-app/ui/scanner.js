// The scanning module, loaded when it is there; without it the courier types.

import { wakeSound } from "../scan/index.js";
import * as scan from "../scan/index.js";
import { h } from "./dom.js";
import { s10 } from "./show.js";
import { app } from "./state.js";
import { t } from "./words.js";

export const { feedback } = scan;

/** What is our number in a scanned text: the number itself, or the last part of a link that carries it. @param {string} text */
export const numberIn = (text) => s10(text) ?? s10(text.split(/[/?#=|;]/).find((part) => s10(part)) ?? "");

let off = null;
/** One listener for readers at a time: the screen that is shown. @param {(text: string, how: object) => void} onCode */
export function hearReader(onCode) {
  off?.();
  off = onCode ? scan.listenReader(onCode) : null;
}

/**
 * The camera's picture with its torch; closes itself when it leaves the page.
 * @param {(text: string, how: {format?: string, source: string}) => void} onCode
 * @param {{wants?: (text: string, format: string) => boolean}} [with_]
 */
export function cameraBox(onCode, { wants } = {}) {
  const video = h("video", { playsinline: true, muted: true, "aria-label": t("Hình từ camera") });
  const told = h("p.hint", { role: "status" }, t("Đang mở camera…"));
  const torch = h("button.do.plain.torch", { type: "button", hidden: true, "aria-pressed": "false" }, t("Đèn"));
  const snap = snapButton(onCode, told, wants), box = h("div.camera", null, h("div.lens", null, video, h("i.aim", { "aria-hidden": "true" }), torch), told, snap);
  wakeSound();
  const begin = async () => {
    try {
      const opened = await scan.startScan(video, { onCode, wants, onTrouble: (trouble) => fail(trouble) });
      told.textContent = t("Đưa mã vào khung.");
      torch.hidden = !opened.torch;
      torch.onclick = async () => {
        const on = torch.getAttribute("aria-pressed") !== "true";
        if (await opened.setTorch(on)) torch.setAttribute("aria-pressed", String(on));
      };
    } catch (trouble) { fail(trouble); }
  };
  const fail = (trouble) => {
    if (!box.isConnected) return;
    box.classList.add("off");
    snap.hidden = false;
    told.textContent = scan.troubleWords(trouble.code ?? "camera-lost");
  };
  queueMicrotask(begin);
  return box;
}

/** Where the live camera stays shut: a picture of the code, read here or by the office. */
function snapButton(onCode, told, wants) {
  const input = h("input.sr", { type: "file", accept: "image/*", capture: "environment", onchange: async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    told.textContent = t("Đang đọc ảnh…");
    try {
      for (const one of await scan.decodePicture(file, { token: app.session?.token, wants })) onCode(one.text, { format: one.format, source: "camera" });
      told.textContent = "";
    } catch (trouble) { told.textContent = scan.troubleWords(trouble.code ?? "picture-unreadable"); }
  } });
  return h("label.do.plain.snap", { hidden: true }, input, t("Chụp ảnh mã"));
}

export const closeCamera = () => scan.stop();

/** Load the decoder while nothing else happens. */
export const warmDecoder = () => scan.warm().catch(() => {});
