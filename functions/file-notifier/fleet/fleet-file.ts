import { chunkCount } from "../../../protocol/chunk.ts";
import { formatChunkRequest } from "../../../protocol/chunk-request.ts";
import { TABLE_PATH_MAX_BYTES } from "../../../protocol/delivery-table.ts";
import type { FleetFile } from "../../../protocol/fleet-state.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { CHUNK_MAX_BYTES, REQUEST_NAME_MAX_CHARS } from "../../../protocol/limits.ts";
import { baseName } from "../../../protocol/representation.ts";
import { parsePercent, parseRelease, type Share, saltOf } from "../../../protocol/share.ts";
import { isThingKey } from "../../../protocol/target.ts";
import { isVersionId } from "../../../protocol/version-id.ts";
import { checkSize } from "../announce/describe-file.ts";
import { readContent } from "../announce/read-content.ts";
import type { PackVersion } from "../pack/pack-version.ts";
import type { FileStore } from "../ports.ts";
import type { Seen } from "./ports.ts";

/** A version as it was read: what it is, and for whom. */
export type ReadVersion = Omit<FleetFile, "seq" | "previous">;

/**
 * Reads what a key holds, once, and has it packed; undefined if the version is gone.
 *
 * @throws {KeyRefused} before anything is read.
 */
export async function readVersion(
  { files, maxFileBytes, pack }: { files: FileStore; maxFileBytes: number; pack?: PackVersion | undefined },
  { bucket, key }: { bucket: string; key: string },
  seen: Seen,
  signal: AbortSignal,
): Promise<ReadVersion | undefined> {
  const { versionId } = seen;
  checkSize(seen.size, maxFileBytes);
  checkRequests(key, seen);
  const share = shareOf(seen);
  const release = parseRelease(seen.release);
  const version = { bucket, key, versionId, sequencer: "0" };
  const file = await files.open(version, signal);
  if (file === undefined) return undefined;
  const content = await readContent(file, pack?.keepBytes ?? 0, signal);
  const { zstd, patches, payload } = (await pack?.pack(version, content, signal)) ?? { patches: [] };
  const { size, sha256 } = content;
  const alone = payload && !patches.some(({ base }) => base === payload.base) ? [payload] : [];
  const p = [...alone.map(({ base, patch }) => ({ base, bytes: patch.length })), ...patches].map(
    ({ base, bytes }): [string, number] => [baseName(base), bytes],
  );
  return {
    ...{ version: versionId, size, sha256, etag: file.etag },
    ...(zstd === undefined ? {} : { z: zstd }),
    ...(p.length === 0 ? {} : { p }),
    ...(release === undefined ? {} : { release }),
    ...(share === undefined ? {} : { share }),
  };
}

/**
 * A manifest names versions, and devices ask for those: a file whose longest request is too long nobody can fetch by a Notecard, which things
 * do without. [NF-1.5] [NF-3.10]
 */
function checkRequests(key: string, { versionId, size }: Seen): void {
  if (!isVersionId(versionId))
    throw new KeyRefused("no-version", "the bucket keeps no versions, and a manifest names them");
  if (isThingKey(key)) checkThingKey(key);
  else checkNotecardRequest(key, size, versionId);
}

function checkNotecardRequest(key: string, size: number, versionId: string): void {
  const last = chunkCount(size, CHUNK_MAX_BYTES);
  const request = formatChunkRequest({ key, chunk: last, size: CHUNK_MAX_BYTES, version: versionId });
  if (request.length <= REQUEST_NAME_MAX_CHARS) return;
  throw new KeyRefused(
    "request-too-long",
    `the longest request has ${request.length} characters, a Notecard sends ${REQUEST_NAME_MAX_CHARS}: shorten the key`,
  );
}

/** What the table cannot hold nobody could see, nor say that it has. [NF-1.5] */
function checkThingKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > TABLE_PATH_MAX_BYTES)
    throw new KeyRefused(
      "path",
      `the key has ${bytes} bytes, at most ${TABLE_PATH_MAX_BYTES} are delivered to things`,
    );
}

/** Taken for absent, a share that makes no sense would give the whole fleet what a part of it was to try. [NF-11.8] */
function shareOf({ share, versionId, release }: Seen): Share | undefined {
  if (share === undefined) return undefined;
  const percent = parsePercent(share);
  if (percent === undefined)
    throw new KeyRefused("share", `the share ${JSON.stringify(share.slice(0, 20))} is no percentage`);
  return percent === 100 ? undefined : [percent, saltOf(versionId, parseRelease(release))];
}
