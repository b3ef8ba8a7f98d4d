// A Bluetooth or USB reader that types: its bursts are told from a person's keys, wherever the cursor stands.
import { looksOurs, repaired } from "./repair.js";

export const FAST = 50; // milliseconds a key on the average; nobody types six keys like that
export const PAUSE = 150; // milliseconds after which what was typed stands for itself
export const SHORTEST = 6; // characters of a code
const SHORTEST_BARE = 8; // of one that no Enter or Tab ends

const PLAIN = { Minus: "-_", Equal: "=+", Slash: "/?", Period: ".>", Comma: ",<", Semicolon: ";:", Quote: "'\"", Backslash: "\\|", BracketLeft: "[{", BracketRight: "]}", Backquote: "`~", Space: "  " };
const SHIFTED_DIGITS = ")!@#$%^&*(";

// The character of a physical key on the layout that readers are set to (US); "" where the browser does not say which key.
export function physical(code, shift, caps = false) {
  if (/^Key[A-Z]$/.test(code)) return shift !== caps ? code[3] : code[3].toLowerCase();
  if (/^(Digit|Numpad)\d$/.test(code)) return code.startsWith("D") && shift ? SHIFTED_DIGITS[code.at(-1)] : code.at(-1);
  return code in PLAIN ? PLAIN[code][shift ? 1 : 0] : "";
}

// Keys in, codes out: no page in it, so that it can be tried with any keys at any times.
export class Burst {
  constructor(valid = looksOurs) { this.valid = valid; this.clear(); }

  clear() { this.typed = ""; this.keys = ""; this.whole = true; this.touched = false; this.count = 0; this.first = this.last = 0; }

  // One key at `at` (milliseconds): "key" while it may be a reader's, "" when it is none of its, "end" when a code is complete.
  press({ key, code = "", shiftKey = false, caps = false, at }) {
    if (this.count && at - this.last > PAUSE) this.clear();
    if (key === "Enter" || key === "Tab") return this.isReader(SHORTEST) ? "end" : (this.clear(), "");
    if (key === "Shift" || key === "CapsLock") return "key"; // readers press it for capitals
    const char = physical(code, shiftKey, caps);
    if (key === "Backspace") this._backspace(); // an input method takes its letter back
    else if (key.length === 1) { this.typed += key; this.keys += char || (isAscii(key) ? key : ""); this.whole &&= Boolean(char) || isAscii(key); }
    else if (char) { this.keys += char; this.touched = true; } // "Process", "Unidentified", "Dead": swallowed by an input method
    else if (!["Process", "Unidentified", "Dead"].includes(key)) { this.clear(); return ""; }
    else { this.touched = true; this.whole = false; }
    this.first ||= at; this.count += 1; this.last = at;
    return "key";
  }

  _backspace() { this.typed = this.typed.slice(0, -1); this.touched = true; this.whole = this.whole && this.keys.length > 0; }

  // Whether what came so far can only be a reader's: many keys, fast.
  isReader(shortest = SHORTEST) { return this.count >= shortest && (this.last - this.first) / (this.count - 1) <= FAST; }

  // Nothing came for PAUSE: is it a code of a reader that ends nothing?
  isBare() { return this.isReader(SHORTEST_BARE) && (this.valid(bare(this.typed)) || (this.touched && this.whole && this.valid(this.keys))); }

  // The code: { text, damaged, repaired }.
  take() {
    const { typed, keys, whole, touched } = this;
    this.clear();
    return settle(bare(typed.normalize("NFC")), whole && (touched || !isAscii(typed)) ? bare(keys) : "", this.valid);
  }
}

// What was meant by `typed`; `keys` is what the physical keys say, when they say all.
export function settle(typed, keys, valid) {
  if (valid(typed)) return { text: typed, damaged: false, repaired: false };
  if (keys && valid(keys)) return { text: keys, damaged: false, repaired: true };
  const undone = repaired(typed, valid);
  if (undone !== null) return { text: undone, damaged: false, repaired: true };
  return { text: keys || typed, damaged: !isAscii(typed), repaired: false };
}

const bare = (text) => text.trim().replace(/^\][A-Za-z]\d/, ""); // without the symbology identifier that some readers send
const isAscii = (text) => /^[\x20-\x7e]*$/.test(text);
const isField = (element) => Boolean(element) && (element.matches?.("textarea, [contenteditable=true]") || (element.matches?.("input") && !/^(button|submit|checkbox|radio|file|range|color|reset)$/.test(element.type)));

// Listens on the whole page; a burst never stays in a field, and its Enter presses no button. Answers the function that ends it.
export function listenReader(onCode, { target = window, valid = looksOurs } = {}) {
  const burst = new Burst(valid);
  let before = null, timer = 0;
  const remember = () => {
    const field = document.activeElement;
    before = isField(field) ? { field, value: field.value, start: field.selectionStart, end: field.selectionEnd } : null;
  };
  const done = () => {
    clearTimeout(timer);
    if (before && before.value !== undefined && before.field.value !== before.value) {
      before.field.value = before.value;
      try { before.field.setSelectionRange(before.start, before.end); } catch { /* not this kind of field */ }
      before.field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    before = null;
    const { text, ...how } = burst.take();
    if (text) onCode(text, { source: "reader", ...how });
  };
  const onKey = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    clearTimeout(timer);
    const at = event.timeStamp || performance.now();
    if (!burst.count || at - burst.last > PAUSE) remember();
    const said = burst.press({ key: event.key, code: event.code, shiftKey: event.shiftKey, caps: Boolean(event.getModifierState?.("CapsLock")), at });
    if (said === "end") { event.preventDefault(); event.stopImmediatePropagation(); setTimeout(done, 0); return; } // the field has its last letter then
    if (said !== "key") return;
    if (event.key === " " && !isField(document.activeElement) && burst.count > 2) event.preventDefault(); // a space presses buttons
    timer = setTimeout(() => { if (burst.isBare()) done(); }, PAUSE);
  };
  target.addEventListener("keydown", onKey, true);
  return () => { clearTimeout(timer); target.removeEventListener("keydown", onKey, true); };
}
