import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { NotAFile, openRegularFile, slicesOf } from "../system/regular-file.ts";
import type { Place } from "./place.ts";

/** Unpadded base64url of the SHA-256 of the file at a place; undefined if there is none. */
export async function digestOf(place: Place): Promise<string | undefined> {
  return place.existing === undefined ? undefined : digestOfFile(place.folder.at(place.name));
}

/** The same for a file by its path; undefined if no regular file is there. */
export function digestOfFile(path: string): Promise<string | undefined> {
  return withFile(path, async (file) => {
    const hash = createHash("sha256");
    for await (const slice of slicesOf(file)) hash.update(slice);
    return hash.digest("base64url");
  });
}

/** The bytes of the file at a place; undefined if there is none, or one of more than `maxBytes`. */
export async function readWhole(
  { folder, name, existing }: Place,
  maxBytes: number,
): Promise<Buffer | undefined> {
  if (existing === undefined || existing.size > maxBytes) return undefined;
  return withFile(folder.at(name), async (file) => {
    const whole = Buffer.allocUnsafeSlow(existing.size);
    let filled = 0;
    for await (const slice of slicesOf(file)) {
      if (filled + slice.length > whole.length) return undefined; // it grows while it is read
      filled += slice.copy(whole, filled);
    }
    return whole.subarray(0, filled);
  });
}

/** Something else may have taken a file's place since it was looked at. */
async function withFile<Result>(
  path: string,
  task: (file: FileHandle) => Promise<Result>,
): Promise<Result | undefined> {
  const file = await openRegularFile(path).catch((error) => {
    if (error instanceof NotAFile) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    return await task(file);
  } finally {
    await file.close();
  }
}
