import { randomBytes } from "node:crypto";
import type { Agent } from "node:https";
import { request } from "node:https";
import { chunkCount, parseChunk } from "../../protocol/chunk.ts";
import { formatChunkRequest } from "../../protocol/chunk-request.ts";
import { CHUNK_MAX_BYTES } from "../../protocol/limits.ts";
import type { BenchStack } from "../bench-stack.ts";

export const SIZE = 1_000_000;

/** Uploads 1 MB and times it from its announcement to its installation; `said` resolves when a step was logged. */
export async function deliver(
  { upload }: BenchStack,
  key: string,
  said: (step: string) => Promise<number>,
): Promise<{ etag: string; seconds: number }> {
  const announced = said(`announced ${key}`);
  const installed = said(`installed ${key}`);
  const etag = await upload(key, randomBytes(SIZE));
  const begin = await announced;
  return { etag, seconds: ((await installed) - begin) / 1000 };
}

/** Fetches the same chunks from the function URL, one after the other. */
export async function fetchAlone(
  { endpoints, httpsAgent }: BenchStack,
  key: string,
  etag: string,
): Promise<number> {
  const begin = performance.now();
  for (let chunk = 1; chunk <= chunkCount(SIZE, CHUNK_MAX_BYTES); chunk += 1) {
    const name = formatChunkRequest({ key, chunk, size: CHUNK_MAX_BYTES, etag });
    if (parseChunk(JSON.parse(await get(endpoints.fileServer, httpsAgent, name))) === undefined) {
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
