import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Report } from "../../../../functions/delivery-recorder/event/report.ts";
import { writeBundle } from "../../../../lib/bundle.ts";
import { type LocalFunction, startFunction } from "../../../../local/aws/lambda/function.ts";
import { CREDENTIAL } from "../../../local/aws/aws-json/support/local-endpoint.ts";
import { functionOptions } from "../../../local/aws/lambda/support/bundle.ts";
import {
  RECORDER_TOKEN,
  startDeliveryTable,
  TABLE_NAME,
  TOKEN_SECRET_ARN,
} from "../../../support/delivery-table.ts";
import { functionUrlEvent } from "../../../support/function-url-event.ts";
import { createRandom, type Random, readSeed, runs } from "../../../support/seeded-random.ts";
import { expectTruth, whatTheTableSays } from "../support/expect-truth.ts";
import { happening, live } from "../support/model-device.ts";
import { liveByManifests, PATHS, tellFleet, update } from "../support/model-manifests.ts";
import { bodyOf } from "../support/model-post.ts";

/** NOTEFERRY_FAULTS=long kills a hundred times. */
const KILLS = process.env.NOTEFERRY_FAULTS === "long" ? 100 : 3;
const HAPPENINGS = process.env.NOTEFERRY_FAULTS === "long" ? 150 : 8;
const DEVICES = ["dev:1", "dev:2", "dev:3"];
/** It hears of files by its fleet's manifest. */
const BY_MANIFEST = "dev:4";
/** When Notehub received what it says, in milliseconds since the epoch. */
const RECEIVED = 1_700_000_000_000;
/** At most, from one kill to the next. */
const WRITES_BETWEEN = 12;
/** Environments that work side by side. */
const ROUTES = 2;

/** What is deployed, in processes of its own, over a real table. */
async function startRecorder(world: Awaited<ReturnType<typeof startDeliveryTable>>): Promise<LocalFunction> {
  const codeDir = await mkdtemp(path.join(tmpdir(), "noteferry-recorder-"));
  onTestFinished(() => rm(codeDir, { recursive: true, force: true }));
  writeBundle("functions/delivery-recorder/index.ts", codeDir);
  const environment = {
    DELIVERY_TABLE: TABLE_NAME,
    TOKEN_SECRET_ARN,
    AWS_ENDPOINT_URL_DYNAMODB: world.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: world.url,
    POWERTOOLS_METRICS_NAMESPACE: "Noteferry",
    POWERTOOLS_SERVICE_NAME: "delivery-recorder",
  };
  const { credential } = functionOptions(codeDir);
  const target = startFunction(
    functionOptions(codeDir, {
      ...{
        name: "delivery-recorder",
        environment,
        timeoutSeconds: 30,
        memoryMb: 512,
        maxConcurrency: ROUTES,
      },
      credential: { ...credential, ...CREDENTIAL },
    }),
  );
  onTestFinished(() => target.stop());
  return target;
}

/** Posts a report until it is taken, as Notehub does; how often it was not. */
async function deliver(target: LocalFunction, report: Report): Promise<number> {
  const body = bodyOf(report);
  const event = { device: report.device, file: "file-status.qo", body, received: report.at / 1000 };
  const headers = { authorization: `Bearer ${RECORDER_TOKEN}` };
  const request = { ...functionUrlEvent({ method: "POST", headers }), body: JSON.stringify(event) };
  for (let failures = 0; failures < 1000; failures += 1) {
    const result = await target.invoke(request);
    if (result.kind === "ok" && Object(result.payload).statusCode === 200) return failures;
  }
  throw new Error(`a report was never taken: ${JSON.stringify(event)}`);
}

/** Kills around writes, where something is half done: at once, or within a few more. */
function createKiller(random: Random): { arm(target: LocalFunction): void; onWrite(): void } {
  let [left, writes] = [KILLS, random.below(WRITES_BETWEEN)];
  let victim: LocalFunction | undefined;
  return {
    arm: (target) => {
      victim = target;
    },
    onWrite() {
      writes -= 1;
      if (left === 0 || writes > 0) return;
      left -= 1;
      writes = 1 + random.below(WRITES_BETWEEN);
      setTimeout(() => victim?.kill(), random.below(8));
    },
  };
}

const seed = readSeed();

test.each(runs(1))(
  `a recorder that is killed at any moment leaves the truth, whatever comes in which order: seed ${seed} + %i [NF-9.7]`,
  { timeout: 600_000 },
  async (run) => {
    const random = createRandom(seed + run);
    const killer = createKiller(random);
    await using world = await startDeliveryTable(killer.onWrite);
    const target = await startRecorder(world);
    killer.arm(target);
    const lives = DEVICES.map((device, index) => {
      const [happenings = []] = fc.sample(
        fc.array(happening, { minLength: HAPPENINGS, maxLength: HAPPENINGS, size: "max" }),
        { seed: seed + run * DEVICES.length + index, numRuns: 1 },
      );
      return { device, life: live(device, happenings) };
    });
    const [updates = []] = fc.sample(
      fc.array(update, { minLength: HAPPENINGS / 2, maxLength: HAPPENINGS / 2, size: "max" }),
      { seed: seed + run, numRuns: 1 },
    );
    const told = liveByManifests(BY_MANIFEST, updates, RECEIVED);
    for (const path of PATHS) await tellFleet(world.table, path, updates.length - 1, updates.length);
    const reports = [...lives.flatMap(({ life }) => life.reports), ...told.reports];
    const posts = random.shuffle([...reports, ...reports]);
    let repeats = 0;
    const next = posts.values(); // shared, so each is taken once
    const route = async () => {
      for (const report of next) repeats += await deliver(target, report);
    };
    await Promise.all(Array.from({ length: ROUTES }, route));
    expect(repeats).toBeGreaterThan(0); // somebody was hit
    for (const { device, life } of lives) await expectTruth(world.table, device, life);
    const said = await whatTheTableSays(world.table, BY_MANIFEST);
    expect([...said.keys()].toSorted()).toEqual([...told.states.keys()].toSorted());
    for (const [path, { state }] of said) expect(told.states.get(path)).toContain(state);
  },
);
