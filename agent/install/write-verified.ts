import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { InstallFailed } from "./install-failed.ts";

/** What a file has to be: bytes, and the unpadded base64url of its SHA-256. */
export type Expected = { size: number; sha256: string };

/**
 * Verifies content and keeps nothing of it. [NF-9.1]
 *
 * @throws {InstallFailed} `wrong-size` or `wrong-hash`.
 */
export async function verify(content: AsyncIterable<Buffer>, expected: Expected): Promise<void> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const bytes of content) {
    hash.update(bytes);
    size += bytes.length;
  }
  check(hash, size, expected);
}

/**
 * Writes content to an open file and verifies it on the way. [NF-9.1]
 *
 * @returns true if the content starts like a program: `#!` of a script, or an ELF header. [NF-9.3]
 * @throws {InstallFailed} `wrong-size` or `wrong-hash`.
 */
export async function writeVerified(
  file: FileHandle,
  content: AsyncIterable<Buffer>,
  expected: Expected,
): Promise<boolean> {
  const hash = createHash("sha256");
  let written = 0;
  let head = Buffer.alloc(0);
  for await (const bytes of content) {
    hash.update(bytes);
    if (head.length < 4) head = Buffer.concat([head, bytes.subarray(0, 4)]);
    for (let at = 0; at < bytes.length; ) {
      at += (await file.write(bytes, at, bytes.length - at, written + at)).bytesWritten;
    }
    written += bytes.length;
  }
  check(hash, written, expected);
  return /^(?:#!|\x7fELF)/.test(head.toString("latin1"));
}

function check(hash: Hash, size: number, expected: Expected): void {
  if (size !== expected.size)
    throw new InstallFailed("wrong-size", `${size} bytes came, ${expected.size} were announced`);
  if (hash.digest("base64url") !== expected.sha256)
    throw new InstallFailed("wrong-hash", "the content is not the announced one: its SHA-256 differs");
}
