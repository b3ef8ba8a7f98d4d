// A photo as proof: taken by the phone's camera, made small, without the camera's own notes in it.

import { base64url, unbase64url } from "../core/bytes.js";
import { h } from "./dom.js";
import { t } from "./words.js";

const LONGEST = 1600, QUALITY = 0.8, MOST_BYTES = 1_500_000;

/** @param {{photo: string, changed: (photo: string) => void, words?: string}} with_ `photo`: base64url of a JPEG in the draft, or "" */
export function photoBox({ photo, changed, words }) {
  const shown = h("img", { alt: t("Ảnh đã chụp"), hidden: true }), told = h("span", { role: "status" });
  const input = h("input.sr", { id: "photo", type: "file", accept: "image/*", capture: "environment", onchange: async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    told.textContent = t("Đang xử lý ảnh…");
    try { show(await shrunk(file)); } catch { told.textContent = t("Tệp này không phải ảnh xem được. Chụp lại."); }
  } });
  const again = h("label.do.plain", { for: "photo" }, t("Chụp ảnh"));
  const drop = h("button.link", { type: "button", hidden: true, onclick: () => show(null) }, t("Bỏ ảnh"));
  async function show(blob) {
    URL.revokeObjectURL(shown.src);
    shown.hidden = drop.hidden = !blob;
    again.textContent = blob ? t("Chụp lại") : t("Chụp ảnh");
    told.textContent = blob ? t("Có ảnh, {kb} kB", { kb: Math.ceil(blob.size / 1000) }) : (words ?? t("Chưa có ảnh"));
    if (blob) shown.src = URL.createObjectURL(blob);
    changed(blob ? base64url(await blob.arrayBuffer()) : "");
  }
  told.textContent = words ?? t("Chưa có ảnh");
  if (photo) {
    const blob = photoBlob(photo);
    Object.assign(shown, { hidden: false, src: URL.createObjectURL(blob) });
    drop.hidden = false;
    again.textContent = t("Chụp lại");
    told.textContent = t("Có ảnh, {kb} kB", { kb: Math.ceil(blob.size / 1000) });
  }
  return h("div.proof.photo", { id: "f-photo" }, h("span.sign", { "aria-hidden": "true" }, "▣"), told, input, again, shown, drop);
}

/** @param {string} photo @returns {Blob} */
export const photoBlob = (photo) => new Blob([unbase64url(photo)], { type: "image/jpeg" });

/** At most 1600 px on the longer side, JPEG. @param {Blob} file @returns {Promise<Blob>} */
export async function shrunk(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (let quality = QUALITY; ; quality -= 0.2) {
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
    if (blob.size <= MOST_BYTES || quality < 0.3) return blob;
  }
}
