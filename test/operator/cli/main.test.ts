import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { compileCache } from "../../support/compile-cache.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../operator/cli/main.ts");
const PATH = `${path.dirname(process.execPath)}:${process.env.PATH}`;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "noteferry-main-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; err: string }>();
  execFile(
    process.execPath,
    [MAIN, ...args],
    { env: { PATH, ...compileCache(), ...env } },
    (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
  );
  return promise;
}

test("help is a result; a mistake is none, and its exit code tells", async () => {
  const [help, version, typo] = await Promise.all([
    run([]),
    run(["--version"]),
    run(["put", "x", "--too", "dev:1"]),
  ]);
  expect(help).toMatchObject({ code: 0, err: "" });
  for (const command of [
    "put",
    "ls",
    "history",
    "rollback",
    "share",
    "link",
    "rm",
    "connect",
    "doctor",
    "redrive",
    "sweep",
    "completion",
  ]) {
    expect(help.out).toMatch(new RegExp(`^  ${command} `, "m"));
  }
  expect(version).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: "" });
  expect(typo).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--too") });
});

test("without credentials or a region the command says so", async () => {
  const none = { HOME: folder, AWS_EC2_METADATA_DISABLED: "true" };
  const [noRegion, noCredentials] = await Promise.all([
    run(["ls"], none),
    run(["ls"], { ...none, AWS_REGION: "eu-central-1" }),
  ]);
  expect(noRegion).toMatchObject({ code: 2, out: "", err: expect.stringContaining("AWS_REGION") });
  expect(noCredentials).toMatchObject({ code: 4, out: "", err: expect.stringContaining("aws sso login") });
});

/** An S3 that lists a page after the other for ever, or says nothing at all. */
async function startEndlessS3(answers: boolean): Promise<string> {
  const server = createServer((_request, response) => {
    if (!answers) return;
    const page = Array.from(
      { length: 1000 },
      (_, n) => `<Contents><Key>k${n}</Key><Size>1</Size></Contents>`,
    );
    response.end(
      `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>${page.join("")}</ListBucketResult>`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const service = {
    endpoint: `http://localhost:${(server.address() as AddressInfo).port}`,
    ...{ region: "us-east-1", accessKeyId: "a", secretAccessKey: "b" },
  };
  const data = await mkdtemp(path.join(folder, "data-"));
  await writeFile(path.join(data, "ca.pem"), "");
  const endpoints = {
    caFile: path.join(data, "ca.pem"),
    s3: service,
    aws: service,
    outputs: { FilesBucketName: "files" },
  };
  await writeFile(path.join(data, "endpoints.json"), JSON.stringify(endpoints));
  return data;
}

test("a reader that has read enough ends it quietly", async () => {
  const data = await startEndlessS3(true);
  const child = spawn(process.execPath, [MAIN, "ls", "--local", "--data", data], { env: { PATH } });
  let err = "";
  child.stderr.on("data", (text) => {
    err += text;
  });
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect(await once(child, "close")).toEqual([0, null]);
  expect(err).toBe("");
});

test("Ctrl-C ends it, with the exit code that shells give that", async () => {
  const data = await startEndlessS3(false);
  const child = spawn(process.execPath, [MAIN, "ls", "--local", "--data", data], {
    env: { PATH, NODE_DEBUG: "http" },
  });
  let err = "";
  child.stderr.on("data", (text) => {
    if (err === "") child.kill("SIGINT"); // it has begun to ask
    err += text;
  });
  expect(await once(child, "close")).toEqual([130, null]);
  expect(err).toMatch(/^interrupted$/m);
  expect(err).not.toMatch(/^ +at /m);
});
