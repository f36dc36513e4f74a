import { createHash } from "node:crypto";
import zlib from "node:zlib";
import type { PayloadPatch } from "../../protocol/choose-way.ts";
import { PACKED_WINDOW_LOG_MAX } from "../../protocol/limits.ts";
import { InstallFailed } from "../install/install-failed.ts";

/**
 * Applies patches one after the other, each verified: of a chain with a wrong link nothing is believed. [NF-10.5]
 *
 * @throws {InstallFailed} `packing`
 */
export function applyPatches(base: Buffer, patches: readonly PayloadPatch[]): Buffer {
  let content = base;
  for (const patch of patches) {
    content = unpackAtOnce(patch, content);
    if (createHash("sha256").update(content).digest("base64url") !== patch.sha256)
      throw new InstallFailed("packing", "it unpacks to another content than was announced");
  }
  return content;
}

/** What zlib's functions return with the option `info`, which the types do not know. https://nodejs.org/api/zlib.html#class-options */
type Unpacked = { buffer: Buffer; engine: { bytesWritten: number } };

/**
 * Unpacks a patch of a few bytes. At once: streams work in threads, each with a heap of its own, and four patches between files of
 * 2 MiB took 8 MB more so. What comes out is bounded as in `unpack`. [NF-10.7]
 */
function unpackAtOnce({ patch, size }: PayloadPatch, base: Buffer): Buffer {
  const most = size + 1;
  let unpacked: Unpacked;
  try {
    const options = {
      dictionary: base,
      info: true,
      chunkSize: Math.max(64, most),
      maxOutputLength: most,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: PACKED_WINDOW_LOG_MAX },
    };
    unpacked = zlib.zstdDecompressSync(patch, options) as unknown as Unpacked;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InstallFailed("packing", `it does not unpack: ${why}`, { cause });
  }
  const { buffer, engine } = unpacked;
  if (engine.bytesWritten < patch.length)
    throw new InstallFailed("packing", "something comes after the frame");
  if (buffer.length !== size)
    throw new InstallFailed("packing", `it unpacks to ${buffer.length} of ${size} bytes`);
  return buffer;
}
