import * as v from "valibot";
import { AwsError } from "../aws-json/aws-error.ts";
import type { Operation, Operations } from "../aws-json/operation.ts";
import { parseInput } from "../aws-json/parse-input.ts";
import type { DynamoDb } from "./dynamodb.ts";

const Named = v.object({ TableName: v.string(), IndexName: v.optional(v.string()) });
const Batch = v.object({ RequestItems: v.record(v.string(), v.unknown()) });

/** What is answered; TransactWriteItems and the expiry of items are not. */
const OF_ONE_TABLE = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"];
const BATCHES = ["BatchGetItem", "BatchWriteItem"];

/**
 * DynamoDB by `X-Amz-Target`; each is decided about by its table, or by its index.
 *
 * @param tellCapacity has every reply say what it consumed, whether its caller asked or not.
 */
export function dynamoDbOperations(dynamodb: DynamoDb, tellCapacity = false): Operations {
  const asked = (input: unknown) =>
    tellCapacity ? { ...Object(input), ReturnConsumedCapacity: "TOTAL" } : input;
  const operation = (name: string, resource: Operation["resource"]): [string, Operation] => [
    `DynamoDB_20120810.${name}`,
    { action: `dynamodb:${name}`, resource, run: (input) => dynamodb.call(name, asked(input)) },
  ];
  const arnOf = (name: string) => {
    const table = dynamodb.tables.find((each) => each.name === name || each.arn === name);
    if (table !== undefined) return table.arn;
    throw new AwsError(
      "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      "Requested resource not found",
    );
  };
  const one = (input: unknown) => {
    const { TableName, IndexName } = parseInput(Named, input);
    return IndexName === undefined ? arnOf(TableName) : `${arnOf(TableName)}/index/${IndexName}`;
  };
  const batch = (input: unknown) => {
    const names = Object.keys(parseInput(Batch, input).RequestItems);
    const [name = "", ...more] = names;
    // A policy decides about one resource at a time, and nothing of ours asks for two tables at once.
    if (more.length > 0)
      throw new AwsError("com.amazon.coral.validate#ValidationException", "one table at a time");
    return arnOf(name);
  };
  return Object.fromEntries([
    ...OF_ONE_TABLE.map((name) => operation(name, one)),
    ...BATCHES.map((name) => operation(name, batch)),
  ]);
}
