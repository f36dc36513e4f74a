import path from "node:path";
import type { Target } from "../../../protocol/target.ts";
import { uploadKey, whyRefused } from "../../cloud/files/upload-key.ts";
import type { Found, FoundFile } from "./find-files.ts";

export type PlannedFile = FoundFile & { key: string };

export type UploadPlan = {
  uploads: PlannedFile[];
  /** Files that no device could get under their key or size: nothing is sent if there is one. */
  refused: { key: string; why: string }[];
};

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
    key: uploadKey(to, base, file.relative),
  }));
  const refused = planned.flatMap(({ key, bytes }) => {
    const why = whyRefused(key, bytes);
    return why === undefined ? [] : [{ key, why }];
  });
  return { uploads: planned, refused };
}

function nameOf(source: string, folder: boolean, as: string | undefined): string {
  const name = path.basename(source);
  if (as === undefined) return name;
  if (folder) return as === "." ? "" : as.replace(/\/+$/, "");
  return as.endsWith("/") ? `${as}${name}` : as; // as cp does
}
