import { readdir } from "node:fs/promises";
import path from "node:path";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule as LifecycleRuleInput,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { S3Event } from "../../../../local/aws/s3/events/event.ts";
import { expiredVersions, isPast, type LifecycleRule } from "../../../../local/aws/s3/store/lifecycle.ts";
import { errorOf } from "../../../conformance/s3/support/error-of.ts";
import { connect, dataFolder, FILES, openS3, ROOT, takeInto, told } from "./support/local-s3.ts";

const DAY = 86_400_000;
const RULE: LifecycleRule = { id: "rule", enabled: true, prefix: "" };
const at = (text: string) => Date.parse(text);

test("days are counted to the next midnight in UTC", () => {
  const stored = at("2014-01-15T10:30:00Z"); // S3's own example
  expect(isPast(stored, 3, at("2014-01-18T23:59:59Z"))).toBe(false);
  expect(isPast(stored, 3, at("2014-01-19T00:00:00Z"))).toBe(true);
});

const NOW = at("2026-06-30T12:00:00Z");
/** Newest first; each as its age in days, `-` before that of a delete marker. */
const versions = (...ages: string[]) =>
  ages.map((age, index) => ({
    age,
    latest: index === 0,
    deleteMarker: age.startsWith("-"),
    modified: NOW - Math.abs(Number(age)) * DAY,
  }));
const expired = (rule: Partial<LifecycleRule>, ...ages: string[]) =>
  expiredVersions({ ...RULE, ...rule }, versions(...ages), NOW).map(({ age }) => age);

test.each<[string, Partial<LifecycleRule>, string[], string[]]>([
  ["the current version by its age", { expireAfterDays: 7 }, ["8", "9"], ["8"]],
  ["nothing that is younger", { expireAfterDays: 7 }, ["6", "9"], []],
  [
    "no delete marker that hides something",
    { expireAfterDays: 7, expireDeleteMarkers: true },
    ["-9", "10"],
    [],
  ],
  ["a lonely delete marker", { expireDeleteMarkers: true }, ["-0"], ["-0"]],
  ["a lonely delete marker of that age", { expireAfterDays: 7 }, ["-8"], ["-8"]],
  ["no delete marker by a rule for others", { expireNoncurrentAfterDays: 1 }, ["-9"], []],
  // Replaced when the next newer one came: 1, 20 and 30 days ago.
  [
    "replaced versions by when they were replaced",
    { expireNoncurrentAfterDays: 10 },
    ["1", "20", "30", "90"],
    ["30", "90"],
  ],
  ["replaced delete markers too", { expireNoncurrentAfterDays: 10 }, ["20", "-30", "40"], ["-30", "40"]],
  [
    "no replaced version that is among those to keep",
    { expireNoncurrentAfterDays: 10, keepNoncurrent: 2 },
    ["20", "30", "-40", "50", "60", "70"],
    ["60", "70"],
  ],
  ["nothing by a rule that is switched off", { enabled: false, expireAfterDays: 1 }, ["9"], []],
  ["nothing by a rule for uploads", { abortUploadsAfterDays: 1 }, ["9", "9"], []],
])("expires %s", (_, rule, ages, expected) => {
  expect(expired(rule, ...ages)).toEqual(expected);
});

/** A server as it was so many days ago. */
async function openAgo(dataDir: string, days: number, rules: LifecycleRule[], events: S3Event[] = []) {
  const clock = Date.now() - days * DAY;
  const server = await openS3(dataDir, { clock: () => clock, deliver: takeInto(events) });
  server.provisionBucket({
    ...FILES,
    notifications: [{ targetArn: "queue", events: ["s3:LifecycleExpiration:*"] }],
    lifecycle: rules,
  });
  return { server, client: connect(server, ROOT, { systemClockOffset: -days * DAY }) };
}

const put = (Key: string, Body = "x") => new PutObjectCommand({ Bucket: "files", Key, Body });
const blobs = (dataDir: string) => readdir(path.join(dataDir, "blobs"));

