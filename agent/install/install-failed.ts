import { KeyRefused } from "../../protocol/key-refused.ts";
import { errnoOf } from "../system/errno.ts";
import { NotAFile } from "../system/regular-file.ts";

/**
 * Why a file cannot be put in its place.
 * The path itself is at fault: `path` (not allowed), `symbolic-link` (leads out of the root, or nowhere), `not-a-folder` (a file
 * is in the way), `is-a-folder`, `not-a-file` (a device or a pipe), `name` (longer than the file system takes), `reserved` (one
 * of ours).
 * The content is: `wrong-size`, `wrong-hash`, or the form that it came in: `packing`.
 * Its program is: `run` (it failed or died, and the previous version is back), `run-not-restored` (it failed, and the disk did not
 * allow to put the previous version back, which the agent tries again).
 * The device is, perhaps not for ever: `disk-full`, `read-only`, `no-permission`, `mount-point` (something is mounted over the very
 * file, such as one that is bound into a container: mount its folder instead), `storage`.
 */
export type InstallFailure =
  | "path"
  | "symbolic-link"
  | "not-a-folder"
  | "is-a-folder"
  | "not-a-file"
  | "name"
  | "reserved"
  | "wrong-size"
  | "packing"
  | "wrong-hash"
  | "run"
  | "run-not-restored"
  | "disk-full"
  | "read-only"
  | "no-permission"
  | "mount-point"
  | "storage";

/** A file that was not put in its place, where what was there is untouched, or that may not stay in it (`storage`). */
export class InstallFailed extends Error {
  override name = "InstallFailed" as const;
  readonly reason: InstallFailure;
  /** How its program ended, in a word that a receipt has room for, where that is known. [NF-9.9] */
  readonly ended: string | undefined;
  /** Which file of a unit it was, where one alone is to blame. */
  readonly path: string | undefined;

  constructor(
    reason: InstallFailure,
    sentence: string,
    options?: { cause?: unknown; ended?: string | undefined; path?: string },
  ) {
    super(sentence, options);
    this.reason = reason;
    this.ended = options?.ended;
    this.path = options?.path;
  }
}

const BY_ERRNO: Readonly<Record<string, InstallFailure>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EFBIG: "disk-full",
  EROFS: "read-only",
  EACCES: "no-permission",
  EPERM: "no-permission",
  EBUSY: "mount-point",
  ENAMETOOLONG: "name",
  ENOTDIR: "not-a-folder",
  EISDIR: "is-a-folder",
  ENOTEMPTY: "is-a-folder",
};

/** The failure that an error of the file system amounts to. */
export function installFailureOf(error: unknown): InstallFailed {
  if (error instanceof InstallFailed) return error;
  if (error instanceof KeyRefused) return new InstallFailed("path", error.message, { cause: error });
  if (error instanceof NotAFile) return new InstallFailed("not-a-file", error.message, { cause: error });
  const code = errnoOf(error);
  const sentence = error instanceof Error ? error.message : String(error);
  return new InstallFailed(BY_ERRNO[code ?? ""] ?? "storage", sentence, { cause: error });
}

/** Turns an error of the file system into an {InstallFailed}: the disk of the state folder fails in the same ways as the root's. */
export async function onDisk<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw errnoOf(error) === undefined && !(error instanceof NotAFile) ? error : installFailureOf(error);
  }
}
