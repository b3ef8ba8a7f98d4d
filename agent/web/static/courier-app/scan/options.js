// What the decoder looks for, how hard, and with which looks: the one list that the app, its worker and the decoder's bench use.

// Labels lie any way round under a phone, so turned codes are tried; white bars on black are not ours.
export const READING = Object.freeze({
  formats: ["Code128", "QRCode"],
  tryHarder: true,
  tryRotate: true,
  tryInvert: false,
  tryDownscale: true,
  maxNumberOfSymbols: 4,
  textMode: "Plain",
});

// A frame of the camera gets one look, the next frame the next one, and a look that found something is kept. Small and with
// its light evened is quickest and finds most; far codes need all pixels, blurred ones an edge; the decoder reads bars that
// are askew by up to 11 degrees, so two looks are turned.
const SMALL = 854, WHOLE = 1280; // pixels of the longer side
const EVEN = { cell: 48, how: "even", strength: 170 };
export const LOOKS = Object.freeze([
  { name: "even", longest: SMALL, turn: 0, ...EVEN },
  { name: "whole", longest: WHOLE, turn: 0 },
  { name: "sharpened", longest: WHOLE, turn: 0, cell: 4, how: "sharpen", strength: 2 },
  { name: "turned left", longest: SMALL, turn: -20, ...EVEN },
  { name: "turned right", longest: SMALL, turn: 20, ...EVEN },
]);

// What the browser's own detector calls the formats.
export const NATIVE_FORMATS = Object.freeze({ code_128: "Code128", qr_code: "QRCode" });
