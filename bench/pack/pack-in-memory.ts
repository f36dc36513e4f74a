import { createHash } from "node:crypto";
import { readContent } from "../../functions/file-notifier/announce/read-content.ts";
import { type Gathered, gather } from "../../functions/file-notifier/pack/gather.ts";
import type { PackedStore } from "../../functions/file-notifier/ports.ts";
import { packedKey } from "../../protocol/packed.ts";

const NEVER = new AbortController().signal;
/** The settings' defaults. */
const PATCH_MAX_BYTES = 2 * 1024 * 1024;

/** All that the notifier makes of a content, its bases newest first, with a store that takes no time. */
export async function packLikeTheNotifier(content: Buffer, bases: readonly Buffer[]): Promise<Gathered> {
  const read = await readContent(
    { size: content.length, etag: "e", bytes: oncePiece(content), discard: () => undefined },
    PATCH_MAX_BYTES,
    NEVER,
  );
  const known = bases.map((base) => {
    const sha256 = createHash("sha256").update(base).digest("base64url");
    return { sha256, size: base.length, versionId: sha256, base };
  });
  const version = { bucket: "b", key: "k", versionId: "v", sequencer: "00" };
  const sources = {
    read: async (_of: unknown, { versionId }: { versionId: string }) =>
      known.find((each) => each.versionId === versionId)?.base,
    reopen: async () => oncePiece(content),
  };
  const material = {
    version,
    content: read,
    bases: read.whole === undefined ? [] : known,
    zstdMaxBytes: content.length,
  };
  const gathered: Gathered = { patches: [] };
  await gather({ packed: createMemoryStore(), sources }, material, true, gathered, NEVER);
  return gathered;
}

function createMemoryStore(): PackedStore {
  const stored = new Map<string, Uint8Array>();
  return {
    size: async (packed) => stored.get(packedKey(packed))?.length,
    read: async (packed) => stored.get(packedKey(packed)) ?? new Uint8Array(),
    async add(packed, bytes) {
      stored.set(packedKey(packed), bytes);
      return bytes.length;
    },
  };
}

async function* oncePiece(content: Buffer) {
  for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
}
