// Two languages: Vietnamese stands in the source, English in its dictionary.

import { ENGLISH } from "./words_en.js";

let language = "vi";

/** @returns {"vi" | "en"} */
export const speaking = () => language;

/** @param {"vi" | "en"} next */
export function speak(next) {
  language = next;
  document.documentElement.lang = next;
}

/**
 * The words in the courier's language. @param {string} words Vietnamese, with {names} in braces
 * @param {Record<string, string | number>} [values]
 */
export function t(words, values = {}) {
  const said = language === "en" ? (ENGLISH[words] ?? words) : words;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
