// Calls a second of node's soap: node calls.mjs WSDL ENDPOINT SHA256 COUNT
import soap from "soap";

const [wsdl, endpoint, sha256, count] = process.argv.slice(2);
const client = await soap.createClientAsync(wsdl, {}, endpoint);
const call = () => client.GetUploadStateAsync({ sha256 });
for (let n = 0; n < 50; n += 1) await call();
const began = process.hrtime.bigint();
for (let n = 0; n < Number(count); n += 1) await call();
console.log(Number(count) / (Number(process.hrtime.bigint() - began) / 1e9));
