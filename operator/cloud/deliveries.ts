import { type DynamoDBClient, paginateQuery, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import {
  readDeviceItem,
  readFileItem,
  readFleetItem,
  type StoredItem,
} from "../../protocol/delivery-items.ts";
import { DELIVERY_STATES, type Delivery, type DeliveryState } from "../../protocol/delivery-state.ts";
import {
  deviceItemKey,
  devicesPartition,
  FLEET_PREFIX,
  filePartition,
  HISTORY_PREFIX,
  INDEXES,
  type IndexEntry,
  readIndexEntry,
  SHARDS,
  troublePartition,
} from "../../protocol/delivery-table.ts";
import type { KnownManifest } from "../../protocol/device-manifest.ts";
import type { Device } from "../../protocol/known-device.ts";
import { isForgotten } from "../../protocol/wanted.ts";
import { createFileTally, type FileCount } from "./file-tally.ts";
import { mergeSorted, newestFirst } from "./merge-sorted.ts";
import { readWhole } from "./read-whole.ts";

/** A device, all that is known of its files, and what it said of its fleets' manifests. */
export type KnownDevice = { device: Device; files: Delivery[]; manifests: KnownManifest[] };

/**
 * What the operator asks the delivery table. Each question reads what it shows, and of each partition the rest of a page, which is its share of
 * the `most` items that are wanted and one.
 */
export type Deliveries = {
  /** Undefined for a device that was never told, nor heard of. */
  device(uid: string): Promise<KnownDevice | undefined>;
  /** Who was told of a file, newest first; of one state, or of all, state by state. */
  ofFile(key: string, most: number, state?: DeliveryState): AsyncIterable<IndexEntry>;
  /** Who was told of a file, or has it, in no order. */
  everyOfFile(key: string): AsyncIterable<IndexEntry>;
  /** @param silentBefore milliseconds since the epoch */
  count(key: string, silentBefore: number): Promise<FileCount>;
  /** What somebody should look at, newest first. */
  trouble(most: number): AsyncIterable<IndexEntry>;
  /** All devices whose UIDs begin with `prefix`, in no order. */
  devices(prefix: string, most: number): AsyncIterable<string>;
  /** What a device said, newest first. @param now milliseconds since the epoch: DynamoDB removes what is older, but late */
  history(uid: string, most: number, now: number): AsyncIterable<unknown>;
  /** The whole of what an index names, in its order; what is gone meanwhile is left out. */
  whole(entries: readonly IndexEntry[]): Promise<Delivery[]>;
};

/** Items of a partition that are read at a time at the most: DynamoDB would give a megabyte. */
const PAGE = 1000;

const SHARD_NUMBERS = Array.from({ length: SHARDS }, (_, shard) => shard);

/** @param signal ends every question */
export function createDeliveries(
  dynamodb: DynamoDBClient,
  TableName: string,
  signal?: AbortSignal,
): Deliveries {
  const options = signal === undefined ? {} : { abortSignal: signal };

  async function* query(
    input: Omit<QueryCommandInput, "TableName">,
    pageSize: number,
  ): AsyncGenerator<StoredItem> {
    const pages = paginateQuery({ client: dynamodb, pageSize }, { TableName, ...input }, options);
    for await (const { Items } of pages) {
      yield* Items ?? [];
    }
  }

  async function* entries(
    input: Omit<QueryCommandInput, "TableName">,
    pageSize: number,
  ): AsyncGenerator<IndexEntry> {
    for await (const item of query({ ...input, ScanIndexForward: false }, pageSize)) {
      const entry = readIndexEntry(item);
      if (entry !== undefined) yield entry;
    }
  }

  const ofState = (key: string, state: DeliveryState, shard: number) => ({
    IndexName: INDEXES.byFile.name,
    KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :state)",
    ExpressionAttributeNames: { "#pk": INDEXES.byFile.partition, "#sk": INDEXES.byFile.sort },
    ExpressionAttributeValues: { ":pk": { S: filePartition(key, shard) }, ":state": { S: `${state}#` } },
  });

  /** One query of keys for all states: eight requests, where a count of each state would be eighty. */
  async function countShard(key: string, shard: number, add: (state: string, at: number) => void) {
    const input = {
      IndexName: INDEXES.byFile.name,
      KeyConditionExpression: "#pk = :pk",
      ProjectionExpression: "#sk",
      ExpressionAttributeNames: { "#pk": INDEXES.byFile.partition, "#sk": INDEXES.byFile.sort },
      ExpressionAttributeValues: { ":pk": { S: filePartition(key, shard) } },
    };
    for await (const item of query(input, 10_000)) {
      const [state = "", at] = item[INDEXES.byFile.sort]?.S?.split("#", 2) ?? [];
      add(state, Number(at));
    }
  }

  return {
    async device(uid) {
      let device: Device | undefined;
      const files: Delivery[] = [];
      const manifests: KnownManifest[] = [];
      // `device`, `file#…` and `fleet#…` come one after the other, and the history after them.
      const input = {
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues: {
          ":pk": { S: deviceItemKey(uid).pk },
          ":first": { S: deviceItemKey(uid).sk },
          ":last": { S: `${FLEET_PREFIX}\u{10FFFF}` },
        },
      };
      for await (const item of query(input, PAGE)) {
        if (item.sk?.S === deviceItemKey(uid).sk) device = readDeviceItem(item).value;
        else if (item.sk?.S?.startsWith(FLEET_PREFIX)) manifests.push(readFleetItem(item).value.said);
        else files.push(readFileItem(item).value);
      }
      const shown = files.filter((file) => !isForgotten(file));
      return device === undefined && shown.length === 0
        ? undefined
        : { device: device ?? { device: uid }, files: shown, manifests };
    },

    async *ofFile(key, most, state) {
      let left = most;
      for (const each of state === undefined ? DELIVERY_STATES : [state]) {
        const shards = SHARD_NUMBERS.map((shard) => entries(ofState(key, each, shard), shareOf(left)));
        for await (const entry of mergeSorted(shards, newestFirst)) {
          yield entry;
          left -= 1;
        }
      }
    },

    async *everyOfFile(key) {
      for (const shard of SHARD_NUMBERS) {
        const input = {
          IndexName: INDEXES.byFile.name,
          KeyConditionExpression: "#pk = :pk",
          ExpressionAttributeNames: { "#pk": INDEXES.byFile.partition },
          ExpressionAttributeValues: { ":pk": { S: filePartition(key, shard) } },
        };
        for await (const item of query(input, PAGE)) {
          const entry = readIndexEntry(item);
          if (entry !== undefined) yield entry;
        }
      }
    },

    async count(key, silentBefore) {
      const tally = createFileTally(silentBefore);
      await Promise.all(SHARD_NUMBERS.map((shard) => countShard(key, shard, tally.add)));
      return tally.total();
    },

    trouble: (most) =>
      mergeSorted(
        SHARD_NUMBERS.map((shard) => {
          const input = {
            IndexName: INDEXES.byTrouble.name,
            KeyConditionExpression: "#pk = :pk",
            ExpressionAttributeNames: { "#pk": INDEXES.byTrouble.partition },
            ExpressionAttributeValues: { ":pk": { S: troublePartition(shard) } },
          };
          return entries(input, shareOf(most));
        }),
        newestFirst,
      ),

    async *devices(prefix, most) {
      for (const shard of SHARD_NUMBERS) {
        const input = {
          IndexName: INDEXES.devices.name,
          // Any text is above an empty one, which begins_with refuses.
          KeyConditionExpression: `#pk = :pk AND ${prefix === "" ? "#sk > :prefix" : "begins_with(#sk, :prefix)"}`,
          ExpressionAttributeNames: { "#pk": INDEXES.devices.partition, "#sk": INDEXES.devices.sort },
          ExpressionAttributeValues: {
            ":pk": { S: devicesPartition(shard) },
            ":prefix": { S: prefix === "" ? " " : prefix },
          },
        };
        for await (const item of query(input, Math.min(PAGE, most + 1))) {
          const uid = item[INDEXES.devices.sort]?.S;
          if (uid !== undefined) yield uid;
        }
      }
    },

    async *history(uid, most, now) {
      const input = {
        ScanIndexForward: false,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :history)",
        ExpressionAttributeValues: { ":pk": { S: deviceItemKey(uid).pk }, ":history": { S: HISTORY_PREFIX } },
      };
      for await (const { doc, expires } of query(input, Math.min(PAGE, most + 1))) {
        const said = v.safeParse(v.pipe(v.string(), v.parseJson()), doc?.S);
        if (said.success && Number(expires?.N ?? 0) * 1000 > now) yield said.output;
      }
    },

    whole: (wanted) => readWhole(dynamodb, TableName, wanted, options),
  };
}

/** Items of each of the partitions that so many are read from: one more tells whether that was all. */
function shareOf(most: number): number {
  return Math.min(PAGE, Math.max(0, Math.ceil(most / SHARDS)) + 1);
}
