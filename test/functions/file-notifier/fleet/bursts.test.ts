import { expect, test } from "vitest";
import { composeFleets } from "../../../../functions/file-notifier/fleet/compose-fleets.ts";
import { parseMessage } from "../../../../functions/file-notifier/message/message.ts";
import { parseFleetState } from "../../../../protocol/fleet-state.ts";
import { parseManifest } from "../../../../protocol/manifest.ts";
import { parseVariable, variableName } from "../../../../protocol/manifest-variable.ts";
import { createModelBucket } from "../../../flow/support/model/bucket.ts";
import { createRandom } from "../../../support/seeded-random.ts";
import { createModelCloud } from "../support/fleet-model/cloud.ts";
import { createEnvironments } from "../support/fleet-model/environments.ts";
import { sha256 } from "../support/packing-world.ts";

const FLEET = "fleet:1";

/** A notifier without faults, in memory, by a clock that is set. */
function createBursts() {
  const random = createRandom(1);
  const bucket = createModelBucket();
  const cloud = createModelCloud(bucket, [], random, createEnvironments(random), () => false, false);
  const { ports, clock, messages } = cloud;
  const none = async () => undefined;
  const { tellFleet, serveFleet } = composeFleets({
    env: {
      ...{ FILES_BUCKET: "files", FLEET_ANNOUNCEMENTS: "variable", NOTEHUB_CALLS_PER_MINUTE: "7" },
      ...{ PRUNE: "false", STAGE: undefined },
    },
    ports: {
      ...{ files: ports.files, queue: ports.queue, pack: undefined, report: () => undefined },
      deliveries: { announced: none, notAnnounced: none, withdrawn: none },
      ...{ maxFileBytes: 1_000_000, defaultTarget: undefined, now: () => clock.now },
    },
    ...{ ...ports, announceOnce: none },
  });
  const attempt = { signal: new AbortController().signal, isLast: false };
  const shown = () => parseVariable(cloud.variables.get(FLEET)?.get(variableName(FLEET)) ?? "");
  return {
    ...cloud,
    shown,
    put: (path: string, content: string) => bucket.put(`fleets/${FLEET}/${path}`, Buffer.from(content)),
    manifest() {
      const bytes = cloud.objects.get(`manifest/${shown()?.sha256}`);
      return typeof bytes === "string" || bytes === undefined ? undefined : parseManifest(bytes);
    },
    state: () => parseFleetState(String(cloud.objects.get(`fleets/${FLEET}.json`))),
    /** Handles all events as one batch, and then each message that shows. */
    async work() {
      const target = { kind: "fleet", fleetUid: FLEET } as const;
      const events = bucket.events.splice(0).flatMap(parseMessage);
      await Promise.all(
        events.map(
          async (task) => task.kind === "changed" && (await tellFleet(target, task.change, attempt)),
        ),
      );
      for (const message of messages.filter(({ done, visibleAt }) => !done && visibleAt <= clock.now)) {
        message.done = true;
        const [task] = parseMessage(message.body);
        const isSweep = task?.kind === "sweep"; // the bucket cannot be listed here
        if (task !== undefined && "ask" in task && !isSweep) await serveFleet(task, attempt);
      }
    },
  };
}

test("a file every four seconds for ten minutes starves nobody [NF-11.14]", async () => {
  const bursts = createBursts();
  const started = bursts.clock.now;
  const announced: number[] = [0];
  for (let second = 0; second <= 610; second += 1) {
    bursts.clock.now = started + second * 1000;
    if (second % 4 === 0 && second < 600) bursts.put("a", `content at ${second}`);
    const before = bursts.shown()?.serial;
    await bursts.work();
    if (bursts.shown()?.serial !== before) announced.push(second);
  }
  const gaps = announced.slice(1).map((at, index) => at - (announced[index] ?? 0));
  expect(announced.length).toBeGreaterThanOrEqual(10);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(66);
  expect(bursts.manifest()?.files[0]?.sha256).toBe(sha256("content at 596"));
});

test("two thousand files at once are one write and one call, and a change of one of them a short step [NF-11.1] [NF-11.7]", async () => {
  const bursts = createBursts();
  for (let file = 0; file < 2_001; file += 1) bursts.put(`folder/${file}/program.py`, `content ${file}`);
  await expect(bursts.work()).rejects.toThrow("may have no more");
  expect(bursts.state()).toMatchObject({ revision: 1 });
  bursts.clock.now += 5_000;
  await bursts.work();
  expect(bursts.manifest()?.files).toHaveLength(2_000);
  const whole = bursts.shown();
  expect(whole?.size).toBeLessThan(350_000);
  expect(JSON.stringify(bursts.state()).length).toBeLessThan(600_000);
  bursts.put("folder/7/program.py", "another content");
  await bursts.work();
  bursts.clock.now += 5_000;
  await bursts.work();
  expect(bursts.shown()?.step?.base).toBe(whole?.sha256.slice(0, 8));
  expect(bursts.shown()?.step?.bytes).toBeLessThan(250);
});
