import type { Announcement } from "./announcement.ts";
import type { Packed } from "./packed.ts";
import { baseName } from "./representation.ts";

/** A patch that came beside an announcement, and the content that it gives: `size` in bytes. */
export type PayloadPatch = { base: string; sha256: string; size: number; patch: Uint8Array };

/** A way to a version that is open to a device. `bytes` is what has to be fetched for it. */
export type OpenWay =
  | { way: "note"; bytes: 0; patches: readonly PayloadPatch[] }
  | { way: "patch"; bytes: number; packed: Packed & { base: string } }
  | { way: "zstd"; bytes: number; packed: Packed }
  | { way: "whole"; bytes: number };

/** What a device can unpack: zstd at all, patches, and the largest sizes of content in bytes. */
export type Unpacking = { zstdMaxBytes: number; patchMaxBytes: number };

/** Payloads in a row that are applied for one version: each was an update that the device slept through. */
const MAX_PATCHES = 16;

/** Contents of the largest size that they may lead over. */
const CHAIN_LARGEST = 4;

/**
 * The ways to a version, the one with the fewest bytes to fetch first; the whole file comes last. [NF-10.5]
 *
 * @param there what is at the path now: its SHA-256, and bytes
 * @param payloads what came beside this announcement, and beside earlier ones of the name
 */
export function openWays(
  announcement: Pick<Announcement, "size" | "sha256" | "seq" | "p" | "z"> & { version?: string | undefined },
  there: { sha256: string; size: number } | undefined,
  payloads: readonly PayloadPatch[],
  { zstdMaxBytes, patchMaxBytes }: Unpacking,
): OpenWay[] {
  const { size, sha256, seq, version, p = [], z } = announcement;
  const whole: OpenWay = { way: "whole", bytes: size };
  // Only the server knows whether a version without a place in the order is current, and packed content does not ask. [NF-10.2]
  // What a manifest says is by its serial. [NF-11.3]
  if (seq === undefined && version === undefined) return [whole];
  const ways: OpenWay[] = [whole];
  if (z !== undefined && z < size && size <= zstdMaxBytes)
    ways.push({ way: "zstd", bytes: z, packed: { sha256 } });
  if (there !== undefined && Math.max(size, there.size) <= patchMaxBytes) {
    const base = there.sha256;
    // One for each base: a list that names it again and again would have each tried, and paid for.
    const bytes = p.find(([name]) => name === baseName(base))?.[1];
    if (bytes !== undefined && bytes < size) ways.push({ way: "patch", bytes, packed: { sha256, base } });
    const patches = chainOf(announcement, base, payloads, patchMaxBytes);
    if (patches !== undefined) ways.push({ way: "note", bytes: 0, patches });
  }
  // Of the same length, the whole file is the safest, and needs the least of the device.
  return ways.toSorted((a, b) => a.bytes - b.bytes || Number(a.way !== "whole") - Number(b.way !== "whole"));
}

/** Each content of a chain takes memory that is given back late. */
function isBounded(chain: readonly PayloadPatch[], maxBytes: number): boolean {
  const sizes = chain.map(({ size }) => size);
  return (
    sizes.every((size) => size <= maxBytes) &&
    sizes.reduce((sum, size) => sum + size, 0) <= CHAIN_LARGEST * maxBytes
  );
}

/** The payloads that lead from a content to the announced one, in the order in which to apply them; undefined if none do. */
function chainOf(
  { sha256 }: Pick<Announcement, "sha256">,
  from: string,
  payloads: readonly PayloadPatch[],
  maxBytes: number,
): PayloadPatch[] | undefined {
  const leadingTo = Map.groupBy(payloads, (patch) => baseName(patch.sha256));
  let chains = payloads.filter((last) => last.sha256 === sha256).map((last) => [last]);
  const seen = new Set<PayloadPatch>();
  for (let length = 1; length <= MAX_PATCHES && chains.length > 0; length += 1) {
    const whole = chains.find(([first]) => first?.base === baseName(from));
    if (whole !== undefined) return isBounded(whole, maxBytes) ? whole : undefined;
    chains = chains.flatMap((chain) =>
      (leadingTo.get(chain[0]?.base ?? "") ?? []).flatMap((before) => {
        if (seen.has(before)) return [];
        seen.add(before);
        return [[before, ...chain]];
      }),
    );
  }
  return undefined;
}
