import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Agent } from "node:https";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { IoTClient, paginateListJobExecutionsForThing } from "@aws-sdk/client-iot";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Invocation } from "../../local/stack/start-functions.ts";
import { patternedBytes } from "../agent/support/patterned-bytes.ts";
import { runCli } from "../operator/support/run-cli.ts";
import { createRandom, type Random, readSeed, runs } from "../support/seeded-random.ts";
import { type Flow, startFlow } from "./support/flow.ts";

/** The claim of a notifier that was killed lasts its minute, and what waits for that must not use up its 1,000 receives. */
const TIME_SCALE = 30;
/** Of the agent, by default. */
const RANGE_BYTES = 128 * 1024;
/** Milliseconds between two incidents, at most. */
const CALM_MS = 800;
const KILLS = 12;
const SETTLES_S = 120;

const LONG = process.env.NOTEFERRY_FAULTS === "long";
const seed = readSeed();

let flow: Flow;
let control: IoTClient;
let thing: NonNullable<Flow["stack"]["iot"]>;
let root: string;
/** Bytes that the file-server answered with, by the id of the version. */
const served = new Map<string, number>();
/** Ranges of files so far. Most downloads begin when all else is over, so some are met by a kill of the agent that is theirs alone. */
let ranges = 0;
const KILLS_AMID = 3;
const RANGES_BETWEEN = 4;
/** What may have cost a range so far. */
let brokenOff = 0;

beforeAll(async () => {
  flow = await startFlow({ iot: true, timeScale: TIME_SCALE, observeInvocation: count });
  if (flow.stack.iot === undefined) throw new Error("AWS IoT does not run");
  thing = flow.stack.iot;
  root = thing.endpoint.root;
  const { endpoint, region, accessKeyId, secretAccessKey } = flow.stack.endpoints.aws;
  const requestHandler = { httpsAgent: new Agent({ ca: flow.ca }) };
  control = new IoTClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    requestHandler,
  });
});
afterAll(async () => {
  control.destroy();
  await flow.stop();
});

function count({ id, event, result }: Invocation): void {
  const { rawQueryString = "" } = Object(event);
  const version = new URLSearchParams(rawQueryString).get("version");
  if (id !== "FileServerFunction" || result.kind !== "ok" || version === null) return;
  const { body = "", isBase64Encoded } = Object(result.payload);
  const bytes = isBase64Encoded ? Buffer.from(body, "base64").length : 0;
  served.set(version, (served.get(version) ?? 0) + bytes);
  ranges += 1;
  if (ranges % RANGES_BETWEEN !== 0 || ranges > KILLS_AMID * RANGES_BETWEEN) return;
  brokenOff += 1;
  thing.agent?.kill();
}

/** Whatever may be killed, by name. */
const KILL: Readonly<Record<string, () => unknown>> = {
  agent: () => thing.agent?.kill(),
  broker: () => thing.restart(),
  notifier: () => kill("FileNotifierFunction"),
  server: () => kill("FileServerFunction"),
  recorder: () => kill("DeliveryRecorderFunction"),
};

function kill(id: string): number {
  const { arn } = flow.stack.deployment.functions.find((each) => each.id === id) ?? {};
  return flow.stack.functions.byArn.get(arn ?? "")?.kill() ?? 0;
}

async function disturb(random: Random): Promise<string[]> {
  const done: string[] = [];
  for (let left = KILLS; left > 0; left -= 1) {
    await sleep(random.below(CALM_MS));
    const what = random.pick(Object.keys(KILL)) ?? "";
    await KILL[what]?.();
    if (ranges > 0 && ["agent", "broker", "server"].includes(what)) brokenOff += 1;
    done.push(what);
  }
  return done;
}

