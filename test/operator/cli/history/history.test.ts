import { createHash } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AwsError } from "../../../../local/aws/aws-json/aws-error.ts";
import { type FilesBucket, openFilesBucket } from "../../../../operator/cloud/files/files-bucket.ts";
import { readLocalDeployment } from "../../../../operator/cloud/local-deployment.ts";
import { fileItem } from "../../../../protocol/delivery-items.ts";
import type { Delivery } from "../../../../protocol/delivery-state.ts";
import { shortSha256 } from "../../../../protocol/inventory.ts";
import { type Services, startServices } from "../../support/services.ts";

const KEY = "app.py";
const AT = 1_700_000_000_000;
const etags = new Map<string, string>();
let services: Services;
let bucket: FilesBucket;
beforeAll(async () => {
  services = await startServices({ table: true });
  bucket = openFilesBucket(await readLocalDeployment(services.folder));
  for (const content of ["one", "one", "two", "three", "two"]) await put(content);
}, 60_000);
afterEach(() => {
  services.faults.aws = undefined;
});
afterAll(async () => {
  bucket[Symbol.dispose]();
  await services.stop();
});

async function put(Body: string): Promise<void> {
  const { ETag = "" } = await bucket.client.send(new PutObjectCommand({ Bucket: "files", Key: KEY, Body }));
  etags.set(Body, ETag.replaceAll('"', ""));
}

const sha256Of = (content: string) => createHash("sha256").update(content).digest("base64url");

/** A device that was told of one content last, and has another, or none. */
async function device(name: string, told: string, has: string | undefined, whole = true): Promise<void> {
  const announced = {
    key: KEY,
    sha256: sha256Of(told),
    etag: etags.get(told) ?? "",
    versionId: "v",
    size: 1,
    at: AT,
  };
  const sha256 = has === undefined ? undefined : whole ? sha256Of(has) : shortSha256(sha256Of(has));
  const value: Delivery = {
    ...{ device: `dev:${name}`, path: KEY, announced },
    ...(has === undefined ? {} : { placed: { n: 1, sha256, at: AT } }),
  };
  await services.table.putOver(fileItem({ value, revision: 0 }, undefined));
}

const devices = async () => {
  const { json } = await services.json(["history", KEY]);
  return json.versions.map((each: { devices?: string[] }) => each.devices);
};
const reads = () => services.observations.filter(({ operation }) => operation === "GetObject").length;

test("each version tells who has it by its content, and nothing is read that an announcement tells", async () => {
  await device("a", "two", "two");
  await device("b", "two", undefined);
  const before = reads();
  expect(await devices()).toEqual([["dev:a"], [], ["dev:a"], [], []]);
  expect(reads()).toBe(before);
});

test("an older content that a device still has is found by reading, the newest first and each once", async () => {
  await device("c", "two", "three", false);
  let before = reads();
  expect(await devices()).toEqual([["dev:a"], ["dev:c"], ["dev:a"], [], []]);
  expect(reads()).toBe(before + 1);
  await device("d", "two", "one");
  before = reads();
  expect(await devices()).toEqual([["dev:a"], ["dev:c"], ["dev:a"], ["dev:d"], ["dev:d"]]);
  expect(reads()).toBe(before + 2);
  const { out } = await services.cli(["history", KEY]);
  expect(out.split("\n").map((line) => [line.split("\t")[0], line.split("\t")[5]])).toEqual([
    ...[
      ["5", "1"],
      ["4", "1"],
      ["3", "1"],
      ["2", "1"],
      ["1", "1"],
      ["", undefined],
    ],
  ]);
});

test("a content of no version that is kept is said, with how many devices have it", async () => {
  await device("e", "two", "zero");
  const run = await services.json(["history", KEY]);
  expect(run.json.others).toEqual(["dev:e"]);
  expect(run.err).toMatch(/^1 device has a content of none of these/);
});

test("without the table the versions are shown all the same; Ctrl-C is Ctrl-C", async () => {
  services.faults.aws = () => {
    throw new AwsError("com.amazonaws.dynamodb#AccessDeniedException", "no grant");
  };
  const run = await services.json(["history", KEY]);
  expect(run).toMatchObject({
    code: 0,
    err: "which devices have it is not known: AWS does not allow it: no grant (docs/OPERATOR.md lists what it takes)\n",
  });
  expect(run.json.versions).toHaveLength(5);
  expect(run.json.versions[0].devices).toBeUndefined();
  const interrupt = new AbortController();
  services.faults.aws = () => interrupt.abort();
  expect(await services.cli(["history", KEY], { signal: interrupt.signal })).toMatchObject({
    code: 130,
    out: "",
  });
});
