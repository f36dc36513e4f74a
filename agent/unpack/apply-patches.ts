import { createHash } from "node:crypto";
import type { PayloadPatch } from "../../protocol/choose-way.ts";
import { InstallFailed } from "../install/install-failed.ts";
import { unpack } from "./unpack.ts";

/**
 * Applies patches one after the other, each verified: of a chain with a wrong link nothing is believed. [NF-10.5]
 *
 * @throws {InstallFailed} `packing`
 */
export async function applyPatches(base: Buffer, patches: readonly PayloadPatch[]): Promise<Buffer> {
  let content = base;
  for (const { patch, size, sha256 } of patches) {
    const pieces: Buffer[] = [];
    for await (const piece of unpack(once(Buffer.from(patch)), { size, base: content }))
      pieces.push(Buffer.from(piece));
    content = Buffer.concat(pieces);
    if (createHash("sha256").update(content).digest("base64url") !== sha256)
      throw new InstallFailed("packing", "it unpacks to another content than was announced");
  }
  return content;
}

/** A content that is in memory, as one piece. */
export async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}
