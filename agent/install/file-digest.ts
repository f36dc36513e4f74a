import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Place } from "./place.ts";

/** One buffer for the whole file: a stream would leave garbage of the file's size. */
const SLICE_BYTES = 64 * 1024;

/** Unpadded base64url of the SHA-256 of the file at a place; undefined if there is none. */
export async function digestOf(place: Place): Promise<string | undefined> {
  return place.existing === undefined ? undefined : digestOfFile(place.folder.at(place.name));
}

/** The same for a file by its path; undefined if no regular file is there. */
export async function digestOfFile(path: string): Promise<string | undefined> {
  // Non-blocking: a pipe may have taken the file's place in the meantime, and opening it would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags);
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const hash = createHash("sha256");
    const slice = Buffer.allocUnsafeSlow(SLICE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(slice, 0, slice.length);
      if (bytesRead === 0) return hash.digest("base64url");
      hash.update(slice.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
