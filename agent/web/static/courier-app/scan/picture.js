// A picture of a code, where no live camera is to be had: read on the phone, else by the server.
import { decoder } from "./decoder.js";
import { Trouble } from "./trouble.js";

const LARGEST = 5 * 1024 * 1024; // bytes that the server takes
const SIDE = 1280; // pixels of the longer side of what one look sees
const QUARTERS = [[0, 0], [0.4, 0], [0, 0.4], [0.4, 0.4]]; // left and top as shares; each is 0.6 wide and high, so that they overlap

// Only what `wants` asks for when there is any of it: a label shows its number and a link beside it.
export async function decodePicture(file, { token = "", wants = () => true, decodeUrl = "/api/v1/courier/decode" } = {}) {
  const reads = await decoder().catch(() => null);
  let found = reads ? await here(reads, file, wants) : [];
  if (!found.some((code) => wants(code.text, code.format)) && (token || !reads)) found = [...found, ...(await byServer(file, token, decodeUrl, Boolean(reads)))];
  if (!found.length) throw new Trouble("picture-no-code");
  const asked = found.filter((code) => wants(code.text, code.format));
  return asked.length ? asked : found;
}

async function here(reads, file, wants) {
  let whole;
  try { whole = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch (error) { throw new Trouble("picture-unreadable", error); }
  const seen = new Map();
  try {
    for (const part of parts(whole)) {
      for (let look = 0; look < reads.looks; look++) {
        for (const { text, format } of await reads.read(part, look)) seen.set(text, { text, format });
        if ([...seen.values()].some((code) => wants(code.text, code.format))) return [...seen.values()];
      }
    }
  } finally { whole.close(); }
  return [...seen.values()];
}

// The whole picture, and, where that loses much, its quarters too.
function* parts(whole) {
  yield cut(whole, 0, 0, whole.width, whole.height);
  if (Math.max(whole.width, whole.height) < 1.25 * SIDE) return;
  for (const [x, y] of QUARTERS) yield cut(whole, x * whole.width, y * whole.height, 0.6 * whole.width, 0.6 * whole.height);
}

function cut(whole, x, y, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale)); canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d", { alpha: false }).drawImage(whole, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// [{text, format}]; nothing when the phone could read it itself and the server is out of reach.
async function byServer(file, token, address, readHere) {
  if (file.size > LARGEST) { if (readHere) return []; throw new Trouble("picture-too-large"); }
  let answer;
  try {
    answer = await fetch(address, { method: "POST", body: file, headers: { "Content-Type": file.type || "image/jpeg", ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
  } catch (error) {
    if (readHere) return [];
    throw new Trouble("picture-offline", error);
  }
  if (!answer.ok) { if (readHere) return []; throw new Trouble("picture-unreadable"); }
  return (await answer.json()).codes;
}
