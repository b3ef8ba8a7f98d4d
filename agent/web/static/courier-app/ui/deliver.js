// Hand an item over: who receives it and by what right, what is taken in return, what proves it.

import { isOut } from "../core/custody.js";
import { tags, who } from "./cards.js";
import { overLimit } from "./cash.js";
import { codeBox } from "./code.js";
import { deliveryErrors, relationsOf, showsPaper } from "./deliver_rules.js";
import { button, h, link, say } from "./dom.js";
import { draftsOf, openDraft } from "./draft.js";
import { choices, field, showErrors, tick } from "./forms.js";
import { photoBlob, photoBox } from "./photo.js";
import { positionBox, positionNow } from "./position.js";
import { captureOf } from "./scan.js";
import { signatureBlob, signatureBox, signed } from "./signature.js";
import { dong, dongOf, grouped } from "./show.js";
import { app, keepFacts } from "./state.js";
import { sha256 } from "../core/bytes.js";
import { t } from "./words.js";

const EMPTY = { receiver: "", relation: "chủ hồ sơ", authorisation: "", identity_type: "CCCD", last4: "", matched: false, taken: [], collected: "", strokes: [], typed: "", code: "", position: null };
const IDENTITIES = [["CCCD", "thẻ căn cước"], ["VNeID", "VNeID mức 2"], ["Hộ chiếu", "hộ chiếu"], ["CMND", "CMND còn hạn"]];

/** @param {any} _app @param {string} number */
export async function deliver(_app, number) {
  const item = app.items[number];
  if (!item || !isOut(item, app.me)) return notNow(number, item);
  const draft = await openDraft(`deliver ${number}`, { ...EMPTY, receiver: item.organisation ? "" : item.receiver, relation: item.organisation ? "người đại diện" : EMPTY.relation });
  const value = draft.value, errors = h("div");
  const body = h("form.deliver", { novalidate: true, onsubmit: (event) => event.preventDefault() },
    h("section.card.slim", null, who(item), tags(item)), errors,
    item.deliver_only_to && h("p.said.warn", null, t("Chỉ giao tận tay {who}. Người khác, kể cả có giấy ủy quyền: quay lại, bấm “Không giao”.", { who: item.deliver_only_to })),
    receiving(item, draft), identity(draft), papers(item, draft), money(item, draft),
    signatureBox({ strokes: value.strokes, typed: value.typed, changed: (strokes) => draft.save({ strokes }), ontype: (typed) => draft.save({ typed }) }),
    photoBox({ photo: value.photo, words: t("Ảnh (không bắt buộc)"), changed: (photo) => draft.save({ photo }) }),
    positionBox({ position: value.position, changed: (position) => draft.save({ position }), ask: true }),
    codeBox(item, value.code, (code) => draft.save({ code })));
  const go = button("good wide", t("Ghi đã giao"), async () => {
    const wrong = deliveryErrors(item, value);
    if (!showErrors(errors, wrong)) return;
    await record(item, draft);
  });
  return { title: t("Giao"), back: `#/item/${number}`, body, foot: go, leave: () => draft.stop() };
}

function notNow(number, item) {
  const words = !item ? t("{number} không có trên tuyến của bạn.", { number: grouped(number) })
    : item.state === "delivered" ? t("Bưu gửi này đã ghi là đã giao.") : t("Bưu gửi này chưa đi phát. Mở bưu gửi và bấm “Đi phát” trước.");
  return { title: t("Giao"), back: "#/", body: h("section.card", null, h("h1", null, t("Chưa giao được")), h("p", null, words), item && link("wide", t("Mở bưu gửi"), `#/item/${number}`)) };
}

function receiving(item, draft) {
  const { value } = draft, proof = h("div");
  const relation = (chosen) => {
    draft.save({ relation: chosen });
    proof.replaceChildren(...(showsPaper(chosen) ? authorisation(item, draft).filter(Boolean) : []));
  };
  const options = relationsOf(item).map((one) => ({ value: one, words: t(one === "chủ hồ sơ" ? "chính chủ" : one) }));
  relation(value.relation);
  return [
    field("receiver", t("Người nhận (họ tên)"), { value: value.receiver, autocapitalize: "words", oninput: (event) => draft.save({ receiver: event.target.value }) }),
    choices("relation", t("Là ai"), options, value.relation, relation, "two"), proof,
  ];
}

