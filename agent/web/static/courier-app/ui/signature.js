// The receiver signs on the glass; who cannot, types the name, and that is what the picture says.

import { h } from "./dom.js";
import { t } from "./words.js";

const WIDTH = 900, HEIGHT = 360, FEWEST = 6;

/** @param {{strokes: number[][][], typed: string, changed: (strokes: number[][][]) => void, ontype: (name: string) => void}} with_ */
export function signatureBox({ strokes, typed, changed, ontype }) {
  const lines = strokes.map((line) => line.map((point) => [...point]));
  const pad = h("canvas.pad", { id: "signature", tabindex: "0", role: "img", "aria-label": t("Ô ký: người nhận ký bằng ngón tay"), "aria-describedby": "e-signature" });
  const told = h("span.soft", { role: "status" });
  let line = null;
  const paint = () => {
    pad.width = WIDTH;
    pad.height = HEIGHT;
    draw(pad.getContext("2d"), lines);
    told.textContent = signed(lines) ? t("đã có nét ký") : t("chưa ký");
  };
  const add = (event) => {
    const box = pad.getBoundingClientRect();
    line.push([clamp(((event.clientX - box.left) / box.width) * WIDTH, WIDTH), clamp(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT)]);
  };
  pad.addEventListener("pointerdown", (event) => { line = []; lines.push(line); pad.setPointerCapture(event.pointerId); add(event); paint(); event.preventDefault(); });
  pad.addEventListener("pointermove", (event) => { if (line) { add(event); paint(); } });
  const lift = () => { if (line) { line = null; changed(lines); } };
  pad.addEventListener("pointerup", lift);
  pad.addEventListener("pointercancel", lift);
  const typing = h("details.more", { open: Boolean(typed) }, h("summary", null, t("Không ký được trên màn hình")),
    h("label", { for: "typed" }, t("Người nhận tự gõ họ tên để xác nhận")), h("input", { id: "typed", value: typed, autocomplete: "off", oninput: (event) => ontype(event.target.value) }));
  paint();
  return h("div.field", { id: "f-signature" }, h("p.label", null, t("Người nhận ký"), " ", told), h("p.error", { id: "e-signature", hidden: true }), pad,
    h("button.do.plain", { type: "button", onclick: () => { lines.length = 0; changed(lines); paint(); } }, t("Ký lại")), typing);
}

/** Whether these strokes are more than a dot. @param {number[][][]} lines */
export const signed = (lines) => lines.reduce((sum, line) => sum + line.length, 0) >= FEWEST;

/** The signature as a picture: strokes, or the name that was typed in their place. @param {number[][][]} lines @param {string} typed */
export function signatureBlob(lines, typed) {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  if (signed(lines)) draw(pen, lines);
  else {
    pen.fillStyle = "#1b1f24";
    pen.font = `${Math.min(64, Math.floor(1500 / Math.max(8, typed.length)))}px "Be Vietnam Pro", sans-serif`;
    pen.fillText(typed, 40, 190, WIDTH - 80);
    pen.font = '24px "Be Vietnam Pro", sans-serif';
    pen.fillText("(người nhận tự gõ tên / typed by the receiver)", 40, 260, WIDTH - 80);
  }
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

function draw(pen, lines) {
  pen.strokeStyle = "#1b1f24";
  pen.lineWidth = 5;
  pen.lineCap = pen.lineJoin = "round";
  for (const line of lines) {
    pen.beginPath();
    line.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }
}

const clamp = (value, most) => Math.max(0, Math.min(Math.round(value), most));
