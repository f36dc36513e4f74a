import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Endpoints } from "../local/stack/endpoints-file.ts";
import { parseFlags } from "../local/stack/flags.ts";
import { type Stack, type StackHooks, startStack } from "../local/stack/start-stack.ts";

/** The local stack in a folder and on ports of its own. */
export type BenchStack = {
  stack: Stack;
  endpoints: Endpoints;
  /** Deleted when the stack stops. */
  folder: string;
  /** Trusts its certificates. */
  httpsAgent: Agent;
  /** @returns the ETag without quotes. */
  upload(key: string, bytes: Buffer): Promise<string>;
  stop(): Promise<void>;
};

/** @param args flags of `npm start` */
export async function startBenchStack(args: readonly string[], hooks: StackHooks = {}): Promise<BenchStack> {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-bench-"));
  const ports = ["s3", "aws", "url", "notehub", "notecard", "control", "recorder", "iot"].flatMap((name) => [
    `--${name}-port`,
    "0",
  ]);
  const flags = parseFlags(["--data", folder, ...args, ...ports], folder);
  if (flags === undefined) throw new Error("no stack to measure");
  const stack = await startStack(flags, hooks);
  const { endpoints } = stack;
  const httpsAgent = new Agent({ ca: await readFile(endpoints.caFile), keepAlive: true });
  const { endpoint, region, bucket, ...credentials } = endpoints.s3;
  const connection = { endpoint, region, credentials, requestHandler: { httpsAgent } };
  const client = new S3Client({ ...connection, forcePathStyle: true });
  return {
    ...{ stack, endpoints, folder, httpsAgent },
    async upload(key, bytes) {
      const { ETag = "" } = await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }),
      );
      return ETag.replaceAll('"', "");
    },
    async stop() {
      httpsAgent.destroy();
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
