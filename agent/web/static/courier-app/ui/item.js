// One item: where it goes, what is special about it, and the steps that are possible now.

import { canGive, canGoOut, isOut, part } from "../core/custody.js";
import { holderWords, reasonWords, tags, who } from "./cards.js";
import { button, confirmed, h, link, say } from "./dom.js";
import { grouped, stateWords, when } from "./show.js";
import { goOut } from "./round.js";
import { app, keepFacts } from "./state.js";
import { t } from "./words.js";

/** @param {any} _app @param {string} number */
export function item(_app, number) {
  const one = app.items[number];
  if (!one) return { title: grouped(number), back: "#/", body: h("section.card", null, h("h1", null, t("Không có trên tuyến")), h("p", null, t("{number} không có trên tuyến của bạn.", { number: grouped(number) }))) };
  const body = h("div", null,
    h("section.card", null, h("p.over", null, stateWords(one.state)), who(one, { phone: true, level: "h1" }), tags(one), special(one)),
    acts(one), outcome(one), trouble(one));
  return { title: grouped(number), back: "#/", body, live: true };
}

function special(one) {
  return h("dl.facts", null,
    one.deliver_only_to && [h("dt", null, t("Chỉ giao cho")), h("dd", null, one.deliver_only_to)],
    (one.take_back ?? []).map((paper) => [h("dt", null, t("Thu hồi")), h("dd", null, paper.name, paper.quantity > 1 ? ` × ${paper.quantity}` : "", paper.required ? "" : ` (${t("nếu có")})`)]),
    (one.proxy ?? []).map((paper) => [h("dt", null, t("Ủy quyền cho")), h("dd", null, [paper.name, paper.number, paper.until && t("đến {day}", { day: paper.until })].filter(Boolean).join(" · "))]),
    (one.invitations ?? []).map((paper) => [h("dt", null, t("Giấy mời mang theo")), h("dd", null, `${t("Giấy số {n}", { n: paper.number })} · ${t("đến {day}", { day: paper.until })}`)]),
    one.dossier && [h("dt", null, t("Hồ sơ")), h("dd", null, one.dossier)],
    one.service_mark && [h("dt", null, t("Dịch vụ")), h("dd", null, one.service_mark)]);
}

function acts(one) {
  const where = part(one, app.me);
  if (where === "offered") return link("wide now", t("Nhận bưu gửi này"), "#/accept");
  if (where === "waiting") return button("wide plain", t("Rút lại, bạn vẫn giữ"), () => step(one, "withdraw", t("Đã rút lại. Bạn vẫn giữ bưu gửi này.")));
  return [
    isOut(one, app.me) && h("div.pair", null, link("good", t("Giao"), `#/deliver/${one.number}`), link("bad", t("Không giao"), `#/failed/${one.number}`)),
    canGoOut(one, app.me) && button("wide", one.state === "attempt_failed" ? t("Đi phát lại") : t("Đi phát"), () => goOut([one])),
    canGive(one, app.me) && link("wide plain", t("Trả bưu cục"), `#/office/${one.number}`),
  ];
}

async function step(one, name, words) {
  await keepFacts([{ step: name, item: one.number, parent: one.last_event || null, from: app.me }]);
  say(words);
}

function outcome(one) {
  if (!one.done) return null;
  const said = one.done.step === "attempt_failed" ? reasonWords(one.done.reason) : stateWords(one.state);
  return h("section", null, h("h2.list", null, t("Vừa ghi")), h("p", null, `${when(one.done.at)} · ${said}`),
    one.correcting ? h("p.soft", null, t("Đã xin đính chính; người thứ hai ở bưu cục phải xác nhận.")) : link("wide plain", t("Ghi nhầm: xin đính chính"), `#/correct/${one.done.id}/${one.number}`));
}

/** Damaged, opened, lost: facts that a courier must be able to state at once. */
function trouble(one) {
  if (!canGive(one, app.me)) return one.offered_to ? h("p.soft", null, t("Đang chờ {who} nhận.", { who: holderWords(one.offered_to) })) : null;
  const state = (name, title, words) => button("wide plain", title, async () => {
    if (await confirmed(title, h("p", null, words), t("Ghi"))) await step(one, name, t("Đã ghi. Gọi báo bưu cục ngay."));
  });
  return h("details.more", null, h("summary", null, t("Hư hỏng, bị mở, thất lạc")),
    state("damage", t("Báo hư hỏng"), t("Ghi rằng bưu gửi này bị hư hỏng khi bạn đang giữ.")),
    state("open", t("Báo bị mở"), t("Ghi rằng niêm phong hoặc phong bì đã bị mở.")),
    state("lose", t("Báo thất lạc"), t("Ghi rằng bạn không còn tìm thấy bưu gửi này. Bưu cục mở hồ sơ bồi thường.")));
}
