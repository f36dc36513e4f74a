import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRandom, readSeed } from "../../support/seeded-random.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, ran, withRule } from "../support/app-rule.ts";
import { sha256 } from "../support/fake-card.ts";
import { lives } from "../support/processes.ts";

/** NOTEFERRY_FAULTS=long runs many rounds. */
const ROUNDS = process.env.NOTEFERRY_FAULTS === "long" ? 400 : 8;
const SEED = readSeed();

/** Digests of the versions of `app` that the state folder condemns. */
async function condemned({ state }: Device): Promise<string[]> {
  const failed = JSON.parse(await readFile(path.join(state, "failed.json"), "utf8").catch(() => "{}"));
  const names = await readdir(path.join(state, "trials"));
  const trials = await Promise.all(
    names
      .filter((name) => name.endsWith(".condemned"))
      .map(async (name) => JSON.parse(await readFile(path.join(state, "trials", name), "utf8"))),
  );
  return [failed.app?.sha256, ...trials.map(({ version }) => version.sha256)];
}

test("stopped and killed at random moments while versions are tried: never a wrong file, and none is started once it was condemned", async () => {
  const random = createRandom(SEED);
  const device = await startDevice();
  const flags = await withRule(device, { seconds: 0.3 });
  const versions = new Map<string, string>();
  /** How often a version had been started when it was condemned. */
  const verdicts = new Map<string, number>();
  const startsOf = async (word: string) =>
    (await ran(device)).filter((line) => line.startsWith(`${word} `)).length;

  const publish = (good: boolean) => {
    const word = `${good ? "good" : "bad"}-${versions.size}`;
    const pause = random.below(200) / 1000;
    const end = good ? "exec sleep 60" : `sleep ${pause}; exit 1`;
    const script = `#!/bin/sh\necho ${word} $$ >> ran\n${end}\n`;
    versions.set(script, word);
    device.fake.card.publish("app", Buffer.from(script));
    return { script, word };
  };

  publish(true);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (random.chance(0.5)) publish(random.chance(0.5));
    const agent = device.spawn({ flags });
    await sleep(200 + random.below(900));
    await agent.stop(random.chance(0.7) ? "SIGTERM" : "SIGKILL");
    const content = await app(device);
    expect(content === undefined || versions.has(content), `after round ${round}`).toBe(true);
    const digests = await condemned(device).catch((): string[] => []); // killed before there were any
    for (const [script, word] of versions) {
      if (!digests.includes(sha256(Buffer.from(script)))) continue;
      verdicts.set(word, verdicts.get(word) ?? (await startsOf(word)));
    }
  }
  const last = publish(true);
  const agent = device.spawn({ flags });
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  expect(await app(device)).toBe(last.script);
  for (const [word, starts] of verdicts) expect(await startsOf(word), word).toBe(starts);
  const running = (await ran(device)).filter((line) => lives(Number(line.split(" ")[1])));
  expect(running.map((line) => line.split(" ")[0])).toEqual([last.word]);
  await agent.stop();
}, 3_600_000);
