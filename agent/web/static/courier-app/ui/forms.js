// The parts of forms: fields, big choices, and what is wrong with them.

import { h } from "./dom.js";
import { t } from "./words.js";

/**
 * A labelled input. @param {string} id @param {string} words @param {Record<string, any>} [props] of the input
 * @param {string} [hint]
 */
export function field(id, words, props = {}, hint = "") {
  const about = [hint && `h-${id}`, `e-${id}`].filter(Boolean).join(" ");
  return h("div.field", { id: `f-${id}` },
    h("label", { for: id }, words),
    hint && h("p.hint", { id: `h-${id}` }, hint),
    h(props.rows ? "textarea" : "input", { id, autocomplete: "off", "aria-describedby": about, ...props }),
    h("p.error", { id: `e-${id}`, hidden: true }));
}

/**
 * One of several, as big buttons. @param {string} id @param {string} words
 * @param {{value: string, words: string, note?: string}[]} options
 * @param {string} chosen @param {(value: string) => void} onpick
 */
export function choices(id, words, options, chosen, onpick, look = "") {
  return h("fieldset.field", { id: `f-${id}`, tabindex: "-1" },
    h("legend", null, words),
    h("p.error", { id: `e-${id}`, hidden: true }),
    h(`div.picks${look ? `.${look}` : ""}`, null, options.map((one) => h("label.pick", null,
      h("input", { type: "radio", name: id, value: one.value, checked: one.value === chosen, onchange: () => onpick(one.value) }),
      h("span", null, one.words, one.note && h("small", null, one.note))))));
}

/** @param {string} id @param {any} words @param {boolean} checked @param {(on: boolean) => void} onpick */
export function tick(id, words, checked, onpick, note = "") {
  return h("div.field", { id: `f-${id}` },
    h("label.pick", null,
      h("input", { id, type: "checkbox", checked, "aria-describedby": `e-${id}`, onchange: (event) => onpick(event.target.checked) }),
      h("span", null, words, note && h("small", null, note))),
    h("p.error", { id: `e-${id}`, hidden: true }));
}

/**
 * Show what is wrong, at the top and at each field, and go to it.
 * @param {HTMLElement} place where the summary stands @param {Record<string, string>} errors by field
 * @returns {boolean} whether nothing is wrong
 */
export function showErrors(place, errors) {
  for (const old of document.querySelectorAll(".field.wrong")) {
    old.classList.remove("wrong");
    old.querySelector(".error").hidden = true;
    old.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  }
  const wrong = Object.entries(errors);
  place.replaceChildren();
  if (wrong.length === 0) return true;
  for (const [id, words] of wrong) {
    const box = document.getElementById(`f-${id}`), told = document.getElementById(`e-${id}`);
    box?.classList.add("wrong");
    box?.querySelector("input:not([type=radio]), textarea, select")?.setAttribute("aria-invalid", "true");
    if (told) { told.textContent = words; told.hidden = false; }
  }
  place.append(h("div.errors", { role: "alert", tabindex: "-1", id: "errors" },
    h("h2", null, t("Còn {n} chỗ cần sửa", { n: wrong.length })),
    h("ul", null, wrong.map(([id, words]) => h("li", null, h("button.link", { type: "button", onclick: () => goTo(id) }, words))))));
  document.getElementById("errors").focus();
  return false;
}

function goTo(id) {
  const box = document.getElementById(`f-${id}`);
  box?.scrollIntoView({ block: "center" });
  (box?.querySelector("input, textarea, select, canvas, button") ?? box)?.focus();
}
