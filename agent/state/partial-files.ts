import { constants } from "node:fs";
import { type FileHandle, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import type { Announcement } from "../../protocol/announcement.ts";
import { NotAFile, openRegularFile } from "../system/regular-file.ts";
import { removeDurably, syncFolder } from "./durable-file.ts";
import { formatRecord, HEAD_BYTES, readRecords } from "./partial-records.ts";
import { recordName } from "./record-name.ts";

/** What has come of a version so far. It is a journal: what `append` has taken survives a power loss. */
export type PartialFile = {
  /** Bytes of the file that are safe. */
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
  /** Opens what there is of a version, and drops what there is of another version for the same path. */
  open(filePath: string, version: Announcement): Promise<PartialFile>;
  remove(filePath: string): Promise<void>;
  /** Drops every download but those for these paths. */
  keepOnly(filePaths: readonly string[]): Promise<void>;
};

/** Bytes of record heads for each byte of file: the smallest chunks that the agent asks for have 250 bytes. */
const MOST_OVERHEAD = HEAD_BYTES / 250;

/** The first record: name, size, sha256, etag. */
const Identity = v.looseTuple([v.string(), v.number()]);

export async function openPartialFiles(folder: string): Promise<PartialFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fileOf = (filePath: string) => path.join(folder, recordName(filePath));
  return {
    async open(filePath, version) {
      const file = await openRegularFile(fileOf(filePath), constants.O_RDWR | constants.O_CREAT);
      try {
        return await openPartial(file, version, folder);
      } catch (error) {
        await file.close();
        throw error;
      }
    },
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
export type PartialSummary = { name: string; bytes: number; size: number };

/** What is under way, for a reader that changes nothing. */
export async function listPartialFiles(folder: string): Promise<PartialSummary[]> {
  const names = await readdir(folder).catch(() => []);
  const summaries = await Promise.all(names.map((name) => summarise(path.join(folder, name))));
  return summaries.filter((summary) => summary !== undefined);
}

/** Undefined if the file is not ours. */
async function summarise(place: string): Promise<PartialSummary | undefined> {
  const file = await openRegularFile(place).catch((error) => {
    if (error instanceof NotAFile) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    let summary: PartialSummary | undefined;
    for await (const { bytes } of readRecords(file)) {
      if (summary === undefined) {
        const [name, size] = v.parse(Identity, JSON.parse(bytes.toString("utf8")));
        summary = { name, size, bytes: 0 };
      } else {
        summary.bytes += bytes.length;
      }
    }
    return summary;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof v.ValiError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

/** The first record identifies the version; the others hold its bytes. */
async function openPartial(file: FileHandle, version: Announcement, folder: string): Promise<PartialFile> {
  const identity = Buffer.from(JSON.stringify([version.name, version.size, version.sha256, version.etag]));
  let end = 0;
  let bytes = 0;
  for await (const record of readRecords(file)) {
    if (end === 0 && !record.bytes.equals(identity)) break;
    if (end > 0) bytes += record.bytes.length;
    end = record.next;
  }
  if (bytes > version.size) {
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
    claim: () => ({ folder, bytes: Math.ceil((version.size - bytes) * (1 + MOST_OVERHEAD)) }),
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
