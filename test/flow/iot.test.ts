import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import path from "node:path";
import { promisify } from "node:util";
import {
  AddThingToThingGroupCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  IoTClient,
  ListJobExecutionsForThingCommand,
} from "@aws-sdk/client-iot";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { loadClientCa } from "../../local/host/tls/client-ca.ts";
import { parseJobDocument } from "../../protocol/job-document.ts";
import { parseManifest } from "../../protocol/manifest.ts";
import { formatPass } from "../../protocol/signed-link.ts";
import { receiptTopic } from "../../protocol/thing-topics.ts";
import { connectDevice } from "../local/aws/iot/support/device.ts";
import { runCli } from "../operator/support/run-cli.ts";
import { type Flow, startFlow, until } from "./support/flow.ts";

let flow: Flow;
let iot: NonNullable<Flow["stack"]["endpoints"]["iot"]>;
let dataDir: string;
let control: IoTClient;
beforeAll(async () => {
  flow = await startFlow({ iot: true, timeScale: 10 });
  if (flow.stack.endpoints.iot === undefined) throw new Error("AWS IoT does not run");
  iot = flow.stack.endpoints.iot;
  dataDir = path.dirname(flow.stack.awsEnvFile);
  const { endpoint, region, accessKeyId, secretAccessKey } = flow.stack.endpoints.aws;
  const httpsAgent = new Agent({ ca: flow.ca });
  const credentials = { accessKeyId, secretAccessKey };
  control = new IoTClient({ endpoint, region, credentials, requestHandler: { httpsAgent } });
});
afterAll(async () => {
  control.destroy();
  await flow.stop();
});

const put = (Key: string, Body: string) =>
  flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key, Body }));

