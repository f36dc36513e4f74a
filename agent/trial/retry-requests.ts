import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { Announcement } from "../../protocol/announcement.ts";
import { openFolder } from "../install/open-folder.ts";
import { removeDurably, writeDurably } from "../state/durable-file.ts";
import { recordName } from "../state/record-name.ts";
import { errnoOf } from "../system/errno.ts";
import { createFile, openRegularFile } from "../system/regular-file.ts";

const RetryRequest = v.object({
  /** Tells it from an earlier request for the same path. */
  id: v.string(),
  path: v.string(),
  /** The version as it was announced: its Note was deleted when it was condemned. */
  announcement: v.object({
    ...Announcement.entries,
    etag: v.optional(Announcement.entries.etag),
    version: v.optional(v.string()),
    fleet: v.optional(v.string()),
  }),
  /** Its failure was forgotten once for this request: if it fails again, that counts. */
  begun: v.boolean(),
});

/** A person's wish that a condemned version be tried again. */
export type RetryRequest = v.InferOutput<typeof RetryRequest>;

/** More than any request has. */
const MAX_BYTES = 16 * 1024;

/** The folder in the state folder where requests wait for the agent. */
export const retryFolder = (state: string) => path.join(state, "retry");

/**
 * Leaves a request for the agent. Whole or not at all, readable by its user alone, and through no symbolic link: a person may ask
 * as root in a folder that is another user's.
 *
 * @throws an error of the file system.
 */
export async function leaveRetryRequest(state: string, request: RetryRequest): Promise<void> {
  const place = retryFolder(state);
  const owner = await stat(state);
  const made = await mkdir(place, { mode: 0o700 }).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) !== "EEXIST") throw error;
      return false;
    },
  );
  const folder = await openFolder(place);
  if (made) await folder.giveTo(owner.uid, owner.gid);
  const temporary = folder.at(`.${randomBytes(8).toString("hex")}`);
  try {
    const file = await createFile(temporary);
    try {
      await file.chown(owner.uid, owner.gid).catch(() => undefined);
      await file.writeFile(JSON.stringify(request));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, folder.at(recordName(request.path)));
    await folder.sync();
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await folder.close();
  }
}

/** What people have asked for, until it is done. */
export type RetryRequests = {
  /** True if there is a request that `all` has not given yet. */
  hasNews(): Promise<boolean>;
  /** Reads the folder; what makes no sense is removed. */
  all(): Promise<RetryRequest[]>;
  /** To be on disk before the version is tried: one that ends the agent each time must not be begun anew each time. */
  begin(request: RetryRequest): Promise<void>;
  remove(request: RetryRequest): Promise<void>;
};

export async function openRetryRequests(state: string): Promise<RetryRequests> {
  const folder = retryFolder(state);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined); // a full disk must not keep the agent from starting
  const fileOf = (filePath: string) => path.join(folder, recordName(filePath));
  let given = new Set<string>();
  const names = async () => (await readdir(folder)).filter((name) => /^[0-9a-f]{32}$/.test(name));
  return {
    hasNews: async () => (await names()).some((name) => !given.has(name)),
    async all() {
      const requests: RetryRequest[] = [];
      const seen = await names();
      for (const name of seen) {
        const request = await readRequest(path.join(folder, name));
        if (request !== undefined && recordName(request.path) === name) requests.push(request);
        else await rm(path.join(folder, name), { force: true, recursive: true }).catch(() => undefined);
      }
      given = new Set(seen);
      return requests;
    },
    begin: (request) => writeDurably(fileOf(request.path), JSON.stringify({ ...request, begun: true })),
    async remove({ id, path: filePath }) {
      if ((await readRequest(fileOf(filePath)))?.id !== id) return; // a newer request has taken its place
      given.delete(recordName(filePath));
      await removeDurably(fileOf(filePath));
    },
  };
}

/** Undefined if the file is no request. */
async function readRequest(place: string): Promise<RetryRequest | undefined> {
  try {
    const file = await openRegularFile(place);
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) return undefined;
      const parsed = v.safeParse(RetryRequest, JSON.parse(await file.readFile("utf8")));
      return parsed.success ? parsed.output : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
