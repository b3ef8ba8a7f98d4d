// A picture of a code, where no live camera is to be had: read on the phone, else by the server.
import { decoder } from "./decoder.js";
import { Trouble } from "./trouble.js";

const LARGEST = 5 * 1024 * 1024; // bytes that the server takes
const SIDES = [2000, 1200, 3200]; // pixels of the longer side, in turn: small enough to be quick, then large for small codes

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
    for (const side of SIDES) {
      const scale = Math.min(1, side / Math.max(whole.width, whole.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(whole.width * scale)); canvas.height = Math.max(1, Math.round(whole.height * scale));
      canvas.getContext("2d", { alpha: false }).drawImage(whole, 0, 0, canvas.width, canvas.height);
      const found = await reads.read(canvas);
      if (found.length) return found.map(({ text, format }) => ({ text, format }));
      if (scale === 1 && side !== SIDES[1]) break; // larger is not to be had
    }
  } finally { whole.close(); }
  return [];
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
