import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answer, startServer } from "../support/loopback-server.ts";
import { json } from "../support/notehub-stand-in.ts";
import { failure } from "../support/s3-stand-in.ts";
import { invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const DONE = { batchItemFailures: [] };

function answerPosts(answer: Answer): void {
  world.notehub.fault = ({ method }) => (method === "POST" ? answer : undefined);
}

function requests(): string[] {
  return world.notehub.requests.map(({ method }) => method);
}

describe("Notehub's answers [NF-8.5]", () => {
  test.each<[string, Answer, string, number | undefined, string]>([
    ["429 with seconds", json({}, 429, { "retry-after": "42" }), "notehub-429", 42, "unsent"],
    ["429 without", json({}, 429), "notehub-429", undefined, "unsent"],
    ["408", json({}, 408), "notehub-408", undefined, "uncertain"],
    ["500", json({ err: "oops" }, 500), "notehub-500", undefined, "uncertain"],
    [
      "503 with seconds, too many",
      json({}, 503, { "retry-after": "86400" }),
      "notehub-503",
      900,
      "uncertain",
    ],
    [
      "a redirect",
      { status: 302, headers: { location: "http://127.0.0.1:1/" } },
      "notehub-302",
      undefined,
      "unsent",
    ],
    ["no JSON", { status: 200, body: "<html>" }, "notehub-unreadable", undefined, "uncertain"],
    ["no object", { status: 200, body: "[]" }, "notehub-unreadable", undefined, "uncertain"],
    ["a success that says err", json({ err: "no" }), "notehub-unreadable", undefined, "uncertain"],
    ["silence", "hang", "notehub-timeout", undefined, "uncertain"],
    ["a broken connection", "drop", "notehub-unreachable", undefined, "uncertain"],
  ])("%s is retried", async (_, answer, reason, seconds, state) => {
    answerPosts(answer);
    const notehubTimeoutMs = answer === "hang" ? 100 : 10_000;
    const handler = world.environment({ random: () => 0.9, notehubTimeoutMs });
    const message = s3Message(world.s3.upload("a", "1"));
    expect((await invoke(handler, [message])).batchItemFailures).toHaveLength(1);
    expect(world.events).toMatchObject([{ message: "retrying", key: "a", reason, seconds: seconds ?? 2 }]);
    expect(world.aws.postponed).toEqual([seconds ?? 2]);
    expect(world.s3.records()).toMatchObject([{ state }]);

    world.notehub.fault = () => undefined;
    world.s3.requests.length = 0;
    expect(await invoke(world.environment(), [message])).toEqual(DONE); // without waiting for any claim to expire
    expect(world.notehub.accepted).toHaveLength(1);
    expect(requests()).toEqual(state === "unsent" ? ["POST", "POST"] : ["POST", "GET", "POST"]); // [NF-8.3]
    expect(
      world.s3.requests.filter(({ bucket, method }) => bucket === "files-bucket" && method === "GET"),
    ).toEqual([]); // the digest is on record
  });

  test("nobody listening is retried, and surely sent nothing", async () => {
    const gone = await startServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    const handler = world.environment({ env: { NOTEHUB_URL: gone.url } });
    await invoke(handler, [s3Message(world.s3.upload("a", "1"))]);
    expect(world.events).toMatchObject([{ reason: "notehub-unreachable" }]);
    expect(world.s3.records()).toMatchObject([{ state: "unsent" }]);
  });

  test("an HTTP date is obeyed", async () => {
    const date = new Date(world.clock.now + 77_000).toUTCString();
    answerPosts(json({}, 429, { "retry-after": date }));
    await invoke(world.environment(), [s3Message(world.s3.upload("a", "1"))]);
    expect(world.aws.postponed).toEqual([77]);
  });

  test("any other 4xx goes to the dead-letter queue, and the rest of the batch is announced", async () => {
    world.notehub.fault = ({ body }) =>
      body.includes('"bad"') ? json({ err: "device not found {device-noexist} pat-1" }, 404) : undefined;
    const bad = world.s3.upload("bad", "1");
    const good = world.s3.upload("good", "1");
    expect(await invoke(world.environment(), [s3Message(bad, good)])).toEqual(DONE);
    expect(world.aws.dead).toEqual([
      { body: s3Message(bad), reason: "Notehub answered 404: device not found {device-noexist} …" },
    ]);
    expect(world.notehub.accepted).toMatchObject([{ announcement: { name: "good" } }]);

    world.notehub.fault = () => undefined; // mended, and redriven
    expect(await invoke(world.environment(), [s3Message(bad)])).toEqual(DONE);
    expect(world.notehub.accepted).toHaveLength(2);
  });

  test("a message that the dead-letter queue does not take is not lost", async () => {
    answerPosts(json({}, 404));
    world.aws.fault = (action) =>
      action === "SendMessage" ? json({ __type: "InternalError" }, 500) : undefined;
    const response = await invoke(world.environment(), [s3Message(world.s3.upload("a", "1")), "garbage"]);
    expect(response.batchItemFailures).toHaveLength(2);
  });
});

describe("partial failures", () => {
  test("only the message that failed is delivered again, and what it did is skipped", async () => {
    world.notehub.fault = ({ body }) => (body.includes('"b"') ? json({}, 429) : undefined);
    const [a, b, c] = ["a", "b", "c"].map((key) => world.s3.upload(key, key));
    if (a === undefined || b === undefined || c === undefined) throw new Error("no records");
    world.aws.send(s3Message(a, b));
    world.aws.send(s3Message(c));
    const records = world.aws.receive(10, 60);
    const response = await invoke(world.environment(), records);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: records[0]?.messageId }]);
    world.notehub.fault = () => undefined;
    await invoke(world.environment(), records.slice(0, 1));
    expect(world.notehub.accepted.map(({ announcement }) => announcement.name).sort()).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(world.events.filter(({ message }) => message === "duplicate")).toHaveLength(1);
  });

  test("a visibility that cannot be changed loses nothing", async () => {
    answerPosts(json({}, 429));
    world.aws.fault = (action) =>
      action === "ChangeMessageVisibility" ? json({ __type: "X" }, 500) : undefined;
    const response = await invoke(world.environment(), [s3Message(world.s3.upload("a", "1"))]);
    expect(response.batchItemFailures).toHaveLength(1);
    expect(world.events.map(({ message }) => message)).toEqual(["retrying", "postpone-failed"]);
  });

  test.each([
    "GET announcements-bucket",
    "HEAD files-bucket",
    "GET files-bucket",
    "PUT announcements-bucket",
  ])("S3 answering 503 to %s is retried", async (what) => {
    world.s3.fault = ({ method, bucket }) =>
      `${method} ${bucket}` === what ? failure(503, "SlowDown") : undefined;
    const message = s3Message(world.s3.upload("a", "1"));
    expect((await invoke(world.environment(), [message])).batchItemFailures).toHaveLength(1);
    expect(world.notehub.requests).toEqual([]);
    world.s3.fault = () => undefined;
    expect(await invoke(world.environment(), [message])).toEqual(DONE);
    expect(world.notehub.accepted).toHaveLength(1);
  });

  test("time that runs out while a file is read: the message is retried, and the handler still answers", async () => {
    const record = world.s3.upload("a", "x".repeat(1000));
    world.s3.fault = ({ method, bucket }) =>
      method === "GET" && bucket === "files-bucket"
        ? {
            status: 200,
            headers: { etag: `"${record.s3.object.eTag}"`, "content-length": "1000" },
            body: "x",
          }
        : undefined; // the rest never comes
    const response = await invoke(world.environment(), [s3Message(record)], 10_050);
    expect(response.batchItemFailures).toHaveLength(1);
    expect(world.events).toMatchObject([{ message: "retrying", key: "a", reason: "out-of-time" }]);
    expect(world.aws.postponed).toHaveLength(1);
    expect(world.notehub.requests).toEqual([]);
  });

  test("a file that ends too early is never announced", async () => {
    const record = world.s3.upload("a", "x".repeat(1000));
    world.s3.fault = ({ method, bucket }) => {
      if (method !== "GET" || bucket !== "files-bucket") return undefined;
      const headers = { etag: `"${record.s3.object.eTag}"`, "content-length": "1000", connection: "close" };
      return { status: 200, headers, body: "x", truncate: true };
    };
    const response = await invoke(world.environment(), [s3Message(record)]);
    expect(response.batchItemFailures).toHaveLength(1);
    expect(world.notehub.requests).toEqual([]);
  });
});
