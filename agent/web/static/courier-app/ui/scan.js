// Find an item by its code: camera, reader or typed number; the same sounds for the same answers.

import { part } from "../core/custody.js";
import { button, h, say } from "./dom.js";
import { field } from "./forms.js";
import { cameraBox, closeCamera, feedback, hearReader, numberIn } from "./scanner.js";
import { grouped, plainNumber } from "./show.js";
import { app } from "./state.js";
import { notOurs } from "./tally.js";
import { t } from "./words.js";

/** @param {any} _app @param {string} [given] "type" to type at once, or a code that a reader just read */
export function scan(_app, given = "") {
  const typing = given === "type";
  const look = (text, source = "typed") => {
    const found = find(text);
    feedback(found.kind);
    if (found.number) { closeCamera(); sessionStorage.setItem("capture", `${found.number} ${source}`); location.hash = `#/item/${found.number}`; return; }
    say(found.words, "bad");
  };
  const body = h("div.scan", null,
    typing ? null : cameraBox((text, { wanted }) => { if (wanted !== false) look(text, "camera"); }, { wants: (text) => Boolean(numberIn(text)) }),
    h("form", { onsubmit: (event) => { event.preventDefault(); look(document.getElementById("number").value); } },
      field("number", t("Số hiệu bưu gửi"), { autocapitalize: "characters", spellcheck: "false", enterkeyhint: "go", inputmode: typing ? "text" : null },
        t("Gõ cả số, hoặc 4 số cuối trước chữ VN.")),
      h("button.do.wide", { type: "submit" }, t("Mở"))),
    typing && button("plain wide", t("Quét bằng camera"), () => { location.hash = "#/scan"; }));
  return { title: t("Quét mã"), back: "#/", body, ready: () => {
    hearReader((text, how) => (how.damaged ? say(t("Bộ gõ tiếng Việt làm sai mã vừa đọc. Tắt bộ gõ rồi đọc lại."), "bad") : look(text, "reader")));
    if (typing) document.getElementById("number").focus();
    else if (given) look(given, "reader");
  } };
}

/** How the number of an item that is being worked on came in: camera, reader or typed. @param {string} number */
export function captureOf(number) {
  const [of, source] = (sessionStorage.getItem("capture") ?? "").split(" ");
  return of === number ? source : "typed";
}

function find(text) {
  const number = numberIn(text), plain = plainNumber(text);
  if (!plain) return { kind: "wrong", words: t("Gõ số hiệu rồi bấm “Mở”.") };
  if (number) {
    const item = app.items[number];
    if (item && part(item, app.me) !== "elsewhere") return { kind: part(item, app.me) === "done" ? "duplicate" : "new", number };
    return { kind: "wrong", words: t("{number} không có trên tuyến của bạn. Không giao, không nhận; mang về hỏi bưu cục, hoặc chờ có mạng để tải tuyến mới.", { number: grouped(number) }) };
  }
  const near = Object.keys(app.items).filter((one) => /^\d{3,}$/.test(plain) && one.slice(0, -2).endsWith(plain));
  if (near.length === 1) return { kind: "new", number: near[0] };
  if (near.length > 1) return { kind: "wrong", words: t("Có {n} bưu gửi tận cùng là {what}. Gõ thêm số.", { n: near.length, what: plain }) };
  return { kind: "wrong", words: notOurs(text) };
}
