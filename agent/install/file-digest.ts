import { createHash } from "node:crypto";
import { NotAFile, openRegularFile, slicesOf } from "../system/regular-file.ts";
import type { Place } from "./place.ts";

/** Unpadded base64url of the SHA-256 of the file at a place; undefined if there is none. */
export async function digestOf(place: Place): Promise<string | undefined> {
  return place.existing === undefined ? undefined : digestOfFile(place.folder.at(place.name));
}

/** The same for a file by its path; undefined if no regular file is there. */
export async function digestOfFile(path: string): Promise<string | undefined> {
  // Something else may have taken the file's place in the meantime.
  const file = await openRegularFile(path).catch((error) => {
    if (error instanceof NotAFile) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const hash = createHash("sha256");
    for await (const slice of slicesOf(file)) hash.update(slice);
    return hash.digest("base64url");
  } finally {
    await file.close();
  }
}