test("what expires is deleted at a start, with an event, and nothing else is", async () => {
  const dataDir = await dataFolder();
  const rules: LifecycleRule[] = [
    { ...RULE, id: "logs", prefix: "logs/", expireAfterDays: 7 },
    { ...RULE, id: "replaced", expireNoncurrentAfterDays: 3 },
    { ...RULE, id: "deleted", prefix: "gone", expireDeleteMarkers: true },
  ];
  const first = await openAgo(dataDir, 20, rules);
  for (const key of ["logs/old", "kept", "replaced", "gone"]) await first.client.send(put(key));
  await first.client.send(put("replaced", "y"));
  const { VersionId } = await first.client.send(put("gone", "y"));
  await first.client.send(new DeleteObjectCommand({ Bucket: "files", Key: "gone" }));
  await first.server.close();
  expect(VersionId).toMatch(/^[\w-]{32}$/);

  const events: S3Event[] = [];
  const second = await openAgo(dataDir, 1, rules, events);
  await second.client.send(put("logs/new"));
  const expected = [
    "LifecycleExpiration:Delete gone", // two versions that a marker had replaced
    "LifecycleExpiration:Delete gone",
    "LifecycleExpiration:Delete replaced",
    "LifecycleExpiration:DeleteMarkerCreated logs/old",
  ];
  await expect.poll(() => told(events).toSorted()).toEqual(expected);
  expect(events[0]?.Records[0]).toMatchObject({
    eventVersion: "2.3",
    userIdentity: { principalId: "s3.amazonaws.com" },
  });
  await second.server.close();

  const third = await openAgo(dataDir, 0, rules, events);
  await expect.poll(() => told(events).at(-1)).toBe("LifecycleExpiration:Delete gone"); // the marker that was left
  const listed = await third.client.send(new ListObjectVersionsCommand({ Bucket: "files" }));
  expect(listed.Versions?.map(({ Key }) => Key)).toEqual(["kept", "logs/new", "logs/old", "replaced"]);
  expect(listed.DeleteMarkers?.map(({ Key }) => Key)).toEqual(["logs/old"]);
  await expect.poll(() => blobs(dataDir)).toHaveLength(4);
});

test("a file that is put while its predecessor expires stays", async () => {
  const dataDir = await dataFolder();
  const rules = [{ ...RULE, expireAfterDays: 7 }];
  const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
  const first = await openAgo(dataDir, 20, rules);
  await Promise.all(keys.map((key) => first.client.send(put(key))));
  await first.server.close();

  const events: S3Event[] = [];
  const second = await openAgo(dataDir, 0, rules, events); // it expires them now
  await Promise.all(keys.toReversed().map((key) => second.client.send(put(key, "new"))));
  const listed = await second.client.send(new ListObjectVersionsCommand({ Bucket: "files" }));
  expect(listed.DeleteMarkers?.filter(({ IsLatest }) => IsLatest) ?? []).toEqual([]);
});

test("unfinished uploads below the prefix are aborted, with their bytes", async () => {
  const dataDir = await dataFolder();
  const rules = [{ ...RULE, prefix: "big/", abortUploadsAfterDays: 2 }];
  const first = await openAgo(dataDir, 20, rules);
  for (const Key of ["big/1", "other"]) {
    const at = { Bucket: "files", Key };
    const { UploadId } = await first.client.send(new CreateMultipartUploadCommand(at));
    await first.client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: Key }));
  }
  await first.server.close();
  const second = await openAgo(dataDir, 0, rules);
  await second.client.send(new CreateMultipartUploadCommand({ Bucket: "files", Key: "big/2" }));
  await expect.poll(() => blobs(dataDir)).toHaveLength(1);
  const { Uploads } = await second.client.send(new ListMultipartUploadsCommand({ Bucket: "files" }));
  expect(Uploads?.map(({ Key }) => Key)).toEqual(["big/2", "other"]);
});

async function configure(...Rules: LifecycleRuleInput[]) {
  const server = await openS3(await dataFolder());
  server.provisionBucket({ ...FILES, lifecycle: [] });
  const client = connect(server);
  const LifecycleConfiguration = { Rules };
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: "files", LifecycleConfiguration }));
  return (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: "files" }))).Rules;
}

const ALL: LifecycleRuleInput = { ID: "all", Status: "Enabled", Filter: { Prefix: "" } };

test("rules are read back as they are carried out", async () => {
  const rules: LifecycleRuleInput[] = [
    { ...ALL, Filter: { Prefix: "logs/" }, Expiration: { Days: 7 } },
    {
      ...ALL,
      ID: "replaced",
      Status: "Disabled",
      NoncurrentVersionExpiration: { NoncurrentDays: 30, NewerNoncurrentVersions: 3 },
    },
    { ...ALL, ID: "uploads", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    { ...ALL, ID: "markers", Expiration: { ExpiredObjectDeleteMarker: true } },
  ];
  expect(await configure(...rules)).toEqual(rules);
});

test.each<[string, LifecycleRuleInput, string]>([
  ["a transition", { ...ALL, Transitions: [{ Days: 1, StorageClass: "GLACIER" }] }, "NotImplemented"],
  [
    "a filter by tag",
    { ...ALL, Filter: { Tag: { Key: "a", Value: "b" } }, Expiration: { Days: 1 } },
    "NotImplemented",
  ],
  [
    "a filter by size",
    { ...ALL, Filter: { ObjectSizeLessThan: 9 }, Expiration: { Days: 1 } },
    "NotImplemented",
  ],
  ["a date", { ...ALL, Expiration: { Date: new Date(0) } }, "NotImplemented"],
  ["no action", ALL, "InvalidRequest"],
  ["no day", { ...ALL, Expiration: { Days: 0 } }, "InvalidArgument"],
  ["two expirations", { ...ALL, Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } }, "MalformedXML"],
])("a rule with %s is refused, not kept without effect", async (_, rule, name) => {
  expect(await errorOf(configure(rule))).toMatchObject({ name });
});
