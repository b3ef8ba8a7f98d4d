// Give items back to the office: offered here, the courier's until a clerk accepts.

import { canGive } from "../core/custody.js";
import { button, h, say } from "./dom.js";
import { app, keepFacts } from "./state.js";
import { tallyBoard } from "./tally.js";
import { t } from "./words.js";

/** @param {any} _app @param {string} [number] the one that was chosen already */
export function office(_app, number = "") {
  const mine = Object.values(app.items).filter((one) => canGive(one, app.me)).sort((a, b) => order(a) - order(b));
  if (mine.length === 0) return { title: t("Trả bưu cục"), back: "#/", body: h("section.card", null, h("h1", null, t("Bạn không giữ bưu gửi nào"))) };
  const found = new Map(number ? [[number, "typed"]] : []), over = new Set();
  const go = button("good wide", "", async () => {
    const given = mine.filter((one) => found.has(one.number));
    await keepFacts(given.map((one) => ({ step: "offer", item: one.number, parent: one.last_event || null, from: app.me, to: app.office, capture: found.get(one.number) })));
    location.hash = "#/";
    say(t("Đã báo trả {n} bưu gửi. Bạn còn giữ tới khi giao dịch viên nhận.", { n: given.length }));
  });
  const paint = () => { go.textContent = t("Trả bưu cục {n}", { n: found.size }); go.disabled = found.size === 0; };
  const board = tallyBoard({ expected: mine, found, over, camera: !number, changed: paint });
  paint();
  return { title: t("Trả bưu cục"), back: "#/", body: [h("p.hint", null, t("Quét hoặc chọn những bưu gửi trả lại. Bạn vẫn chịu trách nhiệm tới khi giao dịch viên nhận.")), board.body], foot: go, ready: board.ready };
}

/** What failed comes first: that is what goes back. */
const order = (one) => (one.state === "attempt_failed" ? 0 : 1);
