import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { connectTo } from "./client.ts";
import type { BenchFlags } from "./flags.ts";
import type { ServerProcess } from "./server-process.ts";

const CLIENTS = 64;
const OBJECT = randomBytes(65_536);

/** Operations per second of 64 clients, which in turns put 64 KB, read them, and read 100 bytes of them. */
export async function operationsPerSecond(server: ServerProcess, { seconds }: BenchFlags): Promise<number> {
  const client = connectTo(server, CLIENTS);
  const end = performance.now() + seconds * 1000;
  let operations = 0;
  const work = async (_: unknown, index: number) => {
    for (let round = 0; performance.now() < end; round++) {
      const path = `/bench/${index}/${round % 20}`;
      await client.send("PUT", path, {}, OBJECT);
      await client.send("GET", path);
      await client.send("GET", path, { range: "bytes=100-199" });
      operations += 3;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, work));
  const rate = operations / ((performance.now() - began) / 1000);
  client.close();
  return rate;
}

/** MB/s of one large object. */
export async function throughput(server: ServerProcess, { megabytes }: BenchFlags) {
  const client = connectTo(server, 1);
  const bytes = randomBytes(megabytes * 1_000_000);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return megabytes / ((performance.now() - began) / 1000);
  };
  const headers = { "x-amz-checksum-crc32": checksum.toString("base64") };
  const result = {
    "put with a CRC-32, MB/s": await timed(() => client.send("PUT", "/bench/large", headers, bytes)),
    "put without a checksum, MB/s": await timed(() => client.send("PUT", "/bench/large", {}, bytes)),
    "get, MB/s": await timed(() => client.send("GET", "/bench/large")),
  };
  client.close();
  return result;
}

const PREFIXES = 20_000;
const KEYS_PER_PREFIX = 5;

/** Fills a bucket with 100,000 keys in 20,000 prefixes, which takes a while: each is synced to the disk. */
export async function fillBucket(server: ServerProcess): Promise<void> {
  const client = connectTo(server, CLIENTS);
  await client.send("PUT", "/listed");
  const work = async (_: unknown, first: number) => {
    for (let index = first; index < PREFIXES * KEYS_PER_PREFIX; index += CLIENTS) {
      await client.send(
        "PUT",
        `/listed/${Math.floor(index / KEYS_PER_PREFIX)}/${index}`,
        {},
        Buffer.alloc(0),
      );
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
  client.close();
}

/** Milliseconds that the first page of that bucket takes, with a delimiter: a thousand prefixes. */
export async function firstPage(server: ServerProcess): Promise<number> {
  const client = connectTo(server, 1);
  const began = performance.now();
  await client.send("GET", "/listed?delimiter=%2F&list-type=2");
  const ms = performance.now() - began;
  client.close();
  return ms;
}

export async function createBucket(server: ServerProcess): Promise<void> {
  const client = connectTo(server, 1);
  await client.send("PUT", "/bench");
  client.close();
}
