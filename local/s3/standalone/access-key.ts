import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as v from "valibot";
import { ROOT } from "../../iam/create-authorizer.ts";
import type { Credential } from "../../sigv4/credential.ts";

const AccessKey = v.object({ accessKeyId: v.string(), secretAccessKey: v.string() });

/** The one key of a data folder, made at the first start and readable by its owner alone. */
export function loadAccessKey(dataDir: string): Credential {
  mkdirSync(dataDir, { recursive: true });
  const file = accessKeyFile(dataDir);
  const made = {
    accessKeyId: `NFLOCAL${randomBytes(7).toString("hex").toUpperCase().slice(0, 13)}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
  try {
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return { ...v.parse(AccessKey, JSON.parse(readFileSync(file, "utf8"))), principal: ROOT };
}

function accessKeyFile(dataDir: string): string {
  return path.join(dataDir, "access-key.json");
}
