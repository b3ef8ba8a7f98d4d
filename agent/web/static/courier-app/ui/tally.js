// Scanning many items against a list: what is there, what is short, what is over, each by name.

import { h } from "./dom.js";
import { field } from "./forms.js";
import { cameraBox, feedback, hearReader, numberIn } from "./scanner.js";
import { grouped, plainNumber } from "./show.js";
import { t } from "./words.js";

/**
 * @param {{expected: any[], found: Map<string, string>, over: Set<string>, changed: () => void, camera?: boolean}} with_
 *   `found`: number to how it was captured
 */
export function tallyBoard({ expected, found, over, changed, camera = true }) {
  const wanted = new Map(expected.map((one) => [one.number, one]));
  const told = h("p.hint", { role: "status" }), rows = h("ul.stops.check"), sum = h("p.sum", { "aria-live": "polite" });
  const take = (text, source) => {
    const number = numberIn(text) ?? ending(text, wanted);
    const kind = !number || !wanted.has(number) ? "wrong" : found.has(number) ? "duplicate" : "new";
    feedback(kind);
    if (kind === "new") found.set(number, source);
    if (kind === "wrong" && number) over.add(number);
    told.className = `said ${{ new: "good", duplicate: "warn" }[kind] ?? "bad"}`;
    told.textContent = kind === "new" ? `✓ ${grouped(number)} · ${wanted.get(number).receiver}`
      : kind === "duplicate" ? t("{number} đã quét rồi.", { number: grouped(number) })
        : number ? t("THỪA {number}: không có trong danh sách. Để riêng và báo người giao.", { number: grouped(number) }) : notOurs(text);
    paint();
    changed();
  };
  const paint = () => {
    sum.replaceChildren(h("b", null, `${found.size}/${wanted.size}`), ` ${t("đã quét")}`, over.size ? ` · ${t("thừa {n}", { n: over.size })}` : "");
    rows.replaceChildren(...expected.map((one) => row(one, found.get(one.number), (on) => {
      if (on) found.set(one.number, "typed"); else found.delete(one.number);
      paint();
      changed();
    })), ...[...over].map((number) => h("li.over", null, h("b", null, grouped(number)), h("span.mark.red", null, t("thừa")),
      h("button.link", { type: "button", onclick: () => { over.delete(number); paint(); changed(); } }, t("bỏ khỏi danh sách")))));
  };
  paint();
  return { paint, ready: () => hearReader((text, how) => take(text, how.damaged ? "typed" : "reader")), body: [
    camera ? cameraBox((text, { wanted: ours }) => { if (ours !== false) take(text, "camera"); }, { wants: (text) => Boolean(numberIn(text)) }) : null,
    told, sum, h("form.inline", { onsubmit: (event) => { event.preventDefault(); const box = document.getElementById("count-number"); take(box.value, "typed"); box.value = ""; } },
      field("count-number", t("Gõ số (cả số hoặc 4 số cuối)"), { autocapitalize: "characters", spellcheck: "false" }), h("button.do.plain", { type: "submit" }, t("Thêm"))),
    rows,
  ] };
}

/** Why a text is no number: mistyped, or something else. @param {string} text */
export function notOurs(text) {
  const plain = plainNumber(text);
  return /^[A-Z]{2}\d{9}[A-Z]{2}$/.test(plain) ? t("{number} sai số kiểm tra: một chữ số bị gõ hoặc in sai. Xem lại từng số.", { number: grouped(plain) })
    : t("“{what}” không phải số hiệu bưu gửi. Số hiệu có dạng RD 000 012 345 VN.", { what: text.slice(0, 40) });
}

function ending(text, wanted) {
  const plain = plainNumber(text), near = [...wanted.keys()].filter((one) => /^\d{3,}$/.test(plain) && one.slice(0, -2).endsWith(plain));
  return near.length === 1 ? near[0] : null;
}

function row(one, source, onpick) {
  return h("li", null, h("label.pick", null,
    h("input", { type: "checkbox", checked: Boolean(source), "data-key": one.number, onchange: (event) => onpick(event.target.checked) }),
    h("span", null, h("b", null, one.receiver || grouped(one.number)), h("small", null, [one.receiver && grouped(one.number), source === "camera" && t("camera"), source === "reader" && t("đầu đọc")].filter(Boolean).join(" · ")))));
}

/** Short and over as a list of sentences. @param {any[]} short @param {Set<string>} over */
export function differences(short, over) {
  return h("div", null,
    short.length > 0 && h("div", null, h("p", null, t("THIẾU {n}, không nhận:", { n: short.length })), h("ul", null, short.map((one) => h("li", null, grouped(one.number), one.receiver ? ` · ${one.receiver}` : "")))),
    over.size > 0 && h("div", null, h("p", null, t("THỪA {n}, không nhận:", { n: over.size })), h("ul", null, [...over].map((one) => h("li", null, grouped(one))))));
}
