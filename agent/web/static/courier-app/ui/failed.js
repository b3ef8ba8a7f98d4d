// An attempt that failed: why, what next, what supports it, and whether it will count.

import { judged } from "../core/attempts.js";
import { isOut } from "../core/custody.js";
import { sha256 } from "../core/bytes.js";
import { dayOf } from "../core/moment.js";
import { who } from "./cards.js";
import { button, h, link, say } from "./dom.js";
import { draftsOf, openDraft } from "./draft.js";
import { choices, field, showErrors, tick } from "./forms.js";
import { photoBlob, photoBox } from "./photo.js";
import { positionBox, positionNow } from "./position.js";
import { captureOf } from "./scan.js";
import { actionWords, dayWords, evidenceWords, grouped, telephone } from "./show.js";
import { app, keepFacts } from "./state.js";
import { t } from "./words.js";

const EMPTY = { reason: "", action: "", call: false, invitation: false, invitation_no: 0, statement: "", day: "", hour: "", position: null };
const BLANK = { receiver: "", relation: "", authorisation: "", identity_type: "", identity_last4: "", identity_matched: false, collected: 0, code: "", signature: "" };

/** @param {any} _app @param {string} number */
export async function failed(_app, number) {
  const item = app.items[number];
  if (!item || !isOut(item, app.me)) {
    return { title: t("Không giao"), back: "#/", body: h("section.card", null, h("h1", null, t("Chưa ghi được")), h("p", null, t("Bưu gửi này không đang đi phát trên tuyến của bạn.")), item && link("wide", t("Mở bưu gửi"), `#/item/${number}`)) };
  }
  const draft = await openDraft(`failed ${number}`, EMPTY), { value } = draft;
  const errors = h("div"), rest = h("div"), verdict = h("p.verdict", { role: "status" });
  const judge = () => paintVerdict(verdict, item, value);
  const save = (part) => { draft.save(part); judge(); };
  const second = () => { rest.replaceChildren(...(value.reason ? details(item, draft, save).flat().filter(Boolean) : [])); judge(); };
  const reasons = app.round.reasons.map((one) => ({ value: one.value, words: t(one.name), note: one.counts === false ? t("không tính lần phát") : "" }));
  const body = h("form.failed", { novalidate: true, onsubmit: (event) => event.preventDefault() },
    h("section.card.slim", null, who(item)), errors,
    choices("reason", t("Vì sao?"), reasons, value.reason, (reason) => { const keeps = rule(reason)?.actions.includes(value.action); save({ reason, action: keeps ? value.action : "" }); second(); }, "two"),
    rest);
  second();
  const go = button("bad wide", t("Ghi không giao"), async () => {
    if (showErrors(errors, wrong(value))) await record(item, draft);
  });
  return { title: t("Không giao"), back: `#/item/${number}`, body, foot: [verdict, go], leave: () => draft.stop() };
}

const rule = (reason) => app.round.reasons.find((one) => one.value === reason);
const needs = (value, name) => rule(value.reason)?.evidence.includes(name);

function details(item, draft, save) {
  const { value } = draft, mark = (name, words) => `${words}${needs(value, name) ? ` · ${t("cần để được tính")}` : ""}`;
  const actions = rule(value.reason).actions.map((one) => ({ value: one, words: actionWords(one) })), date = h("div");
  const dated = () => date.replaceChildren(...(value.action === "redeliver" ? [
    h("div.pair", null, dayField(value, save),
      field("hour", t("Giờ hẹn"), { value: value.hour, maxlength: 20, placeholder: "14–16h", oninput: (event) => save({ hour: event.target.value }) }))] : []));
  dated();
  const papers = h("div"), which = () => papers.replaceChildren(value.invitation && item.invitations?.length ? invitations(item, value, save) : "");
  which();
  return [
    choices("action", t("Làm gì tiếp?"), actions, value.action, (action) => { save({ action }); dated(); }, "two"), date,
    h("h2.list", null, t("Bằng chứng")),
    positionBox({ position: value.position, changed: (position) => save({ position }), ask: true }),
    photoBox({ photo: value.photo, words: mark("photo", t("Ảnh nơi phát")), changed: (photo) => save({ photo }) }),
    item.receiver_phone && h("a.do.plain.wide", { href: `tel:${item.receiver_phone}` }, t("Gọi {phone}", { phone: telephone(item.receiver_phone) })),
    tick("call", mark("call", t("Đã gọi cho người nhận")), value.call, (on) => save({ call: on })),
    tick("invitation", mark("invitation", t("Đã để lại giấy mời")), value.invitation, (on) => { save({ invitation: on }); which(); }), papers,
    field("statement", mark("statement", t("Lời khai của bưu tá")), { rows: 3, value: value.statement, maxlength: 400, oninput: (event) => save({ statement: event.target.value }) }, t("Ai nói gì, lúc nào; ví dụ: chủ nhà 14 cho biết đã chuyển đi tháng trước.")),
  ];
}

