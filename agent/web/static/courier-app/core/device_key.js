// The phone's own key: it signs what is handed from phone to phone and can never be read out.

import { base64url, unbase64url, utf8 } from "./bytes.js";
import { get, put } from "./db.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" }, HOW = { name: "ECDSA", hash: "SHA-256" };

/** @returns {Promise<CryptoKeyPair>} a fresh pair; the private half is not extractable */
export const newPair = () => crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);

/** @param {CryptoKeyPair} pair @returns {Promise<{kty: string, crv: string, x: string, y: string}>} */
export async function publicJwk(pair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kty, crv, x, y };
}

/** @returns {Promise<CryptoKeyPair | undefined>} the pair that this phone has already */
export const devicePair = () => get("keys", "device");

/** @param {CryptoKeyPair} pair */
export const keepPair = (pair) => put("keys", pair, "device");

/** @param {string} text @returns {Promise<string>} ES256 signature, base64url */
export async function sign(text) {
  const pair = await devicePair();
  return base64url(await crypto.subtle.sign(HOW, pair.privateKey, utf8(text)));
}

/** @param {JsonWebKey} jwk @param {string} text @param {string} signature base64url @returns {Promise<boolean>} */
export async function verify(jwk, text, signature) {
  try {
    const { kty, crv, x, y } = jwk;
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, ["verify"]);
    return await crypto.subtle.verify(HOW, key, unbase64url(signature), utf8(text));
  } catch {
    return false;  // no key, no signature: not verified
  }
}
