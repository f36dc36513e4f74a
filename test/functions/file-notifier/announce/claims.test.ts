import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../support/loopback-server.ts";
import { json } from "../support/notehub-stand-in.ts";
import { failure } from "../support/s3-stand-in.ts";
import { invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const DONE = { batchItemFailures: [] };

function answerPosts(answer: Answer | "accept-then-500"): void {
  world.notehub.fault = ({ method }) => (method === "POST" ? answer : undefined);
}

function requests(): string[] {
  return world.notehub.requests.map(({ method }) => method);
}

describe("claims", () => {
  test("a live claim sends a copy of the event back to the queue, until it expires [NF-8.2]", async () => {
    const message = s3Message(world.s3.upload("a", "1"));
    let settle: (response: Response) => void = () => undefined;
    const reply = new Promise<Response>((resolve) => {
      settle = resolve;
    });
    const first = invoke(world.environment({ fetch: () => reply }), [message]);
    while (world.s3.records().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    world.clock.now += 5_000;
    const second = await invoke(world.environment(), [message]);
    expect(second.batchItemFailures).toHaveLength(1);
    expect(world.events).toMatchObject([{ message: "retrying", reason: "claimed-elsewhere", seconds: 15 }]);
    expect(world.aws.postponed).toEqual([15]);

    settle(Response.json({}));
    expect(await first).toEqual(DONE);
    expect(await invoke(world.environment(), [message])).toEqual(DONE);
    expect(world.notehub.accepted).toEqual([]); // the first one's Note went elsewhere; nobody sent another
    expect(world.events.map(({ message }) => message)).toEqual(["retrying", "announced", "duplicate"]);
  });

  test("an attempt ends four seconds before its claim, however long Notehub takes", async () => {
    answerPosts("hang");
    world.s3.fault = ({ method }) => {
      if (method === "PUT") world.clock.now += 15_900; // of the claim's 20 seconds, 4.1 are left
      return undefined;
    };
    await invoke(world.environment({ notehubTimeoutMs: 60_000 }), [s3Message(world.s3.upload("a", "1"))]);
    expect(world.events).toMatchObject([{ message: "retrying", reason: "notehub-timeout" }]);
    expect(world.s3.records()).toMatchObject([{ state: "uncertain" }]);
  });

  test("an accepted Note whose reply was lost is found in the queue, and not repeated [NF-8.3]", async () => {
    answerPosts("accept-then-500");
    const message = s3Message(world.s3.upload("a", "1"));
    await invoke(world.environment(), [message]);
    world.notehub.fault = () => undefined;
    expect(await invoke(world.environment(), [message])).toEqual(DONE);
    expect(world.notehub.accepted).toHaveLength(1);
    expect(requests()).toEqual(["POST", "GET"]);
    expect(world.events.at(-1)).toMatchObject({ message: "announced", foundQueued: true });
    expect(world.s3.records()).toMatchObject([{ state: "announced" }]);
  });

  test("another version's Note in the queue is no proof [NF-8.3]", async () => {
    await invoke(world.environment(), [s3Message(world.s3.upload("a", "1"))]);
    answerPosts(json({}, 500));
    const message = s3Message(world.s3.upload("a", "2"));
    await invoke(world.environment(), [message]);
    world.notehub.fault = () => undefined;
    expect(await invoke(world.environment(), [message])).toEqual(DONE);
    expect(world.notehub.accepted).toHaveLength(2);
  });

  test("a queue that cannot be looked at leaves the doubt [NF-8.3]", async () => {
    answerPosts("accept-then-500");
    const message = s3Message(world.s3.upload("a", "1"));
    await invoke(world.environment(), [message]);
    world.notehub.fault = () => json({}, 429);
    await invoke(world.environment(), [message]);
    expect(world.s3.records()).toMatchObject([{ state: "uncertain" }]);
    world.notehub.fault = () => undefined;
    await invoke(world.environment(), [message]);
    expect(world.notehub.accepted).toHaveLength(1);
  });

  test("a claim whose writing was not acknowledged is known again", async () => {
    let lost = false;
    world.s3.fault = ({ method, key, body }) => {
      if (method !== "PUT" || lost) return undefined;
      lost = true;
      world.s3.overwriteRecord(key, body); // written, but the SDK's retry of the write meets it
      return failure(412, "PreconditionFailed");
    };
    expect(await invoke(world.environment(), [s3Message(world.s3.upload("a", "1"))])).toEqual(DONE);
    expect(world.notehub.accepted).toHaveLength(1);
  });

  test("a record that cannot be read is written over: an announcement is repeated rather than lost", async () => {
    const message = s3Message(world.s3.upload("a", "1"));
    await invoke(world.environment(), [message]);
    const key = world.s3.requests.find(({ bucket }) => bucket === "announcements-bucket")?.key ?? "";
    world.s3.overwriteRecord(key, "{garbage");
    expect(await invoke(world.environment(), [message])).toEqual(DONE);
    expect(world.notehub.accepted).toHaveLength(2);
    expect(world.s3.records()).toMatchObject([{ state: "announced" }]);
  });
});
