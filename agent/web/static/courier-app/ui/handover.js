// Two couriers, no network: the giver shows a signed list, the receiver checks it, counts, and answers from then on.

import { canGive } from "../core/custody.js";
import { Collector, pieces, read, written } from "../core/handover.js";
import { stamp, uuid7 } from "../core/moment.js";
import { holderWords } from "./cards.js";
import { button, confirmed, h, link, say } from "./dom.js";
import { choices, field } from "./forms.js";
import { qrShow } from "./qr.js";
import { cameraBox, closeCamera, feedback, hearReader } from "./scanner.js";

import { app, dropDraft, keepFacts, readDraft, writeDraft } from "./state.js";
import { differences, tallyBoard } from "./tally.js";
import { t } from "./words.js";

/** @param {any} _app @param {string} [nonce] of an offer that is shown again */
export async function give(_app, nonce = "") {
  const shown = nonce ? await readDraft(`give ${nonce}`) : null;
  if (shown) return showOffer(shown);
  const mine = Object.values(app.items).filter((one) => canGive(one, app.me));
  const people = [...new Map(app.round.couriers.map((one) => [one.username, one])).values()].filter((one) => one.username !== app.session.courier);
  if (mine.length === 0 || people.length === 0) {
    const words = mine.length === 0 ? t("Bạn không giữ bưu gửi nào để giao.") : t("Máy chưa biết bưu tá nào khác có điện thoại đã ghép. Vào mạng bưu cục một lần rồi thử lại.");
    return { title: t("Giao cho bưu tá khác"), back: "#/more", body: h("section.card", null, h("h1", null, t("Chưa giao được")), h("p", null, words)) };
  }
  const found = new Map(), over = new Set();
  let to = "";
  const go = button("good wide", "", () => offer(mine.filter((one) => found.has(one.number)), to, found));
  const paint = () => { go.textContent = t("Ký và hiện mã cho {n} bưu gửi", { n: found.size }); go.disabled = !to || found.size === 0; };
  const board = tallyBoard({ expected: mine, found, over, changed: paint });
  paint();
  const body = [choices("to", t("Giao cho ai?"), people.map((one) => ({ value: one.username, words: one.name })), "", (chosen) => { to = chosen; paint(); }), board.body];
  return { title: t("Giao cho bưu tá khác"), back: "#/more", body, foot: go, ready: board.ready };
}

async function offer(items, to, found) {
  const nonce = uuid7(), ids = items.map(() => uuid7());
  await keepFacts(items.map((one, n) => ({ id: ids[n], step: "offer", item: one.number, parent: one.last_event || null, from: app.me, to: `courier:${to}`, capture: found.get(one.number), note: `handover ${nonce}` })));
  const whole = await written({ giver: app.session.courier, phone: app.session.phone, to, items: items.map((one, n) => ({ number: one.number, parent: ids[n] })), at: stamp(), nonce });
  await writeDraft(`give ${nonce}`, { whole, to, count: items.length }, `#/give/${nonce}`);
  location.hash = `#/give/${nonce}`;
}

/** The signed list stays on the screen, over the app's end too, until the giver says that the other has taken it. */
function showOffer({ whole, to, count, route }) {
  const done = button("wide", t("Người nhận đã bấm nhận"), async () => { await dropDraft(`give ${route.split("/").at(-1)}`); location.hash = "#/"; });
  const body = h("section.card.center", null, h("h1", null, t("{n} bưu gửi cho {who}", { n: count, who: holderWords(`courier:${to}`) })),
    qrShow(pieces(whole), t("Mã giao nhận đã ký")),
    h("p", null, t("Người nhận mở “Nhận từ bưu tá khác” và quét. Bạn còn chịu trách nhiệm tới khi họ bấm nhận.")));
  return { title: t("Giao cho bưu tá khác"), back: "#/", body, foot: done };
}

/** The receiver's side: read the pieces, check the signature, count, accept. */
export async function take() {
  const kept = await readDraft("take");
  if (kept) return counted(kept.offer, kept);
  const collector = new Collector(), told = h("p.sum", { role: "status" }, t("Quét mã trên điện thoại người giao."));
  const hear = async (text) => {
    const said = collector.take(text.trim());
    if (said === "known") return;
    feedback(said === "foreign" ? "wrong" : "new");
    if (said === "foreign") { told.textContent = t("Đây không phải mã giao nhận."); return; }
    told.textContent = t("Đã đọc {have}/{count} mã", { have: collector.have, count: collector.count });
    if (said !== "whole") return;
    const { offer: found, why } = await read(collector.text, { me: app.session.courier, couriers: app.round.couriers });
    if (why) { collector.tag = ""; feedback("wrong"); told.textContent = whyWords(why, found); return; }
    closeCamera();
    await writeDraft("take", { offer: found, found: [], over: [] }, "#/take");
    dispatchEvent(new HashChangeEvent("hashchange"));
  };
  const body = h("div", null, told, cameraBox((text) => hear(text)),
    h("details.more", null, h("summary", null, t("Không có camera: dán nội dung mã")), h("form", { onsubmit: (event) => { event.preventDefault(); for (const part of document.getElementById("pasted").value.split(/\n/)) hear(part); } },
      field("pasted", t("Nội dung mã giao nhận"), { rows: 4 }), h("button.do.plain", { type: "submit" }, t("Đọc")))));
  return { title: t("Nhận từ bưu tá khác"), back: "#/more", body, ready: () => hearReader((text) => hear(text)) };
}

