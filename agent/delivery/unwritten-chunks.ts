import type { Announcement } from "../../protocol/announcement.ts";

/** Chunks that were fetched but could not be written: kept in memory, so that a disk in trouble costs no fetch at every attempt. */
export type UnwrittenChunks = {
  keep(path: string, version: Announcement, offset: number, bytes: Buffer): void;
  /** The bytes at this offset of this version; what was kept for the path is forgotten. */
  take(path: string, version: Announcement, offset: number): Buffer | undefined;
};

export function createUnwrittenChunks(): UnwrittenChunks {
  const chunks = new Map<string, { id: string; bytes: Buffer }>();
  const idOf = ({ sha256, etag }: Announcement, offset: number) => `${sha256} ${etag} ${offset}`;
  return {
    keep: (path, version, offset, bytes) =>
      void chunks.set(path, { id: idOf(version, offset), bytes: Buffer.from(bytes) }),
    take(path, version, offset) {
      const kept = chunks.get(path);
      chunks.delete(path);
      return kept?.id === idOf(version, offset) ? kept.bytes : undefined;
    },
  };
}
