// The ways in: pairing by the office's code, setting a PIN, opening the lock.

import { createLock, lockState, openLock, SHORTEST, weakness, WrongPin } from "../core/vault.js";
import { devicePair, keepPair, newPair, publicJwk } from "../core/device_key.js";
import { wipe } from "../core/db.js";
import { NetTrouble, ask } from "../core/net.js";
import { APP, keepSession } from "../core/session.js";
import { button, confirmed, h } from "./dom.js";
import { field } from "./forms.js";
import { pinPad } from "./pinpad.js";
import { app, setLook } from "./state.js";
import { t } from "./words.js";
import { trustSteps } from "./trust.js";

/** @returns {{code: string, ca: string} | null} what the office's QR brought */
export function pairingOf(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  return parts.get("pair") ? { code: parts.get("pair"), ca: parts.get("ca") ?? "" } : null;
}

/** Nobody is paired yet. @param {{code: string, ca: string} | null} offer @param {(vault: any) => void} opened */
export function welcome(offer, opened) {
  const body = h("div.enter");
  const show = (...parts) => body.replaceChildren(...parts);
  const start = async () => {
    if (!isSecureContext || app.workerTrouble === "certificate") return show(trustSteps(offer?.ca ?? ""));
    if (!offer?.code) return show(askCode((code) => { offer = { code, ca: "" }; start(); }));
    if (app.vault) return show(naming(offer, opened));
    if (await lockState()) return show(lockPad(opened, () => show(naming(offer, opened))));
    return show(choosePin((vault) => { opened(vault); show(naming(offer, opened)); }));
  };
  start();
  return body;
}

function askCode(go) {
  const told = h("p.error", { role: "alert" });
  return h("section", null, h("h1", null, t("Ghép điện thoại với bưu cục")),
    h("ol.steps", null,
      h("li", null, t("Nhờ giao dịch viên mở trang “Điện thoại” và chọn tên bạn.")),
      h("li", null, t("Mở máy ảnh của điện thoại, quét mã QR trên màn hình của họ; trang này tự mở lại và ghép.")),
      h("li", null, t("Không quét được thì gõ mã ghép ghi dưới mã QR."))),
    field("pair-code", t("Mã ghép"), { autocapitalize: "characters", spellcheck: "false" }), told,
    button("wide", t("Tiếp tục"), () => {
      const code = document.getElementById("pair-code").value.replace(/\s/g, "");
      if (code) go(code); else told.textContent = t("Gõ mã ghép, hoặc quét mã QR của bưu cục.");
    }), languageSwitch());
}

export function choosePin(done) {
  let first = "";
  const place = h("div");
  const again = () => place.replaceChildren(pinPad({
    title: t("Nhập lại mã khóa"), shortest: SHORTEST,
    done: async (pin) => {
      if (pin !== first) { choose(t("Hai lần không giống nhau. Chọn lại từ đầu.")); return undefined; }
      done(await createLock(pin));
      return undefined;
    },
  }));
  const choose = (told) => place.replaceChildren(pinPad({
    title: t("Chọn mã khóa 6 số"), shortest: SHORTEST,
    hint: told || t("Mã này mở dữ liệu trong điện thoại. Bưu cục không biết và không lấy lại được; đừng dùng ngày sinh."),
    done: async (pin) => {
      if (weakness(pin)) return t("Mã quá dễ đoán (dãy liên tiếp hoặc một số lặp lại). Chọn mã khác.");
      first = pin;
      again();
      return undefined;
    },
    extra: languageSwitch(),
  }));
  choose("");
  return place;
}

function naming(offer, opened) {
  const told = h("p.error", { role: "alert" });
  return h("section", null, h("h1", null, t("Ghép điện thoại với bưu cục")),
    field("phone-name", t("Tên của máy này"), { value: guessName(), maxlength: 60 }, t("Để bưu cục nhận ra máy trong danh sách.")), told,
    button("good wide", t("Ghép"), async () => {
      told.textContent = "";
      try {
        await pair(offer.code, document.getElementById("phone-name").value.trim() || guessName());
        history.replaceState(null, "", `${location.pathname}#/`);
        opened(app.vault);
      } catch (error) { told.textContent = pairingWords(error); }
    }));
}

/** The key that this phone had before makes it the same phone to the office: what waits in its outbox can then be sent. */
async function pair(code, name) {
  const had = await devicePair(), keys = had ?? (await newPair());
  if (!had) await keepPair(keys);
  const said = await ask("POST", "/courier/pair", { json: { code, name, key: await publicJwk(keys), app: APP } });
  await keepSession(app.vault, { phone: said.phone, token: said.token, courier: said.courier, name: said.courier_name || said.courier,
    office: said.office, office_name: said.office_name || said.office, paired_at: said.server_time });
  app.persisted = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}

function pairingWords(error) {
  if (!(error instanceof NetTrouble)) return t("Không ghép được: {why}. Xin bưu cục mã mới rồi thử lại.", { why: String(error?.message ?? error) });
  if (error.kind === "offline") return t("Không tới được bưu cục. Vào mạng của bưu cục rồi bấm lại; mã ghép chỉ dùng được vài phút.");
  return error.message || t("Bưu cục không nhận mã ghép này. Xin mã mới rồi thử lại.");
}

/** @param {(vault: any) => void} opened @param {() => void} [then] */
export function lockPad(opened, then) {
  return pinPad({
    title: t("Nhập mã khóa"), shortest: SHORTEST,
    hint: app.unsent ? t("Trong máy còn {n} việc chưa gửi; mở khóa để gửi.", { n: app.unsent }) : "",
    done: async (pin) => {
      try { opened(await openLock(pin)); then?.(); return undefined; } catch (error) {
        if (!(error instanceof WrongPin)) throw error;
        return wrongWords(error);
      }
    },
    extra: h("p", null, h("button.link", { type: "button", onclick: forgot }, t("Quên mã khóa"))),
  });
}

export function wrongWords({ fails, wait: ms }) {
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 0) return t("Mã khóa sai (lần {n}). Thử lại.", { n: fails });
  const wait = seconds < 90 ? t("{n} giây", { n: seconds }) : t("{n} phút", { n: Math.ceil(seconds / 60) });
  return t("Sai mã khóa {n} lần. Để ứng dụng mở, chờ {wait} rồi thử lại.", { n: fails, wait });
}

async function forgot() {
  const body = h("p", null, t("Không ai mở lại được dữ liệu trong máy. Xóa tất cả rồi ghép lại với bưu cục. {n} việc chưa gửi sẽ MẤT: báo bưu cục ghi lại bằng giấy trước khi xóa.", { n: app.unsent }));
  if (!(await confirmed(t("Quên mã khóa?"), body, t("Xóa tất cả")))) return;
  await wipe();
  location.replace(location.pathname);
}

function guessName() {
  const found = navigator.userAgent.match(/Android [\d.]+; ([^;)]+)/);
  return (found && found[1] !== "K" && found[1].trim()) || (/iPhone/.test(navigator.userAgent) ? "iPhone" : t("Máy của bưu tá"));
}

export function languageSwitch() {
  const next = app.look.language === "vi" ? "en" : "vi";
  return h("p", null, h("button.link", { type: "button", lang: next, onclick: () => setLook({ language: next }) }, next === "en" ? "English" : "Tiếng Việt"));
}
