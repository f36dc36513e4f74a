import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConfigFile } from "../../../agent/commands/config-file.ts";
import { parseCommandLine } from "../../../agent/commands/flags.ts";
import { FLAGS, flagOf, ROWS, type SettingName } from "../../../agent/commands/settings.ts";
import { USAGE } from "../../../agent/commands/usage.ts";
import { FETCH_WAYS } from "../../../agent/link/notecard/doors/choose-door.ts";
import { configFile } from "../support/run-command.ts";

const word = fc.stringMatching(/^[a-zA-Z0-9/:. ]{1,20}$/);
const thousandths = (least: number, most: number) =>
  fc.integer({ min: least * 1000, max: most * 1000 }).map((value) => value / 1000);
const program = fc.array(word, { minLength: 1, maxLength: 4 });

/** For each setting, values that a config file may have. */
const GOOD: Record<SettingName, fc.Arbitrary<unknown>> = {
  link: fc.constantFrom("notecard", "iot"),
  thing: fc.constantFrom("pump", "a:b_c-1"),
  endpoint: fc.constantFrom(
    "x-ats.iot.eu-central-1.amazonaws.com",
    "localhost:443",
    "[::1]:8883",
    "127.0.0.1:1",
  ),
  certificate: word,
  key: word,
  ca: word,
  sni: word,
  alpn: word,
  rangeBytes: fc.integer({ min: 1, max: 4 * 1024 * 1024 }),
  notecard: fc.constantFrom("tcp://127.0.0.1:4604", "tcp://[::1]:1?pace=uart", "i2c:1", "/dev/ttyACM0"),
  root: word,
  state: word,
  route: word,
  product: word,
  stage: fc.constantFrom("staging", "eu-1", "A"),
  mode: fc.constantFrom("continuous", "periodic", "minimum", "off"),
  fetch: fc.constantFrom(...FETCH_WAYS),
  chunkSize: fc.integer({ min: 1, max: 6000 }),
  patchMaxBytes: fc.nat(64 * 1024 * 1024),
  zstdMaxBytes: fc.nat(5 * 1024 ** 3),
  poll: thousandths(0.01, 3600),
  connect: thousandths(0, 3600),
  retryPause: thousandths(0, 3600),
  rest: thousandths(0.01, 86_400),
  quiet: thousandths(0, 3600),
  attnCommand: program,
  run: fc.array(fc.record({ match: word, command: program, seconds: fc.nat(3600) }), { maxLength: 3 }),
};

/** For each setting, a value that it may not have. A list is none that a flag can have. */
const BAD: Record<SettingName, string | number | unknown[]> = {
  ...{ notecard: "http://x", root: "", state: "", route: "", product: "", mode: "on", fetch: "xml" },
  ...{
    chunkSize: 6001,
    patchMaxBytes: -1,
    zstdMaxBytes: 1.5,
    poll: 0.001,
    connect: 3601,
    retryPause: 3601,
    rest: 0,
    stage: "-",
    quiet: -1,
    attnCommand: [],
    run: [1],
  },
  ...{ link: "carrier-pigeon", thing: "a/b", endpoint: "mqtts://x", certificate: "", key: "", ca: "" },
  ...{ sni: "", alpn: "", rangeBytes: 0 },
};

const REQUIRED = ["--notecard", "tcp://127.0.0.1:4604", "--root", "/srv/app", "--state", "/var/lib/x"];
const REQUIRED_OF_THING = [
  ...[
    "--link",
    "iot",
    "--thing",
    "pump",
    "--endpoint",
    "localhost",
    "--certificate",
    "c.pem",
    "--key",
    "k.pem",
  ],
  ...["--root", "/srv/app", "--state", "/var/lib/x"],
];

const hasFlag = (name: string) => FLAGS.has(flagOf(name));

function flagsFor(settings: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(settings).map(([name, value]) => `--${flagOf(name)}=${value}`);
}

