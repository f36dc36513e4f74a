import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from "@aws-sdk/client-dynamodb";
import { withAnnounced, withUnannounced, withWithdrawn } from "../../../protocol/announced.ts";
import {
  deviceItem,
  fileItem,
  readDeviceItem,
  readFileItem,
  type StoredItem,
} from "../../../protocol/delivery-items.ts";
import type { Delivery } from "../../../protocol/delivery-state.ts";
import {
  deviceItemKey,
  fileItemKey,
  filePartition,
  INDEXES,
  readIndexEntry,
  SHARDS,
  type TableKey,
} from "../../../protocol/delivery-table.ts";
import { withList } from "../../../protocol/placed.ts";
import { addressKey, isDeviceKey, isDeviceUid } from "../../../protocol/target.ts";
import { isForgotten } from "../../../protocol/wanted.ts";
import type { Deliveries } from "../ports.ts";

/** Times that a receipt of the same file may be written between our read and our write, before we give way. */
const MAX_CONFLICTS = 20;

/** Requests side by side, where all devices of a fleet are written. */
const WRITES_AT_ONCE = 16;

/** The delivery table in DynamoDB, as far as the notifier writes it. Every write is over the very item that was read. */
export function createDeliveries(dynamodb: DynamoDBClient, TableName: string): Deliveries {
  return {
    announced: (uid, announced) =>
      update(uid, announced.key, (delivery) => withAnnounced(delivery, announced)),
    notAnnounced: (uid, unannounced, signal) =>
      update(uid, unannounced.key, (delivery) => withUnannounced(delivery, unannounced), signal),
    async withdrawn(uid, withdrawn, signal) {
      const { key } = withdrawn;
      const uids = isDeviceKey(key) ? [uid] : [uid, ...(await whoWasToldOf(key, signal))];
      const next = new Set(uids).values(); // shared, so each is taken once
      const writer = async () => {
        for (const each of next)
          await update(each, key, (delivery) => withWithdrawn(delivery, withdrawn), signal);
      };
      await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writer));
    },
  };

  /** Devices that were told of a key, or were to be, or said something of it. */
  async function whoWasToldOf(key: string, signal: AbortSignal): Promise<string[]> {
    const { name, partition } = INDEXES.byFile;
    const uids: string[] = [];
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const pages = paginateQuery(
        { client: dynamodb },
        {
          ...{ TableName, IndexName: name, KeyConditionExpression: "#pk = :pk" },
          ExpressionAttributeNames: { "#pk": partition },
          ExpressionAttributeValues: { ":pk": { S: filePartition(key, shard) } },
        },
        within(signal),
      );
      for await (const { Items } of pages)
        uids.push(...(Items ?? []).flatMap((entry) => readIndexEntry(entry)?.device ?? []));
    }
    return uids;
  }

  /** @param change the same object where it changes nothing */
  async function update(
    uid: string,
    key: string,
    change: (delivery: Delivery) => Delivery,
    signal?: AbortSignal,
  ): Promise<void> {
    const { path } = addressKey(key);
    const isDevice = isDeviceUid(uid);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const knownDevice = isDevice ? await get(deviceItemKey(uid), signal) : undefined;
      const knownFile = await get(fileItemKey(uid, path), signal);
      // A device is found by its item, whatever was heard of it. A fleet or a group of things has none, so that it is not taken for a device.
      if (isDevice && knownDevice === undefined && !isForgotten(change({ device: uid, path })))
        await put(deviceItem({ value: { device: uid }, revision: 0 }), signal);
      const inventory = knownDevice === undefined ? undefined : readDeviceItem(knownDevice).value.inventory;
      const before: ReturnType<typeof readFileItem> =
        knownFile === undefined ? { value: { device: uid, path }, revision: 0 } : readFileItem(knownFile);
      const changed = change(before.value);
      if (changed === before.value) return;
      const value = withList(changed, inventory);
      if (await put(fileItem({ value, revision: before.revision }, inventory), signal)) return;
    }
    throw new Error("receipts kept writing what an announcement changes in the delivery table");
  }

  async function get({ pk, sk }: TableKey, abortSignal?: AbortSignal): Promise<StoredItem | undefined> {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const command = new GetItemCommand({ TableName, Key, ConsistentRead: true });
    return (await dynamodb.send(command, within(abortSignal))).Item;
  }

  /** False if somebody else wrote first. */
  async function put(over: ReturnType<typeof fileItem>, abortSignal?: AbortSignal): Promise<boolean> {
    try {
      await dynamodb.send(new PutItemCommand({ TableName, ...over }), within(abortSignal));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

function within(abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}
