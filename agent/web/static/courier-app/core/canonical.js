// RFC 8785 canonical JSON: the same bytes as the server makes, so that both compute the same hash of an event.

import { sha256, utf8 } from "./bytes.js";

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * The canonical text. ECMAScript writes strings and numbers as the RFC demands; keys are sorted by UTF-16 units.
 * @param {unknown} value plain JSON: no undefined, no NaN, no lone surrogates
 * @returns {string}
 */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("no number of JSON");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") {
    const parts = Object.keys(value).sort().map((name) => `${quoted(name)}:${canonical(value[name])}`);
    return `{${parts.join(",")}}`;
  }
  throw new TypeError(`no JSON: ${typeof value}`);
}

/** @param {unknown} value @returns {Promise<string>} SHA-256 of the canonical bytes, lowercase hex */
export const fingerprint = (value) => sha256(utf8(canonical(value)));

function quoted(text) {
  if (LONE.test(text)) throw new TypeError("a lone surrogate is no text");
  return JSON.stringify(text);
}
