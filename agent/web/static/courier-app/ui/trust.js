// What to do when the phone does not trust the office's certificate yet: steps, and the fingerprint to compare.

import { h } from "./dom.js";
import { t } from "./words.js";

/** Where the office's server gives its own certificate. */
const CERTIFICATE = "/ca.crt", STEPS = "/trust";

/** @param {string} ca SHA-256 of the certificate as the office's screen shows it, hex */
export function trustSteps(ca) {
  const iphone = /iPhone|iPad/.test(navigator.userAgent);
  return h("section", null, h("h1", null, t("Điện thoại chưa tin bưu cục")),
    h("p", null, t("Không có chứng chỉ của bưu cục thì máy không mở được camera và không làm việc khi mất mạng. Cài một lần:")),
    h("ol.steps", null,
      h("li", null, h("a", { href: CERTIFICATE, download: "buu-cuc.crt" }, t("Tải chứng chỉ của bưu cục"))),
      (iphone ? [
        t("Mở Cài đặt › Đã tải về hồ sơ › Cài đặt, nhập mã của máy."),
        t("Mở Cài đặt › Cài đặt chung › Giới thiệu › Cài đặt tin cậy chứng nhận, bật chứng chỉ của bưu cục."),
      ] : [
        t("Mở Cài đặt › Bảo mật › Mã hóa và thông tin xác thực › Cài đặt chứng chỉ › Chứng chỉ CA, chọn tệp vừa tải."),
        t("Máy hỏi thì bấm “Vẫn cài đặt”. Chứng chỉ này chỉ dùng cho bưu cục của bạn."),
      ]).map((words) => h("li", null, words)),
      h("li", null, t("So dấu vân tay với màn hình của bưu cục. Khác dù chỉ một ký tự thì dừng và báo bưu cục."),
        ca ? h("code.print", null, ca.replace(/[^0-9a-f]/gi, "").toUpperCase().replace(/(.{4})(?=.)/g, "$1 ")) : null),
      h("li", null, t("Đóng hẳn trình duyệt, quét lại mã QR của bưu cục."))),
    h("p", null, h("a", { href: STEPS }, t("Hướng dẫn từng bước và ô thử"))),
    h("p.hint", null, t("Trước mắt có thể dùng"), " ", h("a", { href: "/courier/" }, t("trang bưu tá khi có mạng")), "."));
}
