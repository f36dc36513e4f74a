import { createHash } from "node:crypto";
import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { deviceItem, fileItem, historyItem, type Item } from "../../protocol/delivery-items.ts";
import type { Delivery } from "../../protocol/delivery-state.ts";

/** A version of a file as the bucket has it. */
export type Upload = {
  key: string;
  path: string;
  sha256: string;
  etag: string;
  versionId: string;
  size: number;
};

/** Items that one request writes. */
const BATCH = 25;
const AT_ONCE = 4;
const MINUTE = 60_000;

export const deviceOf = (index: number) => `dev:8644750465${String(index).padStart(5, "0")}`;

/** Puts some versions of each file into the bucket, the oldest first. */
export async function uploadVersions(
  s3: S3Client,
  Bucket: string,
  files: readonly { key: string; path: string }[],
  contents: readonly ((path: string) => string)[],
): Promise<Upload[][]> {
  const uploads: Upload[][] = [];
  for (const { key, path } of files) {
    const versions: Upload[] = [];
    for (const content of contents) {
      const Body = content(path);
      const { ETag = "", VersionId = "" } = await s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
      const sha256 = createHash("sha256").update(Body).digest("base64url");
      versions.push({
        key,
        path,
        sha256,
        etag: ETag.replaceAll('"', ""),
        versionId: VersionId,
        size: Body.length,
      });
    }
    uploads.push(versions);
  }
  return uploads;
}

/**
 * Writes into the delivery table what so many devices would have said of those files: most have the newest, some are in trouble.
 *
 * @param options `history`: also what they said one by one, which is as much again
 */
export async function fillTable(
  dynamodb: DynamoDBClient,
  table: string,
  devices: number,
  files: readonly (readonly Upload[])[],
  now: number,
  { history = true } = {},
): Promise<void> {
  const items = itemsOf(devices, files, now, history); // shared, so each is taken once
  const worker = async () => {
    for (;;) {
      const batch: Item[] = [];
      for (let next = items.next(); next.done !== true; next = items.next()) {
        batch.push(next.value);
        if (batch.length === BATCH) break;
      }
      if (batch.length === 0) return;
      const requests = batch.map((each) => ({ PutRequest: { Item: each } }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function* itemsOf(
  devices: number,
  files: readonly (readonly Upload[])[],
  now: number,
  history: boolean,
): Generator<Item> {
  for (let index = 0; index < devices; index += 1) {
    const device = deviceOf(index);
    yield deviceItem({ value: { device }, revision: 0 }).Item;
    for (const [at, versions] of files.entries()) {
      const delivery = deliveryOf(device, versions, scatter(index, at), now);
      yield fileItem({ value: delivery, revision: 0 }, undefined).Item;
      const { reported } = delivery;
      if (reported === undefined || !history) continue;
      const { key: name, at: said, ...receipt } = reported;
      yield historyItem(device, { ...receipt, name }, said);
    }
  }
}

/** A number that looks like chance, the same each time. */
function scatter(one: number, other: number): number {
  return (Math.imul(one + 1, 0x9e3779b1) ^ Math.imul(other + 1, 0x85ebca6b)) >>> 8;
}

/** @param dice what becomes of it, the same each time */
function deliveryOf(device: string, versions: readonly Upload[], dice: number, now: number): Delivery {
  const [newest, before] = [versions.at(-1), versions.at(-2)];
  if (newest === undefined) throw new Error("a file has a version");
  const at = now - (2 + ((dice * 37) % 4000)) * MINUTE;
  const { key, path, sha256, etag, versionId, size } = newest;
  const announced = { key, versionId, sha256, etag, size, at: at - MINUTE };
  const n = at;
  const had = before === undefined ? {} : { placed: { n: n - 1, sha256: before.sha256, at: at - MINUTE } };
  const said = { key, n, sha256, at, bytes: 0, requests: 0 };
  const roll = dice % 61;
  if (roll < 3) return { device, path, announced, ...had };
  if (roll < 5)
    return {
      ...{ device, path, announced, ...had },
      reported: {
        ...said,
        state: "failed",
        reason: "run",
        ended: "exit 3",
        bytes: size,
        requests: 1,
        way: "zstd",
      },
    };
  if (roll < 6)
    return { device, path, announced, ...had, reported: { ...said, state: "failed", reason: "space" } };
  const bytes = dice % 3 === 0 ? size : Math.ceil(size / 12);
  const way = dice % 3 === 0 ? "zstd" : "patch";
  return {
    ...{ device, path, announced, placed: { n, sha256, at } },
    reported: { ...said, state: "installed", bytes, requests: dice % 3 === 0 ? 1 : 0, way },
  };
}
