// Undo is a correction that is asked for: an entry that names what it corrects, until a second person agrees.

import { button, h, say } from "./dom.js";
import { field, showErrors } from "./forms.js";
import { grouped, stateWords } from "./show.js";
import { app, keepFacts } from "./state.js";
import { t } from "./words.js";

/** @param {any} _app @param {string} id of the event @param {string} number */
export function correct(_app, id, number) {
  const item = app.items[number], errors = h("div");
  if (!item) return { title: t("Đính chính"), back: "#/", body: h("section.card", null, h("h1", null, t("Không có trên tuyến"))) };
  const body = h("form", { novalidate: true, onsubmit: (event) => event.preventDefault() },
    h("section.card", null, h("h1", null, t("Xin đính chính")), h("p", null, `${grouped(number)} · ${item.receiver}`), h("p.soft", null, stateWords(item.state)),
      h("p", null, t("Việc đã ghi không bị xóa. Lời xin này đứng bên cạnh nó và có hiệu lực khi người thứ hai ở bưu cục xác nhận."))),
    errors, field("why", t("Ghi nhầm thế nào?"), { rows: 3, maxlength: 300 }, t("Ví dụ: ghi nhầm bưu gửi của nhà bên; người nhận thật chưa nhận.")));
  const go = button("bad wide", t("Xin đính chính"), async () => {
    const why = document.getElementById("why").value.normalize("NFC").trim();
    if (!showErrors(errors, why.length < 5 ? { why: t("Ghi rõ nhầm thế nào, để người thứ hai xét được.") } : {})) return;
    await keepFacts([{ step: "reverse", item: number, parent: item.last_event || null, from: app.me, corrects: id, note: why }]);
    location.hash = `#/item/${number}`;
    say(t("Đã xin đính chính. Bưu cục xét khi máy gửi."), "warn");
  });
  return { title: t("Đính chính"), back: `#/item/${number}`, body, foot: go };
}