/** A device of somebody else, with a thing and a certificate of its own. */
async function connect(thingName: string) {
  await control.send(new CreateThingCommand({ thingName }));
  const ca = await loadClientCa(path.join(dataDir, "iot/ca"));
  const { cert, key } = await ca.issue(thingName);
  const address = { protocol: "mqtts", host: iot.host, port: iot.port, ca: flow.ca } as const;
  const options = { ...address, cert, key, clientId: thingName, reconnectPeriod: 0 };
  const device = await connectDevice(options, thingName);
  onTestFinished(() => device.client.endAsync(true));
  await device.client.subscribeAsync(`$aws/things/${thingName}/jobs/notify-next`, { qos: 1 });
  return device;
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

async function status(what: string) {
  const run = await runCli(["status", what, "--json", "--local", "--data", dataDir]);
  return { ...run, json: run.code === 0 ? JSON.parse(run.out) : undefined };
}

async function executionsOf(thingName: string): Promise<string[]> {
  const { executionSummaries = [] } = await control.send(new ListJobExecutionsForThingCommand({ thingName }));
  return executionSummaries.map(({ jobExecutionSummary }) => jobExecutionSummary?.status ?? "");
}

test("a thing's file becomes a job, whose link and whose pass open it [NF-12.7] [NF-13.2] [NF-13.4]", async () => {
  const device = await connect("other-client");
  const key = "things/other-client/fw.bin";
  await put(key, "firmware 1");
  const told = await device.next("notify-next");
  const document = Object(told.execution).jobDocument;
  expect((await get(document.url)).body.toString()).toBe("firmware 1");
  const job = parseJobDocument(document);
  if (job === undefined) throw new Error("a document that our agent cannot read");
  const pass = formatPass(job);
  const manifest = parseManifest((await get(`${job.at}/packed/manifest/${job.notice.sha256}?${pass}`)).body);
  expect(manifest).toMatchObject({ fleet: "thing:other-client", files: [{ path: "fw.bin", key }] });
  const [file] = manifest?.files ?? [];
  const opened = await get(`${job.at}/files/${encodeURI(key)}?version=${file?.version}&${pass}`);
  expect(opened.body.toString()).toBe("firmware 1");
});

test("what a thing says on its topic is on record as that thing's [NF-13.6]", async () => {
  const device = await connect("talker");
  const receipt = {
    ...{ name: "things/talker/fw.bin", sha256: "A".repeat(43), state: "failed", reason: "run" },
    ...{ n: Date.now(), bytes: 10, requests: 2, device: "dev:1" },
  };
  await device.client.publishAsync(receiptTopic("talker"), JSON.stringify(receipt), { qos: 1 });
  const { json } = await until("its record", async () => {
    const found = await status("thing:talker");
    return found.json?.devices[0]?.files.length > 0 && found; // the device is on record a moment before its file
  });
  expect(json.devices).toMatchObject([
    { device: "thing:talker", files: [{ path: "fw.bin", state: "rolled-back" }] },
  ]);
});

test("our agent installs what is put for its thing and for its group, and its jobs succeed [NF-13.1]", async () => {
  await control.send(new CreateThingGroupCommand({ thingGroupName: "pumps" }));
  await control.send(new AddThingToThingGroupCommand({ thingGroupName: "pumps", thingName: iot.thing }));
  await put(`things/${iot.thing}/app/fw.bin`, "firmware 1");
  await put("thing-groups/pumps/app/shared.bin", "shared 1");
  for (const [name, content] of [
    ["app/fw.bin", "firmware 1"],
    ["app/shared.bin", "shared 1"],
  ] as const)
    await until(name, async () => {
      const found = await readFile(path.join(iot.root, name), "utf8").catch(() => undefined);
      return found === content;
    });
  await until(
    "both jobs' ends",
    async () => (await executionsOf(iot.thing)).join() === "SUCCEEDED,SUCCEEDED",
  );
  const ofThing = await until("the receipts", async () => {
    const { json } = await status(`thing:${iot.thing}`);
    const files: { path: string; state: string }[] = json?.devices[0].files ?? [];
    return files.length === 2 && files.every(({ state }) => state === "installed") && files;
  });
  expect(ofThing.map((file) => file.path)).toEqual(["app/fw.bin", "app/shared.bin"]);
  const ofGroup = await status("thing-group:pumps");
  expect(ofGroup.json).toMatchObject({
    fleet: "thing-group:pumps",
    counts: { current: 1, "not-heard": 0 },
    devices: [{ device: `thing:${iot.thing}`, stage: "current" }],
  });
  const ofFile = await status("thing-groups/pumps/app/shared.bin");
  expect(ofFile.json).toMatchObject({ counts: { installed: 1 } });
});

const resend = (...args: string[]) => runCli(["resend", ...args, "--local", "--data", dataDir]);

test("a thing that has lost what it had is told of all of it anew by resend, in a job with a higher serial [NF-11.3] [NF-13.2]", async () => {
  const device = await connect("wiped");
  const told = async () => Object((await device.next("notify-next")).execution);
  await put("things/wiped/fw.bin", "firmware 1");
  const first = await told();
  expect(await device.ask(`${first.jobId}/update`, { status: "SUCCEEDED" })).toMatchObject({
    accepted: true,
  });
  expect(await told()).toEqual({});
  const sent = await until("that the first is on record as told", async () => {
    const run = await resend("thing:wiped", "--json");
    return run.code === 0 && run;
  });
  expect(sent.err).toContain("of 1 file, by one job execution:");
  expect(JSON.parse(sent.out)).toEqual({ target: "thing:wiped", files: 1, things: 1, byGroups: {} });
  const second = await told();
  const serialOf = ({ jobDocument }: typeof first) => parseJobDocument(jobDocument)?.notice.serial;
  expect(serialOf(second)).toBeGreaterThan(serialOf(first) ?? Number.POSITIVE_INFINITY);
  expect(second.jobDocument.url).toBe(first.jobDocument.url); // for who knows no manifest
});

test("resend of a group is a job for all of its things, which that of a thing names and leaves alone", async () => {
  const dry = await resend(`thing:${iot.thing}`, "--dry-run", "--json");
  expect(JSON.parse(dry.out)).toMatchObject({ files: 1, byGroups: { "thing-group:pumps": 1 } });
  expect(dry.err).toContain("noteferry resend thing-group:pumps tells all of its things");
  const sent = await resend("thing-group:pumps");
  expect([sent.code, sent.err]).toEqual([0, expect.stringContaining("of 1 file, by 1 job execution:")]);
  const states = await until("the job's end", async () => {
    const found = await executionsOf(iot.thing);
    return found.length > 2 && found.every((state) => state === "SUCCEEDED") && found;
  });
  expect(states).toHaveLength(3);
  const nobody = await resend("thing:talker");
  expect([nobody.code, nobody.err]).toEqual([5, expect.stringContaining("there is no file for it")]);
});

test("a version that a thing took back is tried again on the thing alone, which retry says [NF-2.7]", async () => {
  const retry = (device: string) => runCli(["retry", device, "app/fw.bin", "--local", "--data", dataDir]);
  const { code, err } = await retry(`thing:${iot.thing}`);
  expect([code, err]).toEqual([2, expect.stringContaining("run noteferry-agent retry app/fw.bin")]);
  expect(await retry("thing:nobody")).toMatchObject({
    code: 5,
    err: expect.stringContaining("never told of"),
  });
  expect(await retry("thing-group:pumps")).toMatchObject({
    code: 2,
    err: expect.stringContaining("is many"),
  });
});

test("what AWS IoT does not have, status says of whoever it was put for", async () => {
  await put("things/nobody/a", "1");
  const { json } = await until("its end", async () => {
    const found = await status("thing:nobody");
    return found.code === 0 && found.json.devices[0].files[0]?.state === "not-announced" && found;
  });
  expect(json.devices[0].files[0].reason).toContain("ResourceNotFoundException");
});

test("AWS IoT is ended by hand, and what is put then arrives all the same", async () => {
  const command = path.resolve(import.meta.dirname, "../../local/fault/main.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [command, "kill", "iot", "--data", dataDir]);
  expect(stdout).toBe("killed: 1 of AWS IoT\n");
  await put(`things/${iot.thing}/app/after.bin`, "after");
  await until("the file", async () => {
    const found = await readFile(path.join(iot.root, "app/after.bin"), "utf8").catch(() => undefined);
    return found === "after";
  });
});
