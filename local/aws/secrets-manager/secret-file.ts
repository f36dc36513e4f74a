import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { writePrivateFile } from "../../host/disk/private-file.ts";
import { type SecretVersion, SecretVersionSchema } from "./secret-versions.ts";

const SecretFile = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.array(SecretVersionSchema)));

/** The versions of every secret, by its ARN. */
export type SecretsByArn = Record<string, SecretVersion[]>;

/** @throws {Error} for a file that is not ours: its secrets may be in use, so they are not made anew. */
export async function readSecretFile(file: string): Promise<SecretsByArn> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
  const parsed = v.safeParse(SecretFile, text);
  // No cause: it would quote what it could not parse.
  if (!parsed.success) throw new Error(`${file} does not hold secrets: remove it to have new ones made`);
  return parsed.output;
}

export function writeSecretFile(file: string, secrets: SecretsByArn): Promise<void> {
  return writePrivateFile(file, JSON.stringify(secrets, undefined, 2));
}
