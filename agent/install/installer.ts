import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, type FileHandle, mkdir, open, realpath, rename, rm, statfs } from "node:fs/promises";
import { digestOf } from "./file-digest.ts";
import { InstallFailed, installFailureOf } from "./install-failed.ts";
import { openPlace, type Place, TEMPORARY_PREFIX } from "./place.ts";
import { type Expected, writeVerified } from "./write-verified.ts";

/**
 * Puts files in their places below a root.
 *
 * INVARIANTS: nothing outside the root is written; at a path is the old file or the new one, whole, whatever is killed when;
 * apart from the moment of writing, nothing of ours lies beside them.
 */
export type Installer = {
  /** The root's real path. */
  readonly root: string;
  /** Unpadded base64url of the SHA-256 of what is at a path; undefined if that is no file. */
  digest(path: string): Promise<string | undefined>;
  /**
   * Foresees what can be foreseen, before bytes are paid for.
   *
   * @throws {InstallFailed}
   */
  check(path: string, size: number): Promise<void>;
  /**
   * Replaces what is at a path.
   *
   * @param beforeReplacing runs once the content is verified and on disk, while the old file is still in its place
   * @throws {InstallFailed}; what was there is then untouched.
   */
  install(
    path: string,
    content: AsyncIterable<Buffer>,
    expected: Expected,
    beforeReplacing?: (place: Place) => Promise<void>,
  ): Promise<void>;
  /** Removes the file at a path. */
  remove(path: string): Promise<void>;
  /** Removes what an installation at this path left behind when it was killed. */
  sweep(path: string): Promise<void>;
};

/** Bytes that stay free on the disk: a full one breaks more than a delivery. */
const SPARE_BYTES = 1024 * 1024;

export async function createInstaller(rootFolder: string): Promise<Installer> {
  await mkdir(rootFolder, { recursive: true });
  const root = await realpath(rootFolder);

  /** Runs a task at a place and closes it; undefined if there is no such folder. */
  async function at<Result>(path: string, create: boolean, task: (place: Place) => Promise<Result>) {
    const place = await openPlace(root, path, create);
    if (place === undefined) return undefined;
    try {
      return await task(place);
    } finally {
      await place.folder.close();
    }
  }

  return {
    root,
    digest: (path) => at(path, false, digestOf).catch(() => undefined),
    async check(path, size) {
      try {
        const writable = await at(path, false, async ({ folder }) => access(folder.at("."), constants.W_OK));
        if (writable === undefined) await access(root, constants.W_OK);
        const { bavail, bsize } = await statfs(root);
        if (bavail * bsize < size + SPARE_BYTES) {
          throw new InstallFailed("disk-full", `the disk has no room for ${size} bytes`);
        }
      } catch (error) {
        throw installFailureOf(error);
      }
    },
    async install(path, content, expected, beforeReplacing = async () => undefined) {
      const temporary = temporaryName(path);
      await at(path, true, (place) => replace(place, temporary, content, expected, beforeReplacing)).catch(
        fail,
      );
    },
    async remove(path) {
      await at(path, false, async ({ folder, name }) => {
        await rm(folder.at(name), { force: true });
        await folder.sync();
      }).catch(fail);
    },
    async sweep(path) {
      await at(path, false, async ({ folder }) => rm(folder.at(temporaryName(path)), { force: true })).catch(
        () => undefined, // a place that is gone holds nothing of ours
      );
    },
  };
}

function fail(error: unknown): never {
  throw installFailureOf(error);
}

/** Always the same for a path, so that what a killed installation left is found. */
function temporaryName(path: string): string {
  return `${TEMPORARY_PREFIX}${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
}

/** Temporary file beside the place, fsync, rename, fsync of the folder. [NF-9.2] */
async function replace(
  place: Place,
  temporary: string,
  content: AsyncIterable<Buffer>,
  expected: Expected,
  beforeReplacing: (place: Place) => Promise<void>,
): Promise<void> {
  const { folder, name, existing } = place;
  await rm(folder.at(temporary), { force: true });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(folder.at(temporary), flags, 0o600);
  try {
    try {
      const script = await writeVerified(file, content, expected);
      await setMode(file, existing, script);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeReplacing(place);
    await rename(folder.at(temporary), folder.at(name));
  } catch (error) {
    await rm(folder.at(temporary), { force: true }).catch(() => undefined);
    throw error;
  }
  await folder.sync();
}

/** The replaced file's mode and owner are kept; a new file that starts with `#!` can be run. [NF-9.3] */
async function setMode(file: FileHandle, existing: Stats | undefined, script: boolean): Promise<void> {
  if (existing === undefined) return file.chmod(script ? 0o755 : 0o644);
  const own = await file.stat();
  const sameOwner = own.uid === existing.uid && own.gid === existing.gid;
  const owned =
    sameOwner ||
    (await file.chown(existing.uid, existing.gid).then(
      () => true,
      () => false,
    ));
  // Set-user-id bits of somebody else's file would make ours run as us.
  await file.chmod(existing.mode & (owned ? 0o7777 : 0o777));
}
