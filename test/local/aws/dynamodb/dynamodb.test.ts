import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { openDynamoDb, type TableSettings } from "../../../../local/aws/dynamodb/dynamodb.ts";
import { dynamoDbOperations } from "../../../../local/aws/dynamodb/operations.ts";
import type { AccessRequest } from "../../../../local/aws/iam/authorize.ts";
import { localEndpoint } from "../aws-json/support/local-endpoint.ts";

const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" });
const TABLE: TableSettings = {
  name: "DeliveryTable",
  arn: "arn:aws:dynamodb:us-east-1:000000000000:table/DeliveryTable",
  definition: {
    AttributeDefinitions: [text("pk"), text("sk"), text("devicesPk")],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    BillingMode: "PAY_PER_REQUEST",
    GlobalSecondaryIndexes: [
      {
        IndexName: "devices",
        KeySchema: [{ AttributeName: "devicesPk", KeyType: "HASH" }],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  },
};
const ITEM = { pk: { S: "device#dev:1" }, sk: { S: "device" }, devicesPk: { S: "devices#1" } };
const Key = { pk: ITEM.pk, sk: ITEM.sk };
const TableName = TABLE.name;

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), "noteferry-dynamodb-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function open(dataDir: string, authorize: (request: AccessRequest) => boolean = () => true) {
  const dynamodb = await openDynamoDb(dataDir, [TABLE]);
  const endpoint = await localEndpoint(dynamoDbOperations(dynamodb), authorize);
  const client = new DynamoDBClient(endpoint.clientConfig);
  onTestFinished(() => client.destroy());
  return { dynamodb, client };
}

test("items are kept over a restart, in their table and its index", async () => {
  const dataDir = await folder();
  const first = await open(dataDir);
  await first.client.send(new PutItemCommand({ TableName, Item: ITEM }));
  await first.dynamodb.close();
  const { dynamodb, client } = await open(dataDir);
  onTestFinished(() => dynamodb.close());
  expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(ITEM);
  const query = new QueryCommand({
    TableName,
    IndexName: "devices",
    KeyConditionExpression: "devicesPk = :shard",
    ExpressionAttributeValues: { ":shard": { S: "devices#1" } },
  });
  expect((await client.send(query)).Items).toEqual([ITEM]);
});

test("a condition that fails is the SDK's error of that name", async () => {
  const { dynamodb, client } = await open(await folder());
  onTestFinished(() => dynamodb.close());
  const put = () =>
    client.send(
      new PutItemCommand({ TableName, Item: ITEM, ConditionExpression: "attribute_not_exists(pk)" }),
    );
  await put();
  await expect(put()).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
});

test("each call needs the grant for its table, or its index", async () => {
  const asked: AccessRequest[] = [];
  const { dynamodb, client } = await open(await folder(), (request) => {
    asked.push(request);
    return request.action !== "dynamodb:PutItem";
  });
  onTestFinished(() => dynamodb.close());
  const put = client.send(new PutItemCommand({ TableName, Item: ITEM }));
  await expect(put).rejects.toMatchObject({ name: "AccessDeniedException" });
  await client.send(
    new QueryCommand({
      TableName,
      IndexName: "devices",
      KeyConditionExpression: "devicesPk = :shard",
      ExpressionAttributeValues: { ":shard": { S: "x" } },
    }),
  );
  expect(asked.map(({ action, resource }) => [action, resource])).toEqual([
    ["dynamodb:PutItem", TABLE.arn],
    ["dynamodb:Query", `${TABLE.arn}/index/devices`],
  ]);
  const other = client.send(new GetItemCommand({ TableName: "Another", Key }));
  await expect(other).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("every reply says what it consumed, if that is to be told", async () => {
  const dynamodb = await openDynamoDb(await folder(), [TABLE]);
  onTestFinished(() => dynamodb.close());
  const consumed = async (tellCapacity?: boolean) => {
    const endpoint = await localEndpoint(dynamoDbOperations(dynamodb, tellCapacity));
    const client = new DynamoDBClient(endpoint.clientConfig);
    onTestFinished(() => client.destroy());
    const { ConsumedCapacity } = await client.send(new PutItemCommand({ TableName, Item: ITEM }));
    return ConsumedCapacity?.CapacityUnits;
  };
  expect(await consumed()).toBeUndefined();
  expect(await consumed(true)).toBe(1);
});

test("nobody reaches it but through that door: it has a socket in the private folder, and no port", async () => {
  const dataDir = await folder();
  const { dynamodb } = await open(dataDir);
  onTestFinished(() => dynamodb.close());
  expect((await stat(path.join(dataDir, "dynamodb.sock"))).isSocket()).toBe(true);
});
