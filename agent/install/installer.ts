import { constants, type Stats } from "node:fs";
import { access, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import nodePath from "node:path";
import { errnoOf } from "../system/errno.ts";
import { checkSpace, type SpaceClaim } from "./disk-space.ts";
import { fill, temporaryName } from "./fill-file.ts";
import { InstallFailed, installFailureOf } from "./install-failed.ts";
import { checkNotMounted } from "./mount-point.ts";
import { openPlace, type Place, realPathOf } from "./place.ts";
import { putBack } from "./put-back.ts";
import { digestOf, digestOfFile, readWhole } from "./read-file.ts";
import { replaceFile, stageFile, syncPlaced } from "./replace-file.ts";
import { takeAttributes } from "./take-attributes.ts";
import type { Expected } from "./write-verified.ts";

/**
 * Puts files in their places below a root. Every call but `realPath` and `sweep` throws {InstallFailed}; those that change something
 * do so if a symbolic link is on the way.
 *
 * INVARIANTS: it writes nothing outside the root; a path holds the old file or the new one, whole, whatever is killed when;
 * except while it writes, or files are staged, it leaves nothing of its own beside them.
 */
export type Installer = {
  /** The root's real path. */
  readonly root: string;
  /** The path below the root where the file of a path really goes: by which rules and records know it. */
  realPath(path: string): Promise<string>;
  /** Unpadded base64url of the SHA-256 of the file at a path, which a power loss does not change; undefined if there is none. */
  digest(path: string): Promise<string | undefined>;
  /** The file at a path; undefined if there is none, or one of more than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Buffer | undefined>;
  /**
   * Finds what would fail, as far as that can be foreseen, before anybody pays for bytes.
   *
   * @param claims what else will be written, given the file that is there now
   */
  check(path: string, size: number, claims?: (existing?: Stats) => Promise<SpaceClaim[]>): Promise<void>;
  /**
   * Replaces what is at a path; if that fails, what was there is untouched, or the new file is in its place and its folder could
   * not be synced.
   *
   * @returns what the new file could not take over from the old one, in a sentence; undefined if nothing is known to be lost
   */
  install(path: string, content: AsyncIterable<Buffer>, expected: Expected): Promise<string | undefined>;
  /** The same, but for the end: the new file waits beside its place, verified and on disk, for `putStaged` or `sweep`. */
  stage(path: string, content: AsyncIterable<Buffer>, expected: Expected): Promise<string | undefined>;
  /** Unpadded base64url of the SHA-256 of what waits beside a place; undefined if nothing does. */
  stagedDigest(path: string): Promise<string | undefined>;
  /** Replaces what is at a path by what waits beside it. A power loss may undo that until `sync`. */
  putStaged(path: string): Promise<void>;
  /** Makes what was put at these paths survive a power loss. */
  sync(paths: readonly string[]): Promise<void>;
  /** Has a task use the file at a path, by a name that is good until the task ends; undefined if there is none. */
  lend<Result>(path: string, task: (file?: string, existing?: Stats) => Promise<Result>): Promise<Result>;
  /** The folder that a path's file is in or, as long as that is not there, the nearest above it. */
  folderOf(path: string): Promise<string>;
  /**
   * Moves a file that was at a path before back to it, as it is. From another file system it needs room to be copied; without that
   * room, what is at the path now is removed first.
   */
  putBack(path: string, source: string): Promise<void>;
  /** Removes the file at a path. */
  remove(path: string): Promise<void>;
  /** Removes what waits beside a place, or what an installation left there when it was killed. */
  sweep(path: string): Promise<void>;
};

/** @param take carries attributes from the file that was there to the new one */
export async function createInstaller(rootFolder: string, take = takeAttributes): Promise<Installer> {
  await mkdir(rootFolder, { recursive: true });
  const root = await realpath(rootFolder);

  /** Runs a task at a place and closes it; undefined if there is no such folder. */
  async function at<Result>(path: string, create: boolean, task: (place: Place) => Promise<Result>) {
    try {
      const place = await openPlace(root, path, create);
      if (place === undefined) return undefined;
      try {
        return await task(place);
      } finally {
        await place.folder.close();
      }
    } catch (error) {
      throw installFailureOf(error);
    }
  }

  /** Paths whose last change may not survive a power loss, because their folder's sync failed or has not ended. */
  const unsynced = new Set<string>();

  async function change(path: string, create: boolean, task: (place: Place) => Promise<void>): Promise<void> {
    unsynced.add(path);
    await inItsPlace(path, create, task);
    unsynced.delete(path);
  }

  async function inItsPlace(path: string, create: boolean, task: (place: Place) => Promise<void>) {
    await at(path, create, (place) => {
      if (place.path === path) return task(place);
      // Rules and records are those of the path: what is done now would be done to another file.
      throw new InstallFailed(
        "storage",
        `a symbolic link has come in the way of ${path}: it leads to ${place.path}`,
      );
    });
  }

  return {
    root,
    realPath: (path) => realPathOf(root, path),
    async digest(path) {
      // Whoever takes a file for installed deletes its Note: that must not be undone by a power loss. [NF-9.5]
      if (unsynced.has(path)) await change(path, false, ({ folder }) => folder.sync());
      return at(path, false, digestOf);
    },
    read: (path, maxBytes) => at(path, false, (place) => readWhole(place, maxBytes)),
    async check(path, size, claims = async () => []) {
      const checkIn = async (folder: string, existing?: Stats) => {
        await access(folder, constants.W_OK);
        await checkSpace([{ folder, bytes: size }, ...(await claims(existing))]);
        return true;
      };
      const checked = await at(path, false, async (place) => {
        await checkNotMounted(place);
        return checkIn(place.folder.at("."), place.existing);
      });
      if (checked === undefined) {
        await checkIn(root).catch((error) => {
          throw installFailureOf(error);
        });
      }
    },
    async install(path, content, expected) {
      let lost: string | undefined;
      await change(path, true, (place) =>
        replaceFile(place, temporaryName(path), async (file) => {
          lost = await fill(file, place, path, content, expected, take);
        }),
      );
      return lost;
    },
    async stage(path, content, expected) {
      let lost: string | undefined;
      await inItsPlace(path, true, (place) =>
        stageFile(place, temporaryName(path), async (file) => {
          lost = await fill(file, place, path, content, expected, take);
        }),
      );
      return lost;
    },
    stagedDigest: (path) =>
      at(path, false, ({ folder }) => digestOfFile(folder.at(temporaryName(path))).catch(ifThere)),
    async putStaged(path) {
      unsynced.add(path);
      await inItsPlace(path, false, ({ folder, name }) =>
        rename(folder.at(temporaryName(path)), folder.at(name)),
      );
    },
    async sync(paths) {
      for (const together of Map.groupBy(paths, (path) => nodePath.dirname(path)).values()) {
        const [first = ""] = together;
        await at(first, false, ({ folder, name }) => syncPlaced(folder, name));
        for (const path of together) unsynced.delete(path);
      }
    },
    lend: async (path, task) => {
      const lent = await at(path, false, async ({ folder, name, existing }) => ({
        result: await (existing === undefined ? task() : task(folder.at(name), existing)),
      }));
      return lent === undefined ? task() : lent.result;
    },
    async folderOf(path) {
      for (let folder = nodePath.dirname(path); folder !== "."; folder = nodePath.dirname(folder)) {
        const there = nodePath.join(root, folder);
        if (
          await stat(there).then(
            (found) => found.isDirectory(),
            () => false,
          )
        )
          return there;
      }
      return root;
    },
    async putBack(path, source) {
      await change(path, true, (place) => putBack(place, temporaryName(path), source));
    },
    async remove(path) {
      await change(path, false, async ({ folder, name }) => {
        await rm(folder.at(name), { force: true });
        await folder.sync();
      });
    },
    async sweep(path) {
      // Beside a folder that somebody has put there since, too.
      const place = await openPlace(root, path, false, () => undefined).catch(() => undefined);
      if (place === undefined) return; // a place that is gone holds nothing of ours
      await rm(place.folder.at(temporaryName(path)), { force: true }).catch(() => undefined);
      await place.folder.close();
    },
  };
}

function ifThere(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
}
