// The frame of every screen: who, how much is done, what is not sent yet; the work; the big button at the thumb.

import { app, syncNow } from "./state.js";
import { fill, h } from "./dom.js";
import { part } from "../core/custody.js";
import { t } from "./words.js";

/**
 * @param {{title?: string, back?: string, body: any, foot?: any, hold?: boolean}} screen
 * @returns {HTMLElement}
 */
export function frame({ title, back, body, foot }) {
  return h("div.frame", null,
    h("a.skip", { href: "#main", onclick: (event) => { event.preventDefault(); document.getElementById("main").focus(); } }, t("Tới nội dung chính")),
    h("header.top", null,
      back ? h("a.back", { href: back, "aria-label": t("Quay lại") }, "‹") : null,
      h("span.who", null, title ?? roundName()), !title && h("span.count"), h("span.pillbox")),
    h("main", { id: "main", tabindex: "-1" }, h("div", { id: "said", "aria-live": "polite" }), h("div", { id: "notes" }), body),
    foot ? h("footer.foot", null, foot) : null);
}

const roundName = () => app.session?.name || app.session?.courier || t("Bưu tá");

/** Done and all of today's round. */
export function tally() {
  const parts = Object.values(app.items).map((one) => part(one, app.me));
  const done = parts.filter((one) => one === "done" || one === "failed").length;
  return { done, all: done + parts.filter((one) => one === "to_do" || one === "waiting").length };
}

/** Paint what changes by itself: the count of what is not sent, and the round's tally. */
export function paintFrame() {
  const pill = document.querySelector(".pillbox"), count = document.querySelector(".count");
  if (count && app.session) {
    const { done, all } = tally();
    count.textContent = all ? `${done}/${all}` : "";
    count.setAttribute("aria-label", t("đã xong {done} trên {all}", { done, all }));
    count.setAttribute("role", "img");
    count.hidden = !all;
  }
  if (pill) pill.replaceChildren(app.paired || app.unsent ? unsentPill() : "");
}

function unsentPill() {
  const { unsent, sync } = app;
  const words = unsent ? t("{n} chưa gửi", { n: unsent }) : t("đã gửi hết");
  const sign = sync.running ? "↻" : unsent ? "▲" : "✓";
  const inside = [h("span.sign", { "aria-hidden": "true" }, sign), ` ${words}`, sync.running && h("span.sr", null, ` · ${t("đang gửi")}`)];
  if (!app.vault) return h(`span.pill${unsent ? ".owed" : ""}`, null, inside);
  return h(`a.pill${unsent ? ".owed" : ""}`, { href: "#/outbox", "data-unsent": unsent }, inside);
}

/** What a courier must know wherever he is: revoked, not understood, a new version, storage that may be cleared. */
export function paintNotes() {
  const place = document.getElementById("notes");
  if (!place || !app.vault) return;
  place.replaceChildren();
  const refused = app.log.filter((one) => ["refused", "conflict"].includes(one.verdict) && !one.seen).length;
  fill(place, [
    app.revoked && h("p.said.bad", { role: "alert" }, t("Bưu cục đã thu quyền điện thoại này. Dừng giao, mang máy và bưu gửi về bưu cục. {n} việc chưa gửi vẫn được giữ, đã mã hóa, trong máy.", { n: app.unsent })),
    refused > 0 && location.hash !== "#/outbox" && h("p.said.bad", null, h("a", { href: "#/outbox" }, t("{n} việc bưu cục không nhận hoặc đang phân xử: xem phải làm gì", { n: refused }))),
    app.update && h("p.said.warn", null, t("Có bản mới của ứng dụng."), " ",
      h("button.link", { type: "button", onclick: () => app.update() }, t("Cập nhật ngay (không mất gì)"))),
  ]);
}

/** The line that says how the contact with the office stands. */
export function contactLine() {
  const { running, at, trouble, done, of } = app.sync;
  if (running) return of ? t("Đang gửi… {done}/{of}", { done, of }) : t("Đang hỏi bưu cục…");
  const why = trouble && ({
    offline: t("Không tới được bưu cục. Máy tự gửi khi có mạng; bạn cứ làm tiếp."),
    busy: t("Bưu cục đang bận. Máy tự gửi lại sau ít phút."),
    revoked: t("Bưu cục không còn nhận máy này."),
    stranger: t("Bưu cục không nhận ra máy này: xin mã ghép mới. Dữ liệu vẫn ở trong máy."),
    refused: t("Bưu cục không nhận lần gửi này: {why}", { why: trouble.message }),
    trouble: t("Máy chủ bưu cục gặp lỗi. Dữ liệu vẫn ở trong máy; máy tự gửi lại."),
    full: t("Bộ nhớ điện thoại đầy: xóa bớt ảnh hoặc ứng dụng khác rồi bấm gửi."),
    broken: t("Ứng dụng gặp lỗi khi gửi: {why}. Dữ liệu vẫn ở trong máy; báo bưu cục.", { why: trouble.message }),
  }[trouble.kind]);
  if (why) return why;
  return at ? t("Liên lạc lần cuối {time}", { time: new Date(at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" }) }) : t("Chưa liên lạc với bưu cục lần nào.");
}

export { syncNow };
