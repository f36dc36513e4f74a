import type { SQSBatchResponse } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRandom, type Random, readSeed, runs } from "../../support/seeded-random.ts";
import type { Answer } from "./support/loopback-server.ts";
import { json } from "./support/notehub-stand-in.ts";
import { failure } from "./support/s3-stand-in.ts";
import { drain, invoke, s3Message, startWorld, type World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const KEYS = ["devices/dev:1/a", "devices/dev:1/b", "fleets/fleet:1/c"];
const VERSIONS = 3;
const FAULTS = 60;

/** Acceptances that nobody could record, by device and ETag. */
type Unrecorded = Map<string, number>;

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function nameOfPost(path: string, body: string): string {
  const device = /devices\/([^/]+)/.exec(decodeURIComponent(path))?.[1];
  return `${device} ${JSON.parse(body).body.etag}`;
}

/** Breaks Notehub's answers; some after the Note was accepted. */
function breakNotehub(random: Random, budget: { left: number }, unrecorded: Unrecorded): void {
  world.notehub.fault = ({ method, url, body }) => {
    if (budget.left === 0 || !random.chance(0.5)) return undefined;
    budget.left -= 1;
    if (method === "POST" && random.chance(0.4)) {
      count(unrecorded, nameOfPost(url.pathname, body));
      return random.pick(["accept-then-500", "accept-then-garbage", "accept-then-drop"] as const);
    }
    return random.pick<Answer>([
      json({}, 429, { "retry-after": String(random.below(40)) }),
      json({}, 500),
      json({}, 503),
      json({}, 401),
      json({}, 408),
      { status: 200, body: "<html>" },
      "drop",
    ]);
  };
}

/** The device and ETag of an announcement that is about to be put on the delivery table. */
function nameOfItem(body: string): string | undefined {
  const { announced } = JSON.parse(JSON.parse(body).Item.doc.S);
  const device = /#(.*)$/.exec(JSON.parse(body).Item.pk.S)?.[1];
  return announced === undefined ? undefined : `${device} ${announced.etag}`;
}

/** Breaks S3, SQS and DynamoDB; what cannot be written after an acceptance leaves it unrecorded. */
function breakAws(random: Random, budget: { left: number }, unrecorded: Unrecorded): void {
  world.s3.fault = ({ method, bucket, body }) => {
    if (budget.left === 0 || !random.chance(0.1)) return undefined;
    budget.left -= 1;
    if (method === "PUT" && bucket === "announcements-bucket") {
      const { state, announcement } = JSON.parse(body);
      if (state === "announced") {
        for (const device of ["dev:1", "dev:2", "dev:3"]) count(unrecorded, `${device} ${announcement.etag}`);
      }
    }
    return failure(503, "SlowDown");
  };
  world.aws.fault = (action, body) => {
    const name = action === "PutItem" ? nameOfItem(body) : undefined;
    // Of a read, or the item of a device, nobody could say here which announcement it leaves unrecorded.
    const untold = action === "GetItem" || (action === "PutItem" && name === undefined);
    if (budget.left === 0 || untold || !random.chance(0.05)) return undefined;
    budget.left -= 1;
    if (name !== undefined) count(unrecorded, name);
    return json({ __type: "InternalError" }, 500);
  };
}

/** An environment that may die before a POST or after it: nothing it waits for ever comes. */
function mortal(random: Random, budget: { left: number }, unrecorded: Unrecorded) {
  let die: () => void = () => undefined;
  const died = new Promise<"died">((resolve) => {
    die = () => resolve("died");
  });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    if (budget.left > 0 && random.chance(0.05)) {
      budget.left -= 1;
      throw new DOMException("nobody answered", "TimeoutError"); // without the wait
    }
    if (init?.method === "POST" && budget.left > 0 && random.chance(0.15)) {
      budget.left -= 1;
      if (random.chance(0.5)) {
        count(unrecorded, nameOfPost(String(input), String(init.body)));
        await globalThis.fetch(input, { ...init, signal: null });
      }
      die();
      return await new Promise<never>(() => undefined);
    }
    return await globalThis.fetch(input, init);
  };
  const handler = world.environment({ fetch, random: random.next });
  return (records: Parameters<typeof invoke>[1]): Promise<SQSBatchResponse | "died"> =>
    Promise.race([invoke(handler, records), died]);
}

describe("with everything around it failing", () => {
  const seed = readSeed();

  test.each(runs(3))(
    `nothing is lost, and a repeat needs a fault that left an acceptance unrecorded: seed ${seed} + %i [NF-8.1] [NF-8.3]`,
    async (run) => {
      const random = createRandom(seed + run);
      const budget = { left: FAULTS };
      const unrecorded: Unrecorded = new Map();
      world.notehub.fleets.set("fleet:1", ["dev:1", "dev:2", "dev:3"]);
      breakNotehub(random, budget, unrecorded);
      breakAws(random, budget, unrecorded);

      const last = new Map<string, string>();
      for (let version = 0; version < VERSIONS; version += 1) {
        for (const key of KEYS) {
          const record = world.s3.upload(key, `${key} ${version}`);
          last.set(key, record.s3.object.eTag);
          for (let copy = 0; copy < 3; copy += 1) world.aws.send(s3Message(record));
        }
        await drain(
          world,
          (records) => {
            if (random.chance(0.2)) world.notehub.queued.clear(); // the devices synced
            return mortal(random, budget, unrecorded)(records);
          },
          { environments: 3, batch: 2 },
        );
      }

      const accepted = new Map<string, number>();
      for (const { device, announcement } of world.notehub.accepted)
        count(accepted, `${device} ${announcement.etag}`);
      for (const key of KEYS) {
        const devices = key.startsWith("fleets/") ? ["dev:1", "dev:2", "dev:3"] : ["dev:1"];
        for (const device of devices) expect(accepted.get(`${device} ${last.get(key)}`)).toBeGreaterThan(0);
      }
      for (const [name, times] of accepted) {
        expect(times, name).toBeLessThanOrEqual(1 + (unrecorded.get(name) ?? 0));
      }
      expect(world.aws.dead).toEqual([]);
      expect(FAULTS - budget.left).toBeGreaterThan(FAULTS / 4); // or hardly anything was tested
    },
  );
});
