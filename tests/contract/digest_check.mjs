// A second reading of docs/contract.md: RFC 8785 for the values that the contract uses, and the bucket rule.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort(); // UTF-16 code units, as RFC 8785 asks
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
};
const digest = (value) => createHash("sha256").update(canonical(value), "utf8").digest("hex");
const sum = ({ rows }) => {
  const total = rows.reduce((so_far, row) => so_far + BigInt(`0x${digest(row)}`), 0n) % 2n ** 256n;
  return total.toString(16).padStart(64, "0");
};

const { payloads, bucket, buckets } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answer = {
  payloads: payloads.map((payload) => digest(payload.value)),
  bucket: sum(bucket),
  buckets: buckets.map(sum),
};
console.log(JSON.stringify(answer));
