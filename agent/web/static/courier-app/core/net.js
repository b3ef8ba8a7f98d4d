// Asking the office: one place for tokens, time-outs, gzip, and what kind of trouble an answer is.

const BASE = "/api/v1";

/** What came back instead of an answer. `kind`: offline | busy | revoked | stranger | refused | trouble. */
export class NetTrouble extends Error {
  /** @param {string} kind @param {string} [code] @param {string} [message] in the office's words */
  constructor(kind, code = "", message = "") {
    super(message || kind);
    this.kind = kind;
    this.code = code;
  }
}

/**
 * @param {string} method @param {string} path below /api/v1
 * @param {{token?: string, json?: unknown, body?: Blob, timeout?: number}} [with_]
 * @returns {Promise<any>} the answer's JSON; NetTrouble otherwise
 */
export async function ask(method, path, { token, json, body, timeout = 30_000 } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let sent = body;
  if (json !== undefined) {
    headers["Content-Type"] = "application/json";
    sent = await packed(JSON.stringify(json), headers);
  } else if (body) headers["Content-Type"] = body.type;
  const limit = AbortSignal.timeout ? AbortSignal.timeout(timeout) : undefined;
  let answer;
  try {
    answer = await fetch(BASE + path, { method, headers, body: sent, credentials: "omit", cache: "no-store", redirect: "error", signal: limit });
  } catch {
    throw new NetTrouble("offline");
  }
  const said = await answer.json().catch(() => null);
  if (answer.ok && said === null) throw new NetTrouble("offline");  // cut in its middle, or not the office's
  if (answer.ok) return said;
  throw trouble(answer, said);
}

function trouble(answer, said) {
  const code = said?.code ?? "", words = said?.detail ?? said?.message ?? said?.title ?? "";
  if (answer.status === 401) return new NetTrouble(code === "phone-revoked" ? "revoked" : "stranger", code, words);
  if (answer.status === 429 || answer.status === 503) return new NetTrouble("busy", code, words);
  if (answer.status >= 500) return new NetTrouble("trouble", code, words);
  return new NetTrouble("refused", code, words);
}

/** Gzip what is long, where the phone can. */
async function packed(text, headers) {
  if (text.length < 1024 || typeof CompressionStream === "undefined") return text;
  headers["Content-Encoding"] = "gzip";
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
}
