// The decoder in a thread of its own: pictures in, texts out. Its own address must lie where the service worker reaches.
"use strict";

let reading = null, looks = [];
const canvas = self.OffscreenCanvas ? new OffscreenCanvas(1, 1) : null;

async function begin({ decoder, wasm, options }) {
  ({ reading, looks } = options);
  importScripts(decoder);
  await self.ZXingWASM.prepareZXingModule({
    overrides: {
      // The page fetched and compiled it: nothing is looked for anywhere else, and a missing file is told there.
      instantiateWasm: (imports, done) => { WebAssembly.instantiate(wasm, imports).then((made) => done(made, wasm)); return {}; },
    },
    fireImmediately: true,
  });
}

// The picture as one look wants it: as large as `longest`, turned by `turn` degrees; grey comes later.
function drawn(picture, { longest, turn }) {
  if (!canvas || !(picture instanceof ImageBitmap)) return picture; // pixels already: an old browser, plain looks only
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const width = Math.round(picture.width * scale), height = Math.round(picture.height * scale);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const pen = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
  pen.setTransform(1, 0, 0, 1, width / 2, height / 2);
  if (turn) { pen.fillStyle = "#555"; pen.fillRect(-width, -height, 2 * width, 2 * height); pen.rotate((turn * Math.PI) / 180); }
  pen.drawImage(picture, -width / 2, -height / 2, width, height);
  return pen.getImageData(0, 0, width, height);
}

// Means of `cell` x `cell` pixels of the green light.
function means({ data, width, height }, cell) {
  const across = Math.ceil(width / cell), down = Math.ceil(height / cell);
  const sums = new Float32Array(across * down), counts = new Float32Array(across * down);
  for (let y = 0, from = 1; y < height; y++) {
    const row = Math.floor(y / cell) * across;
    for (let x = 0, at = row, left = cell; x < width; x++, from += 4) {
      sums[at] += data[from]; counts[at] += 1;
      if (--left === 0) { at += 1; left = cell; }
    }
  }
  for (let at = 0; at < sums.length; at++) sums[at] /= counts[at] || 1;
  return { across, down, sums };
}

// Each pixel against its surroundings: "even" divides by them (uneven light goes), "sharpen" adds what differs from them (blur goes).
function against(image, cell, how, strength) {
  const { data, width, height } = image, { across, down, sums } = means(image, cell);
  const out = new Uint32Array(data.buffer, data.byteOffset, width * height), line = new Float32Array(across + 1);
  for (let y = 0, at = 0; y < height; y++) {
    const v = Math.min(down - 1, Math.max(0, (y + 0.5) / cell - 0.5)), top = Math.floor(v), part = v - top;
    const low = top * across, high = Math.min(down - 1, top + 1) * across;
    for (let c = 0; c < across; c++) line[c] = sums[low + c] * (1 - part) + sums[high + c] * part;
    line[across] = line[across - 1];
    let u = 0.5 / cell - 0.5;
    for (let x = 0; x < width; x++, at++, u += 1 / cell) {
      const c = u > 0 ? u | 0 : 0, near = u > 0 ? line[c] + (line[c + 1] - line[c]) * (u - c) : line[0];
      const own = (out[at] >> 8) & 255;
      const made = how === "even" ? (own * strength) / (near > 8 ? near : 8) : own + strength * (own - near);
      const grey = made > 255 ? 255 : made < 0 ? 0 : made | 0;
      out[at] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    }
  }
  return image;
}

async function read(picture, number) {
  const look = looks[number % looks.length];
  let image = drawn(picture, look);
  if (picture.close) picture.close();
  if (look.how) image = against(image, look.cell, look.how, look.strength);
  const found = await self.ZXingWASM.readBarcodes(image, reading);
  return found.filter((code) => code.isValid).map(({ text, format }) => ({ text, format }));
}

self.onmessage = async ({ data }) => {
  try {
    if (data.begin) { await begin(data.begin); self.postMessage({ id: data.id, found: [] }); return; }
    self.postMessage({ id: data.id, found: await read(data.picture, data.look) });
  } catch (error) {
    self.postMessage({ id: data.id, error: String((error && error.message) || error) });
  }
};
