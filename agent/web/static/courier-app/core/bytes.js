// Bytes to text and back, and their SHA-256.

const encoder = new TextEncoder();

/** @param {string} text @returns {Uint8Array} UTF-8 */
export const utf8 = (text) => encoder.encode(text);

/** @param {ArrayBuffer | Uint8Array} bytes @returns {string} lowercase hex */
export function hex(bytes) {
  return Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text hex, with or without dashes @returns {Uint8Array} */
export function unhex(text) {
  const plain = text.replaceAll("-", "");
  return Uint8Array.from({ length: plain.length / 2 }, (_, n) => parseInt(plain.slice(2 * n, 2 * n + 2), 16));
}

/** @param {ArrayBuffer | Uint8Array} bytes @returns {string} base64url without padding */
export function base64url(bytes) {
  let text = "";
  for (const one of new Uint8Array(bytes)) text += String.fromCharCode(one);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text base64url @returns {Uint8Array} */
export function unbase64url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}

/** @param {ArrayBuffer | Uint8Array} bytes @returns {Promise<string>} SHA-256 in lowercase hex */
export async function sha256(bytes) {
  return hex(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {Uint8Array} bytes 16 @returns {string} a UUID as it is written */
export function uuidText(bytes) {
  const text = hex(bytes);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
