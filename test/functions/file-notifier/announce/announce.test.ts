import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatSeq } from "../../../../protocol/seq.ts";
import { failure } from "../support/s3-stand-in.ts";
import { DEVICE, invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const DONE = { batchItemFailures: [] };

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function messages(): string[] {
  return world.events.map(({ message }) => message);
}

describe("an upload is announced", () => {
  test("with name, size, SHA-256 and ETag [NF-2.1], to the default target [NF-1.2]", async () => {
    const record = world.s3.upload("main.py", "print(1)\n");
    expect(await invoke(world.environment(), [s3Message(record)])).toEqual(DONE);
    const announcement = {
      name: "main.py",
      size: 9,
      sha256: sha256("print(1)\n"),
      etag: record.s3.object.eTag,
      seq: formatSeq(record.s3.object.sequencer),
    };
    expect(world.notehub.accepted).toEqual([{ device: DEVICE, announcement }]);
    expect(world.notehub.requests).toEqual([
      {
        method: "POST",
        path: expect.stringMatching(
          /^\/v1\/projects\/app:.+\/devices\/dev:864475046550001\/notes\/file-update\.qi$/,
        ),
        query: "",
        body: JSON.stringify({ body: announcement }),
      },
    ]);
    expect(world.events).toEqual([
      {
        message: "announced",
        key: "main.py",
        device: DEVICE,
        size: 9,
        etag: announcement.etag,
        versionId: "v1",
        foundQueued: false,
      },
    ]);
  });

  test("to the device that its key names [NF-1.1]", async () => {
    const record = world.s3.upload("devices/dev:7/app/ü + %.txt", "x");
    await invoke(world.environment(), [s3Message(record)]);
    expect(world.notehub.accepted).toMatchObject([
      { device: "dev:7", announcement: { name: "devices/dev:7/app/ü + %.txt" } },
    ]);
  });

  test("even if it is empty [NF-1.6]", async () => {
    await invoke(world.environment(), [s3Message(world.s3.upload("empty", ""))]);
    expect(world.notehub.accepted).toMatchObject([{ announcement: { size: 0, sha256: sha256("") } }]);
  });

  test("all records of all messages of a batch", async () => {
    const [a, b, c] = ["a", "b", "c"].map((key) => world.s3.upload(key, key));
    if (a === undefined || b === undefined || c === undefined) throw new Error("no records");
    await invoke(world.environment(), [s3Message(a, b), s3Message(c)]);
    expect(world.notehub.accepted.map(({ announcement }) => announcement.name).sort()).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  test("once: a copy of its event reads one record, and nothing of the file", async () => {
    const message = s3Message(world.s3.upload("a", "1"));
    await invoke(world.environment(), [message]);
    world.s3.requests.length = 0;
    expect(await invoke(world.environment(), [message])).toEqual(DONE);
    expect(world.s3.requests.map(({ method, bucket }) => `${method} ${bucket}`)).toEqual([
      "GET announcements-bucket",
    ]);
    expect(world.notehub.accepted).toHaveLength(1);
    expect(messages()).toEqual(["announced", "duplicate"]);
  });

  test("with one read and two writes of its record, in a name that shows nothing of the key", async () => {
    await invoke(world.environment(), [s3Message(world.s3.upload("devices/dev:1/../x", "1"))]);
    expect(world.s3.requests).toEqual([]); // refused before anything is asked
    await invoke(world.environment(), [s3Message(world.s3.upload("a", "1"))]);
    const records = world.s3.requests.filter(({ bucket }) => bucket === "announcements-bucket");
    expect(records.map(({ method }) => method)).toEqual(["GET", "PUT", "PUT"]);
    for (const { key } of records) expect(key).toMatch(/^announcements\/[0-9A-Za-z_-]{43}\.json$/);
  });
});

describe("what is not current is not announced [NF-8.4]", () => {
  test("an event older than one that was announced", async () => {
    const older = world.s3.upload("a", "1");
    const newer = world.s3.upload("a", "2");
    await invoke(world.environment(), [s3Message(newer)]);
    world.s3.requests.length = 0;
    await invoke(world.environment(), [s3Message(older)]);
    expect(world.s3.requests.map(({ method }) => method)).toEqual(["GET", "HEAD"]); // the record, and what the key holds
    expect(world.events.at(-1)).toMatchObject({ message: "superseded", reason: "newer event known" });
    expect(world.notehub.accepted).toHaveLength(1);
  });

  test("a version that was replaced before its event came: it is not even read", async () => {
    const older = world.s3.upload("a", "1");
    world.s3.upload("a", "2");
    await invoke(world.environment(), [s3Message(older)]);
    expect(world.s3.requests.map(({ method }) => method)).toEqual(["GET", "HEAD"]);
    expect(world.events).toMatchObject([{ message: "superseded", reason: "another version current" }]);
  });

  test("a file that was deleted", async () => {
    const record = world.s3.upload("a", "1");
    world.s3.remove("a");
    expect(await invoke(world.environment(), [s3Message(record)])).toEqual(DONE);
    expect(world.events).toMatchObject([{ message: "superseded", reason: "deleted" }]);
  });

  test.each([
    [404, "NoSuchVersion"],
    [404, "NoSuchKey"],
    [405, "MethodNotAllowed"],
  ])("a version that went while it was looked at: %i %s", async (status, code) => {
    const record = world.s3.upload("a", "1");
    world.s3.fault = ({ method, bucket }) => {
      if (method !== "GET" || bucket !== "files-bucket") return undefined;
      world.s3.remove("a");
      return failure(status, code);
    };
    expect(await invoke(world.environment(), [s3Message(record)])).toEqual(DONE);
    expect(world.events).toMatchObject([{ message: "superseded", reason: "deleted" }]);
  });

  test("a version that is replaced while it is read is announced as what it was", async () => {
    const record = world.s3.upload("a", "1");
    let replaced = false;
    world.s3.fault = ({ method, bucket }) => {
      if (method === "GET" && bucket === "files-bucket" && !replaced) {
        replaced = true;
        world.s3.upload("a", "22");
      }
      return undefined;
    };
    await invoke(world.environment(), [s3Message(record)]);
    expect(world.notehub.accepted).toMatchObject([
      { announcement: { size: 1, etag: record.s3.object.eTag, sha256: sha256("1") } },
    ]);
  });

  test("but a bucket that is missing is a fault", async () => {
    const record = world.s3.upload("a", "1");
    world.s3.fault = ({ method, bucket }) =>
      method === "GET" && bucket === "files-bucket" ? failure(404, "NoSuchBucket") : undefined;
    expect((await invoke(world.environment(), [s3Message(record)])).batchItemFailures).toHaveLength(1);
  });
});

describe("what can never be delivered is refused, once and for good", () => {
  test.each([
    ["a path that leaves the root [NF-1.4]", "a/../../etc/passwd", "path"],
    ["an absolute path [NF-1.4]", "/etc/passwd", "path"],
    ["a backslash [NF-1.4]", "a\\b", "path"],
    ["a device that is none [NF-1.1]", "devices/fleet:1/x", "target"],
    ["an announcement that no Note carries [NF-1.5]", "n".repeat(150), "announcement-too-long"],
    ["a request that no Notecard sends [NF-1.5]", "ü".repeat(40), "request-too-long"],
  ])("%s", async (_, key, reason) => {
    const record = world.s3.upload(key, "x");
    expect(await invoke(world.environment(), [s3Message(record)])).toEqual(DONE);
    expect(world.events).toMatchObject([{ message: "refused", key, reason }]);
    expect(world.notehub.requests).toEqual([]);
    // Where the key has a target, devices may discard what was announced before: that this version came is on record.
    const onRecord = ["path", "target"].includes(reason) ? [] : [{ versionId: "v1", state: "announced" }];
    expect(world.s3.records()).toMatchObject(onRecord);
  });

  test("a copy of its event finds that on record", async () => {
    const message = s3Message(world.s3.upload("n".repeat(150), "x"));
    for (let copy = 0; copy < 2; copy += 1) await invoke(world.environment(), [message]);
    expect(messages()).toEqual(["refused", "duplicate"]);
  });

  test("and what it was on top of is announced again once it is removed [NF-8.6]", async () => {
    await invoke(world.environment(), [s3Message(world.s3.upload("a", "1"))]);
    await invoke(world.environment(), [s3Message(world.s3.upload("a", Buffer.alloc(1_000_001)))]);
    await invoke(world.environment(), [s3Message(world.s3.removeVersion("a", "v2"))]);
    expect(messages()).toEqual(["announced", "refused", "announced"]);
  });

  test("a file above the bound, by what its event says and by what S3 says", async () => {
    const record = world.s3.upload("big", Buffer.alloc(1_000_001));
    await invoke(world.environment(), [s3Message(record)]);
    const reads = ({ method, bucket }: { method: string; bucket: string }) =>
      method === "GET" && bucket === "files-bucket";
    expect(world.s3.requests.filter(reads)).toEqual([]);
    const other = world.s3.upload("bigger", Buffer.alloc(1_000_001));
    other.s3.object.size = 1;
    await invoke(world.environment(), [s3Message(other)]);
    expect(world.events).toMatchObject([
      { message: "refused", reason: "too-big" },
      { message: "refused", reason: "too-big" },
    ]);
    expect(world.notehub.accepted).toEqual([]);
  });

  test("a file at the bound is not", async () => {
    await invoke(world.environment(), [s3Message(world.s3.upload("big", Buffer.alloc(1_000_000)))]);
    expect(messages()).toEqual(["announced"]);
  });
});

describe("what asks for nothing is acknowledged", () => {
  test("a folder of the console [NF-1.6], the test event, and a file without a target [NF-1.2]", async () => {
    const handler = world.environment({ env: { DEFAULT_TARGET: "" } });
    const response = await invoke(handler, [
      s3Message(world.s3.upload("folder/", "")),
      '{"Event":"s3:TestEvent"}',
      s3Message(world.s3.upload("a", "1")),
    ]);
    expect(response).toEqual(DONE);
    expect(messages().sort()).toEqual(["ignored", "ignored", "no-target"]);
    expect(world.notehub.requests).toEqual([]);
  });

  test("what cannot be read goes to the dead-letter queue, alone", async () => {
    const good = world.s3.upload("a", "1");
    const bad = { ...good, eventVersion: "9.0" };
    const body = JSON.stringify({ Records: [bad, good] });
    expect(await invoke(world.environment(), [body, "garbage"])).toEqual(DONE);
    expect(world.aws.dead.map(({ body }) => body).sort()).toEqual(
      [JSON.stringify({ Records: [bad] }), "garbage"].sort(),
    );
    expect(world.aws.dead.every(({ reason }) => (reason ?? "").length > 10)).toBe(true);
    expect(world.notehub.accepted).toHaveLength(1);
  });
});
