import zlib from "node:zlib";
import type { Unpacking } from "../../protocol/choose-way.ts";

/** A patch from its base to itself: Node before 22.19 takes no dictionary, and says nothing of it. */
const BASE = Buffer.from("What travels is what changed");
const PATCH = Buffer.from("KLUv/SAcRQAAEFdoAQBvTyw=", "base64");

/** What of it this Node can unpack: zstd came with 22.15, dictionaries with 22.19. A limit of 0 is a form that it does not take. */
export function unpackingHere({ zstdMaxBytes, patchMaxBytes }: Unpacking): Unpacking {
  const zstd = typeof zlib.createZstdDecompress === "function";
  return {
    zstdMaxBytes: zstd ? zstdMaxBytes : 0,
    patchMaxBytes: zstd && takesDictionaries() ? patchMaxBytes : 0,
  };
}

function takesDictionaries(): boolean {
  try {
    return zlib.zstdDecompressSync(PATCH, { dictionary: BASE }).equals(BASE);
  } catch {
    return false;
  }
}
