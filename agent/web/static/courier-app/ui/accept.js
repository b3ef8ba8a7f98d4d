// Take over what the office offers: scan each, name what is short and what is over, answer for the rest from then on.

import { part } from "../core/custody.js";
import { button, confirmed, h, say } from "./dom.js";
import { app, dropDraft, keepFacts, readDraft, writeDraft } from "./state.js";
import { differences, tallyBoard } from "./tally.js";
import { t } from "./words.js";

const DRAFT = "accept";

export async function accept() {
  const offered = Object.values(app.items).filter((one) => part(one, app.me) === "offered").sort((a, b) => (a.number < b.number ? -1 : 1));
  if (offered.length === 0) return { title: t("Nhận bưu gửi"), back: "#/", body: h("section.card", null, h("h1", null, t("Không có bưu gửi nào chờ bạn nhận")), h("p.soft", null, t("Bưu cục giao cho bạn thì hiện ở đây khi máy có mạng."))) };
  const kept = await readDraft(DRAFT), numbers = new Set(offered.map((one) => one.number));
  const found = new Map((kept?.found ?? []).filter(([number]) => numbers.has(number))), over = new Set(kept?.over ?? []);
  const go = button("good wide", "", () => finish(offered, found, over));
  const paint = () => {
    go.textContent = found.size === offered.length ? t("Nhận đủ {n}", { n: found.size }) : t("Nhận {n}, thiếu {short}", { n: found.size, short: offered.length - found.size });
    go.disabled = found.size === 0;
  };
  const board = tallyBoard({ expected: offered, found, over, changed: () => { paint(); writeDraft(DRAFT, { found: [...found], over: [...over] }); } });
  paint();
  return { title: t("Nhận bưu gửi"), back: "#/", body: board.body, foot: go, ready: board.ready };
}

async function finish(offered, found, over) {
  const short = offered.filter((one) => !found.has(one.number));
  if (short.length + over.size > 0) {
    const ok = await confirmed(t("Không khớp danh sách"), [differences(short, over), h("p", null, t("Những bưu gửi thiếu vẫn do bưu cục giữ. Báo giao dịch viên ngay."))], t("Nhận {n} bưu gửi", { n: found.size }), "good");
    if (!ok) return;
  }
  const note = [short.length && `short:${short.length}`, over.size && `over:${[...over].join(",")}`].filter(Boolean).join(" ");
  const taken = offered.filter((one) => found.has(one.number));
  await keepFacts(taken.map((one) => ({ step: "accept", item: one.number, parent: one.last_event || null, from: one.holder, to: app.me, capture: found.get(one.number), note })), { draft: DRAFT });
  await dropDraft(DRAFT);
  location.hash = "#/";
  say(t("Đã nhận {n} bưu gửi. Từ giờ bạn giữ.", { n: taken.length }));
}
