// One item as a courier reads it: who, where, and what is special about it.

import { h } from "./dom.js";
import { actionWords, dong, grouped, stateWords, telephone, when } from "./show.js";
import { app } from "./state.js";
import { dayOf } from "../core/moment.js";
import { t } from "./words.js";

export const MOST_ATTEMPTS = 2;

/** What must not be overlooked, as short tags. @param {any} item */
export function tags(item) {
  const attempt = item.counted >= MOST_ATTEMPTS ? t("đã đủ {most} lần", { most: MOST_ATTEMPTS }) : t("lần {now}/{most}", { now: item.counted + 1, most: MOST_ATTEMPTS });
  return h("ul.tags", null,
    h("li.tag.mono", null, grouped(item.number)),
    item.deliver_only_to && h("li.tag.strong", null, t("chỉ giao tận tay")),
    item.collect > 0 && h("li.tag.money", null, t("thu {amount}", { amount: dong(item.collect) })),
    h("li.tag", null, attempt),
    item.take_back?.length > 0 && h("li.tag.strong", null, t("thu hồi {n} giấy tờ", { n: item.take_back.length })),
    item.proxy?.length > 0 && h("li.tag", null, t("có giấy ủy quyền")),
    due(item),
    item.doubt && h("li.tag.bad", null, t("bưu cục đang phân xử")),
    item.correcting && h("li.tag.bad", null, t("đang xin đính chính")));
}

function due(item) {
  if (!item.due_at) return null;
  const day = dayOf(item.due_at), today = dayOf(Date.now());
  if (day > today) return null;
  return h("li.tag.bad", null, day === today ? t("hẹn trả hôm nay") : t("quá hẹn"));
}

/** @param {any} item with telephone only when asked */
export function who(item, { phone = false, level = "h2" } = {}) {
  return h("div.person", null, h(level, null, item.receiver || t("(chưa có tên: chờ bưu cục gửi)")), h("p.address", null, item.address),
    item.contact && h("p.hint", null, t("Gọi {who}; chỉ {owner} hoặc người có giấy được nhận", { who: item.contact, owner: item.receiver })),
    item.hint && h("p.hint", null, item.hint),
    phone && item.receiver_phone && h("p", null, h("a.call", { href: `tel:${item.receiver_phone}` }, h("span", { "aria-hidden": "true" }, "✆ "), telephone(item.receiver_phone))));
}

/** One line of the list, with what became of the item. @param {any} item @param {string} part */
export function stop(item, part) {
  const unsent = app.records.some((one) => one.event.item === item.number && one.event.id === item.done?.id);
  const sent = unsent ? t("chưa gửi") : "";
  const line = (...words) => h("small", null, words.filter(Boolean).join(" · "));
  const inside = {
    done: () => [h("span.mark.green", null, "✓ ", when(item.done?.at ?? Date.now())), line(endWords(item), item.done?.collected ? t("đã thu {amount}", { amount: dong(item.done.collected) }) : "", sent)],
    failed: () => [h("span.mark.red", null, "✕ ", when(item.done.at)), line(reasonWords(item.done.reason), actionWords(item.done.action), sent)],
    waiting: () => [h("span.mark", null, "⇄ ", t("chờ nhận")), line(item.address, t("chờ {who} nhận", { who: holderWords(item.offered_to) }))],
    to_do: () => [h("span.mark.soft", null, item.state === "out_for_delivery" ? t("lần {now}/{most}", { now: Math.min(item.counted + 1, MOST_ATTEMPTS), most: MOST_ATTEMPTS }) : stateWords(item.state)),
      line(item.address, item.collect ? t("thu {amount}", { amount: dong(item.collect) }) : "", item.take_back?.length ? t("thu hồi {what}", { what: item.take_back.map((one) => one.name).join(", ") }) : "")],
  }[part]?.() ?? [line(stateWords(item.state))];
  return h("li", null, h("a", { href: `#/item/${item.number}` }, h("b", null, item.receiver || grouped(item.number)), inside));
}

const endWords = (item) => (item.done?.step === "lose" ? t("đã báo thất lạc") : item.done?.relation && item.done.relation !== "chủ hồ sơ" ? t("đã giao, {who} nhận thay", { who: t(item.done.relation) }) : t("đã giao"));

/** @param {string} value */
export const reasonWords = (value) => t(app.round.reasons.find((one) => one.value === value)?.name ?? value);

/** @param {string} holder @returns {string} a person's or an office's name where the phone knows it */
export function holderWords(holder) {
  const [kind, id] = holder.split(":");
  if (kind === "office") return t("bưu cục");
  if (kind === "courier") return app.round.couriers.find((one) => one.username === id)?.name ?? id;
  return id || holder;
}
