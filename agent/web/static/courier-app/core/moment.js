// When: the claimed time with its offset, the run's own clock that nobody can set, and ids that sort by time.

import { uuidText } from "./bytes.js";

const two = (value) => String(value).padStart(2, "0");

/** This run of the app: `monotonic_ms` counts from its start. */
export const BOOT = uuid7();

/** @returns {number} whole milliseconds of this run */
export const monotonic = () => Math.round(performance.now());

/** @param {Date} [at] @returns {string} 2026-11-29T10:02:03.123+07:00 */
export function stamp(at = new Date()) {
  const ahead = -at.getTimezoneOffset();
  const zone = `${ahead < 0 ? "-" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
  const local = new Date(at.getTime() + ahead * 60_000).toISOString().slice(0, 23);
  return local + zone;
}

/** @param {number} [ms] since 1970 @returns {string} a UUIDv7 */
export function uuid7(ms = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let n = 0, rest = ms; n < 6; n++, rest = Math.floor(rest / 256)) bytes[5 - n] = rest % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return uuidText(bytes);
}

/** @param {string | number | Date} at @returns {string} the day on this phone's calendar, 2026-11-29 */
export const dayOf = (at) => stamp(new Date(at)).slice(0, 10);

/** @param {string | number | Date} at @returns {string} 09:42 */
export const clockOf = (at) => stamp(new Date(at)).slice(11, 16);
