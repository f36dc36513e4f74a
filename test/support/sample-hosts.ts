import { crc32 } from "node:zlib";
import * as v from "valibot";

// Models of the sample's hosts: how each loops, joins, decodes and saves. The first two generations are of April 2021.

/** What the hosts read of a reply's body. */
const Body = v.union([
  v.object({ err: v.string() }),
  v.object({ payload: v.string(), crc32: v.number(), chunk_num: v.number(), total_chunks: v.number() }),
]);
type Body = v.InferOutput<typeof Body>;
export type GetChunk = (chunk: number) => Promise<Body>;
export type Host = (get: GetChunk) => Promise<string | undefined>;

/** @throws {v.ValiError} for what no host can read. */
export function readBody(json: unknown): Body {
  return v.parse(Body, json);
}

/** Python's b64decode: what follows the first padding is lost. */
function b64decode(text: string): Buffer {
  return Buffer.from(text.replace(/=.*$/s, ""), "base64");
}

/** `print(text, file=f)` appends one newline. */
function saved(bytes: Buffer): string {
  return `${bytes.toString("utf8")}\n`;
}

/** Joins texts before it decodes, never asks for the last chunk, checks nothing. */
export const firstHost: Host = async (get) => {
  const first = await get(1);
  if ("err" in first) return undefined;
  if (first.total_chunks === 1) return saved(b64decode(first.payload));
  let text = first.payload;
  for (let chunk = first.chunk_num + 1; chunk < Math.trunc(first.total_chunks); chunk++) {
    const next = await get(chunk);
    if ("err" in next) return undefined;
    text += next.payload;
  }
  return saved(b64decode(text));
};

/** The first, with a checksum of the text; a wrong or missing one makes it ask for chunk 1 again, for ever. */
export const secondHost: Host = (get) =>
  firstHost(async (chunk) => {
    const body = await get(chunk);
    if ("err" in body) throw new TypeError("the host crashes on an error");
    if (crc32(body.payload) !== body.crc32) throw new Error("the host asks for ever");
    return body;
  });

/** A rework of them, as made by their users: decodes chunk by chunk and asks for all of them. */
export const laterHost: Host = async (get) => {
  const parts: Buffer[] = [];
  for (let chunk = 1, total = 1; chunk <= total; chunk++) {
    const body = await get(chunk);
    if ("err" in body || crc32(body.payload) !== body.crc32) return undefined;
    total = body.total_chunks;
    parts.push(b64decode(body.payload));
  }
  return saved(Buffer.concat(parts));
};

export const HOSTS: [string, Host][] = [
  ["the first host", firstHost],
  ["the second host", secondHost],
  ["the later host", laterHost],
];

type Transact = (request: Record<string, unknown>) => Promise<Record<string, unknown>>;

/**
 * The sample's last generation, of September 2021: it asks no route, but takes files from Notehub's updates of host firmware.
 * This is its start and one look for an update.
 */
export async function lastHost(product: string, transact: Transact): Promise<string> {
  const failing: Transact = async (request) => {
    const reply = await transact(request);
    if ("err" in reply) throw new Error(`Notecard returned error: ${reply.err}`);
    return reply;
  };
  const minutes = { outbound: 1, inbound: 2 };
  const hub = { product, host: "a.notefile.net", mode: "continuous", ...minutes, sync: true, align: true };
  await failing({ req: "hub.set", ...hub });
  await failing({ req: "dfu.status", version: "1.7.0" });
  await failing({ req: "hub.status" });
  const { mode } = await failing({ req: "dfu.status" });
  return mode === "ready" ? "Update available for install" : "No update available";
}

/** ASCII, so that a length in bytes is one in characters. */
export function ascii(length: number): string {
  return "print('ferry')  # chunk by chunk\n".repeat(1000).slice(0, length);
}
