import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoDbTable } from "../../functions/delivery-recorder/aws/dynamodb-table.ts";
import type { Operations } from "../../local/aws/aws-json/operation.ts";
import { serveAwsJson } from "../../local/aws/aws-json/server.ts";
import { openDynamoDb } from "../../local/aws/dynamodb/dynamodb.ts";
import { dynamoDbOperations } from "../../local/aws/dynamodb/operations.ts";
import { secretsManagerOperations } from "../../local/aws/secrets-manager/operations.ts";
import { openSecrets } from "../../local/aws/secrets-manager/secrets.ts";
import { startLoopbackServer } from "../../local/host/loopback/loopback-server.ts";
import { readTables } from "../../local/template/tables.ts";
import { CREDENTIAL } from "../local/aws/aws-json/support/local-endpoint.ts";
import { templateOf } from "./template-under-test.ts";

export const TABLE_NAME = "DeliveryTable";
export const TOKEN_SECRET_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:RecorderTokenSecret";
export const RECORDER_TOKEN = "t0ken-that-no-log-may-hold";

/** The delivery table as the template makes it, with its data in a folder. */
export function openDeliveryTable(folder: string) {
  const resources = Object.entries(templateOf({ project: "app:1" }).findResources("AWS::DynamoDB::Table"));
  const tables = readTables(
    resources.map(([id, { Type, Properties }]) => ({
      id,
      type: Type,
      ref: TABLE_NAME,
      properties: Properties,
    })),
    (id) => `arn:aws:dynamodb:us-east-1:000000000000:table/${id}`,
  );
  return openDynamoDb(folder, tables);
}

/** The delivery table as the template makes it, in a real table over HTTP, with the recorder's secret beside it; `read` counts items that queries looked at. @param onWrite called before each write */
export async function startDeliveryTable(onWrite: () => void = () => undefined) {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-table-"));
  const dynamodb = await openDeliveryTable(folder);
  const initial = JSON.stringify({ current: RECORDER_TOKEN, previous: "" });
  const secret = { arn: TOKEN_SECRET_ARN, name: "RecorderTokenSecret", initial };
  const secrets = await openSecrets({ file: path.join(folder, "secrets.json"), secrets: [secret] });
  const server = await startLoopbackServer();
  serveAwsJson({
    server,
    operations: {
      ...writesTold(dynamoDbOperations(dynamodb), onWrite),
      ...secretsManagerOperations(secrets),
    },
    authorize: () => true,
    findCredential: () => CREDENTIAL,
  });
  const client = new DynamoDBClient({
    ...{ endpoint: server.url, region: "us-east-1", credentials: CREDENTIAL, maxAttempts: 1 },
  });
  const reads = { requests: 0, items: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { ScannedCount, Count } = Object(result.output);
      reads.requests += 1;
      reads.items += ScannedCount ?? Count ?? 0;
      return result;
    },
    { step: "initialize" },
  );
  return {
    url: server.url,
    client,
    reads,
    table: createDynamoDbTable(client, TABLE_NAME),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.close();
      await dynamodb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function writesTold(operations: Operations, onWrite: () => void): Operations {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => {
      const run: typeof operation.run = (...request) => {
        if (name.endsWith(".PutItem")) onWrite();
        return operation.run(...request);
      };
      return [name, { ...operation, run }];
    }),
  );
}

/** What AWS gives a recorder besides its own settings: credentials, and where the services are. */
export function recorderSurroundings(url: string) {
  return {
    AWS_ACCESS_KEY_ID: CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIAL.secretAccessKey,
    AWS_SESSION_TOKEN: CREDENTIAL.sessionToken,
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    POWERTOOLS_METRICS_NAMESPACE: "Noteferry",
    POWERTOOLS_SERVICE_NAME: "delivery-recorder",
  };
}
