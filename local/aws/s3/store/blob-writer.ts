import { type FileHandle, open, rename, rm } from "node:fs/promises";

/** One file being written. It is in place, and synced, once `finish` resolves. */
export type BlobWriter = {
  id: string;
  /** The piece must not change before `finish`. */
  write(piece: Buffer): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
};

/** Bytes gathered before they are written: fewer, larger writes, and the next bytes are hashed meanwhile. */
const BATCH_BYTES = 512 * 1024;
const BATCH_PIECES = 1024; // a client may send a byte at a time

/** After every so many bytes a sync begins, so that the last one finds little left to do. */
const SYNC_BYTES = 8 * 1024 * 1024;

export async function createBlobWriter(options: {
  id: string;
  temporary: string;
  final: string;
  syncDirectory: () => Promise<void>;
}): Promise<BlobWriter> {
  const file = await open(options.temporary, "wx");
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let unsyncedBytes = 0;
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    await writing; // at most one write at a time, so memory stays bounded
    const pieces = gathered;
    unsyncedBytes += gatheredBytes;
    gathered = [];
    gatheredBytes = 0;
    writing = writeFully(file, pieces);
    writing.catch(() => undefined); // whoever awaits it next sees the failure
    if (unsyncedBytes < SYNC_BYTES) return;
    unsyncedBytes = 0;
    // Linux reports a failed sync once, so this one's failure must not be lost.
    syncing = Promise.all([syncing, file.datasync()]).then(() => undefined);
    syncing.catch(() => undefined);
  }

  return {
    id: options.id,
    async write(piece) {
      gathered.push(piece);
      gatheredBytes += piece.length;
      if (gatheredBytes >= BATCH_BYTES || gathered.length >= BATCH_PIECES) await flush();
    },
    async finish() {
      await flush();
      await writing;
      await syncing;
      await file.datasync();
      await file.close();
      await rename(options.temporary, options.final);
      await options.syncDirectory();
    },
    async abandon() {
      await Promise.allSettled([writing, syncing]);
      await file.close().catch(() => undefined); // closed already if finish failed late
      await rm(options.temporary, { force: true });
      await rm(options.final, { force: true });
    },
  };
}

async function writeFully(file: FileHandle, pieces: Buffer[]): Promise<void> {
  for (let left = pieces; left.length > 0; ) {
    const { bytesWritten } = await file.writev(left);
    left = withoutFirst(left, bytesWritten);
  }
}

/** What a short write left over. */
function withoutFirst(pieces: readonly Buffer[], bytes: number): Buffer[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(skip, piece.length));
    skip -= piece.length - rest.length;
    return rest.length === 0 ? [] : [rest];
  });
}
