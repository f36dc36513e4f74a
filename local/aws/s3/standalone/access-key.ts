import { randomBytes, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as v from "valibot";
import { ROOT } from "../../iam/create-authorizer.ts";
import type { Credential } from "../../sigv4/credential.ts";
import { DataFolderUnusable } from "../store/database.ts";
import { makeDirectory, syncDirectoryNow } from "../store/sync-directory.ts";

export const KEY_FILE = "access-key.json";

const AccessKey = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ accessKeyId: v.string(), secretAccessKey: v.string() }),
);

/**
 * The one key of a data folder, made at the first start and readable by its owner alone.
 *
 * @throws {DataFolderUnusable} for a file that holds no key: the one that it held may be in use, so none is made anew.
 */
export function loadAccessKey(dataDir: string): Credential {
  makeDirectory(dataDir);
  const file = path.join(dataDir, KEY_FILE);
  const text = read(file) ?? make(file);
  const parsed = v.safeParse(AccessKey, text);
  if (parsed.success) return { ...parsed.output, principal: ROOT };
  throw new DataFolderUnusable(`${file} does not hold an access key: remove it to have a new one made`);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/**
 * Synced before it gets its name: a power cut would otherwise leave the name without the key. Of two processes that
 * make it one wins.
 */
function make(file: string): string | undefined {
  const key = {
    accessKeyId: `NFLOCAL${randomBytes(7).toString("hex").toUpperCase().slice(0, 13)}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
  const temporary = `${file}.${randomUUID()}`;
  const handle = openSync(temporary, "wx", 0o600);
  try {
    writeFileSync(handle, `${JSON.stringify(key, null, 2)}\n`);
    fsyncSync(handle);
    linkSync(temporary, file);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    closeSync(handle);
    rmSync(temporary, { force: true });
  }
  syncDirectoryNow(path.dirname(file));
  return read(file);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
