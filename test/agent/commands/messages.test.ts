import { mkdir, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConfigFile } from "../../../agent/commands/config-file.ts";
import { parseCommandLine } from "../../../agent/commands/flags.ts";
import { FLAGS, flagOf, ROWS } from "../../../agent/commands/settings.ts";
import { openPort } from "../../../agent/notecard/open-port.ts";
import { sentenceOf } from "../../../agent/system/errno.ts";
import { readRepositoryFile } from "../../support/repository-files.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { configFile, runCommand } from "../support/run-command.ts";

const TEXT = '{"root": "/srv/ä"}';

/** How valibot, V8 and Node begin or build their sentences. */
const LIBRARY =
  /Invalid|Expected|but received|Unexpected|JSON input|JSON\.parse|^E[A-Z]+:|spawn|Unknown option/;

const refusalOf = (task: Promise<unknown>) =>
  task.then(
    () => "",
    (error: Error) => error.message,
  );

describe("a config file", () => {
  test("may begin with a byte order mark", async () => {
    const file = await configFile(`\ufeff${TEXT}`);
    expect(await readConfigFile(file)).toEqual({ root: { root: "/srv/ä" } });
  });

  test.each([
    ["UTF-16", Buffer.from(`\ufeff${TEXT}`, "utf16le"), "it is UTF-16 or no text: save it as UTF-8"],
    ["UTF-16 the other way round", Buffer.from(TEXT, "utf16le").swap16(), "it is UTF-16"],
    ["Latin-1", Buffer.from(TEXT, "latin1"), "it is not in UTF-8"],
    ["nothing", Buffer.from(" \n"), ": it is no JSON: it is empty"],
    ["half a file", Buffer.from('{"root": "/srv"'), ": it is no JSON"],
    ["a last comma", Buffer.from('{\n  "root": "/srv",\n}'), "at line 3, column 1: JSON has double quotes"],
  ])("in %s is refused by a sentence of ours", async (_what, bytes, sentence) => {
    const file = await configFile("");
    await writeFile(file, bytes);
    const refusal = await refusalOf(readConfigFile(file));
    expect(refusal).toContain(file);
    expect(refusal).toContain(sentence);
    expect(refusal).not.toMatch(LIBRARY);
  });

  test("that cannot be read is named", async () => {
    const { folder } = await startDevice();
    expect(await refusalOf(readConfigFile(`${folder}/none`))).toBe(
      `${folder}/none: it is not there (ENOENT, open)`,
    );
    expect(await refusalOf(readConfigFile(folder))).toContain("it is a folder (EISDIR");
  });

  test.each([
    [{ command: ["a"] }, "run.0.match is missing"],
    [{ match: "a" }, "run.0.command is missing"],
    ["a", "run.0 is no object"],
    [{ match: "a", command: ["a"], shell: true }, "run.0.shell is not known"],
    [{ match: "a", command: ["a"], seconds: 3601 }, "run.0.seconds is no number of seconds from 0 to 3600"],
  ])("has a rule %j: %s", async (rule, sentence) => {
    expect(await refusalOf(readConfigFile(await configFile({ run: [rule] })))).toContain(`: ${sentence}`);
  });

  test("is refused in words of ours, whatever is in it", async () => {
    const settings = fc.dictionary(fc.constantFrom(...ROWS.keys()), fc.jsonValue({ maxDepth: 2 }), {
      minKeys: 1,
    });
    const rules = fc.record({
      run: fc.array(
        fc.dictionary(
          fc.constantFrom("match", "command", "seconds", "restart", "x"),
          fc.jsonValue({ maxDepth: 1 }),
        ),
      ),
    });
    const property = fc.asyncProperty(fc.oneof(settings, rules), async (content) => {
      expect(await refusalOf(readConfigFile(await configFile(content)))).not.toMatch(LIBRARY);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

describe("a flag", () => {
  test.each([
    [["--nonsense"], "--nonsense is not known"],
    [["-x"], "-x is not known"],
    [["--root"], "--root lacks its <folder>"],
    [["--root", "--state", "/x"], "--root lacks its <folder>"],
    [["--json=yes"], "--json takes no value"],
  ])("in %j is refused: %s", async (args, sentence) => {
    const refusal = await refusalOf(parseCommandLine(["run", ...args]));
    expect(refusal).toContain(sentence);
  });

  test("is refused in words of ours, whatever follows it", async () => {
    const flag = fc.constantFrom(
      ...[...FLAGS.keys()].map((name) => `--${flagOf(name)}`).filter((name) => name !== "--config"),
    );
    const property = fc.asyncProperty(fc.array(fc.oneof(flag, fc.string({ maxLength: 8 }))), async (args) => {
      expect((await refusalOf(parseCommandLine(args))).replaceAll(/".*"/gs, "")).not.toMatch(
        /Invalid|but received|Unexpected|Unknown option|positional/,
      );
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

test("the version is the package's", async () => {
  const { version } = JSON.parse(readRepositoryFile("agent/package/package.json"));
  expect(await runCommand("--version")).toEqual({
    code: 0,
    stdout: `noteferry-agent ${version}\n`,
    stderr: "",
  });
});

test("an error of the system is a sentence with its code", async () => {
  const { folder } = await startDevice();
  const refusal = await refusalOf(mkdir(`${folder}/a/b`));
  expect(refusal).toMatch(/^ENOENT/);
  expect(sentenceOf(await mkdir(`${folder}/a/b`).catch((error: unknown) => error))).toBe(
    `${folder}/a/b: it is not there (ENOENT, mkdir)`,
  );
  const port = await refusalOf(openPort({ kind: "tcp", host: "localhost", port: 1 }));
  expect(port).toContain("no Notecard answers at localhost:1: nothing listens there (ECONNREFUSED");
});
