// A client of the contract in node's soap: reads one command a line, calls, answers one line of JSON.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import soap from "soap";

const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
};
const digest = (data) => createHash("sha256").update(data).digest("hex");

const [wsdl] = process.argv.slice(2);
const client = await soap.createClientAsync(wsdl);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const operations = Object.keys(client.describe().TthcService.TthcPort);
say({ operations, stack: `node soap ${process.version}` });

const call = async (operation, values) => {
  try {
    const [answer] = await client[`${operation}Async`](values);
    return { answer };
  } catch (error) {
    const fault = error.root?.Envelope?.Body?.Fault;
    if (!fault) return { broken: String(error.message).slice(0, 300) };
    return { fault: fault.detail?.Fault ?? {}, faultcode: fault.faultcode };
  }
};

const upload = async (data, chunk) => {
  const sha256 = digest(data);
  let { answer: state, ...other } = await call("GetUploadState", { sha256 });
  let chunks = 0;
  while (state && !state.complete) {
    const offset = Number(state.received); // a restricted xs:long stays text in this stack
    const part = data.subarray(offset, offset + chunk);
    const sent = { sha256, offset, total: data.length, chunkSha256: digest(part), bytes: part.toString("base64") };
    ({ answer: state, ...other } = await call("PutDocumentChunk", sent));
    chunks += 1;
  }
  return { answer: state && { ...state, chunks }, ...other };
};

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, values, canonical: payload, file, chunk, repeat } = JSON.parse(line);
  if (payload !== undefined) values.payloadDigest = digest(canonical(payload));
  if (operation === "upload") say(await upload(Buffer.from(file, "base64"), chunk));
  else if (repeat) {
    const started = performance.now();
    for (let n = 0; n < repeat; n += 1) await call(operation, values);
    say({ answer: { seconds: (performance.now() - started) / 1000 } });
  } else say(await call(operation, values));
}