/** Some files, some of them again while the one before is on its way. @returns what each is to be, and bytes by the ids of all versions */
async function upload(random: Random, run: number) {
  const last = new Map<string, Buffer>();
  const sizes = new Map<string, number>();
  for (let left = 6; left > 0; left -= 1) {
    const name = `run-${run}/f-${random.below(4)}`;
    const body = patternedBytes(1 + random.below(5 * RANGE_BYTES), 1 + random.below(2 ** 30));
    const Key = `things/${thing.endpoint.thing}/${name}`;
    const put = new PutObjectCommand({ Bucket: flow.bucket, Key, Body: body });
    const { VersionId = "" } = await flow.s3.send(put);
    last.set(name, body);
    sizes.set(VersionId, body.length);
    await sleep(random.below(1_500));
  }
  return { last, sizes };
}

const sumOf = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);

const digest = (bytes: Buffer | undefined) =>
  bytes && createHash("sha256").update(bytes).digest("base64url").slice(0, 8);

async function onDevice(names: Iterable<string>) {
  const found: [string, string | undefined][] = [];
  for (const name of names)
    found.push([name, digest(await readFile(path.join(root, name)).catch(() => undefined))]);
  return Object.fromEntries(found);
}

/** How each job on the thing stands, the newest last. */
async function executions(): Promise<string[]> {
  const found: { status: string; queuedAt: number }[] = [];
  const pages = paginateListJobExecutionsForThing(
    { client: control },
    { thingName: thing.endpoint.thing, maxResults: 250 },
  );
  for await (const { executionSummaries = [] } of pages)
    for (const { jobExecutionSummary: its } of executionSummaries)
      found.push({ status: its?.status ?? "", queuedAt: Number(its?.queuedAt) });
  return found.toSorted((a, b) => a.queuedAt - b.queuedAt).map(({ status }) => status);
}

async function recorded(): Promise<Record<string, string>> {
  const dataDir = path.dirname(flow.stack.awsEnvFile);
  const { out } = await runCli([
    ...["status", `thing:${thing.endpoint.thing}`],
    ...["--json", "--local", "--data", dataDir],
  ]);
  const files: { path: string; state: string }[] = JSON.parse(out).devices[0].files;
  return Object.fromEntries(files.map((file) => [file.path, file.state]));
}

test.each(runs(LONG ? 20 : 1))(
  "agent, broker and functions killed at random moments: jobs, files and receipts end right, at most a range a kill is fetched again: run %d [NF-13.1]",
  async (run) => {
    const random = createRandom(seed + run);
    served.clear();
    ranges = 0;
    brokenOff = 0;
    const [{ last, sizes }, killed] = await Promise.all([
      upload(random, run),
      disturb(createRandom(seed + run + 1_000_000)),
    ]);
    const told = `NOTEFERRY_SEED=${seed + run}, killed ${killed.join(", ")}`;
    const due = Object.fromEntries([...last].map(([name, body]) => [name, digest(body)]));
    const patience = { timeout: SETTLES_S * 1000, interval: 100 };
    await expect.poll(() => onDevice(last.keys()), { ...patience, message: told }).toEqual(due);
    await expect.poll(executions, { ...patience, message: told }).toSatisfy(ended);
    const installed = Object.fromEntries([...last.keys()].map((name) => [name, "installed"]));
    await expect.poll(recorded, { ...patience, message: told }).toMatchObject(installed);
    const needed = sumOf([...last.values()].map(({ length }) => length));
    expect(sumOf(served.values()), told).toBeGreaterThanOrEqual(needed); // or nothing was counted
    const again = [...served].map(([version, bytes]) => Math.max(0, bytes - (sizes.get(version) ?? 0)));
    expect(sumOf(again), told).toBeLessThanOrEqual(brokenOff * RANGE_BYTES);
  },
  3 * SETTLES_S * 1000,
);

/** The newest job succeeded; those before either did or gave way to a newer one. */
function ended(statuses: readonly string[]): boolean {
  return (
    statuses.at(-1) === "SUCCEEDED" && statuses.every((status) => ["SUCCEEDED", "CANCELED"].includes(status))
  );
}
