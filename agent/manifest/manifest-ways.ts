import type { Unpacking } from "../../protocol/choose-way.ts";
import { STEP_MAX_BYTES } from "../../protocol/limits.ts";
import type { ManifestNotice } from "../../protocol/manifest-variable.ts";
import { formatPacked, type Packed } from "../../protocol/packed.ts";
import { baseName } from "../../protocol/representation.ts";
import type { Wanted } from "../delivery/fetch-rest.ts";

/** A way to a manifest: from the one that is here, compressed, or as it is. */
export type ManifestWay = { way: "step" | "zstd" | "whole"; bytes: number; packed: Packed };

/**
 * The ways to an announced manifest, the one with the fewest bytes first; as it is comes last. The step is worth its bytes: it may bring
 * the files too. [NF-11.7]
 *
 * @param base SHA-256 of the manifest that is here, and its bytes
 */
export function manifestWays(
  { sha256, size, step, zstd }: ManifestNotice,
  base: { sha256: string; size: number } | undefined,
  { patchMaxBytes, zstdMaxBytes }: Unpacking,
): ManifestWay[] {
  const ways: ManifestWay[] = [];
  const leadsFromHere = base !== undefined && step?.base === baseName(base.sha256);
  if (leadsFromHere && step.bytes <= STEP_MAX_BYTES && Math.max(size, base.size) <= patchMaxBytes)
    ways.push({ way: "step", bytes: step.bytes, packed: { sha256, base: base.sha256, manifest: true } });
  if (zstd !== undefined && zstd < size && size <= zstdMaxBytes)
    ways.push({ way: "zstd", bytes: zstd, packed: { sha256 } });
  return [...ways, { way: "whole", bytes: size, packed: { sha256, manifest: true } }];
}

/** What to ask the link for. */
export function wantedOf({ packed, bytes }: ManifestWay): Wanted {
  return { what: { packed, size: bytes }, form: formatPacked(packed) };
}
