import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { recoverUnits } from "../../../agent/trial/recover-units.ts";
import { compileCache } from "../../support/compile-cache.ts";
import { createRandom, readSeed } from "../../support/seeded-random.ts";
import { filesBelow } from "../support/files-below.ts";
import { dieAt } from "../support/updated-device.ts";
import { choose, forEachCase, HOUR_MS, LONG } from "./support/cases.ts";
import { openUnitPlacing, UNIT } from "./support/put-unit.ts";

const SEED = readSeed();
const MAKE_UNIT = path.join(import.meta.dirname, "support/make-unit.ts");
const MAIN = path.resolve(import.meta.dirname, "../../../agent/main.ts");
const BEFORE = { "app/a": "1", "app/gone": "g" };
const AFTER = Object.fromEntries(Object.entries(UNIT).filter(([, content]) => content !== undefined));
const HOWS = ["kill", "power"];

type Place = { folder: string; root: string; state: string };

async function place(): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-removal-"));
  const [root, state] = [path.join(folder, "root"), path.join(folder, "state")];
  for (const each of [path.join(root, "app"), state]) await mkdir(each, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(BEFORE)) await writeFile(path.join(root, name), content);
  return { folder, root, state };
}

function run(args: readonly string[], { node = [], env = {} }: Partial<ReturnType<typeof dieAt>>) {
  const options = { env: { ...process.env, ...compileCache(), ...env } };
  return new Promise<void>((resolve) => {
    execFile(process.execPath, [...node, ...args], options, () => resolve());
  });
}

const isTemporary = (name: string) => path.basename(name).startsWith(".noteferry-");

const contents = async (root: string) => {
  const names = (await filesBelow(root)).filter((name) => name !== "ran" && !isTemporary(name));
  const read = names.map(async (name) => [name, await readFile(path.join(root, name), "utf8")] as const);
  return Object.fromEntries(await Promise.all(read));
};

async function countOperations(runs: boolean): Promise<number> {
  const { folder, root, state } = await place();
  const counting = dieAt(0, "kill");
  const env = { ...counting.env, COUNT_FILE: path.join(folder, "count") };
  await run([MAKE_UNIT, root, state, String(runs)], { ...counting, env });
  const counted = Number(await readFile(env.COUNT_FILE, "utf8"));
  expect(await contents(root)).toEqual(runs ? AFTER : BEFORE);
  await rm(folder, { recursive: true });
  return counted;
}

/** All is old or new, before any program is started and after that, and nothing lies about. */
async function expectUnit({ root, state }: Place, runs: boolean, what: string): Promise<void> {
  const found = await openUnitPlacing(root, state, runs);
  const recovered = await recoverUnits(found);
  expect(
    recovered.filter(({ end }) => end === "failed"),
    what,
  ).toEqual([]);
  expect([BEFORE, AFTER], what).toContainEqual(await contents(root));
  const again = await openUnitPlacing(root, state, runs);
  const last = await contents(root);
  const begun = again.trials.all().length > 0;
  await again.placing.recover(new AbortController().signal);
  await again.programs.stop();
  expect(await contents(root), what).toEqual(begun && !runs ? BEFORE : last);
  const starts = await readFile(path.join(root, "ran"), "utf8").catch(() => "");
  const wrong = starts.split("\n").filter((line) => !["", "1g", "2n"].includes(line));
  expect(wrong, `${what}: starts with a mixture`).toEqual([]);
  // Without a trial the downloads would name them, which this agent has not.
  const temporary = recovered.length === 0 ? [] : (await filesBelow(root)).filter(isTemporary);
  expect(temporary, what).toEqual([]);
  const left = ["trials", "previous"].map((each) => readdir(path.join(state, each)));
  expect((await Promise.all(left)).flat(), what).toEqual([]);
}

test.each([[true], [false]])(
  "a unit of which a file goes is all old or all new wherever its agent, and then what recovers it, dies; its program runs: %s [NF-9.10] [NF-11.11]",
  async (runs) => {
    const random = createRandom(SEED);
    const operations = choose(random, await countOperations(runs), 4);
    const cases = operations.flatMap((at) =>
      (LONG ? HOWS : [random.pick(HOWS)]).map((how) => ({
        at,
        how,
        second: 1 + random.below(8),
        other: random.pick(HOWS),
      })),
    );
    await forEachCase(cases, async ({ at, how = "kill", second, other = "power" }) => {
      const its = await place();
      await run([MAKE_UNIT, its.root, its.state, String(runs)], dieAt(at, how));
      await run([MAIN, "recover", "--root", its.root, "--state", its.state], dieAt(second, other));
      await expectUnit(its, runs, `seed ${SEED}: ${how} at ${at}, ${other} at ${second} of recover`);
      await rm(its.folder, { recursive: true, force: true });
    });
  },
  HOUR_MS,
);
