import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Endpoints } from "../../local/stack/endpoints-file.ts";
import { until } from "./support/flow.ts";

let folder: string;
/** Not there yet, as at a first start. */
let dataDir: string;
const children = new Set<ChildProcess>();
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-start-"));
  dataDir = path.join(folder, "data");
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

type Started = {
  child: ChildProcess;
  endpoints: Endpoints;
  printed: () => string;
  exit: Promise<number | null>;
};

/** Starts the stack as a person would, and waits for its endpoints file. */
async function start(...flags: string[]): Promise<Started> {
  const main = path.resolve(import.meta.dirname, "../../local/main.ts");
  const ports = ["s3", "aws", "url", "notehub", "notecard", "control", "recorder", "iot", "console"].flatMap(
    (name) => [`--${name}-port`, "0"],
  );
  const child = spawn(process.execPath, [main, "--data", dataDir, ...ports, ...flags]);
  children.add(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  let exited = false;
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  void exit.then(() => (exited = true));
  const file = path.join(dataDir, "endpoints.json");
  // Not the file alone: one of a stack that was killed is there until the next removes it.
  await until("the stack to be ready", () => printed.includes("Noteferry is ready") || exited);
  const text = await readFile(file, "utf8").catch(() => expect.fail(`no endpoints; it printed:\n${printed}`));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  return { child, endpoints: JSON.parse(text), printed: () => printed, exit };
}

async function stop({ child, exit }: Started): Promise<void> {
  child.kill("SIGINT");
  expect(await exit).toBe(0);
  children.delete(child);
}

async function upload({ s3, caFile }: Endpoints, key: string, body: string): Promise<void> {
  const { endpoint, region, bucket, ...credentials } = s3;
  const httpsAgent = new Agent({ ca: await readFile(caFile) });
  const client = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestHandler: { httpsAgent },
  });
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  client.destroy();
}

test("a person starts it, drops a file, stops it, and goes on where it was", async () => {
  const first = await start("--devices", "2");
  await upload(first.endpoints, "app/main.py", "print(1)\n");
  const file = path.join(first.endpoints.device.root, "app/main.py");
  await until("the file on the device", () => readFile(file, "utf8").catch(() => undefined));
  await until("its story", () => first.printed().includes(" on the link"));
  for (const step of ["uploaded", "announced", "messages on the link", "took"]) {
    expect(first.printed()).toContain(step);
  }
  const { token } = first.endpoints.fileServer;
  const { notehub, s3, control } = first.endpoints;
  for (const secret of [token, notehub.token, s3.secretAccessKey, control.token]) {
    expect(secret.length).toBeGreaterThan(20);
    expect(first.printed()).not.toContain(secret);
  }
  const link = /http:\/\/127\.0\.0\.1:\d+\/#\S+/.exec(first.printed())?.[0] ?? "";
  expect(await (await fetch(link)).text()).toContain("<title>Noteferry</title>");
  const [one, two] = first.endpoints.devices;
  expect(one).toMatchObject({ root: first.endpoints.device.root, notecard: first.endpoints.notecard });
  expect(two?.notecard.port).not.toBe(one?.notecard.port);
  await upload(first.endpoints, `fleets/${notehub.fleetUid}/both.txt`, "both");
  for (const device of [one, two]) {
    const both = path.join(device?.root ?? "", "both.txt");
    await until("the fleet's file on both", () => readFile(both, "utf8").catch(() => undefined));
  }
  await expect(stat(path.join(two?.root ?? "", "app"))).rejects.toThrow("ENOENT"); // that was the first one's alone
  await until("the second's story", () =>
    /current .*device 2 · manifest \d+: 1 installed/.test(first.printed()),
  );
  await stop(first);
  await expect(stat(path.join(dataDir, "endpoints.json"))).rejects.toThrow("ENOENT");

  const second = await start();
  expect(second.endpoints.s3.secretAccessKey).toBe(first.endpoints.s3.secretAccessKey);
  expect(second.endpoints.fileServer.token).toBe(token);
  await upload(second.endpoints, "app/main.py", "print(2)\n");
  await until("the new version", async () => (await readFile(file, "utf8")) === "print(2)\n");
  await stop(second);
}, 120_000);

test("with a config file for the agent, a version that does not run is rolled back before a person's eyes", async () => {
  const config = path.join(folder, "agent.json");
  await writeFile(
    config,
    JSON.stringify({ run: [{ match: "*.sh", command: ["sh", "{path}"], seconds: 1 }] }),
  );
  const started = await start("--agent-config", config);
  await upload(started.endpoints, "app.sh", "exit 0\n");
  await until("its installation", () => started.printed().includes("installed   app.sh"));
  await upload(started.endpoints, "app.sh", "exit 3\n");
  await until("its end", () => started.printed().includes("rolled back app.sh"));
  await stop(started);
});

test("what was uploaded while the device was away reaches it after the next start", async () => {
  const away = await start("--no-agent");
  await upload(away.endpoints, "later.txt", "later");
  await until("the announcement", () => away.printed().includes("announced"));
  await stop(away);
  const back = await start();
  const file = path.join(back.endpoints.device.root, "later.txt");
  await until("the file on the device", () => readFile(file, "utf8").catch(() => undefined));
  await stop(back);
}, 120_000);

test("killed without warning it leaves no process behind, and starts again", async () => {
  const first = await start("--devices", "2");
  await upload(first.endpoints, "one.txt", "1");
  const file = path.join(first.endpoints.device.root, "one.txt");
  await until("the file on the device", () => readFile(file, "utf8").catch(() => undefined));
  await until("the agents", () => first.printed().includes("2 devices are up"));
  const children = await childrenOf(first.child.pid);
  expect(children.length).toBeGreaterThanOrEqual(4); // both functions and the agents
  first.child.kill("SIGKILL");
  await first.exit;
  await until("its processes to end", () => !children.some(isAlive));
  const second = await start();
  await upload(second.endpoints, "one.txt", "2");
  await until("the new version", async () => (await readFile(file, "utf8")) === "2");
  await stop(second);
}, 120_000);

async function childrenOf(parent: number | undefined): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  return rows.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a second stack with the same data is refused, and says whose it is", async () => {
  const first = await start("--no-agent");
  const main = path.resolve(import.meta.dirname, "../../local/main.ts");
  const child = spawn(process.execPath, [main, "--data", dataDir]);
  children.add(child);
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(1);
  expect(said).toContain(`pid ${first.child.pid}`);
  expect(said).not.toContain("    at "); // a sentence, not a stack
  await stop(first);
}, 60_000);