describe("a row is all that a setting needs:", () => {
  test.each([...ROWS])("%s is in the usage, with its default", (name, { argument, help, ...row }) => {
    const left = argument === undefined ? name : `--${flagOf(name)} <${argument}>`;
    const fallback = row.defaultText ?? (typeof row.default === "function" ? "?" : row.default);
    const right = fallback === undefined || Array.isArray(fallback) ? help : `${help} (${fallback})`;
    const lines = USAGE.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, "  "));
    expect(lines).toContain(`${left}  ${right}`);
    for (const more of row.more ?? []) expect(USAGE).toContain(more);
  });

  test("a flag is the name in kebab case, and no flag is two settings'", () => {
    expect(flagOf("chunkSize")).toBe("chunk-size");
    const flags = [...ROWS.keys()].map(flagOf);
    expect(new Set([...flags, "config", "json", "help"]).size).toBe(flags.length + 3);
  });

  test("flags and a config file say the same", async () => {
    const all = fc.record(GOOD, {
      requiredKeys: ["notecard", "thing", "endpoint", "certificate", "key", "root", "state"],
    });
    const property = fc.asyncProperty(all, async (settings) => {
      const flags = Object.fromEntries(Object.entries(settings).filter(([name]) => hasFlag(name)));
      const others = Object.fromEntries(Object.entries(settings).filter(([name]) => !hasFlag(name)));
      const byFile = await parseCommandLine(["run", "--config", await configFile(settings)]);
      const byFlag = ["run", "--config", await configFile(others), ...flagsFor(flags)];
      expect(await parseCommandLine(byFlag)).toEqual(byFile);
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test.each(Object.entries(BAD))("%s is refused by its name and the same words: %j", async (name, value) => {
    const file = await configFile({ [name]: value });
    const refusal = await readConfigFile(file).catch((error: Error) => error.message);
    expect(refusal).toMatch(new RegExp(`^${file}: ${name}(?:\\.0)? \\w`));
    if (!hasFlag(name)) return;
    const byFlag = parseCommandLine(["run", ...flagsFor({ [name]: value })]);
    await expect(byFlag).rejects.toThrow(String(refusal).replace(`${file}: ${name}`, `--${flagOf(name)}`));
  });

  test.each([...ROWS].filter(([, { required }]) => required))(
    "%s is missed where it is not given",
    async (name, { required }) => {
      const all = required === "iot" ? REQUIRED_OF_THING : REQUIRED;
      const others = all.toSpliced(all.indexOf(`--${flagOf(name)}`), 2);
      await expect(parseCommandLine(["run", ...others])).rejects.toThrow(
        `--${flagOf(name)} is missing, and so is "${name}" in a config file`,
      );
    },
  );

  test("a thing needs no Notecard, and a Notecard no thing", async () => {
    const { settings } = Object(await parseCommandLine(["run", ...REQUIRED_OF_THING]));
    expect(settings).toMatchObject({
      link: "iot",
      thing: "pump",
      endpoint: { host: "localhost", port: 8883 },
    });
    expect(settings.notecard).toBeUndefined();
    expect(Object(await parseCommandLine(["run", ...REQUIRED])).settings.thing).toBeUndefined();
  });

  test.each([
    ["a.example", { host: "a.example", port: 8883 }],
    ["a.example:443", { host: "a.example", port: 443 }],
    ["127.0.0.1:1", { host: "127.0.0.1", port: 1 }],
    ["[::1]:443", { host: "::1", port: 443 }],
    ["[::1]", { host: "::1", port: 8883 }],
  ])("the endpoint %j is %j", async (address, endpoint) => {
    const line = await parseCommandLine(["run", ...REQUIRED_OF_THING, "--endpoint", address]);
    expect(line).toMatchObject({ settings: { endpoint } });
  });

  test.each(["a:0", "a:65536", "a:b", "a b", "::1", "a/b", "user@a"])("and %j is none", async (address) => {
    await expect(parseCommandLine(["run", ...REQUIRED_OF_THING, "--endpoint", address])).rejects.toThrow(
      "--endpoint is neither a host nor host:port",
    );
  });
});

describe("what a command is given", () => {
  test("is the defaults where nothing else is said, and nothing of what is to be left alone", async () => {
    const settings = {
      ...{ notecard: { kind: "tcp", host: "127.0.0.1", port: 4604 }, notecardText: "tcp://127.0.0.1:4604" },
      ...{
        link: "notecard",
        rangeBytes: 128 * 1024,
        root: "/srv/app",
        state: "/var/lib/x",
        route: "noteferry",
        fetch: "auto",
        chunkSize: 6000,
      },
      ...{ patchMaxBytes: 2 * 1024 ** 2, zstdMaxBytes: 64 * 1024 ** 2 },
      ...{
        quietMs: 1_500,
        pollMs: 500,
        connectMs: 300_000,
        firstPauseMs: 1_000,
        firstRestMs: 60_000,
        run: [],
      },
    };
    expect(await parseCommandLine(["run", ...REQUIRED])).toStrictEqual({
      command: "run",
      json: false,
      settings,
    });
  });

  test.each([
    ["i2c:1", 2_000],
    ["/dev/ttyACM0", 2_000],
    ["tcp://127.0.0.1:1?pace=uart", 2_000],
    ["tcp://127.0.0.1:1", 500],
  ])("goes easy on a serial line: %s is asked every %d ms", async (address, pollMs) => {
    const line = await parseCommandLine(["doctor", ...REQUIRED, "--notecard", address]);
    expect(line).toMatchObject({ settings: { pollMs } });
  });

  test("is no more than it takes: of status, the state folder", async () => {
    expect(await parseCommandLine(["status", ...REQUIRED, "--poll", "3"])).toStrictEqual({
      ...{ command: "status", json: false, settings: { state: "/var/lib/x" } },
    });
  });
});
