import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readFileItem } from "../../protocol/delivery-items.ts";
import type { Delivery } from "../../protocol/delivery-state.ts";
import { FILE_PREFIX, type IndexEntry } from "../../protocol/delivery-table.ts";

/** Items that one request fetches. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const BATCH = 100;
/** A fleet of a thousand is ten of them, one after the other a tenth of a second and more. */
const BATCHES_AT_ONCE = 4;

/** The whole of what an index names, in its order; what is gone meanwhile is left out. */
export async function readWhole(
  dynamodb: DynamoDBClient,
  TableName: string,
  wanted: readonly IndexEntry[],
  options: { abortSignal?: AbortSignal },
): Promise<Delivery[]> {
  const found = new Map<string, Delivery>();
  const starts = Array.from({ length: Math.ceil(wanted.length / BATCH) }, (_, n) => n * BATCH).values(); // shared, so each is taken once
  const worker = async () => {
    for (const at of starts) {
      let Keys = wanted.slice(at, at + BATCH).map(({ device, path }) => ({
        pk: { S: `device#${device}` },
        sk: { S: `${FILE_PREFIX}${path}` },
      }));
      while (Keys.length > 0) {
        const RequestItems = { [TableName]: { Keys } };
        const { Responses, UnprocessedKeys } = await dynamodb.send(
          new BatchGetItemCommand({ RequestItems }),
          options,
        );
        for (const item of Responses?.[TableName] ?? []) {
          const { value } = readFileItem(item);
          found.set(nameOf(value), value);
        }
        Keys = (UnprocessedKeys?.[TableName]?.Keys ?? []) as typeof Keys;
      }
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, worker));
  return wanted.flatMap((entry) => found.get(nameOf(entry)) ?? []);
}

function nameOf({ device, path }: { device: string; path: string }): string {
  return `${device}\n${path}`;
}
