import { checkAnnounceable } from "../../../protocol/announcement.ts";
import { TABLE_PATH_MAX_BYTES } from "../../../protocol/delivery-table.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, folderOf, isThingKey, type Target } from "../../../protocol/target.ts";

/** What the notifier refuses at the latest: `maxFileBytes` can only be lower. */
const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** The longest that S3 answers: a file in parts has their number behind a hyphen. */
const LONGEST_ETAG = `${"0".repeat(32)}-10000`;

/** The key of a file for a target, undefined for the default one; parts of a path that are empty are left out. */
export function uploadKey(to: Target | undefined, ...parts: readonly string[]): string {
  return `${to === undefined ? "" : folderOf(to)}${parts.filter((part) => part !== "").join("/")}`;
}

/** Why no device could get a file under that key; undefined if one could. */
export function whyRefused(key: string, bytes: number): string | undefined {
  if (bytes > MAX_FILE_BYTES) return `it has ${bytes} bytes, at most ${MAX_FILE_BYTES} are announced`;
  try {
    addressKey(key);
    if (isThingKey(key)) return whyNoThingGetsIt(key);
    checkAnnounceable({ name: key, size: bytes, sha256: "0".repeat(43), etag: LONGEST_ETAG });
    return undefined;
  } catch (error) {
    if (error instanceof KeyRefused) return error.message;
    throw error;
  }
}

/** A thing hears of no Note: only what the delivery table can hold bounds its keys. [NF-1.5] */
function whyNoThingGetsIt(key: string): string | undefined {
  const bytes = Buffer.byteLength(key);
  if (bytes <= TABLE_PATH_MAX_BYTES) return undefined;
  return `the key has ${bytes} bytes, at most ${TABLE_PATH_MAX_BYTES} are delivered to things`;
}
