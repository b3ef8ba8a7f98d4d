// Scanning on the courier's phone: camera, picture, Bluetooth or USB reader; one way in for every code.
//
//   await startScan(video, { onCode(text, { format, source, wanted }), wants(text, format), onTrouble(trouble), device })
//       Opens the camera into the <video> and calls onCode for each scan: after two equal reads, and not again while the
//       same code stays in view nor within 2 s after. format: "Code128" | "QRCode"; source: "camera". Codes for which
//       `wants` answers false (the tracking link beside an item's number) are told only when nothing wanted is in view, with
//       wanted: false. Answers { kind: "native" | "zxing", torch: bool, setTorch(on) -> Promise<bool>, cameras() -> Promise<[{device, label}]> }.
//       Rejects with Trouble (.code, .message in words): camera-refused, camera-none, camera-busy, camera-insecure, decoder-missing.
//       What goes wrong later comes to onTrouble (camera-lost). A second call closes the first.
//   stop()                          closes the camera; safe at any time.
//   feedback(kind)                  new | duplicate | wrong: each with its own sound and vibration. wakeSound() in the first tap.
//   listenReader(onCode, { target, valid }) -> off()
//       A keyboard-wedge reader anywhere on the page: onCode(text, { source: "reader", damaged, repaired }). damaged: a
//       Vietnamese input method changed it and it could not be undone for certain (say troubleWords("reader-damaged")).
//       valid(text): whether a code is known; the default takes item numbers by their check digit, and our own codes.
//   decodePicture(file, { token, wants, decodeUrl }) -> [{ text, format }]
//       For <input type="file" accept="image/*" capture="environment">; here, else by the server with the phone's token. What
//       `wants` refuses is told only when nothing else is in the picture. Rejects with Trouble.
//   warm()                          loads the decoder before it is needed (0.99 MB once); resolves to its kind.
//   configureDecoder({ worker, decoder, wasm }), decoderFiles()   addresses, for a service worker to keep.
//
// The policy of the page and of worker.js needs: script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; media-src 'self' blob:.
import { cameras, closeCamera, hasTorch, openCamera, switchTorch } from "./camera.js";
import { decoder } from "./decoder.js";
import { Steady } from "./steady.js";
import { Trouble } from "./trouble.js";

export { configureDecoder, decoderFiles } from "./decoder.js";
export { feedback, wakeSound } from "./feedback.js";
export { decodePicture } from "./picture.js";
export { listenReader } from "./reader.js";
export { looksOurs, repaired } from "./repair.js";
export { Trouble, troubleWords } from "./trouble.js";

export const warm = async () => (await decoder()).kind;

let running = null; // the one scan that holds the camera

export async function startScan(video, { onCode, wants, onTrouble = () => {}, device = "" }) {
  stop();
  const scan = { video, live: true };
  running = scan;
  const [track, reads] = await both(openCamera(video, device), decoder(), () => closeCamera(video));
  if (!scan.live) { if (!running || running.video !== video) closeCamera(video); throw new Trouble("camera-lost"); }
  scan.lost = () => { if (scan.live) { stop(); onTrouble(new Trouble("camera-lost")); } };
  track.addEventListener("ended", scan.lost);
  watch(scan, reads, new Steady(wants), onCode);
  return { kind: reads.kind, torch: hasTorch(track), setTorch: (on) => switchTorch(track, on), cameras };
}

export function stop() {
  const scan = running;
  running = null;
  if (!scan) return;
  scan.live = false;
  closeCamera(scan.video);
}

// Both, or the first trouble once both have settled, so that no camera stays open behind a decoder that is missing.
async function both(camera, reading, undo) {
  const [opened, made] = await Promise.allSettled([camera, reading]);
  if (opened.status === "fulfilled" && made.status === "fulfilled") return [opened.value, made.value];
  if (opened.status === "fulfilled") undo();
  throw opened.status === "rejected" ? opened.reason : made.reason;
}

// One frame after the other, never two at once; nothing is read while the page is out of sight.
async function watch(scan, reads, steady, onCode) {
  let look = 0, failures = 0;
  while (scan.live) {
    await nextFrame(scan.video);
    if (!scan.live) return;
    if (document.hidden || scan.video.readyState < 2) continue;
    let found = [];
    try { found = await reads.read(scan.video, look); failures = 0; } catch (error) {
      if (error instanceof Trouble || ++failures > PATIENCE) { scan.lost(); return; }
    }
    if (!scan.live) return;
    if (!found.length) look = (look + 1) % reads.looks;
    for (const code of steady.frame(found, performance.now())) {
      onCode(code.text, { format: code.format, source: "camera", wanted: code.wanted });
      if (!scan.live) return; // the handler closed the scanner
    }
  }
}

const PATIENCE = 20; // frames in turn that may fail: a camera that is turned gives some
const LONGEST_WAIT = 250; // milliseconds, for a camera that sends nothing just now
function nextFrame(video) {
  return new Promise((done) => {
    const timer = setTimeout(done, LONGEST_WAIT);
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(() => { clearTimeout(timer); done(); });
    else requestAnimationFrame(() => { clearTimeout(timer); done(); });
  });
}
