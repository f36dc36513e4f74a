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

/**
 * The ways to a version, the one with the fewest bytes to fetch first and the whole file last of all that are no shorter. [NF-10.5]
 *
 * @param there what is at the path now: its SHA-256, and bytes
 * @param payloads what came beside this announcement, and beside earlier ones of the name
 */
export function openWays(
  announcement: Announcement,
  there: { sha256: string; size: number } | undefined,
  payloads: readonly PayloadPatch[],
  { zstdMaxBytes, patchMaxBytes }: Unpacking,
): OpenWay[] {
  const { size, sha256, seq, p = [], z } = announcement;
  const whole: OpenWay = { way: "whole", bytes: size };
  // Only the server knows whether a version without a place in the order is current, and packed content does not ask. [NF-10.2]
  if (seq === undefined) return [whole];
  const ways: OpenWay[] = [whole];
  if (z !== undefined && z < size && size <= zstdMaxBytes)
    ways.push({ way: "zstd", bytes: z, packed: { sha256 } });
  if (there !== undefined && Math.max(size, there.size) <= patchMaxBytes) {
    const base = there.sha256;
    for (const [name, bytes] of p) {
      if (name !== baseName(base) || bytes >= size) continue;
      ways.push({ way: "patch", bytes, packed: { sha256, base } });
    }
    const patches = chainOf(announcement, base, payloads, patchMaxBytes);
    if (patches !== undefined) ways.push({ way: "note", bytes: 0, patches });
  }
  // Of the same length, the whole file is the safest, and needs the least of the device.
  return ways.toSorted((a, b) => a.bytes - b.bytes || Number(a.way !== "whole") - Number(b.way !== "whole"));
}

/** The payloads that lead from a content to the announced one, in the order in which to apply them; undefined if none do. */
function chainOf(
  { sha256 }: Announcement,
  from: string,
  payloads: readonly PayloadPatch[],
  maxBytes: number,
): PayloadPatch[] | undefined {
  let chains = payloads.filter((last) => last.sha256 === sha256).map((last) => [last]);
  const seen = new Set<PayloadPatch>();
  for (let length = 1; length <= MAX_PATCHES && chains.length > 0; length += 1) {
    const whole = chains.find(([first]) => first?.base === baseName(from));
    if (whole !== undefined) return whole.every(({ size }) => size <= maxBytes) ? whole : undefined;
    chains = chains.flatMap((chain) =>
      payloads.flatMap((before) => {
        const leads = baseName(before.sha256) === chain[0]?.base && !seen.has(before);
        if (leads) seen.add(before);
        return leads ? [[before, ...chain]] : [];
      }),
    );
  }
  return undefined;
}
