// What a Vietnamese input method did to a code that a reader typed, undone: the rules of agent/domain/scan_repair.py.

const LONGEST = 128, MOST = 2000, MARKS = 6; // characters of a text, sequences tried, marked letters of a word
const TONES = { "\u0301": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0323": 4 };
const TONE_KEYS = { f: "\u0300", r: "\u0309", x: "\u0303", s: "\u0301", j: "\u0323" };
const VNI_TONES = { 1: "s", 2: "f", 3: "r", 4: "x", 5: "j" };
const HAT = { a: "â", e: "ê", o: "ô" }, HORN = { u: "ư", o: "ơ" };
const VOWELS = "aăâeêioôơuưy", FIRST = "aeiouyw";
const isVowel = (letter) => VOWELS.includes(letter);

function replaceLast(letters, table) {
  for (let place = letters.length - 1; place >= 0; place--) {
    if (letters[place] in table) { letters[place] = table[letters[place]]; return true; }
  }
  return false;
}
const breve = (letters) => replaceLast(letters, { a: "ă" });
function horn(letters) {
  for (let place = letters.length - 1; place >= 0; place--) {
    const first = letters[place] === "u" && place === 1 && letters[0] === "q";
    if (!(letters[place] in HORN) || first) continue;
    if (letters[place] === "o" && letters[place - 1] === "u" && !(letters[0] === "q" && letters[1] === "u")) letters[place - 1] = "ư";
    letters[place] = HORN[letters[place]];
    return true;
  }
  return false;
}
function breveOrHorn(letters) {
  const vowels = letters.filter(isVowel).join("");
  return (vowels.endsWith("ua") && letters[0] !== "q") || !vowels.endsWith("a") ? horn(letters) : breve(letters);
}

function telexKey(letters, key, tone) {
  const vowel = letters.some(isVowel);
  if (key in TONE_KEYS && vowel) return TONE_KEYS[key];
  if (key === "z" && vowel) return "";
  const marked = (key === "w" && breveOrHorn(letters)) || (key in HAT && replaceLast(letters, { [key]: HAT[key] }))
    || (key === "d" && letters[0] === "d" && replaceLast(letters, { d: "đ" }));
  if (!marked) letters.push(key === "w" ? "ư" : key);
  return tone;
}
function vniKey(letters, key, tone) {
  if (key in VNI_TONES && letters.some(isVowel)) return TONE_KEYS[VNI_TONES[key]];
  const marked = (key === "6" && replaceLast(letters, HAT)) || (key === "7" && horn(letters))
    || (key === "8" && breve(letters)) || (key === "9" && replaceLast(letters, { d: "đ" }));
  if (!marked) letters.push(key);
  return tone;
}

function tonePlace(letters) {
  let vowels = letters.flatMap((letter, place) => (isVowel(letter) ? [place] : []));
  const start = letters.slice(0, 2).join("");
  if (vowels.length > 1 && (start === "qu" || start === "gi")) vowels = vowels.slice(1);
  const marked = vowels.filter((place) => "ăâêôơư".includes(letters[place]));
  if (marked.length) return marked.at(-1);
  if (vowels.length === 1) return vowels[0];
  const closed = vowels.at(-1) < letters.length - 1;
  return closed && vowels.length === 2 ? vowels.at(-1) : vowels.at(-2);
}
function word(keys, press) {
  const letters = [];
  let tone = "";
  for (const key of keys) tone = press(letters, key, tone);
  if (tone) { const place = tonePlace(letters); letters[place] = (letters[place] + tone).normalize("NFC"); }
  return letters.join("");
}
export const fromTelex = (text) => text.replace(/[a-z]+/gi, (keys) => word(keys.toLowerCase(), telexKey));
export const fromVni = (text) => text.replace(/[a-z][a-z0-9]*/gi, (keys) => word(keys.toLowerCase(), vniKey));

// VNI of programs for which a digit that is no mark ends the word, so that later digits stay digits.
function vniThatStops(text) {
  const out = [];
  let pending = "";
  for (const char of text.toLowerCase()) {
    const plain = !/[\p{L}\p{N}]/u.test(char) || (/\d/.test(char) && fromVni(pending + char) === fromVni(pending) + char);
    if (plain) out.push(fromVni(pending), char);
    pending = plain ? "" : pending + char;
  }
  return [...out, fromVni(pending)].join("");
}

const METHODS = [
  {
    typed: [fromTelex], words: /\p{L}+/gu, tones: "sfrxj", replaced: "sfrxjz", gone: "z",
    marked: { â: [["a", "a"]], ê: [["e", "e"]], ô: [["o", "o"]], ă: [["a", "w"]], đ: [["d", "d"]], ơ: [["o", "w"]], ư: [["u", "w"], ["w", ""], ["u", ""]] },
  },
  {
    typed: [fromVni, vniThatStops], words: /\p{L}[\p{L}\p{N}]*/gu, tones: "12345", replaced: "", gone: "",
    marked: { â: [["a", "6"]], ê: [["e", "6"]], ô: [["o", "6"]], ă: [["a", "8"]], đ: [["d", "9"]], ơ: [["o", "7"]], ư: [["u", "7"], ["u", ""]] },
  },
];
const isAscii = (text) => /^[\x00-\x7f]*$/.test(text);

function withoutTone(text) {
  const apart = [...text.normalize("NFD")], mark = apart.find((char) => char in TONES);
  return [[...apart.filter((char) => !(char in TONES)).join("").normalize("NFC")], mark === undefined ? null : TONES[mark]];
}

// `keys` with each of `more` put in anywhere behind the key whose place it names, nearest first.
function* spread(keys, more, budget) {
  if (!more.length) {
    if (--budget.left >= 0) yield keys.map(([key]) => key).join("");
    return;
  }
  const [[key, behind], ...others] = more;
  for (let index = keys.findIndex(([, place]) => place === behind) + 1; index <= keys.length && budget.left >= 0; index++) {
    yield* spread([...keys.slice(0, index), [key, -1], ...keys.slice(index)], others, budget);
  }
}
function* sequences(keys, tone, method, budget) {
  const bare = keys.map(([key], place) => [key, place]);
  const marks = keys.flatMap(([, mark], place) => (mark ? [[mark, place]] : []));
  const vowel = keys.findIndex(([key]) => FIRST.includes(key));
  if (vowel < 0) { yield* spread(bare, marks, budget); return; }
  const tones = tone === null ? [] : [[method.tones[tone], vowel]];
  yield* spread(bare, [...marks, ...tones], budget);
  for (const lost of tone === null ? method.gone : method.replaced) yield* spread(bare, [...marks, ...tones, [lost, vowel]], budget);
}
function* choices(sets) {
  if (!sets.length) { yield []; return; }
  for (const first of sets[0]) for (const rest of choices(sets.slice(1))) yield [first, ...rest];
}
function* ofWord(text, method, budget) {
  const low = text.toLowerCase(), [letters, tone] = withoutTone(low);
  if (letters.filter((letter) => !isAscii(letter)).length > MARKS) { budget.left = -1; return; }
  const sets = letters.map((letter) => [...(method.marked[letter] || []), ...(isAscii(letter) ? [[letter, ""]] : [])]);
  for (const keys of choices(sets)) {
    if (budget.left < 0) return;
    for (const sequence of sequences(keys, tone, method, budget)) {
      if (method.typed.some((typed) => typed(sequence) === low)) yield /\p{Ll}/u.test(text) ? sequence : sequence.toUpperCase();
    }
  }
}
function* ofMethod(text, method, budget) {
  const between = [], parts = [];
  let end = 0;
  for (const found of text.matchAll(method.words)) {
    between.push(text.slice(end, found.index));
    parts.push([...new Set(ofWord(found[0], method, budget))]);
    end = found.index + found[0].length;
  }
  const rest = text.slice(end);
  if (!(isAscii(rest) && between.every(isAscii))) return; // nothing that a reader can have typed
  for (const words of choices(parts)) {
    if (--budget.left < 0) return;
    yield words.map((one, place) => between[place] + one).join("") + rest;
  }
}

// Every text of which an input method would have made this one, and whether that is all of them.
export function repairs(text) {
  if (text.length > LONGEST) return [[text], true];
  const budget = { left: MOST }, found = new Set([text]);
  for (const method of METHODS) for (const one of ofMethod(text.normalize("NFC"), method, budget)) found.add(one);
  return [[...found], budget.left >= 0];
}

// The only candidate that `valid` takes; null for none or several. What is valid as it came is left alone.
export function repaired(text, valid = looksOurs) {
  if (valid(text)) return text;
  const [candidates, complete] = repairs(text);
  const found = complete ? candidates.slice(1).filter(valid) : [];
  return found.length === 1 ? found[0] : null;
}

const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];
const OURS = /^PA\d[A-Z]?\|/;

// Whether a text is an S10 number by its check digit, one of our own codes, or a link.
export function looksOurs(text) {
  const s10 = /^[A-Z]{2}(\d{8})(\d)[A-Z]{2}$/.exec(text.replace(/ /g, ""));
  if (!s10) return OURS.test(text) || /^https:\/\//.test(text);
  const rest = [...s10[1]].reduce((sum, digit, place) => sum + digit * WEIGHTS[place], 0) % 11;
  return Number(s10[2]) === (rest === 0 ? 5 : rest === 1 ? 0 : 11 - rest);
}
