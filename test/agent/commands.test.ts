import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AgentEvent } from "../../agent/commands/agent-event.ts";
import { runCommandLine } from "../../agent/commands/command-line.ts";
import { readConfigFile } from "../../agent/commands/config-file.ts";
import type { Finding } from "../../agent/commands/doctor.ts";
import { parseCommandLine } from "../../agent/commands/flags.ts";
import { createTextPrinter } from "../../agent/commands/print-events.ts";
import { parseNotecardAddress } from "../../agent/notecard/open-port.ts";
import { type Device, startDevice } from "./support/agent-under-test.ts";
import { patternedBytes } from "./support/patterned-bytes.ts";

async function run(...args: string[]) {
  let [stdout, stderr] = ["", ""];
  const output = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const code = await runCommandLine(args, output, new AbortController().signal);
  return { code, stdout, stderr };
}

const settingsOf = ({ fake, root, state }: Device) => [
  ...["--notecard", fake.address, "--root", root, "--state", state],
];

async function configFile(content: unknown): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "agent.json");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

describe("a config file", () => {
  test("says what flags say, and flags win", async () => {
    const file = await configFile({
      ...{
        notecard: "/dev/ttyACM0",
        root: "/srv/app",
        state: "/var/lib/x",
        poll: 3,
        chunkSize: 750,
        fetch: "auto",
      },
      run: [{ match: "app/*", command: ["systemctl", "restart", "app"] }],
    });
    const line = await parseCommandLine(["run", "--config", file, "--root", "/opt", "--poll", "0.5"]);
    expect(line).toMatchObject({
      command: "run",
      settings: {
        ...{ notecard: { kind: "serial", device: "/dev/ttyACM0" }, root: "/opt", state: "/var/lib/x" },
        ...{ route: "noteferry", pollMs: 500, chunkSize: 750, fetch: "auto" },
        run: [{ match: "app/*", command: ["systemctl", "restart", "app"], seconds: 10 }],
      },
    });
  });

  test.each([
    [{ rot: "/x" }, "rot"],
    [{ chunkSize: 6001 }, "chunkSize"],
    [{ poll: "1" }, "poll"],
    [{ notecard: "http://x" }, "notecard"],
    [{ run: [{ match: "a", command: "rm -rf" }] }, "run.0.command"],
    [{ run: [{ match: "a", command: [] }] }, "run.0.command"],
    [{ run: [{ match: "a", command: ["a"], shell: true }] }, "run.0.shell"],
    ["{ no json", "agent.json"],
    [[], "agent.json"],
  ])("%j is refused by name: %s", async (content, name) => {
    const file = await configFile(content);
    await expect(readConfigFile(file)).rejects.toThrow(file);
    await expect(readConfigFile(file)).rejects.toThrow(name);
  });
});

test.each<[string, ReturnType<typeof parseNotecardAddress>]>([
  ["tcp://127.0.0.1:4321", { kind: "tcp", host: "127.0.0.1", port: 4321 }],
  ["tcp://[::1]:4321", { kind: "tcp", host: "::1", port: 4321 }],
  ["serial:/dev/serial0?baud=115200", { kind: "serial", device: "/dev/serial0", baudRate: 115_200 }],
  ["serial:/dev/ttyACM0", { kind: "serial", device: "/dev/ttyACM0" }],
  ["i2c:1", { kind: "i2c", bus: 1 }],
  ["/dev/ttyACM0", { kind: "serial", device: "/dev/ttyACM0" }],
])("the address %s", (text, address) => {
  expect(parseNotecardAddress(text)).toEqual(address);
});

test.each([
  "tcp://host",
  "tcp://host:0",
  "tcp://host:1/x",
  "tcp://:1",
  "serial:",
  "i2c:",
  "i2c:/dev/i2c-1",
  "ttyACM0",
  "serial:/dev/x?baud=0",
])("%s is no address", (text) => {
  expect(parseNotecardAddress(text)).toBeUndefined();
});