function counted(found, kept) {
  const expected = found.items.map((one) => ({ receiver: "", address: "", ...app.items[one.number], number: one.number, parent: one.parent }));
  const got = new Map(kept.found), over = new Set(kept.over);
  const go = button("good wide", "", () => accept(found, expected, got, over));
  const paint = () => { go.textContent = got.size === expected.length ? t("Nhận đủ {n}", { n: got.size }) : t("Nhận {n}, thiếu {short}", { n: got.size, short: expected.length - got.size }); go.disabled = got.size === 0; };
  const board = tallyBoard({ expected, found: got, over, changed: () => { paint(); writeDraft("take", { offer: found, found: [...got], over: [...over] }, "#/take"); } });
  paint();
  const body = [h("section.card", null, h("p.over", null, t("chữ ký đúng")), h("h1", null, t("{who} giao {n} bưu gửi", { who: holderWords(`courier:${found.giver}`), n: found.count })),
    h("p.soft", null, t("Đếm và đánh dấu từng cái. Thiếu thì chỉ nhận những gì có.")),
    h("div.pair", null, button("plain", t("Đủ cả {n}", { n: expected.length }), () => { for (const one of expected) if (!got.has(one.number)) got.set(one.number, "typed"); board.paint(); paint(); }),
      button("plain", t("Không nhận"), async () => { await dropDraft("take"); location.hash = "#/more"; }))), board.body];
  return { title: t("Nhận từ bưu tá khác"), back: "#/more", body, foot: go, ready: board.ready };
}

async function accept(found, expected, got, over) {
  const short = expected.filter((one) => !got.has(one.number));
  if (short.length + over.size > 0 && !(await confirmed(t("Không khớp danh sách"), differences(short, over), t("Nhận {n} bưu gửi", { n: got.size }), "good"))) return;
  const taken = expected.filter((one) => got.has(one.number));
  const items = taken.map((one) => app.items[one.number] ?? blank(one, found));
  await keepFacts(taken.map((one) => ({ step: "accept", item: one.number, parent: one.parent, from: `courier:${found.giver}`, to: app.me, capture: got.get(one.number), note: `handover ${found.nonce} ${found.manifest}` })), { draft: "take", items });
  location.hash = "#/";
  say(t("Đã nhận {n} bưu gửi từ {who}. Từ giờ bạn giữ.", { n: taken.length, who: holderWords(`courier:${found.giver}`) }));
}

/** An item of which this phone knows nothing but its number until it has a network again. */
const blank = (one, found) => ({ number: one.number, state: "accepted", holder: `courier:${found.giver}`, offered_to: app.me, last_event: one.parent, receiver: "", address: "", receiver_phone: "", contact: "", organisation: false, collect: 0, dossier: "", service_mark: "", attempts: 0, counted: 0, due_at: "", deliver_only_to: "", take_back: [], proxy: [], invitations: [], hint: "" });

const whyWords = (why, found) => ({
  broken: t("Mã bị hỏng hoặc đọc thiếu. Quét lại từ đầu."),
  unknown: t("Máy chưa biết khóa của người giao. Cả hai vào mạng bưu cục một lần, hoặc giao nhận tại bưu cục."),
  signature: t("CHỮ KÝ SAI: không nhận. Giữ nguyên bưu gửi tại chỗ người giao và báo bưu cục."),
  other: t("Mã này giao cho {who}, không phải bạn.", { who: holderWords(`courier:${found?.to}`) }),
  old: t("Mã này đã quá 12 giờ, hoặc đồng hồ một trong hai máy sai. Người giao rút lại rồi giao lại."),
  manifest: t("Danh sách không khớp với dấu của nó: không nhận. Người giao rút lại rồi giao lại."),
}[why]);

export const links = () => [link("wide plain", t("Giao cho bưu tá khác"), "#/give"), link("wide plain", t("Nhận từ bưu tá khác"), "#/take")];
