// The foot of the round: the big yellow button, typed entry beside it, and the way to everything else.

import { h, link } from "./dom.js";
import { hearReader, feedback, numberIn } from "./scanner.js";
import { t } from "./words.js";

export function frameScan() {
  hearReader((text) => {
    const number = numberIn(text);
    feedback(number ? "new" : "wrong");
    location.hash = `#/scan/${encodeURIComponent(number ?? text)}`;
  });
  return [
    link("now scan", t("Quét mã"), "#/scan", { "data-key": "scan" }),
    link("plain small", [t("gõ số")], "#/scan/type", { "data-key": "type" }),
    h("a.do.plain.small", { href: "#/more", "data-key": "more" }, t("Việc khác")),
  ];
}
