import { PAYLOAD_MAX_BYTES } from "../../../protocol/limits.ts";
import type { ReadContent } from "../announce/read-content.ts";
import type { StoredVersion } from "../message/file-version.ts";
import type { PackedStore } from "../ports.ts";
import type { Outcome } from "./attempt.ts";
import type { Content } from "./contents.ts";
import { isCompressed, makePatch, makeZstd } from "./make.ts";
import type { Sources } from "./sources.ts";
import { isWorthFetching, worthwhileBytes } from "./worth.ts";

/** What there is so far: it counts even if the rest fails. */
export type Gathered = {
  zstd?: number | undefined;
  patches: { base: string; bytes: number }[];
  payload?: Outcome["payload"];
};

export type Material = {
  version: StoredVersion;
  content: ReadContent;
  /** Newest first. */
  bases: readonly Content[];
  /** Bytes of content that is compressed. */
  zstdMaxBytes: number;
};

/**
 * Puts into `gathered` what there is of a content besides the whole of it, in the order of its bases. What another key or an earlier
 * attempt has made is not made again.
 *
 * @param mayMake false: what is not there is not made
 */
export async function gather(
  { packed, sources }: { packed: PackedStore; sources: Sources },
  { version, content, bases, zstdMaxBytes }: Material,
  mayMake: boolean,
  gathered: Gathered,
  signal: AbortSignal,
): Promise<void> {
  const { sha256, size, whole } = content;
  const compressed = mayMake && (await isCompressed(content, signal));
  const reopen = (stop: AbortSignal) => sources.reopen(version, stop);
  const zstd =
    (await packed.size({ sha256 }, signal)) ??
    (mayMake && !compressed && size <= zstdMaxBytes
      ? await makeZstd(packed, content, reopen, signal)
      : undefined);
  gathered.zstd = zstd !== undefined && isWorthFetching(zstd, size) ? zstd : undefined;
  for (const [at, base] of bases.entries()) {
    const isNewest = at === 0;
    const replaced = gathered.zstd ?? size;
    const name = { sha256, base: base.sha256 };
    let there = await packed.size(name, signal);
    if (there === undefined && mayMake && whole !== undefined) {
      const bytes = await sources.read(version, base, signal);
      if (bytes === undefined) continue; // it is gone
      const from = { sha256: base.sha256, bytes };
      there = await makePatch(packed, { ...content, whole }, from, { isNewest, replaced }, signal);
      if (there === undefined && compressed) return; // of what is compressed, one base is looked at
    }
    if (there === undefined) continue;
    if (isNewest && there <= PAYLOAD_MAX_BYTES && there <= worthwhileBytes(replaced)) {
      gathered.payload = { base: base.sha256, patch: await packed.read(name, signal) };
    }
    if (isWorthFetching(there, replaced)) gathered.patches.push({ base: base.sha256, bytes: there });
  }
}
