import {
  DeleteObjectCommand,
  type Event,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { Deliver } from "../../../../local/aws/s3/events/deliver-events.ts";
import type { S3Event } from "../../../../local/aws/s3/events/event.ts";
import { errorOf } from "../../../conformance/s3/support/error-of.ts";
import { connect, dataFolder, FILES, openS3, QUEUE, recordsOf, takeInto, told } from "./support/local-s3.ts";

const at = (Key: string, Body = "x") => ({ Bucket: "files", Key, Body });
const sequencers = (events: readonly S3Event[]) => recordsOf(events).map(({ s3 }) => s3.object.sequencer);

test("events of one key come in order, with growing sequencers, over a restart too", async () => {
  const dataDir = await dataFolder();
  const events: S3Event[] = [];
  const deliver = takeInto(events);
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
  const deliver: Deliver = async (target, event) => {
    if (recordsOf([event])[0]?.s3.object.key === "a" && failures-- > 0) throw new Error("queue is away");
    await takeInto(events)(target, event);
  };
  const server = await openS3(await dataFolder(), { deliver, report: (fault) => void faults.push(fault) });
  server.provisionBucket(FILES);
  const client = connect(server);
  await client.send(new PutObjectCommand(at("a")));
  await client.send(new PutObjectCommand(at("b")));
  await expect.poll(() => told(events)).toEqual(["ObjectCreated:Put b", "ObjectCreated:Put a"]);
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
  await openS3(dataDir, { deliver: takeInto(events) });
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
    deliver: async (target, event) => {
      if ("Records" in event) received.push(...told([event]).map((line) => `${target}: ${line}`));
    },
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
  const events: S3Event[] = [];
  const server = await openS3(await dataFolder(), { deliver: takeInto(events) });
  server.provisionBucket({ ...FILES, notifications: [] });
  const client = connect(server);
  await client.send(new PutObjectCommand(at("before")));
  server.provisionBucket(FILES);
  await client.send(new PutObjectCommand(at("after")));
  await expect.poll(() => told(events)).toEqual(["ObjectCreated:Put after"]);
});

/** A server whose deliveries are noted as `target: what`. */
async function noting(dataDir: string, accepts: (target: string) => boolean = () => true) {
  const deliveries: string[] = [];
  const server = await openS3(dataDir, {
    async deliver(target, event) {
      if (!accepts(target)) throw new Error("no such queue");
      const what = "Event" in event ? `${event.Service} ${event.Event} ${event.Bucket}` : told([event]);
      deliveries.push(`${target}: ${what}`);
    },
  });
  return { server, deliveries, client: connect(server) };
}

const TEST_EVENT = "Amazon S3 s3:TestEvent files";

test("a template's queue gets a test event when it is new, and not at every start", async () => {
  const dataDir = await dataFolder();
  const created = ["s3:ObjectCreated:*"];
  const lambda = "arn:aws:lambda:us-east-1:000000000000:function:f"; // S3 asks its policy instead
  const notifications = [
    { targetArn: QUEUE, events: created, prefix: "a/" },
    { targetArn: QUEUE, events: created, prefix: "b/" },
    { targetArn: lambda, events: created, prefix: "c/" },
  ];
  const first = await noting(dataDir);
  first.server.provisionBucket({ ...FILES, notifications });
  await expect.poll(() => first.deliveries).toEqual([`${QUEUE}: ${TEST_EVENT}`]);
  await first.server.close();

  const second = await noting(dataDir);
  second.server.provisionBucket({ ...FILES, notifications });
  await second.client.send(new PutObjectCommand(at("a/1")));
  await expect.poll(() => second.deliveries).toEqual([`${QUEUE}: ObjectCreated:Put a/1`]);
});

const configure = (target: string, events: Event[] = ["s3:ObjectCreated:*"], more: object = {}) =>
  new PutBucketNotificationConfigurationCommand({
    Bucket: "files",
    NotificationConfiguration: { QueueConfigurations: [{ QueueArn: target, Events: events }] },
    ...more,
  });
const configured = async (client: S3Client) =>
  (await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: "files" }))).QueueConfigurations;

test("a queue is tried before it is configured, and refused if it takes no test event", async () => {
  const { server, deliveries, client } = await noting(await dataFolder(), (target) => target === QUEUE);
  server.provisionBucket({ ...FILES, notifications: [] });
  const missing = QUEUE.replace("queue", "missing");
  const refused = { status: 400, name: "InvalidArgument" };
  expect(await errorOf(client.send(configure(missing)))).toEqual(refused);
  expect(await configured(client)).toBeUndefined();
  await client.send(configure(QUEUE));
  expect(deliveries).toEqual([`${QUEUE}: ${TEST_EVENT}`]);
  await client.send(configure(missing, undefined, { SkipDestinationValidation: true }));
  expect(await configured(client)).toMatchObject([{ QueueArn: missing }]);
});

test("where nobody takes events, none can be asked for", async () => {
  const server = await openS3(await dataFolder());
  server.provisionBucket({ ...FILES, notifications: [] });
  const refusal = await errorOf(connect(server).send(configure(QUEUE)));
  expect(refusal).toEqual({ status: 400, name: "InvalidArgument" });
});

test("what never happens here cannot be asked for", async () => {
  const { server, client } = await noting(await dataFolder());
  server.provisionBucket({ ...FILES, notifications: [] });
  for (const event of ["s3:ObjectRestore:*", "s3:ObjectTagging:Put"] as const) {
    const refusal = await errorOf(client.send(configure(QUEUE, [event])));
    expect(refusal).toEqual({ status: 400, name: "InvalidArgument" });
    const notifications = [{ targetArn: QUEUE, events: [event] }];
    expect(() => server.provisionBucket({ ...FILES, notifications })).toThrow(event);
  }
  await client.send(configure(QUEUE, ["s3:ObjectRemoved:*", "s3:ObjectCreated:Put"]));
});
