import { type DynamoDBClient, paginateQuery, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import type { StoredItem } from "../../protocol/delivery-items.ts";
import type { DeliveryState } from "../../protocol/delivery-state.ts";
import {
  devicesPartition,
  filePartition,
  INDEXES,
  type IndexEntry,
  readIndexEntry,
  SHARDS,
  troublePartition,
} from "../../protocol/delivery-table.ts";
import { mergeSorted } from "./merge-sorted.ts";
import { OperatorError } from "./operator-error.ts";

/** A page of a list; `next` is what asks for the one after it, absent from the last. */
export type Page<T> = { items: T[]; next?: string };

/**
 * The lists of the delivery table a page at a time, each in an order that does not depend on where the pages end. A page reads its
 * own items, and of each partition at most a share of another.
 */
export type DeliveryPages = {
  /** UIDs that begin with `prefix`, in their order. */
  devices(prefix: string, most: number, after?: string): Promise<Page<string>>;
  /** What somebody should look at, newest first. */
  trouble(most: number, after?: string): Promise<Page<IndexEntry>>;
  /** Who was told of a file: state by state as they are given, each newest first. */
  ofFile(
    key: string,
    states: readonly DeliveryState[],
    most: number,
    after?: string,
  ): Promise<Page<IndexEntry>>;
  /** How many UIDs begin with `prefix`, counted up to `most`. */
  countDevices(prefix: string, most: number): Promise<number>;
};

type Index = { name: string; partition: string; sort: string };
type Question = {
  index: Index;
  partitionOf(shard: number): string;
  /** How the sort keys begin. */
  beginsWith: string;
  descending: boolean;
};

/** Of each partition the last item that was shown: its key in the index, and in the table. */
const Place = v.nullable(v.tuple([v.string(), v.string(), v.string()]));
const Cursor = v.pipe(
  v.string(),
  v.transform((text) => Buffer.from(text, "base64url").toString()),
  v.parseJson(),
  v.object({ state: v.optional(v.string()), places: v.pipe(v.array(Place), v.length(SHARDS)) }),
);
type Cursor = v.InferOutput<typeof Cursor>;

const START: Cursor = { places: Array.from({ length: SHARDS }, () => null) };
/** Any text is above an empty one, which DynamoDB refuses in a condition. */
const LOWEST = " ";

export function createDeliveryPages(
  dynamodb: DynamoDBClient,
  TableName: string,
  signal?: AbortSignal,
): DeliveryPages {
  const options = signal === undefined ? {} : { abortSignal: signal };

  async function* query(input: Omit<QueryCommandInput, "TableName">, pageSize: number) {
    const pages = paginateQuery({ client: dynamodb, pageSize }, { TableName, ...input }, options);
    for await (const { Items } of pages) yield* Items ?? [];
  }

  function conditionOf({ index, partitionOf, beginsWith }: Question, shard: number) {
    return {
      IndexName: index.name,
      KeyConditionExpression: `#pk = :pk AND ${beginsWith === "" ? "#sk > :begin" : "begins_with(#sk, :begin)"}`,
      ExpressionAttributeNames: { "#pk": index.partition, "#sk": index.sort },
      ExpressionAttributeValues: {
        ":pk": { S: partitionOf(shard) },
        ":begin": { S: beginsWith === "" ? LOWEST : beginsWith },
      },
    };
  }

  /** @returns items, and the cursor behind the last of them where there are more. */
  async function page(question: Question, most: number, after: Cursor) {
    const { index, partitionOf, descending } = question;
    const share = Math.ceil(most / SHARDS) + 1;
    const shards = after.places.map(async function* (place, shard) {
      const start = place === null ? {} : { ExclusiveStartKey: startKey(index, partitionOf(shard), place) };
      const input = { ...conditionOf(question, shard), ...start, ScanIndexForward: !descending };
      for await (const item of query(input, share)) yield { shard, item };
    });
    const sortOf = ({ item }: { item: StoredItem }) => item[index.sort]?.S ?? "";
    const order = descending ? -1 : 1;
    const merged = mergeSorted(shards, (one, other) => order * compareTexts(sortOf(one), sortOf(other)));
    const places = [...after.places];
    const items: StoredItem[] = [];
    for await (const { shard, item } of merged) {
      if (items.length === most) return { items, next: { places } };
      items.push(item);
      places[shard] = [item[index.sort]?.S ?? "", item.pk?.S ?? "", item.sk?.S ?? ""];
    }
    return { items };
  }

  return {
    async devices(prefix, most, after) {
      const found = await page(devicesQuestion(prefix), most, readCursor(after));
      return pageOf(
        found.items.flatMap((item) => item[INDEXES.devices.sort]?.S ?? []),
        found.next,
      );
    },

    async trouble(most, after) {
      const question = { index: INDEXES.byTrouble, partitionOf: troublePartition, beginsWith: "" };
      const found = await page({ ...question, descending: true }, most, readCursor(after));
      return pageOf(entriesIn(found.items), found.next);
    },

    async ofFile(key, states, most, after) {
      let cursor = readCursor(after);
      const items: StoredItem[] = [];
      const first = (states as readonly (string | undefined)[]).indexOf(cursor.state);
      for (const state of states.slice(Math.max(0, first))) {
        const partitionOf = (shard: number) => filePartition(key, shard);
        const question = { index: INDEXES.byFile, partitionOf, beginsWith: `${state}#`, descending: true };
        const found = await page(question, most - items.length, cursor);
        items.push(...found.items);
        if (found.next !== undefined) return pageOf(entriesIn(items), { ...found.next, state });
        cursor = START;
      }
      return pageOf(entriesIn(items), undefined);
    },

    async countDevices(prefix, most) {
      const counts = await Promise.all(
        START.places.map(async (_, shard) => {
          let count = 0;
          for await (const _item of query(conditionOf(devicesQuestion(prefix), shard), 1000)) {
            count += 1;
            if (count >= most) break;
          }
          return count;
        }),
      );
      return Math.min(
        most,
        counts.reduce((sum, each) => sum + each, 0),
      );
    },
  };
}

function devicesQuestion(prefix: string): Question {
  return { index: INDEXES.devices, partitionOf: devicesPartition, beginsWith: prefix, descending: false };
}

function startKey(index: Index, partition: string, [sort, pk, sk]: readonly [string, string, string]) {
  return { [index.partition]: { S: partition }, [index.sort]: { S: sort }, pk: { S: pk }, sk: { S: sk } };
}

function entriesIn(items: readonly StoredItem[]): IndexEntry[] {
  return items.flatMap((item) => readIndexEntry(item) ?? []);
}

function pageOf<T>(items: T[], next: Cursor | undefined): Page<T> {
  return next === undefined
    ? { items }
    : { items, next: Buffer.from(JSON.stringify(next)).toString("base64url") };
}

/** @throws {OperatorError} `usage` for a text that no page gave. */
function readCursor(after: string | undefined): Cursor {
  if (after === undefined) return START;
  const parsed = v.safeParse(Cursor, after);
  if (parsed.success) return parsed.output;
  throw new OperatorError("usage", "there is no such page of the list: begin with the first");
}

/** As DynamoDB sorts: by the bytes of their UTF-8. */
function compareTexts(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
