import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import * as v from "valibot";
import { expect, test } from "vitest";
import { createRandom, type Random, readSeed } from "../../../support/seeded-random.ts";
import { connect, dataFolder } from "./support/local-s3.ts";
import { startServer } from "./support/server-process.ts";

/** `S3_TEST_KILLS=200` is the long run; its seed repeats it as far as the machine lets it. */
const kills = Number(process.env.S3_TEST_KILLS ?? 6);
const WRITERS = 16;
const READERS = 4;
const KEYS = 12;

type Acknowledged = { key: string; versionId: string; etag: string };

const Event = v.object({
  Records: v.array(
    v.object({ s3: v.object({ object: v.object({ versionId: v.string(), eTag: v.string() }) }) }),
  ),
});

const md5 = (bytes: Uint8Array) => `"${createHash("md5").update(bytes).digest("hex")}"`;

/** Until the server dies. */
async function write(client: S3Client, random: Random, acknowledged: Acknowledged[]): Promise<void> {
  for (;;) {
    const key = `key ${random.below(KEYS)}`;
    const body = Buffer.alloc(Math.floor(random.next() ** 4 * 400_000), `${random.next()}`);
    const reply = await client
      .send(new PutObjectCommand({ Bucket: "files", Key: key, Body: body }))
      .catch(() => undefined);
    if (reply?.VersionId === undefined || reply.ETag === undefined) return;
    expect(reply.ETag).toBe(md5(body));
    acknowledged.push({ key, versionId: reply.VersionId, etag: reply.ETag });
  }
}

/** Until the server dies. A reply that breaks off is no torn read: the client knows. */
async function read(client: S3Client, random: Random): Promise<void> {
  for (;;) {
    const Key = `key ${random.below(KEYS)}`;
    let got: { bytes: Uint8Array; etag: string | undefined };
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: "files", Key }));
      got = { bytes: (await Body?.transformToByteArray()) ?? Buffer.alloc(0), etag: ETag };
    } catch (error) {
      if (error instanceof NoSuchKey) continue;
      return;
    }
    expect(md5(got.bytes)).toBe(got.etag);
  }
}

test(
  `killed ${kills} times under ${WRITERS} writers, it loses no object and no event it answered for`,
  async () => {
    const random = createRandom(readSeed());
    const folder = await dataFolder();
    const [dataDir, delivered] = [path.join(folder, "s3"), path.join(folder, "delivered")];
    const acknowledged: Acknowledged[] = [];

    for (let kill = 0; kill < kills; kill++) {
      const server = await startServer(dataDir, delivered);
      const client = connect(server);
      const work = [
        ...Array.from({ length: WRITERS }, () =>
          write(client, createRandom(random.below(2 ** 32)), acknowledged),
        ),
        ...Array.from({ length: READERS }, () => read(client, createRandom(random.below(2 ** 32)))),
      ];
      const exited = once(server.process, "exit");
      await sleep(20 + random.next() * 400);
      // On a busy machine none may have been answered until then, in any of the lives.
      if (kill === kills - 1) await expect.poll(() => acknowledged.length).toBeGreaterThan(0);
      server.process.kill("SIGKILL");
      await Promise.all([...work, exited]);
    }
    const last = await startServer(dataDir, delivered);
    const client = connect(last);
    for (const { key, versionId, etag } of acknowledged) {
      const got = await client.send(
        new GetObjectCommand({ Bucket: "files", Key: key, VersionId: versionId }),
      );
      expect(md5((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(etag);
    }

    const versions = new Map<string, string>();
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const page = await client.send(
        new ListObjectVersionsCommand({ Bucket: "files", KeyMarker, VersionIdMarker }),
      );
      for (const { VersionId, ETag } of page.Versions ?? []) versions.set(VersionId ?? "", ETag ?? "");
      KeyMarker = page.NextKeyMarker;
      VersionIdMarker = page.NextVersionIdMarker;
    } while (KeyMarker !== undefined);

    // Every version was told of, those that nobody was answered for too, and nothing else was.
    const toldOf = async () => {
      const lines = (await readFile(delivered, "utf8")).split("\n").filter((line) => line.endsWith("}"));
      const records = lines.flatMap((line) => v.parse(Event, JSON.parse(line)).Records);
      return new Map(records.map(({ s3: { object } }) => [object.versionId, `"${object.eTag}"`] as const));
    };
    await expect.poll(async () => (await toldOf()).size).toBe(versions.size);
    expect(await toldOf()).toEqual(versions);

    const stored = [...versions.values()].filter((etag) => etag !== md5(Buffer.alloc(0))); // an empty one needs no file
    await expect.poll(async () => (await readdir(path.join(dataDir, "blobs"))).length).toBe(stored.length);
    expect(await readdir(path.join(dataDir, "incoming"))).toEqual([]);
  },
  30_000 + kills * 5_000,
);