/** The days that the office allows; a phone that does not know them takes any from today on. */
const daysNow = () => (app.round.redelivery_days ?? []).filter((day) => day >= dayOf(Date.now()));

function dayField(value, save) {
  const days = daysNow(), words = t("Hẹn phát lại ngày"), take = (event) => save({ day: event.target.value });
  if (days.length === 0) return field("day", words, { type: "date", value: value.day, min: dayOf(Date.now()), oninput: take });
  return h("div.field", { id: "f-day" }, h("label", { for: "day" }, words),
    h("select", { id: "day", "aria-describedby": "e-day", onchange: take }, h("option", { value: "" }, t("chưa hẹn ngày")),
      days.map((day) => h("option", { value: day, selected: day === value.day }, dayWords(day)))),
    h("p.error", { id: "e-day", hidden: true }));
}

function invitations(item, value, save) {
  const options = item.invitations.map(({ number, until }) => ({ value: String(number), words: t("Giấy số {n}", { n: number }), note: t("đến {day}", { day: until }) }));
  return choices("invitation_no", t("Giấy nào?"), [{ value: "0", words: t("viết tay tại chỗ") }, ...options], String(paperOf(item, value)), (chosen) => save({ invitation_no: Number(chosen) }), "two");
}

/** The office's paper that was chosen, if the office still has it to be left. */
const paperOf = (item, { invitation, invitation_no }) => (invitation && item.invitations?.find((one) => one.number === Number(invitation_no))?.number) || 0;

function evidenceOf(value) {
  return [value.position && "position", value.photo && "photo", value.call && "call", value.invitation && "invitation", value.statement.trim() && "statement"].filter(Boolean);
}

function paintVerdict(place, item, value) {
  const reason = rule(value.reason);
  place.hidden = !reason;
  if (!reason) return;
  const said = judged(reason, evidenceOf(value), item);
  place.className = `verdict ${said.counts ? "ok" : "not"}`;
  place.textContent = said.never ? t("Không tính là một lần phát.")
    : said.missing.length ? t("Chưa được tính: thiếu {what}.", { what: said.missing.map(evidenceWords).join(", ") })
      : said.gap ? t("✓ Đủ bằng chứng cho lần {n}; bưu cục xét đủ 2 ngày làm việc từ lần trước.", { n: said.nth }) : t("✓ Sẽ được tính là lần {n}.", { n: said.nth });
}

function wrong(value) {
  const errors = {};
  if (!value.reason) errors.reason = t("Chọn vì sao không giao được.");
  else if (!value.action) errors.action = t("Chọn hướng xử lý.");
  const days = daysNow(), over = days.length ? !days.includes(value.day) : value.day < dayOf(Date.now());
  if (value.action === "redeliver" && value.day && over) errors.day = t("Không hẹn ngày đó được. Chọn một ngày trong danh sách.");
  return errors;
}

async function record(item, draft) {
  const { value } = draft, blobs = value.photo ? [photoBlob(value.photo)] : [];
  const photo = value.photo ? await sha256(await blobs[0].arrayBuffer()) : "";
  const redelivery = value.action === "redeliver" && value.day ? { on: value.day, hours: plain(value.hour) } : null;
  draft.stop(false);
  await keepFacts([{ step: "attempt_failed", item: item.number, parent: item.last_event || null, from: app.me, reason: value.reason, action: value.action,
    evidence: evidenceOf(value), capture: captureOf(item.number), note: plain(value.statement), redelivery, invitation: paperOf(item, value), position: positionNow(value.position), proof: photo ? { ...BLANK, photo } : null }], { blobs, draft: draftsOf(item.number) }).catch((error) => { draft.goOn(); throw error; });
  location.hash = "#/";
  say(t("Đã ghi không giao {number}.", { number: grouped(item.number) }), "warn");
}

const plain = (text) => text.normalize("NFC").trim();