describe("status", () => {
  test("says what is installed, under way, and failed, while the agent runs", async () => {
    const device = await startDevice();
    const { fake, start } = device;
    fake.card.publish("a.txt", Buffer.from("x"));
    const agent = start();
    await agent.next("installed");
    fake.script = ({ req }) =>
      req === "web.get" && fake.card.fetches >= 3 ? { reply: { result: 401 } } : undefined;
    fake.card.publish("b.bin", patternedBytes(20_000));
    await agent.next("failed");
    const { code, stdout } = await run("status", ...settingsOf(device), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      installed: [{ path: "a.txt", name: "a.txt", size: 1 }],
      underWay: [{ path: "b.bin", bytes: 12_000, size: 20_000 }],
      failed: [],
    });
    expect((await run("status", ...settingsOf(device))).stdout).toMatch(
      /^installed {2}a\.txt .*\nunder way {2}b\.bin {2}12000 of/,
    );
  });

  test("of a device that has done nothing", async () => {
    const device = await startDevice();
    expect(await run("status", ...settingsOf(device))).toMatchObject({
      code: 0,
      stdout: "nothing was delivered yet\n",
    });
  });
});

describe("doctor", () => {
  const healthy = { "hub.status": { connected: true }, "card.time": { time: Math.floor(Date.now() / 1000) } };
  const examine = async (device: Device, replies: Record<string, object>) => {
    device.fake.script = ({ req }) => {
      const reply = { ...healthy, ...replies }[req];
      return reply === undefined ? undefined : { reply };
    };
    const { code, stdout } = await run("doctor", ...settingsOf(device), "--json");
    const findings: Finding[] = JSON.parse(stdout);
    return { code, bad: findings.filter(({ ok }) => !ok).map(({ what }) => what), findings };
  };

  test("finds nothing where all is well", async () => {
    const device = await startDevice();
    device.fake.card.hub.inbound = 60;
    expect(await examine(device, {})).toMatchObject({ code: 0, bad: [] });
  });

  test.each<[string, Record<string, object>]>([
    ["product", { "hub.get": { mode: "periodic", inbound: 5 } }],
    ["sync", { "hub.get": { mode: "periodic", product: "p" } }],
    ["sync", { "hub.get": { mode: "minimum", product: "p", inbound: 5 } }],
    ["Notehub", { "hub.status": { status: "{modem-off}" } }],
    ["route", { "web.get": { result: 401 } }],
    ["route", { "web.get": { err: "no such route {route-config}" } }],
    ["route", { "web.get": { result: 200, body: {} } }],
    ["clock", { "card.time": { time: 1_000_000_000 } }],
    ["Notecard", { "card.version": { nonsense: true } }],
  ])("says what is wrong, and what to do: %s, for %j", async (what, replies) => {
    const device = await startDevice();
    device.fake.card.hub.inbound = 60;
    const { code, bad, findings } = await examine(device, replies);
    expect({ code, bad }).toEqual({ code: 1, bad: [what] });
    expect(findings.find(({ ok }) => !ok)?.advice).toMatch(/\w/);
  });

  test("goes on where there is no Notecard, and says so to a person", async () => {
    const device = await startDevice();
    await device.fake.close();
    const { code, stdout } = await run("doctor", ...settingsOf(device));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok {3}root .*\nok {3}state .*\nBAD {2}port .*\n +check the address/);
  });
});

describe("what a person reads", () => {
  const chunk = (bytes: number): AgentEvent => ({
    event: "chunk",
    name: "a",
    chunk: 1,
    totalChunks: 2,
    bytes,
    size: 9,
  });

  test("is progress on a terminal, and only what counts in a log", () => {
    let [terminal, log] = ["", ""];
    const toTerminal = createTextPrinter({ write: (text) => (terminal += text), isTTY: true });
    const toLog = createTextPrinter({ write: (text) => (log += text) });
    for (const event of [chunk(1), chunk(2), chunk(9)]) {
      toTerminal(event);
      toLog(event);
    }
    expect(terminal.split("\r\u001b[K")).toHaveLength(3);
    expect(log.split("\n")).toHaveLength(2);
  });

  test("cannot be made to obey a name", () => {
    let log = "";
    createTextPrinter({ write: (text) => (log += text) })({
      ...{ event: "discarded", name: "a\u001b[2J\u202e\n", reason: "file-changed" },
    });
    expect(log).toBe("discarded an announcement of a\\u{1b}[2J\\u{202e}\\u{a}: file-changed\n");
  });
});

test("one bundled file is the whole agent, for a Node that strips no types", async () => {
  const device = await startDevice();
  const bundle = path.join(device.folder, "noteferry-agent.mjs");
  await build({
    ...{
      entryPoints: ["agent/main.ts"],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node22",
    },
    absWorkingDir: path.resolve(import.meta.dirname, "../.."),
  });
  expect((await readFile(bundle)).length).toBeLessThan(300_000);
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--no-experimental-strip-types", bundle, "--help"],
    { encoding: "utf8" },
  );
  expect({ status, stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("noteferry-agent <command>"),
  });
});
