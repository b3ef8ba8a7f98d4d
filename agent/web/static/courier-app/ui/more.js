// Everything that is not the round itself: hand-overs, money, look, lock, and how this phone stands with the office.

import { changePin, weakness, SHORTEST, WrongPin } from "../core/vault.js";
import { APP } from "../core/session.js";
import { button, h, link, say } from "./dom.js";
import { choices } from "./forms.js";
import { contactLine } from "./frame.js";
import { links } from "./handover.js";
import { wrongWords } from "./enter.js";
import { pinPad } from "./pinpad.js";
import { dong } from "./show.js";
import { inHand } from "./cash.js";
import { app, changed, setLook } from "./state.js";
import { t } from "./words.js";

export async function more() {
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  const themes = [["auto", t("Theo máy")], ["light", t("Sáng (ngoài nắng)")], ["dark", t("Tối")], ["contrast", t("Tương phản cao")]];
  const body = h("div", null,
    h("section.group", null,
      link("wide plain", t("Tiền mặt đang giữ: {amount}", { amount: dong(inHand().total) }), "#/cash"),
      link("wide plain", t("Trả bưu cục"), "#/office"), links(),
      link("wide plain", t("Việc đã ghi và đã gửi"), "#/outbox"),
      button("wide", t("Khóa ứng dụng"), () => changed("lock here"))),
    choices("theme", t("Màn hình"), themes.map(([value, words]) => ({ value, words })), app.look.theme, (theme) => setLook({ theme }), "two"),
    choices("language", t("Ngôn ngữ"), [{ value: "vi", words: "Tiếng Việt" }, { value: "en", words: "English" }], app.look.language, (language) => setLook({ language }), "two"),
    choices("idle", t("Tự khóa khi không chạm"), [5, 10, 30].map((n) => ({ value: String(n), words: t("{n} phút", { n }) })), String(app.look.idle), (n) => setLook({ idle: Number(n) }), "three"),
    app.installer && button("wide plain", t("Cài vào màn hình chính"), async () => { await app.installer.prompt(); app.installer = null; changed(); }),
    pinChange(),
    h("section", null, h("h2.list", null, t("Máy này")), h("dl.facts", null,
      h("dt", null, t("Bưu tá")), h("dd", null, app.session.name),
      h("dt", null, t("Bưu cục")), h("dd", null, app.session.office_name || app.session.office),
      h("dt", null, t("Liên lạc")), h("dd", null, contactLine()),
      h("dt", null, t("Mã máy")), h("dd.mono", null, app.session.phone.slice(-12)),
      h("dt", null, t("Giữ dữ liệu")), h("dd", null, app.persisted ? t("máy hứa không tự xóa") : t("máy có thể xóa khi hết chỗ: gửi mỗi khi có mạng")),
      estimate && [h("dt", null, t("Bộ nhớ")), h("dd", null, t("đã dùng {used} MB trên {all} MB", { used: Math.ceil(estimate.usage / 1e6), all: Math.floor(estimate.quota / 1e6) }))],
      h("dt", null, t("Làm việc khi mất mạng")), h("dd", null, workerWords()),
      h("dt", null, t("Bản")), h("dd", null, APP)),
    h("p", null, h("a", { href: "/courier/" }, t("Trang bưu tá khi có mạng (không cần ghép)")))));
  return { title: t("Việc khác"), back: "#/", body };
}

const workerWords = () => ({ "": t("được"), none: t("không: trình duyệt này không hỗ trợ"), certificate: t("không: máy chưa tin chứng chỉ của bưu cục"), failed: t("không: trình duyệt không cho; dùng Chrome") }[app.workerTrouble]);

function pinChange() {
  const place = h("div");
  const begin = () => place.replaceChildren(pinPad({ title: t("Mã khóa đang dùng"), shortest: SHORTEST, done: async (old) => { second(old); } }));
  const second = (old) => place.replaceChildren(pinPad({ title: t("Mã khóa mới"), shortest: SHORTEST, done: async (next) => {
    if (weakness(next)) return t("Mã quá dễ đoán (dãy liên tiếp hoặc một số lặp lại). Chọn mã khác.");
    try { await changePin(old, next); } catch (error) {
      if (!(error instanceof WrongPin)) throw error;
      begin();
      say(wrongWords(error), "bad");
      return undefined;
    }
    place.replaceChildren();
    say(t("Đã đổi mã khóa."));
    return undefined;
  } }));
  return h("details.more", { ontoggle: (event) => { if (event.target.open) begin(); else place.replaceChildren(); } }, h("summary", null, t("Đổi mã khóa")), place);
}
