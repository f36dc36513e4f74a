import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from "@aws-sdk/client-dynamodb";
import { readDeviceItem, readFileItem, type StoredItem } from "../../../protocol/delivery-items.ts";
import { deviceItemKey, FILE_PREFIX, fileItemKey, type TableKey } from "../../../protocol/delivery-table.ts";
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
    async files(device) {
      const pages = paginateQuery(
        { client: dynamodb },
        {
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :file)",
          ExpressionAttributeValues: { ":pk": { S: deviceItemKey(device).pk }, ":file": { S: FILE_PREFIX } },
        },
      );
      const found = [];
      for await (const { Items } of pages) for (const item of Items ?? []) found.push(readFileItem(item));
      return found;
    },
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

  async function get({ pk, sk }: TableKey): Promise<StoredItem | undefined> {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
    );
    return Item;
  }
}
