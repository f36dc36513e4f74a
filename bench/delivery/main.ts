import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { linkProfile } from "../../local/notecard/link/profile.ts";
import { readStackLog } from "../../local/progress/log-reader.ts";
import { type Stack, startStack } from "../../local/stack/start-stack.ts";
import { chunkCount, parseChunk } from "../../protocol/chunk.ts";
import { formatChunkRequest } from "../../protocol/chunk-request.ts";
import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";

// Announcement to complete file for 1 MB without a link's delay, against the same chunks fetched over HTTPS alone in
// the same run: the difference is what Notehub, the Notecard's serial protocol and the agent's fsyncs take.

const SIZE = 1_000_000;
const RUNS = 5;
const BOUND_SECONDS = 3;

const dataDir = await mkdtemp(path.join(tmpdir(), "noteferry-bench-"));
const waiting = new Map<string, (at: number) => void>();
const started = performance.now();
const stack = await startStack(
  {
    ...{
      dataDir,
      deviceRoot: path.join(dataDir, "device"),
      timeScale: 1,
      agent: true,
      link: linkProfile("none"),
    },
    ports: { s3: 0, aws: 0, functionUrl: 0, notehub: 0, notecard: 0 },
  },
  {
    onLog(source, line) {
      const event = readStackLog(source, line);
      if (event !== undefined) waiting.get(`${event.step} ${event.key}`)?.(performance.now());
    },
  },
);
const ready = (performance.now() - started) / 1000;
try {
  const ca = await readFile(stack.endpoints.caFile);
  const agent = new Agent({ ca, keepAlive: true });
  const ratios: number[] = [];
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { etag, took } = await deliver(stack, agent, `bench/${run}.bin`);
    const alone = await fetchAlone(stack, agent, `bench/${run}.bin`, etag);
    seconds.push(took);
    ratios.push(took / alone);
  }
  const median = middle(seconds);
  console.log(`ready after            ${ready.toFixed(1)} s`);
  console.log(
    `1 MB, announced to installed: median ${median.toFixed(2)} s of ${RUNS} (bound ${BOUND_SECONDS} s)`,
  );
  console.log(`against its chunks over HTTPS alone: median ${middle(ratios).toFixed(2)} x`);
  process.exitCode = median < BOUND_SECONDS ? 0 : 1;
  agent.destroy();
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function deliver({ endpoints }: Stack, httpsAgent: Agent, key: string) {
  const { endpoint, region, bucket, ...credentials } = endpoints.s3;
  const s3 = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestHandler: { httpsAgent },
  });
  const announced = said(`announced ${key}`);
  const installed = said(`installed ${key}`);
  const put = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: randomBytes(SIZE) }));
  const took = (-(await announced) + (await installed)) / 1000;
  return { etag: (put.ETag ?? "").replaceAll('"', ""), took };
}

function said(what: string): Promise<number> {
  return new Promise((resolve) => waiting.set(what, resolve));
}

async function fetchAlone({ endpoints }: Stack, agent: Agent, key: string, etag: string): Promise<number> {
  const begin = performance.now();
  for (let chunk = 1; chunk <= chunkCount(SIZE, CHUNK_MAX_BYTES); chunk += 1) {
    const name = formatChunkRequest({ key, chunk, size: CHUNK_MAX_BYTES, etag });
    if (parseChunk(JSON.parse(await get(endpoints.fileServer, agent, name))) === undefined) {
      throw new Error(`chunk ${chunk} was not served`);
    }
  }
  return (performance.now() - begin) / 1000;
}

function get({ url, token }: { url: string; token: string }, agent: Agent, name: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: name, headers, agent }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve(body));
    });
    asked.on("error", reject).end();
  });
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
