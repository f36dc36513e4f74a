import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished } from "vitest";
import type { S3Event } from "../../../../local/aws/s3/events/event.ts";
import type { S3Fault, S3Operation } from "../../../../local/aws/s3/observation.ts";
import { packedKey } from "../../../../protocol/packed.ts";
import { connect, dataFolder, FILES, openS3, takeInto } from "../../../local/aws/s3/support/local-s3.ts";
import type { Accepted } from "./notehub-stand-in.ts";
import { type EnvironmentOptions, startWorld, type World } from "./world.ts";

export const PACKING = {
  PACKED_BUCKET: "packed",
  PATCH_MAX_BYTES: String(256 * 1024),
  ZSTD_MAX_BYTES: String(1024 * 1024),
  PACK_SECONDS: "20",
  MAX_FILE_BYTES: "10000000",
};

export type PackingWorld = Omit<World, "s3"> & {
  s3: S3Client;
  /** For an environment that is killed once it asks for this: nothing that it waits for then ever comes. */
  mortal(strikes: (command: string, key: string) => boolean | Promise<boolean>): {
    s3: S3Client;
    died: Promise<"died">;
  };
  /** Every request that S3 was asked, `operation bucket/key`. */
  asked: string[];
  /** Set to make requests fail. */
  fault: (operation: S3Operation) => S3Fault | undefined;
  /** Uploads, and gives the queue message that S3 sends. */
  upload(key: string, content: string | Uint8Array): Promise<{ message: string; versionId: string }>;
  /** A new execution environment, with packing. */
  packer(options?: EnvironmentOptions): ReturnType<World["environment"]>;
  read(bucket: string, key: string): Promise<Buffer>;
  keys(bucket: string): Promise<string[]>;
  removeVersion(key: string, versionId: string): Promise<void>;
  /** The queue message that S3 sends of what happened last to a version. */
  eventOf(versionId: string | undefined): Promise<string>;
};

/** The notifier between a real S3 server, with a packed bucket, and the stand-ins of the rest. */
export async function startPackingWorld(): Promise<PackingWorld> {
  const world = await startWorld();
  onTestFinished(() => world[Symbol.asyncDispose]());
  const events: S3Event[] = [];
  const asked: string[] = [];
  const server = await openS3(await dataFolder(), {
    deliver: takeInto(events),
    observe: ({ operation, bucket, key }) => asked.push(`${operation} ${bucket}/${key}`),
    fault: (operation) => packing.fault(operation),
  });
  server.provisionBucket(FILES);
  for (const name of ["announcements-bucket", "packed"])
    server.provisionBucket({ name, versioning: false, notifications: [] });
  const s3 = connect(server);

  const packing: PackingWorld = {
    ...world,
    ...{ s3, asked, fault: () => undefined },
    packer: (options = {}) =>
      world.environment({ ...options, env: { ...PACKING, ...options.env }, s3: options.s3 ?? s3 }),
    mortal(strikes) {
      const client = connect(server);
      const { promise: died, resolve } = Promise.withResolvers<"died">();
      let dead = false;
      client.middlewareStack.add(
        (next, { commandName = "" }) =>
          async (args) => {
            dead ||= "Key" in args.input && (await strikes(commandName, String(args.input.Key)));
            if (!dead) return await next(args);
            resolve("died");
            return await new Promise<never>(() => undefined);
          },
        { step: "initialize" },
      );
      return { s3: client, died };
    },
    async upload(key, content) {
      const command = new PutObjectCommand({ Bucket: "files", Key: key, Body: Buffer.from(content) });
      const { VersionId: versionId = "" } = await s3.send(command);
      return { message: await packing.eventOf(versionId), versionId };
    },
    async eventOf(versionId) {
      // The last one: a version that is removed has two.
      const find = () =>
        events.findLast(({ Records: [record] }) => record?.s3.object.versionId === versionId);
      await expect.poll(find, { interval: 5 }).toBeDefined();
      return JSON.stringify(find());
    },
    async read(Bucket, Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async keys(Bucket) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key = "" }) => Key);
    },
    async removeVersion(Key, VersionId) {
      await s3.send(new DeleteObjectCommand({ Bucket: "files", Key, VersionId }));
    },
  };
  return packing;
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}

/** Text that looks like source, of about so many bytes; each seed another, and each `edit` a small change. */
export function sourceText(bytes: number, seed: number, edit = 0): string {
  const lines: string[] = [];
  for (let length = 0, state = seed + 1; length < bytes; ) {
    state = (Math.imul(state, 48271) + 11) & 0x7fffffff;
    const line = `  const v${state % 9973} = compute(${(state >> 7) % 131}, "${(state >> 3).toString(36)}");`;
    lines.push(line);
    length += line.length + 1;
  }
  for (let edited = 0; edited < edit; edited += 1) {
    lines.splice((edited * 7919) % lines.length, 1, `  // edit ${edited} of ${edit}`);
  }
  return lines.join("\n");
}

/**
 * Everything that an accepted announcement says there is, unpacked as a device does, is the content; and is as long as was said.
 *
 * @returns the ways it named.
 */
export async function expectAllUnpack(
  world: PackingWorld,
  { announcement, payload }: Accepted,
  contents: readonly Uint8Array[],
): Promise<string[]> {
  const { sha256: digest, z, p = [], b } = announcement;
  const baseOf = (name: string) => contents.find((content) => sha256(content).startsWith(name));
  if (z !== undefined) {
    const frame = await world.read("packed", packedKey({ sha256: digest }));
    expect(frame.length).toBe(z);
    expect(sha256(zstdDecompressSync(frame))).toBe(digest);
  }
  for (const [name, bytes] of p) {
    const base = baseOf(name) ?? Buffer.alloc(0);
    const patch = await world.read("packed", packedKey({ sha256: digest, base: sha256(base) }));
    expect(patch.length).toBe(bytes);
    expect(sha256(zstdDecompressSync(patch, { dictionary: Buffer.from(base) }))).toBe(digest);
  }
  expect(b === undefined).toBe(payload === undefined);
  if (b !== undefined && payload !== undefined) {
    const base = Buffer.from(baseOf(b) ?? []);
    const patch = Buffer.from(payload, "base64");
    expect(patch.length).toBeLessThanOrEqual(250);
    expect(sha256(zstdDecompressSync(patch, { dictionary: base }))).toBe(digest);
  }
  return [
    ...(b === undefined ? [] : ["note"]),
    ...p.map(() => "patch"),
    ...(z === undefined ? [] : ["zstd"]),
  ];
}
