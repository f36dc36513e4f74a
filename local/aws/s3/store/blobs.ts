import { randomUUID } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import path from "node:path";
import { type BlobWriter, createBlobWriter } from "./blob-writer.ts";
import { type Extent, readExtents } from "./read-extents.ts";
import { createDirectorySync, makeDirectory } from "./sync-directory.ts";

/** A run of an object's bytes: the whole of one file. */
export type Segment = { blob: string; bytes: number };

/**
 * The bytes, one file per blob. INVARIANTS:
 * - a blob never changes once it is in place, so a reader sees one version or another, never a mixture;
 * - a blob is deleted only after no row names it and no reader holds it;
 * - a file that no row names is an orphan of a crash, and is swept at the next start.
 */
export type Blobs = {
  create(): Promise<BlobWriter>;
  /**
   * Holds the segments from the moment of the call, so call it in the same tick as the lookup that gave them. A piece is
   * overwritten once the next is asked for.
   */
  read(segments: readonly Segment[], first: number, last: number): Promise<AsyncIterable<Buffer>>;
  /** Blobs of their own with the same bytes. */
  copy(segments: readonly Segment[]): Promise<Segment[]>;
  discard(segments: readonly Segment[]): void;
  /** Deletes every blob that is not among these; call it only before anything else runs. */
  sweep(known: ReadonlySet<string>): void;
};

export function openBlobs(directory: string): Blobs {
  const final = path.join(directory, "blobs");
  const temporary = path.join(directory, "incoming");
  rmSync(temporary, { recursive: true, force: true });
  for (const each of [final, temporary]) makeDirectory(each);
  const syncDirectory = createDirectorySync(final);
  const fileOf = (blob: string) => path.join(final, blob);
  const readers = new Map<string, number>();
  const condemned = new Set<string>();

  function remove(blob: string): void {
    rm(fileOf(blob), { force: true }).catch(() => undefined); // the sweep at the next start gets it
  }

  function hold(segments: readonly { blob: string }[]): () => void {
    for (const { blob } of segments) readers.set(blob, (readers.get(blob) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const { blob } of segments) {
        const left = (readers.get(blob) ?? 1) - 1;
        if (left > 0) readers.set(blob, left);
        else readers.delete(blob);
        if (left === 0 && condemned.delete(blob)) remove(blob);
      }
    };
  }

  return {
    create() {
      const id = randomUUID();
      return createBlobWriter({ id, temporary: path.join(temporary, id), final: fileOf(id), syncDirectory });
    },
    async read(segments, first, last) {
      const wanted = extentsWithin(segments, first, last);
      const release = hold(wanted);
      try {
        const [opening] = wanted;
        // Opened before the reply's head is sent, so that a missing file is an error and not a torn reply.
        const file = opening === undefined ? undefined : await open(fileOf(opening.blob));
        return readExtents(wanted, file, fileOf, release);
      } catch (error) {
        release();
        throw error;
      }
    },
    async copy(segments) {
      const release = hold(segments);
      try {
        const copies = segments.map((segment) => ({
          from: segment.blob,
          blob: randomUUID(),
          bytes: segment.bytes,
        }));
        for (const { from, blob } of copies) await link(fileOf(from), fileOf(blob));
        if (copies.length > 0) await syncDirectory();
        return copies.map(({ blob, bytes }) => ({ blob, bytes }));
      } finally {
        release();
      }
    },
    discard(segments) {
      for (const { blob } of segments) {
        if (readers.has(blob)) condemned.add(blob);
        else remove(blob);
      }
    },
    sweep(known) {
      for (const blob of readdirSync(final)) if (!known.has(blob)) remove(blob);
    },
  };
}

/** The parts of the segments between two bytes of the object, both inclusive. */
function extentsWithin(segments: readonly Segment[], first: number, last: number): Extent[] {
  const extents: Extent[] = [];
  let start = 0;
  for (const segment of segments) {
    const from = Math.max(first - start, 0);
    const to = Math.min(last - start, segment.bytes - 1);
    if (from <= to) extents.push({ ...segment, first: from, last: to });
    start += segment.bytes;
  }
  return extents;
}
