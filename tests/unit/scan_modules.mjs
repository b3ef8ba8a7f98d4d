// Answers what the courier's scanning modules make of what is asked: one JSON value on stdin, one on stdout.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const scan = (name) => import(pathToFileURL(`${process.argv[2]}/${name}.js`).href);
const { Burst } = await scan("reader");
const { repairs, repaired, looksOurs, fromTelex, fromVni } = await scan("repair");
const { Steady } = await scan("steady");

const ANSWERS = {
  repairs: (texts) => texts.map((text) => repairs(text)[0]),
  repaired: (texts) => texts.map((text) => repaired(text)),
  typed: (texts) => texts.map((text) => [fromTelex(text), fromVni(text)]),
  ours: (texts) => texts.map(looksOurs),
  // Each run: frames of [milliseconds, [[text, format], …]]; `wanted` is a beginning of what is asked for.
  steady: (runs) => runs.map(({ frames, wanted }) => {
    const steady = new Steady(wanted === undefined ? undefined : (text) => text.startsWith(wanted));
    return frames.flatMap(([at, codes]) => steady.frame(codes.map(([text, format]) => ({ text, format })), at).map(({ text, wanted: asked }) => [at, text, asked]));
  }),
  // Each run: keys as [key, code, shift, milliseconds].
  bursts: (runs) => runs.map((keys) => {
    const burst = new Burst(), out = [];
    for (const [key, code, shiftKey, at] of keys) if (burst.press({ key, code, shiftKey, at }) === "end") out.push(burst.take());
    if (burst.isBare()) out.push(burst.take());
    return out;
  }),
};

const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, ANSWERS[name](value)]))));
