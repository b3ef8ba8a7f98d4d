// Where the phone is: asked for when it matters, shown with how exact and how old it is.

import { h } from "./dom.js";
import { t } from "./words.js";

const HOW = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 };

/**
 * @param {{position: any, changed: (position: any) => void, ask: boolean}} with_ `position`: {lat, lon, accuracy_m, at} of the draft
 */
export function positionBox({ position, changed, ask }) {
  let found = position ?? null;
  const told = h("span", { role: "status" }), again = h("button.do.plain", { type: "button", onclick: () => locate() }, t("Lấy vị trí"));
  const paint = (words) => {
    told.textContent = words ?? (found ? t("Vị trí ± {m} m, {age}", { m: Math.round(found.accuracy_m), age: ageWords(found.at) }) : t("Chưa có vị trí"));
    again.textContent = found ? t("Lấy lại") : t("Lấy vị trí");
  };
  const locate = () => {
    if (!navigator.geolocation) { paint(t("Máy này không cho biết vị trí. Ghi rõ nơi giao vào ghi chú.")); return; }
    paint(t("Đang tìm vị trí…"));
    navigator.geolocation.getCurrentPosition(({ coords, timestamp }) => {
      found = { lat: round(coords.latitude, 6), lon: round(coords.longitude, 6), accuracy_m: round(coords.accuracy, 1), at: timestamp };
      changed(found);
      paint();
    }, (error) => paint(error.code === 1
      ? t("Trình duyệt chưa được phép lấy vị trí. Mở biểu tượng ổ khóa cạnh địa chỉ và cho phép Vị trí.")
      : t("Chưa bắt được vị trí. Ra chỗ thoáng rồi bấm lại; không có vị trí vẫn ghi được.")), HOW);
  };
  paint();
  if (ask && !found) locate();
  return h("div.proof", { id: "f-position" }, h("span.sign", { "aria-hidden": "true" }, "⌖"), told, again);
}

/** The position as an event carries it. @param {any} found @returns {{lat: number, lon: number, accuracy_m: number, age_s: number} | null} */
export function positionNow(found) {
  if (!found) return null;
  const { lat, lon, accuracy_m } = found;
  return { lat, lon, accuracy_m, age_s: Math.max(0, Math.round((Date.now() - found.at) / 1000)) };
}

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;
function ageWords(at) {
  const seconds = Math.round((Date.now() - at) / 1000);
  return seconds < 60 ? t("vừa lấy") : t("cách đây {n} phút", { n: Math.round(seconds / 60) });
}
