import { createHash } from "node:crypto";

/** The file name of a path's record in the state folder. Every path has one, and none leads out of the folder. */
export function recordName(filePath: string): string {
  return createHash("sha256").update(filePath).digest("hex").slice(0, 32);
}
