// The decoder in a thread of its own: pictures in, texts out. It loads nothing: what it needs is sent to it.
"use strict";

let options = null;
let canvas = null;

async function begin({ wasm, reading }) {
  options = reading;
  await self.ZXingWASM.prepareZXingModule({
    overrides: {
      // The module was compiled by the page, under the page's policy and from its store of files.
      instantiateWasm: (imports, done) => { WebAssembly.instantiate(wasm, imports).then((made) => done(made, wasm)); return {}; },
    },
    fireImmediately: true,
  });
}

function pixels(picture) { // an ImageBitmap or ImageData
  if (!(self.ImageBitmap && picture instanceof ImageBitmap)) return picture;
  if (!canvas || canvas.width !== picture.width || canvas.height !== picture.height) canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
  pen.drawImage(picture, 0, 0);
  picture.close();
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

async function read(picture) {
  const found = await self.ZXingWASM.readBarcodes(pixels(picture), options);
  return found.filter((code) => code.isValid).map(({ text, format, position }) => ({ text, format, position }));
}

self.onmessage = async ({ data }) => {
  try {
    if (data.begin) { await begin(data.begin); self.postMessage({ id: data.id, found: [] }); return; }
    self.postMessage({ id: data.id, found: await read(data.picture) });
  } catch (error) {
    self.postMessage({ id: data.id, error: String((error && error.message) || error) });
  }
};
