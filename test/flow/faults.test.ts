import { execFile, spawn } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ApiFault } from "../../local/blues/notehub/api/faults.ts";
import { type Flow, startFlow, until } from "./support/flow.ts";

/** Half an hour of the queue's waiting is three seconds. */
const TIME_SCALE = 600;

let flow: Flow;
let s3Down = false;
beforeAll(async () => {
  flow = await startFlow({
    timeScale: TIME_SCALE,
    s3Fault: ({ operation }) => (s3Down && operation === "GetObject" ? { fail: "SlowDown" } : undefined),
  });
});
afterEach(() => flow.stack.notehub.faults.clear());
afterAll(() => flow.stop());

const put = (key: string, body: string) =>
  flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: key, Body: body }));

const arrived = (key: string, body: string) =>
  until(`${key} on the device`, async () => (await flow.deviceFile(key))?.toString() === body, 60);

const announcements = (key: string) =>
  flow.events.filter((event) => event.step === "announced" && event.key === key).length;

const retried = (key: string) =>
  flow.events.some((event) => event.step === "notice" && event.what === "retrying" && event.key === key);

describe("[NF-8.5] an outage of Notehub is waited out, and the log says so", () => {
  const faults: [string, ApiFault][] = [
    ["refuses connections", { kind: "refuse" }],
    ["answers 429", { kind: "rate-limit", retryAfterSeconds: 60 }],
    ["answers 500", { kind: "status", status: 500 }],
    ["answers garbage", { kind: "garbage" }],
    ["resets connections", { kind: "reset" }],
  ];
  test.each(faults)(
    "that %s",
    async (name, fault) => {
      const key = `outage/${name}.txt`;
      await flow.stack.notehub.faults.inject(fault);
      await put(key, name);
      await until("a retry in the log", () => retried(key));
      expect(announcements(key)).toBe(0);
      await flow.stack.notehub.faults.clear();
      await arrived(key, name);
      expect(announcements(key)).toBe(1);
    },
    90_000,
  );
});

test("[NF-8.3] a Note whose acceptance went unheard is not queued again", async () => {
  await flow.stack.notehub.faults.inject({ kind: "lose-reply" }, { calls: 1, method: "POST" });
  await put("lost-reply.txt", "once");
  await arrived("lost-reply.txt", "once");
  await until("the repeat to be recorded", () => announcements("lost-reply.txt") > 0, 60);
  const chunks = flow.events.filter((e) => e.step === "chunk" && e.key === "lost-reply.txt");
  expect(chunks.length).toBe(1);
}, 90_000);

describe("a person injects faults by hand", () => {
  const command = path.resolve(import.meta.dirname, "../../local/fault/main.ts");
  const data = () => path.dirname(flow.stack.endpoints.device.root);
  const fault = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [command, ...args, "--data", data()])).stdout;

  test("and watches a file wait for the end of them, and arrive", async () => {
    const events = spawn(process.execPath, [command, "events", "--data", data()]);
    let told = "";
    events.stdout.on("data", (text) => (told += text));
    try {
      expect(await fault("notehub", "status", "503", "--method", "POST")).toContain("in force: notehub");
      await fault("route", "html", "--calls", "1");
      await put("by-hand.txt", "patience");
      await until("a retry in the log", () => retried("by-hand.txt"));
      await until("a retry in the events", () => told.includes('"what":"retrying"'));
      expect(JSON.parse(told.split("\n", 1)[0] ?? "")).toHaveProperty("step");
      expect(await fault("calls")).toMatch(/\d+ {2}POST \/v1\/projects\/.*file-update\.qi/);
      expect(await fault("kill", "file-notifier")).toMatch(/^killed: \d+ of FileNotifierFunction/);
      expect(await fault("clear", "notehub")).toBe("cleared: notehub\n");
      await arrived("by-hand.txt", "patience");
      await until("its installation in the events", () => told.includes('"step":"installed"'));
    } finally {
      events.kill();
    }
  }, 90_000);

  test("and is told, in a sentence, what the door refuses", async () => {
    const refused = await fault("kill", "nobody").catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^no function is called nobody;.*\n$/),
    });
  }, 30_000);
});

test("[NF-8.1] a function that is killed in the middle of its work loses nothing", async () => {
  await flow.stack.notehub.faults.inject({ kind: "hang" });
  const before = flow.observations.length;
  await put("killed.txt", "still here");
  const notifier = flow.stack.deployment.functions.find(({ environment }) => environment.NOTEHUB_URL);
  const running = flow.stack.functions.byArn.get(notifier?.arn ?? "");
  // Its claim is written: what follows is the POST, which hangs.
  await until("the claim", () =>
    flow.observations.slice(before).some((o) => o.operation === "PutObject" && o.bucket !== flow.bucket),
  );
  for (const { pid } of running?.environments() ?? []) process.kill(pid, "SIGKILL");
  await flow.stack.notehub.faults.clear();
  await arrived("killed.txt", "still here");
  await until("its announcement in the log", () => announcements("killed.txt") === 1, 60);
}, 120_000);

test("S3 that answers 503 is asked again", async () => {
  s3Down = true;
  await put("slow.txt", "patience");
  await until("a retry in the log", () => retried("slow.txt"));
  s3Down = false;
  await arrived("slow.txt", "patience");
}, 90_000);
