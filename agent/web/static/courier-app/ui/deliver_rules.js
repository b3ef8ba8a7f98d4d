// What a delivery must hold before it is recorded: the same rules as the office's, told while the receiver still stands there.

import { fold } from "./fold.js";
import { dongOf } from "./show.js";
import { signed } from "./signature.js";
import { t } from "./words.js";

export const RELATIONS = ["chủ hồ sơ", "người được ủy quyền", "người đại diện", "vợ hoặc chồng", "cha hoặc mẹ", "con", "người cùng nhà"];

/** Who acts for somebody else shows a paper. @param {string} relation */
export const showsPaper = (relation) => ["người được ủy quyền", "người đại diện"].includes(relation);

/** Who may receive this item: the owner alone, whoever represents an organisation, or others too. @param {any} item */
export const relationsOf = (item) => RELATIONS.filter((one) => !item.deliver_only_to || one === (item.organisation ? "người đại diện" : "chủ hồ sơ"));

/** @param {any} item @param {any} value what was filled in @returns {Record<string, string>} what is wrong, by field */
export function deliveryErrors(item, value) {
  const errors = {}, name = value.receiver.trim(), typed = value.typed.trim();
  if (name.length < 2) errors.receiver = t("Ghi họ tên người nhận.");
  if (item.deliver_only_to && !item.organisation && fold(name) !== fold(item.deliver_only_to)) {
    errors.receiver = t("Chỉ giao tận tay {who}. Người khác, kể cả có giấy ủy quyền: quay lại, bấm “Không giao”.", { who: item.deliver_only_to });
  }
  if (!relationsOf(item).includes(value.relation)) errors.relation = t("Chọn người nhận là ai.");
  if (showsPaper(value.relation) && !value.authorisation.trim()) errors.authorisation = t("Ghi số hoặc ngày của giấy đã xem.");
  if (!/^[0-9A-Z]{4}$/.test(value.last4.replace(/\s/g, "").toUpperCase())) errors.last4 = t("Ghi đúng 4 ký tự cuối.");
  if (!value.matched) errors.matched = t("So ảnh với người nhận rồi đánh dấu. Không khớp thì quay lại, bấm “Không giao”.");
  const owed = (item.take_back ?? []).filter((one) => one.required && !value.taken.includes(one.id)).map((one) => one.name);
  if (owed.length) errors.papers = t("Chưa thu hồi: {what}. Không có thì quay lại, bấm “Không giao”.", { what: owed.join("; ") });
  if (item.collect && dongOf(value.collected) !== item.collect) errors.collected = t("Phải thu đúng số tiền ghi ở trên. Chưa thu đủ thì quay lại, bấm “Không giao”.");
  if (!signed(value.strokes) && !value.code) {
    if (!typed) errors.signature = t("Người nhận ký vào ô, tự gõ họ tên, hoặc đọc mã một lần.");
    else if (fold(typed) !== fold(name)) errors.signature = t("Tên tự gõ phải đúng như tên người nhận ở trên.");
  }
  return errors;
}
