import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Place } from "./place.ts";

/** Unpadded base64url of the SHA-256 of the file at a place; undefined if there is none. */
export async function digestOf(place: Place): Promise<string | undefined> {
  if (place.existing === undefined) return undefined;
  // Non-blocking, since a pipe may have taken the file's place in the meantime.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(place.folder.at(place.name), flags);
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const hash = createHash("sha256");
    for await (const bytes of file.createReadStream({ autoClose: false })) hash.update(bytes);
    return hash.digest("base64url");
  } finally {
    await file.close();
  }
}
