// What the decoder looks for, and how hard: the one list that the app, its worker and the decoder's bench use.

export const FORMATS = ["Code128", "QRCode"];

// Labels lie any way round under a phone, so turned codes are tried; white bars on black are not ours.
export const READING = Object.freeze({
  formats: FORMATS,
  tryHarder: true,
  tryRotate: true,
  tryInvert: false,
  tryDownscale: true,
  maxNumberOfSymbols: 4,
  textMode: "Plain",
});

// What the browser's own detector calls them.
export const NATIVE_FORMATS = Object.freeze({ code_128: "Code128", qr_code: "QRCode" });
