// Elements in few words.

import { t } from "./words.js";

/**
 * @param {string} tag with classes: "button.do.good"
 * @param {Record<string, any> | null} [props] attributes; `on…` are listeners; false, null and undefined are left out
 * @param {...any} children nodes, texts, lists of them; false, null and undefined are left out
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (["value", "checked", "disabled", "hidden"].includes(key)) element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  fill(element, children);
  return element;
}

/** @param {Element} element @param {any[]} children */
export function fill(element, children) {
  element.append(...children.flat(Infinity).filter((one) => one !== false && one !== null && one !== undefined));
  return element;
}

/** A button that cannot be pressed twice while it works. @param {string} look classes @param {any} words @param {() => any} act */
export function button(look, words, act, props = {}) {
  const made = h(`button.do${look ? `.${look}` : ""}`, { type: "button", ...props, onclick: async () => {
    if (made.getAttribute("aria-disabled") === "true") return;
    made.setAttribute("aria-disabled", "true");
    try { await act(); } finally { made.removeAttribute("aria-disabled"); }
  } }, words);
  return made;
}

/** @param {string} look @param {any} words @param {string} to a hash */
export const link = (look, words, to, props = {}) => h(`a.do${look ? `.${look}` : ""}`, { href: to, ...props }, words);

const FRESH_MS = 2500;
let spoken = { words: "", kind: "", at: 0 };

/** What was said last, in a live region; replaced by the next. @param {string} words @param {"" | "warn" | "bad"} [kind] */
export function say(words, kind = "") {
  spoken = { words, kind, at: Date.now() };
  show(words, kind);
}

function show(words, kind) {
  const place = document.getElementById("said");
  if (!place) return;
  place.replaceChildren(words ? h(`p.said${kind ? `.${kind}` : ""}`, { role: kind === "bad" ? "alert" : null }, words,
    h("button.close", { type: "button", "aria-label": t("Đóng"), onclick: () => { spoken.words = ""; place.replaceChildren(); } }, "×")) : "");
}

/** Said just before the screen changed: it stands on the new one too. */
export function sayAgain() {
  if (spoken.words && Date.now() - spoken.at < FRESH_MS) show(spoken.words, spoken.kind);
  spoken.words = "";
}

/** Ask before something that cannot be taken back. @param {string} title @param {any} body @param {string} yes @param {string} [look] @returns {Promise<boolean>} */
export function confirmed(title, body, yes, look = "bad") {
  return new Promise((done) => {
    const box = h("dialog.ask", { "aria-labelledby": "ask" },
      h("h2", { id: "ask" }, title), h("div", null, body),
      h("div.pair", null,
        h("button.do.plain", { type: "button", onclick: () => box.close("") }, t("Quay lại")),
        h(`button.do.${look}`, { type: "button", onclick: () => box.close("yes") }, yes)));
    box.addEventListener("close", () => { box.remove(); done(box.returnValue === "yes"); });
    document.body.append(box);
    box.showModal();
  });
}
