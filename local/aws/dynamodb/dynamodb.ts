import { once } from "node:events";
import { rm } from "node:fs/promises";
import { request } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import dynalite from "dynalite";
import * as v from "valibot";
import { AwsError } from "../aws-json/aws-error.ts";

/** A table to be there, as its CloudFormation resource describes it. */
export type TableSettings = { name: string; arn: string; definition: Readonly<Record<string, unknown>> };

/** DynamoDB on this machine: dynalite, which nobody reaches but through the door that checks signatures and grants. */
export type DynamoDb = {
  tables: readonly TableSettings[];
  /** Runs an operation such as `GetItem`. @throws {AwsError} as DynamoDB refuses it */
  call(operation: string, input: unknown): Promise<unknown>;
  close(): Promise<void>;
};

const Refusal = v.object({
  __type: v.string(),
  message: v.optional(v.string()),
  Message: v.optional(v.string()),
});

/** dynalite wants to see a signature, and does not check it: that was done before. */
const UNCHECKED_SIGNATURE =
  "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/** @param folder private; a socket in it, since any user of the machine could connect to a port. */
export async function openDynamoDb(folder: string, tables: readonly TableSettings[]): Promise<DynamoDb> {
  const socketPath = socketIn(folder);
  await rm(socketPath, { force: true }); // of a stack that was killed; a living one would hold the folder's lock
  const server = dynalite({
    path: path.join(folder, "tables"),
    createTableMs: 0,
    updateTableMs: 0,
    deleteTableMs: 0,
  });
  server.listen(socketPath);
  await once(server, "listening");

  async function call(operation: string, input: unknown): Promise<unknown> {
    const body = JSON.stringify(input);
    const outgoing = request({
      socketPath,
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": Buffer.byteLength(body),
        "X-Amz-Target": `DynamoDB_20120810.${operation}`,
        "X-Amz-Date": "20260101T000000Z",
        Authorization: UNCHECKED_SIGNATURE,
        Host: "dynamodb.us-east-1.amazonaws.com",
      },
    });
    outgoing.end(body);
    const [response] = await once(outgoing, "response");
    const output: unknown = JSON.parse((await text(response)) || "{}");
    if (response.statusCode === 200) return output;
    const refusal = v.parse(Refusal, output);
    const message = refusal.message ?? refusal.Message ?? refusal.__type;
    throw new AwsError(refusal.__type, message, { status: response.statusCode });
  }

  const { TableNames } = v.parse(v.object({ TableNames: v.array(v.string()) }), await call("ListTables", {}));
  for (const { name, definition } of tables) {
    if (!TableNames.includes(name)) await call("CreateTable", { TableName: name, ...definition });
  }
  return {
    tables,
    call,
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

/** A socket's path has at most 107 characters on Linux, and less elsewhere; Windows has pipes instead. */
function socketIn(folder: string): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\noteferry-dynamodb-${process.pid}`;
  const relative = path.relative(process.cwd(), path.join(folder, "dynamodb.sock"));
  const absolute = path.join(folder, "dynamodb.sock");
  return relative.length < absolute.length ? relative : absolute;
}
