import { mkdirSync } from "node:fs";
import path from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { DeliveryTable } from "../../lib/delivery-table.ts";
import { serveAwsJson } from "../../local/aws/aws-json/server.ts";
import { openDynamoDb } from "../../local/aws/dynamodb/dynamodb.ts";
import { dynamoDbOperations } from "../../local/aws/dynamodb/operations.ts";
import { startLoopbackServer } from "../../local/host/loopback/loopback-server.ts";
import { readTables } from "../../local/template/tables.ts";
import { createIndexBill } from "../dynamodb-index-bill.ts";

export const TABLE_NAME = "DeliveryTable";
const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

/** Capacity units that DynamoDB would bill, requests, and items that queries looked at. */
export type Used = { readUnits: number; writeUnits: number; requests: number; items: number };

export type BenchTable = { client: DynamoDBClient; used: Used; close(): Promise<void> };

/** The table of the template over HTTP, with a client that counts. */
export async function startBenchTable(folder: string): Promise<BenchTable> {
  const app = new App({ outdir: path.join(folder, "cdk.out"), analyticsReporting: false });
  const stack = new Stack(app, "Bench");
  new DeliveryTable(stack, "DeliveryTable");
  const found = Object.entries(Template.fromStack(stack).findResources("AWS::DynamoDB::Table"));
  const tables = readTables(
    found.map(([id, { Type, Properties }]) => ({ id, type: Type, ref: TABLE_NAME, properties: Properties })),
    (id) => `arn:aws:dynamodb:us-east-1:000000000000:table/${id}`,
  );
  const data = path.join(folder, "data");
  mkdirSync(data);
  const dynamodb = await openDynamoDb(data, tables);
  const server = await startLoopbackServer();
  const principal = "bench";
  serveAwsJson({
    server,
    operations: dynamoDbOperations(dynamodb),
    authorize: () => true,
    findCredential: () => ({ ...CREDENTIALS, principal }),
  });
  const client = new DynamoDBClient({ endpoint: server.url, region: "us-east-1", credentials: CREDENTIALS });
  const indexes = createIndexBill();
  const used: Used = { readUnits: 0, writeUnits: 0, requests: 0, items: 0 };
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        const { ConsumedCapacity, ScannedCount } = Object(result.output);
        const all: { CapacityUnits?: number }[] = [ConsumedCapacity ?? []].flat();
        const units = all.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
        const writes = /Put|Write|Update/.test(commandName);
        used[writes ? "writeUnits" : "readUnits"] += units;
        if (commandName === "PutItemCommand") used.writeUnits += indexes.unitsFor(Object(args.input).Item);
        used.requests += 1;
        used.items += ScannedCount ?? 0;
        return result;
      },
    { step: "initialize" },
  );
  return {
    client,
    used,
    async close() {
      client.destroy();
      await server.close();
      await dynamodb.close();
    },
  };
}
