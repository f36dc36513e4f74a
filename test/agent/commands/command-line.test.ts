import { describe, expect, test } from "vitest";
import { EXIT, runCommandLine } from "../../../agent/commands/command-line.ts";
import { readConfigFile } from "../../../agent/commands/config-file.ts";
import type { Finding } from "../../../agent/commands/finding.ts";
import { parseCommandLine } from "../../../agent/commands/flags.ts";
import { parseNotecardAddress } from "../../../agent/notecard/open-port.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { configFile, runCommand, settingsOf } from "../support/run-command.ts";

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

describe("doctor", () => {
  const healthy = { "hub.status": { connected: true }, "card.time": { time: Math.floor(Date.now() / 1000) } };
  const examine = async (device: Device, replies: Record<string, object>) => {
    device.fake.script = ({ req }) => {
      const reply = { ...healthy, ...replies }[req];
      return reply === undefined ? undefined : { reply };
    };
    const { code, stdout } = await runCommand("doctor", ...settingsOf(device), "--json");
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
    const { code, stdout } = await runCommand("doctor", ...settingsOf(device));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok {3}root .*\nok {3}state .*\nBAD {2}port .*\n +check the address/);
  });

  test("tells nothing once it is told to stop, and does not end as if all were well", async () => {
    const device = await startDevice();
    const stopping = new AbortController();
    device.fake.script = () => {
      stopping.abort();
      return { silent: true };
    };
    let told = "";
    const output = { write: (text: string) => (told += text) };
    const args = ["doctor", ...settingsOf(device)];
    const code = await runCommandLine(args, { stdout: output, stderr: output }, stopping.signal);
    expect({ code, told }).toEqual({ code: EXIT.interrupted, told: "" });
  });
});

test("a command line without a command gets the usage, a wrong one a sentence", async () => {
  expect(await runCommand()).toMatchObject({ code: 2, stderr: expect.stringContaining("--retry-pause") });
  const { code, stderr } = await runCommand("run", "--root", "/srv/app");
  expect({ code, lines: stderr.split("\n") }).toEqual({
    code: 2,
    lines: [expect.stringMatching(/^--notecard is missing/), expect.stringContaining("--help"), ""],
  });
});
