// A picture of a code, where no live camera is to be had: read on the phone, else by the server.
import { decoder } from "./decoder.js";
import { Trouble } from "./trouble.js";

const LARGEST = 5 * 1024 * 1024; // bytes that the server takes
const SIDE = 1280; // pixels of the longer side of what one look sees
const QUARTERS = [[0, 0], [0.4, 0], [0, 0.4], [0.4, 0.4]]; // left and top as shares; each is 0.6 wide and high, so that they overlap

export async function decodePicture(file, { token = "", decodeUrl = "/api/v1/courier/decode" } = {}) {
  const reads = await decoder().catch(() => null);
  let found = reads ? await here(reads, file) : null;
  if (found && found.length) return found;
  if (token || !reads) found = (await byServer(file, token, decodeUrl, Boolean(reads))) || found;
  if (!found || !found.length) throw new Trouble("picture-no-code");
  return found;
}

async function here(reads, file) {
  let whole;
  try { whole = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch (error) { throw new Trouble("picture-unreadable", error); }
  try {
    for (const part of parts(whole)) {
      for (let look = 0; look < reads.looks; look++) {
        const found = await reads.read(part, look);
        if (found.length) return found.map(({ text, format }) => ({ text, format }));
      }
    }
  } finally { whole.close(); }
  return [];
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

// [{text, format}], or null when the phone could read it itself and the server is out of reach.
async function byServer(file, token, address, readHere) {
  if (file.size > LARGEST) { if (readHere) return null; throw new Trouble("picture-too-large"); }
  let answer;
  try {
    answer = await fetch(address, { method: "POST", body: file, headers: { "Content-Type": file.type || "image/jpeg", ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
  } catch (error) {
    if (readHere) return null;
    throw new Trouble("picture-offline", error);
  }
  if (!answer.ok) { if (readHere) return null; throw new Trouble("picture-unreadable"); }
  return (await answer.json()).codes;
}
