// The receiver's one-time code: sent and checked at once where there is a network, else judged when the phone sends.

import { ask, NetTrouble } from "../core/net.js";
import { button, h } from "./dom.js";
import { field } from "./forms.js";
import { app } from "./state.js";
import { t } from "./words.js";

/** @param {any} item @param {string} code of the draft @param {(code: string) => void} changed */
export function codeBox(item, code, changed) {
  const told = h("p.hint", { role: "status" });
  const say = (words) => { told.textContent = words; };
  const post = async (path, json, done) => {
    try { say(done(await ask("POST", path, { token: app.session.token, json }))); } catch (error) {
      if (!(error instanceof NetTrouble)) throw error;
      say(error.kind === "offline" ? t("Không tới được bưu cục: cứ ghi mã người nhận đọc, bưu cục kiểm tra khi máy gửi.") : error.message);
    }
  };
  const check = () => {
    const typed = document.getElementById("code").value.trim();
    if (!typed) { say(t("Gõ mã người nhận đọc, rồi kiểm tra.")); return undefined; }
    return post("/courier/codes:check", { item: item.number, code: typed }, (said) => (said.right ? t("✓ Mã đúng.") : t("Mã sai, còn {n} lần thử.", { n: said.tries_left })));
  };
  return h("details.more", { open: Boolean(code) }, h("summary", null, t("Mã một lần của người nhận")),
    button("plain wide", t("Gửi mã cho người nhận"), () => post("/courier/codes", { item: item.number }, () => t("Đã gửi mã tới điện thoại của người nhận."))),
    field("code", t("Mã một lần"), { value: code, inputmode: "numeric", maxlength: 12, oninput: (event) => changed(event.target.value.trim()) }, t("Người nhận đọc mã trong tin nhắn; bưu cục kiểm tra khi máy gửi.")),
    button("plain wide", t("Kiểm tra mã"), check), told);
}
