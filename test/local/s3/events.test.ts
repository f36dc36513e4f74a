import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { S3Event } from "../../../local/s3/events/event.ts";
import { connect, dataFolder, FILES, openS3, QUEUE, told } from "./support/local-s3.ts";

const at = (Key: string, Body = "x") => ({ Bucket: "files", Key, Body });
const sequencers = (events: readonly S3Event[]) =>
  events.flatMap(({ Records }) => Records.map(({ s3 }) => s3.object.sequencer));

test("events of one key come in order, with growing sequencers, over a restart too", async () => {
  const dataDir = await dataFolder();
  const events: S3Event[] = [];
  const deliver = async (_: string, event: S3Event) => void events.push(event);
  let clock = Date.now();
  for (let round = 0; round < 3; round++) {
    const server = await openS3(dataDir, { deliver, clock: () => clock });
    server.provisionBucket(FILES);
    const client = connect(server);
    for (let i = 0; i < 5; i++) await client.send(new PutObjectCommand(at("a", `${round} ${i}`)));
    await expect.poll(() => events.length).toBe(5 * (round + 1));
    await server.close();
    clock -= 60_000; // a clock set back must not turn the order
  }
  const found = sequencers(events);
  expect(found).toEqual(found.toSorted());
  expect(new Set(found).size).toBe(15);
});

test("an event whose delivery fails is delivered again, and nothing else is held up", async () => {
  const events: S3Event[] = [];
  const faults: unknown[] = [];
  let failures = 2;
  const deliver = async (_: string, event: S3Event) => {
    if (event.Records[0]?.s3.object.key === "a" && failures-- > 0) throw new Error("queue is away");
    events.push(event);
  };
  const server = await openS3(await dataFolder(), { deliver, report: (fault) => void faults.push(fault) });
  server.provisionBucket(FILES);
  const client = connect(server);
  await client.send(new PutObjectCommand(at("a")));
  await client.send(new PutObjectCommand(at("b")));
  await expect
    .poll(() => told(events), { timeout: 5000 })
    .toEqual(["ObjectCreated:Put b", "ObjectCreated:Put a"]);
  expect(faults).toHaveLength(1);
});

test("an event that was not delivered is delivered after a restart", async () => {
  const dataDir = await dataFolder();
  const away = await openS3(dataDir, {
    deliver: () => Promise.reject(new Error("away")),
    report: () => undefined,
  });
  away.provisionBucket(FILES);
  await connect(away).send(new PutObjectCommand(at("a b+é")));
  await away.close();
  const events: S3Event[] = [];
  await openS3(dataDir, { deliver: async (_, event) => void events.push(event) });
  await expect.poll(() => told(events)).toEqual(["ObjectCreated:Put a+b%2B%C3%A9"]);
  expect(events[0]?.Records[0]).toMatchObject({
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: "us-east-1",
  });
});

test("prefix, suffix and kind choose the target", async () => {
  const received: string[] = [];
  const server = await openS3(await dataFolder(), {
    deliver: async (target, event) =>
      void received.push(...told([event]).map((line) => `${target}: ${line}`)),
  });
  const created = ["s3:ObjectCreated:*"];
  server.provisionBucket({
    ...FILES,
    notifications: [
      { targetArn: "devices", events: created, prefix: "devices/", suffix: ".bin" },
      { targetArn: "all", events: ["s3:ObjectCreated:Put"] },
      { targetArn: "removed", events: ["s3:ObjectRemoved:*"] },
    ],
  });
  const client = connect(server);
  for (const key of ["devices/1.bin", "devices/1.txt"]) await client.send(new PutObjectCommand(at(key)));
  await client.send(new DeleteObjectCommand({ Bucket: "files", Key: "devices/1.txt" }));
  await expect
    .poll(() => received.toSorted())
    .toEqual([
      "all: ObjectCreated:Put devices/1.bin",
      "all: ObjectCreated:Put devices/1.txt",
      "devices: ObjectCreated:Put devices/1.bin",
      "removed: ObjectRemoved:DeleteMarkerCreated devices/1.txt",
    ]);
});

test("a bucket that is provisioned again keeps its objects and has the new notifications", async () => {
  const events: string[] = [];
  const server = await openS3(await dataFolder(), { deliver: async (target) => void events.push(target) });
  server.provisionBucket({ ...FILES, notifications: [] });
  const client = connect(server);
  await client.send(new PutObjectCommand(at("before")));
  server.provisionBucket(FILES);
  await client.send(new PutObjectCommand(at("after")));
  await expect.poll(() => events).toEqual([QUEUE]);
});
