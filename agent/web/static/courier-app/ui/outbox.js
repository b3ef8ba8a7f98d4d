// What is sent and what is not, what the office said, and what to do about it.

import { markSeen } from "../core/books.js";
import { unsent } from "../core/outbox.js";
import { button, h, link } from "./dom.js";
import { contactLine } from "./frame.js";
import { grouped, stepWords, when } from "./show.js";
import { app, refresh, syncNow } from "./state.js";
import { t } from "./words.js";

export async function outbox() {
  const held = app.records.filter((one) => one.state === "held"), open = app.records.filter((one) => one.state !== "held");
  const elsewhere = (await unsent()) - open.length;
  const loud = app.log.filter((one) => ["refused", "conflict"].includes(one.verdict) && !one.seen).reverse();
  const quiet = app.log.filter((one) => !loud.includes(one)).reverse().slice(0, 60);
  const body = h("div", null,
    h("section.card", null,
      h("h1", null, app.unsent ? t("Còn {n} việc chưa gửi", { n: app.unsent }) : t("Đã gửi hết")),
      h("p.soft", { role: "status" }, contactLine()),
      app.unsent > 0 && h("p.soft", null, t("Giữ ứng dụng này; đừng xóa dữ liệu trình duyệt trước khi gửi hết.")),
      app.sync.lost > 0 && h("p.said.bad", null, t("Bưu cục thiếu {n} việc mà máy này đã gửi và xóa: báo kiểm soát viên.", { n: app.sync.lost })),
      elsewhere > 0 && h("p.said.warn", null, t("{n} việc thuộc lần ghép trước, không gửi được bằng lần ghép này. Mang máy về bưu cục.", { n: elsewhere })),
      button("wide", app.sync.running ? t("Đang gửi…") : t("Gửi ngay"), () => syncNow(), { "data-key": "send" })),
    loud.length > 0 && h("section", null, h("h2.list", null, t("Phải xem")), h("ul.lines", null, loud.map(problem))),
    open.length > 0 && h("section", null, h("h2.list", null, t("Chưa gửi")), h("ul.lines", null, open.map(waiting))),
    held.length > 0 && h("section", null, h("h2.list", null, t("Bưu cục đã giữ, chưa ghi")), h("ul.lines", null, held.map(waiting))),
    quiet.length > 0 && h("section", null, h("h2.list", null, t("Bưu cục đã nhận")), h("ul.lines", null, quiet.map(line))));
  return { title: t("Việc đã ghi"), back: "#/", body, live: true };
}

function waiting(one) {
  const words = one.state === "waiting" ? t("bưu cục còn chờ ảnh hoặc chữ ký") : one.state === "held" ? t("bưu cục đã giữ, còn chờ việc trước đó") : one.state === "refused" ? t("bưu cục chưa nhận") : t("chưa gửi");
  const pictures = one.blobs.length ? ` · ${t("{n} ảnh", { n: one.blobs.length })}` : "";
  return h("li", null, h("span.sign", { "aria-hidden": "true" }, ["waiting", "held"].includes(one.state) ? "◷" : "▲"), h("div", null, h("b", null, `${stepWords(one.event.step)} ${grouped(one.event.item)}`), h("small", null, `${when(one.event.at)} · ${words}${pictures}`)));
}

function line(one) {
  const sign = { taken: "✓", known: "✓", conflict: "⚖", refused: "✕", waiting: "◷" }[one.verdict] ?? "✓";
  const words = { taken: t("đã nhận"), known: t("đã có từ trước"), conflict: t("đang phân xử"), refused: t("không nhận") }[one.verdict] ?? "";
  return h("li", null, h("span.sign", { "aria-hidden": "true" }, sign), h("div", null, h("b", null, `${stepWords(one.step)} ${grouped(one.item)}`), h("small", null, `${when(one.at)} · ${words}`)));
}

/** A refusal or a conflict, with the office's reason and the way on. */
function problem(one) {
  const conflict = one.verdict === "conflict";
  return h("li.problem", null, h("span.sign", { "aria-hidden": "true" }, conflict ? "⚖" : "✕"), h("div", null,
    h("b", null, `${stepWords(one.step)} ${grouped(one.item)}`), h("small", null, when(one.at)),
    h("p", null, conflict && one.code === "amount" ? t("Số tiền bạn thu nhiều hơn sổ. Người ở bưu cục sẽ quyết định; để riêng số tiền này.")
      : conflict ? t("Có ghi nhận khác về cùng bưu gửi này. Người ở bưu cục sẽ phân xử; việc bạn ghi vẫn được giữ.") : t("Bưu cục không nhận việc này.")),
    one.message && h("p.reason", null, one.message),
    h("div.pair", null, app.items[one.item] ? link("plain", t("Mở bưu gửi"), `#/item/${one.item}`) : h("span"),
      button("plain", t("Đã xem"), async () => { await markSeen(app.vault, one.id); await refresh(); }, { "data-key": `seen ${one.id}` }))));
}
