// Reads codes in pictures: by the browser's own detector where it proves that it can, else by our WebAssembly decoder.
import { LOOKS, NATIVE_FORMATS, READING } from "./options.js";
import { Trouble } from "./trouble.js";

const here = (path) => new URL(path, import.meta.url).href;
const files = { worker: here("./worker.js"), decoder: here("../../vendor/zxing-wasm/reader.js"), wasm: here("../../vendor/zxing-wasm/zxing_reader.wasm") };

// Where the three files lie, when not beside this one as in the static folder: addresses with a version, for example.
export function configureDecoder(places) {
  for (const [name, place] of Object.entries(places)) if (place) files[name] = new URL(place, location.href).href;
}

// All files that scanning needs without a network, to be kept by the service worker.
export const decoderFiles = () => Object.values(files);

let ready = null; // the one decoder, made when it is first needed
export function decoder() {
  ready ||= (async () => (await native()) || (await ours()))();
  ready.catch(() => { ready = null; }); // offline now, there perhaps later
  return ready;
}

// --- the browser's own ---
const PROOF = "PA1R";
const PROOF_RUNS = [2, 1, 1, 2, 1, 4, 3, 1, 3, 1, 2, 1, 1, 1, 1, 3, 2, 3, 1, 2, 3, 2, 2, 1, 2, 3, 1, 1, 3, 1, 3, 1, 2, 1, 1, 3, 2, 3, 3, 1, 1, 1, 2]; // Code 128 of PROOF, bar first

async function native() {
  if (!("BarcodeDetector" in globalThis)) return null;
  try {
    const named = await BarcodeDetector.getSupportedFormats();
    if (!Object.keys(NATIVE_FORMATS).every((name) => named.includes(name))) return null;
    const detector = new BarcodeDetector({ formats: Object.keys(NATIVE_FORMATS) });
    const [seen] = await detector.detect(proof()); // some list formats that they never read, or lack their service
    return seen && seen.rawValue === PROOF ? new Native(detector) : null;
  } catch { return null; }
}

function proof() {
  const canvas = document.createElement("canvas");
  const step = 4, width = PROOF_RUNS.reduce((sum, run) => sum + run, 0);
  canvas.width = (width + 24) * step; canvas.height = 160;
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  let at = 12;
  PROOF_RUNS.forEach((run, place) => { if (place % 2 === 0) pen.fillRect(at * step, 20, run * step, 120); at += run; });
  return canvas;
}

class Native {
  constructor(detector) { this.detector = detector; this.kind = "native"; this.looks = 1; }

  // The codes of a video's present frame, a bitmap or a canvas: [{text, format}].
  async read(picture) {
    const found = await this.detector.detect(picture);
    return found.filter((code) => code.rawValue).map((code) => ({ text: code.rawValue, format: NATIVE_FORMATS[code.format] || code.format }));
  }

  close() {}
}

// --- ours ---
async function fetched(address) {
  const answer = await fetch(address).catch((error) => { throw new Trouble("decoder-missing", error); });
  if (!answer.ok) throw new Trouble("decoder-missing");
  return answer;
}

async function ours() {
  const [wasm] = await Promise.all([
    fetched(files.wasm).then((answer) => answer.arrayBuffer()).then((bytes) => WebAssembly.compile(bytes)),
    fetched(files.decoder), // so that what is missing is told as missing
  ]);
  const made = new Ours(new Worker(files.worker));
  await made.ask({ begin: { decoder: files.decoder, wasm, options: { reading: READING, looks: LOOKS } } });
  return made;
}

class Ours {
  constructor(worker) {
    this.worker = worker; this.kind = "zxing"; this.looks = LOOKS.length; this.waiting = new Map(); this.last = 0; this.canvas = null;
    worker.onmessage = ({ data }) => {
      const settle = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (settle) data.error ? settle.fail(new Error(data.error)) : settle.done(data.found);
    };
    worker.onerror = (event) => this.close(new Trouble("decoder-missing", event.message));
  }

  ask(message, transfer = []) {
    return new Promise((done, fail) => {
      const id = ++this.last;
      this.waiting.set(id, { done, fail });
      this.worker.postMessage({ id, ...message }, transfer);
    });
  }

  // The codes of a video's present frame, a bitmap or a canvas by one of `looks` ways to look at it: [{text, format}].
  async read(picture, look = 0) {
    if (globalThis.OffscreenCanvas) {
      const bitmap = await createImageBitmap(picture);
      return this.ask({ picture: bitmap, look }, [bitmap]);
    }
    const width = picture.videoWidth || picture.width, height = picture.videoHeight || picture.height;
    this.canvas ||= document.createElement("canvas");
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const pen = this.canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    pen.drawImage(picture, 0, 0);
    const image = pen.getImageData(0, 0, width, height);
    return this.ask({ picture: image, look }, [image.data.buffer]);
  }

  close(reason = new Trouble("decoder-missing")) {
    this.worker.terminate();
    for (const settle of this.waiting.values()) settle.fail(reason);
    this.waiting.clear();
    ready = null;
  }
}
