// A small province in node's soap, made from our WSDL: enough of it to hand a dossier off. Holds all in memory.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import soap from "soap";

const [wsdl, port] = process.argv.slice(2);
const digest = (data) => createHash("sha256").update(data).digest("hex");
const [numbers, receipts, files, changes] = [new Map(), new Map(), new Map(), []];

const refused = (errorCode, field, message) => ({
  Fault: { statusCode: 500, faultcode: "soap:Client", faultstring: message, detail: { "t:Fault": { "t:errorCode": errorCode, "t:retryable": false, "t:field": field, "t:message": message } } },
});
const allocated = (key) => {
  if (!numbers.has(key)) numbers.set(key, `H26.019.02-261121-01${String(numbers.size + 1).padStart(4, "0")}`);
  return numbers.get(key);
};
const held = (sha256) => files.get(sha256) ?? Buffer.alloc(0);
const stated = (sha256) => ({ sha256, received: held(sha256).length, complete: digest(held(sha256)) === sha256 });

const operations = {
  AllocateNumber: ({ key }) => ({ key, number: allocated(key) }),
  GetUploadState: ({ sha256 }) => stated(sha256),
  PutDocumentChunk: ({ sha256, offset, bytes }) => {
    const have = held(sha256);
    if (Number(offset) === have.length) files.set(sha256, Buffer.concat([have, Buffer.from(bytes, "base64")]));
    return stated(sha256);
  },
  SubmitDossier: ({ key, payloadDigest, dossier }) => {
    const first = receipts.get(key);
    if (first && first.digest !== payloadDigest) throw refused("KEY_REUSE", "key", "Khóa đã dùng cho nội dung khác.");
    if (first) return { receipt: { ...first, duplicate: true } };
    const number = dossier.official || allocated(dossier.provisional);
    const document = Buffer.from(JSON.stringify({ digest: payloadDigest, key, number, operation: "SubmitDossier" }));
    const at = "2026-11-21T10:00:00+07:00";
    const receipt = { key, number, digest: payloadDigest, at, duplicate: false, document: document.toString("base64"), signature: Buffer.from("none").toString("base64") };
    receipts.set(key, receipt);
    changes.push({ cursor: changes.length + 1, number, version: 1, status: 1, at, note: "Đã nhận <hồ sơ> & giấy tờ" });
    return { receipt };
  },
  GetSubmission: ({ key }) => (receipts.has(key) ? { key, receipt: { ...receipts.get(key), duplicate: true } } : { key }),
  GetStatusChanges: ({ office, cursor }) => ({ office, changes: { change: changes.filter((one) => one.cursor > Number(cursor)) } }),
};

const server = createServer((_request, response) => response.writeHead(404).end());
const services = { TthcService: { TthcPort: operations } };
const ready = () => server.listen(Number(port), "127.0.0.1");
soap.listen(server, { path: "/soap/tthc", services, xml: readFileSync(wsdl, "utf8"), uri: wsdl, callback: ready });
