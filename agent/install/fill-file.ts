import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { descriptorPathForChildren } from "../system/descriptor-path.ts";
import { sentenceOf } from "../system/errno.ts";
import { openRegularFile } from "../system/regular-file.ts";
import { type Place, TEMPORARY_PREFIX } from "./place.ts";
import { takeModeOf } from "./replace-file.ts";
import type { takeAttributes } from "./take-attributes.ts";
import { type Expected, writeVerified } from "./write-verified.ts";

/** Writes a new file. @returns what it could not take over from the one that it will replace. */
export async function fill(
  file: FileHandle,
  place: Place,
  path: string,
  content: AsyncIterable<Buffer>,
  expected: Expected,
  take: typeof takeAttributes,
): Promise<string | undefined> {
  const program = await writeVerified(file, content, expected);
  if (place.existing !== undefined) return takeAllOf(place, place.existing, file, temporaryName(path), take);
  await file.chmod(program ? 0o755 : 0o644); // a new script or ELF file can be run [NF-9.3]
  return undefined;
}

/** Gives a file mode, owner and extended attributes of the one that it will replace, in this order: a new owner clears capabilities. */
async function takeAllOf(
  { folder, name }: Place,
  existing: Stats,
  file: FileHandle,
  temporary: string,
  take: typeof takeAttributes,
): Promise<string | undefined> {
  await takeModeOf(file, existing);
  const from = await openRegularFile(folder.at(name)).catch(sentenceOf);
  if (typeof from === "string") return from;
  try {
    return await take(
      descriptorPathForChildren(from.fd, folder.at(name)),
      descriptorPathForChildren(file.fd, folder.at(temporary)),
    );
  } finally {
    await from.close();
  }
}

/** The same for a path every time, so that `sweep` finds what a killed installation left. */
export function temporaryName(path: string): string {
  return `${TEMPORARY_PREFIX}${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
}
