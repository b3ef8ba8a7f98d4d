// Cash in the courier's hands: what the office knows, what is not sent yet, and how much more may be taken.

import { h, link } from "./dom.js";
import { dong, grouped, when } from "./show.js";
import { app } from "./state.js";
import { t } from "./words.js";

/** @returns {{known: number, fresh: number, undecided: number, total: number, limit: number, left: number | null}} đồng */
export function inHand() {
  const known = app.round.limits?.cash_in_hand ?? 0, limit = app.round.limits?.cash_limit ?? 0;
  const undecided = app.round.limits?.cash_undecided ?? 0;
  const fresh = app.records.reduce((sum, one) => sum + (one.event.proof?.collected ?? 0), 0);
  const total = known + fresh + undecided;
  return { known, fresh, undecided, total, limit, left: limit > 0 ? limit - total : null };
}

export function cash() {
  const { known, fresh, undecided, total, limit, left } = inHand();
  const open = app.records.filter((one) => one.event.proof?.collected);
  const sent = app.log.filter((one) => one.collected && ["taken", "known"].includes(one.verdict)).reverse();
  const due = Object.values(app.items).filter((one) => one.holder === app.me && one.state === "out_for_delivery" && one.collect).reduce((sum, one) => sum + one.collect, 0);
  const body = h("div", null,
    h("section.card", null, h("p.over", null, t("Tiền mặt đang giữ")), h("p.big", null, dong(total)),
      h("dl.facts", null,
        h("dt", null, t("Bưu cục đã ghi")), h("dd", null, dong(known)),
        h("dt", null, t("Chưa gửi về")), h("dd", null, dong(fresh)),
        undecided > 0 && [h("dt", null, t("Để riêng, chờ bưu cục quyết định")), h("dd", null, dong(undecided))],
        h("dt", null, t("Còn phải thu trên tuyến")), h("dd", null, dong(due)),
        limit > 0 && [h("dt", null, t("Hạn mức")), h("dd", null, dong(limit))]),
      left !== null && limitLine(left, limit)),
    h("p.hint", null, t("Nộp tiền ở bưu cục: đếm trước, khai số, giao dịch viên đếm lại mà không thấy số bạn khai.")),
    open.length + sent.length > 0 && h("section", null, h("h2.list", null, t("Đã thu")), h("ul.lines", null,
      open.map(({ event }) => row("▲", event.item, event.at, event.proof.collected, t("chưa gửi"))), sent.map((one) => row("✓", one.item, one.at, one.collected, t("đã nhận"))))));
  return { title: t("Tiền mặt"), back: "#/more", body, live: true };
}

function limitLine(left, limit) {
  if (left < 0) return h("p.said.bad", { role: "alert" }, t("Vượt hạn mức {amount}. Nộp tiền ở bưu cục trước khi thu thêm.", { amount: dong(-left) }));
  const part = h("progress", { max: limit, "aria-label": t("Phần hạn mức đã dùng") });
  part.value = limit - left;
  return [part, h("p.soft", null, t("Còn được thu {amount}", { amount: dong(left) }))];
}

const row = (sign, item, at, amount, words) => h("li", null, h("span.sign", { "aria-hidden": "true" }, sign), h("div", null, h("b", null, dong(amount)), h("small", null, `${grouped(item)} · ${when(at)} · ${words}`)));

/** A warning where money is about to be taken over the limit; empty otherwise. @param {number} amount */
export function overLimit(amount) {
  const { left } = inHand();
  return left !== null && amount > left ? t("Thu khoản này sẽ vượt hạn mức tiền mặt {amount}. Nhận rồi thì về nộp ngay.", { amount: dong(amount - Math.max(0, left)) }) : "";
}
