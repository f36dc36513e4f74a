import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from "@aws-sdk/client-dynamodb";
import {
  readDeviceItem,
  readFileItem,
  readFleetItem,
  readHistoryItem,
  type StoredItem,
} from "../../../protocol/delivery-items.ts";
import {
  deviceItemKey,
  FILE_PREFIX,
  FLEET_PREFIX,
  fileItemKey,
  fleetItemKey,
  HISTORY_PREFIX,
  type TableKey,
} from "../../../protocol/delivery-table.ts";
import type { DeliveryTable } from "../ports.ts";

/** The delivery table in DynamoDB. */
export function createDynamoDbTable(dynamodb: DynamoDBClient, TableName: string): DeliveryTable {
  return {
    async device(device) {
      const item = await get(deviceItemKey(device));
      return item === undefined ? undefined : readDeviceItem(item);
    },
    async file(device, path) {
      const item = await get(fileItemKey(device, path));
      return item === undefined ? undefined : readFileItem(item);
    },
    files: async (device) => (await under(device, FILE_PREFIX)).map(readFileItem),
    async manifest(device, fleet) {
      const item = await get(fleetItemKey(device, fleet));
      return item === undefined ? undefined : readFleetItem(item);
    },
    manifests: async (device) => (await under(device, FLEET_PREFIX)).map(readFleetItem),
    history: async (device) => (await under(device, HISTORY_PREFIX)).map(readHistoryItem),
    async putOver(put) {
      try {
        await dynamodb.send(new PutItemCommand({ TableName, ...put }));
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    async put(item) {
      await dynamodb.send(new PutItemCommand({ TableName, Item: item }));
    },
  };

  async function under(device: string, prefix: string): Promise<StoredItem[]> {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: { ":pk": { S: deviceItemKey(device).pk }, ":prefix": { S: prefix } },
      },
    );
    const found: StoredItem[] = [];
    for await (const { Items } of pages) found.push(...(Items ?? []));
    return found;
  }

  async function get({ pk, sk }: TableKey): Promise<StoredItem | undefined> {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
    );
    return Item;
  }
}
