// Today's round: what is offered, what comes next, what is left, what is done.

import { canGoOut, isOut, part } from "../core/custody.js";
import { stop, tags, who } from "./cards.js";
import { button, h, link, say } from "./dom.js";
import { frameScan } from "./scan_bar.js";
import { dong, plainNumber } from "./show.js";
import { fold } from "./fold.js";
import { app, keepFacts } from "./state.js";
import { t } from "./words.js";

let sought = "";

export function round() {
  const parts = Object.groupBy ? Object.groupBy(Object.values(app.items), (one) => part(one, app.me)) : grouped(Object.values(app.items));
  const toDo = sorted(parts.to_do ?? []), settled = [...(parts.done ?? []), ...(parts.failed ?? [])].sort(byEnd);
  const [next, ...rest] = toDo, wanted = toDo.filter(matches);
  const body = h("div.round", null,
    offered(parts.offered ?? []),
    next ? nextCard(next, toDo.filter((one) => canGoOut(one, app.me))) : nothingLeft(parts),
    toDo.length > 4 && search(),
    list(t("Còn lại"), sought ? wanted : rest, "to_do"),
    list(t("Chờ nhận lại"), (parts.waiting ?? []).filter(matches), "waiting"),
    list(t("Đã xong"), settled.filter(matches), (one) => part(one, app.me)));
  return { body, live: true, foot: frameScan() };
}

function grouped(items) {
  const parts = {};
  for (const one of items) (parts[part(one, app.me)] ??= []).push(one);
  return parts;
}

/** What is out first, then by the promise, then by street, so that neighbours stand together. */
function sorted(items) {
  const rank = (one) => [isOut(one, app.me) ? 0 : 1, one.due_at?.slice(0, 10) || "9", street(one.address), one.address, one.number];
  return items.map((one) => [rank(one), one]).sort(([a], [b]) => compare(a, b)).map(([, one]) => one);
}
const street = (address) => (address ?? "").replace(/^[\d\s/\-a-zA-Z]*?(?=[A-ZĐÀ-Ỹ])/, "");
const compare = (a, b) => { for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return a[n] < b[n] ? -1 : 1; return 0; };
const byEnd = (a, b) => ((a.done?.at ?? "") < (b.done?.at ?? "") ? -1 : 1);

function matches(item) {
  if (!sought) return true;
  const digits = plainNumber(sought);
  return fold(`${item.receiver} ${item.address}`).includes(fold(sought)) || item.number.includes(digits) || (item.receiver_phone ?? "").endsWith(digits);
}

function nextCard(item, ready) {
  const out = isOut(item, app.me);
  return h("section.card.next", { "aria-labelledby": "next" },
    h("p.over", { id: "next" }, out ? t("tiếp theo") : t("bạn đang giữ"), " · ", h("a", { href: `#/item/${item.number}` }, t("xem chi tiết"))),
    who(item, { phone: out }), tags(item),
    out
      ? h("div.pair", null, link("good", t("Giao"), `#/deliver/${item.number}`, { "data-key": "deliver" }), link("bad", t("Không giao"), `#/failed/${item.number}`, { "data-key": "failed" }))
      : ready.length > 0 && button("wide", ready.length > 1 ? t("Đi phát cả {n}", { n: ready.length }) : t("Đi phát"), () => goOut(ready), { "data-key": "out" }));
}

/** @param {any[]} items the courier sets out with */
export async function goOut(items) {
  await keepFacts(items.map((one) => ({ step: "out_for_delivery", item: one.number, parent: one.last_event || null, from: app.me })));
  say(t("{n} bưu gửi đang đi phát.", { n: items.length }));
}

function offered(items) {
  if (items.length === 0) return null;
  const money = items.reduce((sum, one) => sum + one.collect, 0);
  return h("section.card.offer", { "aria-labelledby": "offer" },
    h("h2", { id: "offer" }, t("Bưu cục giao cho bạn {n} bưu gửi", { n: items.length })),
    money > 0 && h("p.soft", null, t("phải thu {amount}", { amount: dong(money) })),
    link("wide now", t("Quét nhận {n}", { n: items.length }), "#/accept", { "data-key": "accept" }));
}

function nothingLeft(parts) {
  if (parts.offered?.length) return null;
  const known = app.round.fetched_at > 0;
  return h("section.card", null, h("h1", null, known ? t("Hết việc trên tuyến") : t("Chưa có tuyến hôm nay")),
    h("p.soft", null, known ? t("Bưu cục giao thêm thì bưu gửi hiện ở đây.") : t("Vào mạng của bưu cục một lần để tải tuyến về máy.")));
}

function search() {
  return h("form.search", { role: "search", onsubmit: (event) => event.preventDefault() },
    h("label.sr", { for: "seek" }, t("Tìm trên tuyến")),
    h("input", { id: "seek", type: "search", value: sought, placeholder: t("Tìm tên, đường, số"), oninput: (event) => { sought = event.target.value; filter(); } }));
}

/** Only the lists are drawn again while one types, so that the cursor stays. */
function filter() {
  const at = document.querySelector(".round"), made = round().body;
  for (const name of ["to_do", "waiting", "done"]) {
    at.querySelector(`[data-list=${name}]`)?.remove();
    const list_ = made.querySelector(`[data-list=${name}]`);
    if (list_) at.append(list_);
  }
}

function list(words, items, kind) {
  const name = typeof kind === "string" ? kind : "done";
  if (items.length === 0) return sought && name === "to_do" ? h("p.soft", { "data-list": name }, t("Không thấy “{what}” trên tuyến.", { what: sought })) : null;
  return h("section", { "data-list": name }, h("h2.list", null, `${words} `, h("span.soft", null, items.length)),
    h("ul.stops", null, items.map((one) => stop(one, typeof kind === "string" ? kind : kind(one)))));
}
