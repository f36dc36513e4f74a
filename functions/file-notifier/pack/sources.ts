import { createHash } from "node:crypto";
import type { StoredVersion } from "../message/file-version.ts";
import type { FileStore } from "../ports.ts";
import type { Content } from "./contents.ts";

/** Content of the files bucket, read for packing. */
export type Sources = {
  /** The bytes of an earlier content of the key; undefined if they are gone, or are not what they were. */
  read(of: StoredVersion, base: Content, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** The version itself once more, from its beginning; undefined if it is gone. */
  reopen(version: StoredVersion, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
};

export function createSources(files: FileStore): Sources {
  return {
    async read(of, { sha256, size, versionId }, signal) {
      const file = await files.open({ ...of, versionId }, signal);
      if (file === undefined) return undefined;
      if (file.size !== size) {
        file.discard();
        return undefined;
      }
      const bytes = new Uint8Array(size);
      let at = 0;
      for await (const piece of file.bytes) {
        bytes.set(piece, at);
        at += piece.length;
      }
      return createHash("sha256").update(bytes).digest("base64url") === sha256 ? bytes : undefined;
    },

    async reopen(version, signal) {
      return (await files.open(version, signal))?.bytes;
    },
  };
}
