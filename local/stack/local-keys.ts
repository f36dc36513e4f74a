import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { writePrivateFile } from "../host/disk/private-file.ts";

const LocalKeys = v.object({
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
  /** Personal access token of the Notehub stand-in. */
  notehubToken: v.string(),
});

/** The keys of the person at this machine; made once, so that scripts keep working after a restart. */
export type LocalKeys = v.InferOutput<typeof LocalKeys>;

export async function loadLocalKeys(dataDir: string): Promise<LocalKeys> {
  const file = path.join(dataDir, "keys.json");
  try {
    return v.parse(LocalKeys, JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const keys: LocalKeys = {
    accessKeyId: `NFLOCAL${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
    notehubToken: randomBytes(24).toString("base64url"),
  };
  await writePrivateFile(file, JSON.stringify(keys, null, 2));
  return keys;
}

/** Temporary credentials as a function's execution environment gets them. */
export function makeRoleCredential(principal: string) {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
    sessionToken: randomBytes(48).toString("base64"),
    principal,
  };
}
