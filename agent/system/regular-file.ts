import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { errnoOf } from "./errno.ts";

/** At a path is a link, a pipe, a device, a socket or a folder, where a regular file has to be. */
export class NotAFile extends Error {
  override name = "NotAFile" as const;
  readonly code = "not-a-file";

  constructor(place: string, options?: { cause?: unknown }) {
    super(`${place} is no regular file`, options);
  }
}

/** What open(2) says, without waiting, of a link, of a pipe that nobody reads, and of a socket. */
const NO_FILE: ReadonlySet<string | undefined> = new Set(["ELOOP", "ENXIO"]);

/**
 * Opens a file without following a link and without waiting: opening a pipe waits for its other end, for good if there is none.
 *
 * @throws {NotAFile} or an error of the file system.
 */
export async function openRegularFile(
  place: string,
  flags = constants.O_RDONLY,
  mode = 0o600,
): Promise<FileHandle> {
  const file = await open(place, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode).catch((cause) => {
    throw NO_FILE.has(errnoOf(cause)) ? new NotAFile(place, { cause }) : cause;
  });
  try {
    if (!(await file.stat()).isFile()) throw new NotAFile(place);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Creates a file, in place of what an earlier run left under its name. What somebody else puts there is never written to. */
export async function createFile(place: string): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    return await open(place, flags, 0o600);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  await rm(place, { force: true });
  return open(place, flags, 0o600);
}

/** One buffer for the whole file, and none longer than the file: a stream would leave garbage of the file's size, many small files of theirs. */
const SLICE_BYTES = 64 * 1024;
const SMALLEST_SLICE_BYTES = 1024;

/** The bytes of a file from its beginning. Each piece is valid until the next one is read. */
export async function* slicesOf(file: FileHandle): AsyncGenerator<Buffer> {
  const { size } = await file.stat();
  const slice = Buffer.allocUnsafeSlow(Math.min(SLICE_BYTES, Math.max(SMALLEST_SLICE_BYTES, size)));
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(slice, 0, slice.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield slice.subarray(0, bytesRead);
  }
}