function authorisation(item, draft) {
  const known = (draft.value.relation === "người được ủy quyền" ? item.proxy ?? [] : []).map((one) => ({ value: one.number || one.name, words: one.name, note: [one.kind, one.number, one.last4 && `…${one.last4}`].filter(Boolean).join(" · ") }));
  const pick = (chosen) => {
    const paper = item.proxy.find((one) => (one.number || one.name) === chosen);
    const wanted = { authorisation: [paper.kind, paper.number].filter(Boolean).join(" ") || paper.name, receiver: paper.name };
    draft.save(wanted);
    document.getElementById("authorisation").value = wanted.authorisation;
    document.getElementById("receiver").value = wanted.receiver;
  };
  return [
    known.length > 0 && choices("proxy", t("Giấy ủy quyền đã ghi ở bưu cục"), known, "", pick),
    field("authorisation", t("Giấy ủy quyền hoặc giấy đại diện đã xem"), { value: draft.value.authorisation, oninput: (event) => draft.save({ authorisation: event.target.value }) }, t("Số hoặc ngày của giấy; thu bản gốc hoặc chụp ảnh.")),
  ];
}

function identity(draft) {
  const { value } = draft;
  return [
    choices("identity_type", t("Giấy tờ đã xem"), IDENTITIES.map(([one, words]) => ({ value: one, words: t(words) })), value.identity_type, (chosen) => draft.save({ identity_type: chosen }), "two"),
    field("last4", t("4 số cuối"), { value: value.last4, inputmode: "numeric", maxlength: 4, class: "short", oninput: (event) => draft.save({ last4: event.target.value }) }),
    tick("matched", t("Ảnh trên giấy tờ khớp người nhận"), value.matched, (on) => draft.save({ matched: on })),
  ];
}

function papers(item, draft) {
  if (!item.take_back?.length) return null;
  const { value } = draft;
  return h("fieldset.field", { id: "f-papers", tabindex: "-1" }, h("legend", null, t("Thu hồi trước khi giao")), h("p.error", { id: "e-papers", hidden: true }),
    item.take_back.map((paper, n) => tick(`paper-${n}`, `${paper.name}${paper.quantity > 1 ? ` × ${paper.quantity}` : ""}`, value.taken.includes(paper.id), (on) => {
      draft.save({ taken: on ? [...new Set([...value.taken, paper.id])] : value.taken.filter((one) => one !== paper.id) });
    }, paper.required ? t("bắt buộc") : t("nếu có"))));
}

function money(item, draft) {
  if (!item.collect) return null;
  const over = overLimit(item.collect);
  const left = h("p.hint", { role: "status" });
  const check = (text) => {
    const amount = dongOf(text);
    left.textContent = !text ? "" : amount === null ? t("Chỉ gõ số tiền.")
      : amount < item.collect ? t("còn thiếu {amount}", { amount: dong(item.collect - amount) })
        : amount > item.collect ? t("thừa {amount}: trả lại khách rồi ghi đúng số phải thu", { amount: dong(amount - item.collect) }) : t("✓ đúng số phải thu");
  };
  check(draft.value.collected);
  return h("div.money", null, h("p.due", null, t("Phải thu"), " ", h("b", null, dong(item.collect))),
    field("collected", t("Đã thu (đồng)"), { value: draft.value.collected, inputmode: "numeric", oninput: (event) => { draft.save({ collected: event.target.value }); check(event.target.value); } }), left, over && h("p.said.warn", null, over));
}

/** Event and proof go into the outbox together, for this item and this attempt, and the draft ends with them. */
async function record(item, draft) {
  const { value } = draft, blobs = [], evidence = ["identity"];
  const proof = {
    receiver: plain(value.receiver), relation: value.relation, authorisation: showsPaper(value.relation) ? plain(value.authorisation) : "",
    identity_type: value.identity_type, identity_last4: value.last4.replace(/\s/g, "").toUpperCase(), identity_matched: value.matched,
    collected: item.collect ? dongOf(value.collected) : 0, code: value.code, signature: "", photo: "",
    papers: (item.take_back ?? []).map(({ id }) => ({ id, taken: value.taken.includes(id) })),
  };
  if (signed(value.strokes) || value.typed) proof.signature = await pictured(await signatureBlob(value.strokes, plain(value.typed)), blobs, evidence, "signature");
  if (value.photo) proof.photo = await pictured(photoBlob(value.photo), blobs, evidence, "photo");
  if (value.code) evidence.push("one_time_code");
  const position = positionNow(value.position);
  if (position) evidence.push("position");
  draft.stop(false);
  await keepFacts([{ step: "deliver", item: item.number, parent: item.last_event || null, from: app.me, to: "receiver", evidence, capture: captureOf(item.number), position, proof }], { blobs, draft: draftsOf(item.number) }).catch((error) => { draft.goOn(); throw error; });
  navigator.vibrate?.(60);
  location.hash = "#/";
  say(t("Đã ghi giao {number} cho {who}.", { number: grouped(item.number), who: proof.receiver }));
}

async function pictured(blob, blobs, evidence, kind) {
  blobs.push(blob);
  evidence.push(kind);
  return sha256(await blob.arrayBuffer());
}

const plain = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();
