import path from "node:path";
import { checkAnnounceable } from "../../../protocol/announcement.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { addressKey, formatTarget, type Target } from "../../../protocol/target.ts";
import type { Found, FoundFile } from "./find-files.ts";

export type PlannedFile = FoundFile & { key: string };

export type UploadPlan = {
  uploads: PlannedFile[];
  /** Files that no device could get under their key or size: nothing is sent if there is one. */
  refused: { key: string; why: string }[];
};

/** What the notifier refuses at the latest: `maxFileBytes` can only be lower. */
const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** The longest that S3 answers: a file in parts has their number behind a hyphen. */
const LONGEST_ETAG = `${"0".repeat(32)}-10000`;

/**
 * The key of each file: the target's prefix, what the file or folder is to be called, and the path below it.
 *
 * @param source absolute path of what was named
 */
export function planUpload(
  found: Found,
  { source, to, as }: { source: string; to: Target | undefined; as: string | undefined },
): UploadPlan {
  const base = nameOf(source, found.folder, as);
  const planned = found.files.map((file) => ({
    ...file,
    key: `${prefixOf(to)}${[base, file.relative].filter((part) => part !== "").join("/")}`,
  }));
  const refused = planned.flatMap(({ key, bytes }) => {
    const why = whyRefused(key, bytes);
    return why === undefined ? [] : [{ key, why }];
  });
  return { uploads: planned, refused };
}

function prefixOf(to: Target | undefined): string {
  if (to === undefined) return "";
  return `${to.kind === "device" ? "devices" : "fleets"}/${formatTarget(to)}/`;
}

function nameOf(source: string, folder: boolean, as: string | undefined): string {
  const name = path.basename(source);
  if (as === undefined) return name;
  if (folder) return as === "." ? "" : as.replace(/\/+$/, "");
  return as.endsWith("/") ? `${as}${name}` : as; // as cp does
}

function whyRefused(key: string, bytes: number): string | undefined {
  if (bytes > MAX_FILE_BYTES) return `it has ${bytes} bytes, at most ${MAX_FILE_BYTES} are announced`;
  try {
    addressKey(key);
    checkAnnounceable({ name: key, size: bytes, sha256: "0".repeat(43), etag: LONGEST_ETAG });
    return undefined;
  } catch (error) {
    if (error instanceof KeyRefused) return error.message;
    throw error;
  }
}
