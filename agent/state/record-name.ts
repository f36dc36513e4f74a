import { createHash } from "node:crypto";

/** The name of a path's record in a folder of the state: any path has one, and none leaves that folder. */
export function recordName(filePath: string): string {
  return createHash("sha256").update(filePath).digest("hex").slice(0, 32);
}
