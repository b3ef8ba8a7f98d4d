// How numbers, money, times and codes of the work are written for people.

import { clockOf, dayOf } from "../core/moment.js";
import { speaking, t } from "./words.js";

/** @param {string} number RD000012345VN @returns {string} RD 000 012 345 VN */
export const grouped = (number) => number.replace(/^([A-Z]{2})(\d{3})(\d{3})(\d{3})([A-Z]{2})$/, "$1 $2 $3 $4 $5");

/** @param {number} amount đồng @returns {string} 26.000 đ */
export const dong = (amount) => `${String(amount).replace(/\B(?=(\d{3})+(?!\d))/g, ".")} đ`;

/** @param {string} text "26.000" @returns {number | null} whole đồng, null for anything else */
export function dongOf(text) {
  const plain = text.replace(/[.\s,đ₫]/g, "");
  return /^\d{1,12}$/.test(plain) ? Number(plain) : null;
}

/** @param {string} number @returns {string} 0912 345 678 */
export function telephone(number) {
  const plain = number.replace(/\s/g, "").replace(/^\+84/, "0");
  return plain.length === 10 ? `${plain.slice(0, 4)} ${plain.slice(4, 7)} ${plain.slice(7)}` : number;
}

/** @param {string | number} at @returns {string} 09:42 today, 28/11 09:42 on another day */
export function when(at) {
  const day = dayOf(at);
  return day === dayOf(Date.now()) ? clockOf(at) : `${day.slice(8)}/${day.slice(5, 7)} ${clockOf(at)}`;
}

/** @param {string} day 2026-12-02 @returns {string} Th 4, 02/12 */
export const dayWords = (day) => new Date(`${day}T12:00`).toLocaleDateString(speaking() === "en" ? "en-GB" : "vi-VN", { weekday: "short", day: "2-digit", month: "2-digit" });

/** @param {string} text as scanned or typed @returns {string} the number without what people put between, capitals */
export const plainNumber = (text) => text.normalize("NFC").replace(/[\s.\-]/g, "").toUpperCase();

const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];

/** @param {string} text @returns {string | null} the S10 number in a text; null when its check digit is wrong or it is none */
export function s10(text) {
  const number = plainNumber(text);
  if (!/^[A-Z]{2}\d{9}[A-Z]{2}$/.test(number)) return null;
  const rest = WEIGHTS.reduce((sum, weight, n) => sum + weight * Number(number[2 + n]), 0) % 11;
  const check = { 0: 5, 1: 0 }[rest] ?? 11 - rest;
  return check === Number(number[10]) ? number : null;
}

const STATES = {
  registered: "đã cấp số hiệu", accepted: "đã nhận để chuyển", at_office: "tại bưu cục phát", out_for_delivery: "đang đi phát",
  attempt_failed: "phát không thành công", held: "lưu giữ chờ phát", return_approved: "được duyệt chuyển hoàn",
  delivered: "đã phát", returned: "đã chuyển hoàn cơ quan", lost: "thất lạc",
};
const STEPS = {
  offer: "giao", withdraw: "rút lại việc giao", accept: "nhận", out_for_delivery: "đi phát",
  attempt_failed: "phát không thành công", deliver: "đã giao", lose: "báo thất lạc", damage: "báo hư hỏng", open: "báo bị mở",
  reverse: "xin đính chính",
};
const ACTIONS = { redeliver: "phát lại", hold: "lưu giữ", forward: "chuyển tiếp", return: "chuyển hoàn" };
const EVIDENCE = { position: "vị trí", photo: "ảnh", call: "cuộc gọi", invitation: "giấy mời", statement: "lời khai của bưu tá",
  identity: "giấy tờ người nhận", signature: "chữ ký", one_time_code: "mã một lần" };

export const stateWords = (state) => t(STATES[state] ?? state);
export const stepWords = (step) => t(STEPS[step] ?? step);
export const actionWords = (action) => t(ACTIONS[action] ?? action);
export const evidenceWords = (one) => t(EVIDENCE[one] ?? one);
