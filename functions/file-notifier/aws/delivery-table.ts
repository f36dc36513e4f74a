import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  deviceItem,
  fileItem,
  readDeviceItem,
  readFileItem,
  type StoredItem,
} from "../../../protocol/delivery-items.ts";
import { placedIn, withAnnounced } from "../../../protocol/delivery-state.ts";
import { deviceItemKey, fileItemKey, type TableKey } from "../../../protocol/delivery-table.ts";
import { addressKey } from "../../../protocol/target.ts";
import type { Deliveries } from "../ports.ts";

/** Times that a receipt of the same file may be written between our read and our write, before we give way. */
const MAX_CONFLICTS = 20;

/** The delivery table in DynamoDB, as far as the notifier writes it. Every write is over the very item that was read. */
export function createDeliveries(dynamodb: DynamoDBClient, TableName: string): Deliveries {
  return {
    async announced(device, announced) {
      const { path } = addressKey(announced.key);
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
        const [knownDevice, knownFile] = [
          await get(deviceItemKey(device)),
          await get(fileItemKey(device, path)),
        ];
        // A device is found by its item, whatever was heard of it.
        if (knownDevice === undefined) await put(deviceItem({ value: { device }, revision: 0 }));
        const inventory = knownDevice === undefined ? undefined : readDeviceItem(knownDevice).value.inventory;
        const before =
          knownFile === undefined ? { value: { device, path }, revision: 0 } : readFileItem(knownFile);
        const told = withAnnounced(before.value, announced);
        if (told === before.value) return;
        const value = { ...told, placed: placedIn(told, inventory) };
        if (await put(fileItem({ value, revision: before.revision }, inventory))) return;
      }
      throw new Error("receipts kept writing what an announcement changes in the delivery table");
    },
  };

  async function get({ pk, sk }: TableKey): Promise<StoredItem | undefined> {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item;
  }

  /** False if somebody else wrote first. */
  async function put(over: ReturnType<typeof fileItem>): Promise<boolean> {
    try {
      await dynamodb.send(new PutItemCommand({ TableName, ...over }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
