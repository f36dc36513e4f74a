import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, onTestFinished } from "vitest";
import { createIotLinks } from "../../../../agent/link/iot/open.ts";
import { type Iot, startIot } from "../../../../local/aws/iot/iot.ts";
import { startLoopbackServer } from "../../../../local/host/loopback/loopback-server.ts";
import { type ClientCa, loadClientCa } from "../../../../local/host/tls/client-ca.ts";
import { formatJobDocument } from "../../../../protocol/job-document.ts";
import { type ManifestNotice, variableName } from "../../../../protocol/manifest-variable.ts";
import { THING_POLICY } from "../../../agent/link/iot/support/thing-policy.ts";
import { ACCOUNT, thingArn } from "../../../local/aws/iot/support/device-policy.ts";
import { testTls } from "../../../local/blues/notehub/support/hub-under-test.ts";
import { startBreakableLine } from "./breakable-line.ts";
import { startFileServer } from "./file-server.ts";
import type { StartOptions, Target, TargetKind } from "./target.ts";

/** The link of an AWS IoT thing. What breaks is the line to the broker: files come over a connection of their own. */
export const IOT_KINDS: readonly [TargetKind, ...TargetKind[]] = [
  { name: "AWS IoT", hasRadio: false, hasNotes: false, hidesTexts: false, start: startIotTarget },
];

/** More than a file has tests. */
const THINGS = Array.from({ length: 200 }, (_, at) => `thing-${at}`);
const SIG = "A".repeat(22);
/** Small, so that a file of a few kilobytes takes several requests. */
const RANGE_BYTES = 10_000;

type Service = {
  iot: Iot;
  devices: ClientCa;
  published: { topic: string; payload: Buffer }[];
  send(command: "create" | "cancel", input: object): Promise<void>;
};
let service: Promise<Service> | undefined;
let things = 0;
let ending: (() => Promise<unknown>)[] = [];

/** What the tests of a file have started ends with them: the next file may be of the same process. */
export function endIotServices(): void {
  afterAll(async () => {
    const ends = ending;
    [service, things, ending] = [undefined, 0, []];
    for (const end of ends.toReversed()) await end();
  });
}

/** One for all tests of a file: each has a thing of its own. */
async function startService(): Promise<Service> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-iot-target-"));
  const devices = await loadClientCa(folder);
  await rm(folder, { recursive: true });
  const tls = await testTls();
  const published: Service["published"] = [];
  const iot = await startIot({
    ...{ file: ":memory:", account: ACCOUNT, tls, clientCa: devices.certificate, port: 0 },
    ...{ policy: THING_POLICY, things: THINGS, onPublished: (message) => published.push(message) },
  });
  ending.push(() => iot.close());
  let control: Promise<(command: "create" | "cancel", input: object) => Promise<void>> | undefined;
  return {
    ...{ iot, devices, published },
    async send(command, input) {
      control ??= openControl(iot, tls);
      await (await control)(command, input);
      await iot.settled();
    },
  };
}

/** AWS's own client, which takes a second to load: for those who announce. */
async function openControl(iot: Iot, tls: Awaited<ReturnType<typeof testTls>>) {
  const { IoTClient, CreateJobCommand, CancelJobCommand } = await import("@aws-sdk/client-iot");
  const { Agent } = await import("node:https");
  const credential = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/example" };
  const server = await startLoopbackServer({ tls });
  const httpsAgent = new Agent({ ca: tls.ca, keepAlive: true });
  ending.push(async () => {
    httpsAgent.destroy();
    await server.close();
  });
  const found = { ...credential, principal: "arn:aws:iam::000000000000:role/example" };
  const access = { findCredential: () => found, authorize: () => true };
  server.serve(iot.api({ ...access, endpoint: `localhost:${server.port}` }));
  const client = new IoTClient({
    ...{
      endpoint: server.url,
      region: ACCOUNT.region,
      credentials: credential,
      requestHandler: { httpsAgent },
    },
  });
  return async (command: "create" | "cancel", input: object) => {
    if (command === "create") await client.send(new CreateJobCommand(input as never));
    else await client.send(new CancelJobCommand(input as never));
  };
}

async function startIotTarget({ stage }: StartOptions = {}): Promise<Target> {
  service ??= startService();
  const { iot, devices, published, send } = await service;
  const tls = await testTls();
  const thing = THINGS[things];
  things += 1;
  if (thing === undefined) throw new Error("a file has more tests than there are things");
  const uid = `thing:${thing}`;
  const server = await startFileServer(tls);
  const line = await startBreakableLine(iot.port);
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-iot-link-"));
  onTestFinished(async () => {
    await line[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const file = (name: string) => path.join(folder, name);
  const { cert, key } = await devices.issue(thing);
  await writeFile(file("ca.pem"), tls.ca);
  await writeFile(file("cert.pem"), cert);
  await writeFile(file("key.pem"), key, { mode: 0o600 });
  // As if a job had told before where files are: what a test announces is all that there is.
  const passes = { [uid]: { sig: SIG, at: server.url } };
  await writeFile(file("passes.json"), JSON.stringify({ version: 1, last: uid, passes }));
  let jobs = 0;
  const tellManifest = async (notice: ManifestNotice) => {
    if (jobs > 0) await send("cancel", { jobId: `${thing}-${jobs}`, force: true });
    jobs += 1;
    const document = formatJobDocument({ for: uid, sig: SIG, at: server.url, notice });
    await send("create", { jobId: `${thing}-${jobs}`, targets: [thingArn(thing)], document });
  };
  const settings = { ca: file("ca.pem"), certificate: file("cert.pem"), key: file("key.pem") };
  const topic = `noteferry${stage === undefined ? "" : `-${stage}`}/things/${thing}/receipts`;
  return {
    links: createIotLinks(
      {
        ...{ thing, endpoint: { host: "localhost", port: line.port }, ...settings },
        ...{ rangeBytes: RANGE_BYTES, connectMs: 1_000, stage },
      },
      file("passes.json"),
      () => ({}),
      () => undefined,
    ),
    device: uid,
    ...{ server, line, radio: undefined, variable: variableName(uid, stage), tellManifest },
    announce: noNotes,
    setVariable: noNotes,
    publish: noNotes,
    news: (count) => tellManifest({ serial: count, sha256: "A".repeat(43), size: 1000 }),
    heard: async (link) => (await link.manifests())[0]?.notice.serial ?? 0,
    receipts: async () =>
      published.filter((each) => each.topic === topic).map(({ payload }) => JSON.parse(payload.toString())),
  };
}

function noNotes(): never {
  throw new Error("a thing has neither Notes nor variables: such a test is for those that have");
}
