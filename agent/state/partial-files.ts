import { constants } from "node:fs";
import { type FileHandle, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import type { Announcement } from "../../protocol/announcement.ts";
import { errnoOf } from "../system/errno.ts";
import { NotAFile, openRegularFile } from "../system/regular-file.ts";
import { REPLACING, removeDurably, replaceDurably, syncFolder } from "./durable-file.ts";
import { formatRecord, HEAD_BYTES, readRecords } from "./partial-records.ts";
import { recordName } from "./record-name.ts";

/**
 * What is downloaded: a version, in which form (undefined: the file itself; a download of one form is of no use to another), and the
 * `size` of that form in bytes.
 */
export type Download = Pick<Announcement, "name" | "size" | "sha256"> & {
  etag?: string | undefined;
  version?: string | undefined;
  form?: string | undefined;
};

/** What has come of a download so far. It is a journal: what `append` has taken survives a power loss. */
export type PartialFile = {
  /** Bytes that are safe. */
  bytes(): number;
  /** Bytes that the rest needs on the disk, and where. */
  claim(): { folder: string; bytes: number };
  append(bytes: Uint8Array): Promise<void>;
  /** The bytes, in order. Each piece is valid until the next one is read. */
  content(): AsyncIterable<Buffer>;
  close(): Promise<void>;
};

/** Downloads under way, one per path. */
export type PartialFiles = {
  /** The folder they are in. */
  readonly folder: string;
  /** Opens what there is of a download, and drops what there is of another one for the same path. */
  open(filePath: string, download: Download): Promise<PartialFile>;
  /** The download that was begun for a path; undefined if there is none. */
  begun(filePath: string): Promise<Download | undefined>;
  remove(filePath: string): Promise<void>;
  /** Drops every download but those for these paths. */
  keepOnly(filePaths: readonly string[]): Promise<void>;
};

/** Bytes of record heads for each byte of file: the smallest chunks that the agent asks for have 250 bytes. */
const MOST_OVERHEAD = HEAD_BYTES / 250;

/** The first record: name, size, SHA-256, etag or nothing, form or nothing, VersionId. */
const Identity = v.union([
  v.strictTuple([v.string(), v.number(), v.string(), v.string()]),
  v.strictTuple([v.string(), v.number(), v.string(), v.string(), v.string()]),
  v.strictTuple([v.string(), v.number(), v.string(), v.string(), v.string(), v.string()]),
]);

export async function openPartialFiles(folder: string): Promise<PartialFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fileOf = (filePath: string) => path.join(folder, recordName(filePath));
  return {
    folder,
    async open(filePath, download) {
      const place = fileOf(filePath);
      const identity = identityOf(download);
      const there = await readIdentity(place);
      // At once: if it were emptied first, and the power went, the better way that failed would be paid for again.
      if (there !== undefined && !there.equals(identity)) await replaceDurably(place, formatRecord(identity));
      const file = await openRegularFile(place, constants.O_RDWR | constants.O_CREAT);
      try {
        return await openPartial(file, identity, download.size, folder);
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    begun: async (filePath) => (await readDownload(fileOf(filePath)))?.download,
    remove: (filePath) => removeDurably(fileOf(filePath)),
    async keepOnly(filePaths) {
      const kept = new Set(filePaths.map(recordName));
      for (const name of await readdir(folder)) {
        if (!kept.has(name)) await rm(path.join(folder, name), { force: true, recursive: true });
      }
    },
  };
}

/** A download under way: the key, and how much of it is safe. */
export type PartialSummary = Pick<Download, "name" | "size" | "sha256"> & { bytes: number };

/** What is under way, for a reader that changes nothing. */
export async function listPartialFiles(folder: string): Promise<PartialSummary[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.endsWith(REPLACING));
  const read = await Promise.all(names.map((name) => readDownload(path.join(folder, name))));
  return read.flatMap((found) => {
    if (found === undefined) return [];
    const { name, size, sha256 } = found.download;
    return [{ name, bytes: found.bytes, size, sha256 }];
  });
}

/** Undefined if there is no such file, or it is not ours. */
async function readDownload(place: string): Promise<{ download: Download; bytes: number } | undefined> {
  const file = await openRegularFile(place).catch((error) => {
    if (error instanceof NotAFile || errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    let found: { download: Download; bytes: number } | undefined;
    for await (const { bytes } of readRecords(file)) {
      if (found === undefined) {
        const [name, size, sha256, etag, form, version] = v.parse(
          Identity,
          JSON.parse(bytes.toString("utf8")),
        );
        const of = { etag: etag || undefined, form: form || undefined, version };
        found = { download: { name, size, sha256, ...of }, bytes: 0 };
      } else {
        found.bytes += bytes.length;
      }
    }
    return found;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof v.ValiError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

/** The first record identifies the download; the others hold its bytes. */
function identityOf({ name, size, sha256, etag, version, form }: Download): Buffer {
  const file = [name, size, sha256, etag ?? ""];
  if (version !== undefined) return Buffer.from(JSON.stringify([...file, form ?? "", version]));
  return Buffer.from(JSON.stringify(form === undefined ? file : [...file, form]));
}

/** Undefined if there is no such file, or its first record is not whole. */
async function readIdentity(place: string): Promise<Buffer | undefined> {
  const file = await openRegularFile(place).catch((error) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    for await (const { bytes } of readRecords(file)) return Buffer.from(bytes);
    return undefined;
  } finally {
    await file.close();
  }
}

async function openPartial(
  file: FileHandle,
  identity: Buffer,
  size: number,
  folder: string,
): Promise<PartialFile> {
  let end = 0;
  let bytes = 0;
  for await (const record of readRecords(file)) {
    if (end === 0 && !record.bytes.equals(identity)) break;
    if (end > 0) bytes += record.bytes.length;
    end = record.next;
  }
  if (bytes > size) {
    end = 0;
    bytes = 0;
  }
  await file.truncate(end);
  const write = async (record: Buffer) => {
    for (let at = 0; at < record.length; ) {
      at += (await file.write(record, at, record.length - at, end + at)).bytesWritten;
    }
    await file.datasync();
    end += record.length;
  };
  if (end === 0) {
    await write(formatRecord(identity));
    await syncFolder(folder);
  }
  return {
    bytes: () => bytes,
    claim: () => ({ folder, bytes: Math.ceil((size - bytes) * (1 + MOST_OVERHEAD)) }),
    async append(more) {
      await write(formatRecord(more));
      bytes += more.length;
    },
    async *content() {
      let first = true;
      for await (const record of readRecords(file)) {
        if (!first) yield record.bytes;
        first = false;
      }
    },
    close: () => file.close(),
  };
}
