import { BatchGetItemCommand, type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { readFleetItem } from "../../../protocol/delivery-items.ts";
import {
  type FleetEntry,
  fleetItemKey,
  fleetPartition,
  INDEXES,
  readFleetEntry,
  SHARDS,
} from "../../../protocol/delivery-table.ts";
import type { KnownManifest } from "../../../protocol/device-manifest.ts";

/** What the operator asks the delivery table about a fleet's manifest. */
export type FleetTable = {
  /** Every device that said something of it, by the keys of an index. */
  devicesOf(fleet: string): Promise<FleetEntry[]>;
  /** What these devices said of it, by their UIDs. */
  saidBy(fleet: string, devices: readonly string[]): Promise<Map<string, KnownManifest>>;
};

/** Items that one request fetches. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const BATCH = 100;

/** @param signal ends every question */
export function createFleetTable(
  dynamodb: DynamoDBClient,
  TableName: string,
  signal?: AbortSignal,
): FleetTable {
  const options = signal === undefined ? {} : { abortSignal: signal };
  return {
    async devicesOf(fleet) {
      const { name, partition } = INDEXES.byFile;
      const shards = Array.from({ length: SHARDS }, async (_, shard) => {
        const found: FleetEntry[] = [];
        const input = {
          ...{ TableName, IndexName: name, KeyConditionExpression: "#pk = :pk" },
          ExpressionAttributeNames: { "#pk": partition },
          ExpressionAttributeValues: { ":pk": { S: fleetPartition(fleet, shard) } },
        };
        for await (const { Items = [] } of paginateQuery({ client: dynamodb }, input, options))
          found.push(...Items.flatMap((item) => readFleetEntry(item) ?? []));
        return found;
      });
      return (await Promise.all(shards)).flat();
    },

    async saidBy(fleet, devices) {
      const found = new Map<string, KnownManifest>();
      for (let at = 0; at < devices.length; at += BATCH) {
        let Keys = devices.slice(at, at + BATCH).map((device) => {
          const { pk, sk } = fleetItemKey(device, fleet);
          return { pk: { S: pk }, sk: { S: sk } };
        });
        while (Keys.length > 0) {
          const RequestItems = { [TableName]: { Keys } };
          const { Responses, UnprocessedKeys } = await dynamodb.send(
            new BatchGetItemCommand({ RequestItems }),
            options,
          );
          for (const item of Responses?.[TableName] ?? []) {
            const { device, said } = readFleetItem(item).value;
            found.set(device, said);
          }
          Keys = (UnprocessedKeys?.[TableName]?.Keys ?? []) as typeof Keys;
        }
      }
      return found;
    },
  };
}
