// ZPL on stdin -> PNG on stdout, by a renderer that is not ours. Arguments: width mm, height mm, dots per mm.
import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";

const [width, height, dpmm] = process.argv.slice(2).map(Number);
const { ready } = createRequire(import.meta.url)("zpl-renderer-js");
const { api } = await ready;
const labels = await api.zplToBase64MultipleAsync(readFileSync(0, "utf8"), width, height, dpmm);
if (labels.length !== 1) {
  console.error(`expected 1 label, got ${labels.length}`);
  process.exit(1);
}
const png = Buffer.from(labels[0], "base64");
for (let sent = 0; sent < png.length; ) sent += writeSync(1, png, sent);
process.exit(0);
