import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { parseJobDocument } from "../../protocol/job-document.ts";
import { parseManifest } from "../../protocol/manifest.ts";
import { formatPass } from "../../protocol/signed-link.ts";
import { receiptTopic } from "../../protocol/thing-topics.ts";
import { connectDevice } from "../local/aws/iot/support/device.ts";
import { type Flow, startFlow, until } from "./support/flow.ts";

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ agent: false, iot: true, timeScale: 10 });
});
afterAll(() => flow.stop());

async function connect() {
  const { iot } = flow.stack.endpoints;
  if (iot === undefined) throw new Error("AWS IoT does not run");
  const [cert, key] = await Promise.all([readFile(iot.certFile), readFile(iot.keyFile)]);
  const options = { protocol: "mqtts", host: iot.host, port: iot.port, ca: flow.ca } as const;
  const device = await connectDevice(
    { ...options, cert, key, clientId: iot.thing, reconnectPeriod: 0 },
    iot.thing,
  );
  onTestFinished(() => device.client.endAsync(true));
  await device.client.subscribeAsync(`$aws/things/${iot.thing}/jobs/notify-next`, { qos: 1 });
  return { ...device, thing: iot.thing };
}

function get(url: string): Promise<{ status: number | undefined; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca: flow.ca }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, body: Buffer.concat(chunks) }));
    });
    sent.on("error", reject).end();
  });
}

test("a thing's file becomes a job, whose link and whose pass open it [NF-12.7] [NF-13.2] [NF-13.4]", async () => {
  const device = await connect();
  const key = `things/${device.thing}/fw.bin`;
  await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: key, Body: "firmware 1" }));
  const told = await device.next("notify-next");
  const execution = Object(told.execution);
  const document = execution.jobDocument;
  expect((await get(document.url)).body.toString()).toBe("firmware 1");
  const job = parseJobDocument(document);
  if (job === undefined) throw new Error("a document that our agent cannot read");
  const pass = formatPass(job);
  const bytes = await get(`${job.at}/packed/manifest/${job.notice.sha256}?${pass}`);
  const manifest = parseManifest(bytes.body);
  expect(manifest).toMatchObject({ fleet: `thing:${device.thing}`, files: [{ path: "fw.bin", key }] });
  const [file] = manifest?.files ?? [];
  const opened = await get(`${job.at}/files/${encodeURI(key)}?version=${file?.version}&${pass}`);
  expect(opened.body.toString()).toBe("firmware 1");
});

test("what a thing says on its topic is on record as that thing's [NF-13.6]", async () => {
  const device = await connect();
  const receipt = {
    ...{ state: "manifest", n: Date.now(), fleet: `thing:${device.thing}`, serial: 1 },
    ...{ installed: 1, unchanged: 0, removed: 0, digest: "A".repeat(43), bytes: 10, requests: 2 },
  };
  await device.client.publishAsync(receiptTopic(device.thing), JSON.stringify(receipt), { qos: 1 });
  await until("the receipt's record", () =>
    flow.logs.some(({ line }) => line.includes('"recorded"') && line.includes(`"thing:${device.thing}"`)),
  );
});
