import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { type LocalFunction, startFunction } from "../../../../../local/aws/lambda/function.ts";
import type { FunctionOptions } from "../../../../../local/aws/lambda/function-options.ts";

/** Writes `source` as a bundle of its own, removed when the test has finished. */
export async function writeBundle(source: string): Promise<string> {
  const codeDir = await mkdtemp(path.join(tmpdir(), "noteferry-bundle-"));
  onTestFinished(() => rm(codeDir, { recursive: true, force: true }));
  await writeFile(path.join(codeDir, "index.mjs"), source);
  return codeDir;
}

export function functionOptions(codeDir: string, options: Partial<FunctionOptions> = {}): FunctionOptions {
  return {
    name: "example",
    arn: "arn:aws:lambda:us-east-1:000000000000:function:example",
    codeDir,
    handler: "index.handler",
    environment: {},
    timeoutSeconds: 10,
    memoryMb: 256,
    credential: {
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: "secret",
      sessionToken: "token",
      principal: "arn:aws:iam::000000000000:role/example",
    },
    region: "us-east-1",
    ...options,
  };
}

/** A function from `source`, stopped when the test has finished. */
export async function localFunction(
  source: string,
  options: Partial<FunctionOptions> = {},
): Promise<LocalFunction> {
  const target = startFunction(functionOptions(await writeBundle(source), options));
  onTestFinished(() => target.stop());
  return target;
}
