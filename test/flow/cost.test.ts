import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../operator/support/run-cli.ts";
import { ask } from "./support/ask.ts";
import { type Flow, startFlow, until } from "./support/flow.ts";

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ fetch: "json" });
});
afterAll(() => flow.stop());

test("[NF-3.5] a delivery reads each byte once, with one S3 request for each chunk", async () => {
  const bytes = randomBytes(100_003);
  await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: "cost.bin", Body: bytes }));
  await until("delivery", async () => (await flow.deviceFile("cost.bin"))?.equals(bytes));
  const server = flow.stack.deployment.functions.find(({ environment }) => environment.LINK_SECRET_ARN);
  const reads = flow.observations.filter((o) => o.principal === server?.roleArn && o.key === "cost.bin");
  expect(reads.map((o) => o.operation)).toEqual(reads.map(() => "GetObject"));
  expect(reads.length).toBe(Math.ceil(bytes.length / 6_000));
  expect(reads.reduce((sum, o) => sum + o.bytesOut, 0)).toBe(bytes.length);
});

/** A reply but for what no two have in common. */
async function told(path: string, authorization?: string | null, more: Record<string, string> = {}) {
  const reply = await ask(flow, path, authorization, more);
  const { Date: _date, "x-amzn-RequestId": _id, ...headers } = reply.headers;
  return { ...reply, headers };
}

test("[NF-7.2] a device's file asked for without its etag, or with another's, does not exist", async () => {
  const { deviceUid } = flow.stack.endpoints.notehub;
  const own = `devices/${deviceUid}/secret.txt`;
  const put = await flow.s3.send(
    new PutObjectCommand({ Bucket: flow.bucket, Key: own, Body: "for one device" }),
  );
  const other = await flow.s3.send(
    new PutObjectCommand({ Bucket: flow.bucket, Key: "other.txt", Body: "x" }),
  );
  const etag = put.ETag?.replaceAll('"', "");
  const path = `/?file=${encodeURIComponent(own)}`;
  const missing = await told(`/?file=devices/${deviceUid}/none`);
  expect(missing.status).toBe(404);
  expect(await told(path)).toEqual(missing);
  expect(await told(`${path}&etag=${other.ETag?.replaceAll('"', "")}`)).toEqual(missing);
  expect(await told(`/files/${own}`)).toEqual(missing);
  const found = await told(`${path}&etag=${etag}`);
  expect(found.status).toBe(200);
  expect(JSON.parse(found.body)).toMatchObject({ etag, total_chunks: 1 });
});

test("[NF-3.10] [NF-10.1] a version by its id, and packed content, by the role that is deployed", async () => {
  const put = (Bucket: string, Key: string, Body: string) =>
    flow.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const { VersionId } = await put(flow.bucket, "twice.txt", "old");
  await put(flow.bucket, "twice.txt", "new");
  const old = await ask(flow, `/files/twice.txt?version=${VersionId}`);
  expect([old.status, old.body]).toEqual([200, "old"]);
  const server = flow.stack.deployment.functions.find(({ environment }) => environment.LINK_SECRET_ARN);
  const name = "A".repeat(43);
  expect((await ask(flow, `/packed/${name}`)).status).toBe(404);
  await put(server?.environment.PACKED_BUCKET ?? "", `zstd/${name}`, "frame");
  const packed = await ask(flow, `/packed/${name}`, undefined, { range: "bytes=1-2" });
  expect([packed.status, packed.body]).toEqual([206, "ra"]);
});

test("[NF-7.1] without the token nothing is told, whether the file exists or not", async () => {
  const exists = await told("/?file=cost.bin", "");
  const missing = await told("/?file=none.bin", "");
  expect(exists.status).toBe(401);
  expect(exists).toEqual(missing);
  expect(await told("/?file=cost.bin", "Bearer wrong")).toEqual(missing);
});

test("[NF-12.2] [NF-12.5] what noteferry link prints opens a file by the role and the secret that are deployed", async () => {
  const folder = path.dirname(flow.stack.awsEnvFile);
  const key = "devices/dev:000000000000001/a large file.bin"; // of nobody here, so that no device fetches it
  const bytes = randomBytes(4 * 1024 * 1024 + 1);
  await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: key, Body: bytes }));
  for (const more of [[], ["--version", "1"], ["--s3"]]) {
    const { out } = await runCli(["link", key, ...more, "--json", "--local", "--data", folder]);
    const { url, curl } = JSON.parse(out);
    await promisify(execFile)("sh", ["-c", `${curl} --silent`], { cwd: folder }); // redirected to S3, but by --s3
    expect((await readFile(path.join(folder, "a large file.bin"))).equals(bytes)).toBe(true);
    if (more[0] === "--s3") continue;
    const link = url.slice(new URL(url).origin.length);
    const part = await told(link, null, { range: "bytes=1-3" });
    expect([part.status, part.headers["Content-Range"]]).toEqual([206, `bytes 1-3/${bytes.length}`]);
    const missing = await told("/?file=none.bin", "Bearer wrong");
    expect(await told(link.replace("large", "small"), null)).toEqual(missing);
  }
});
