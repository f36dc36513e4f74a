import fc from "fast-check";
import type { Manifest, ManifestFile, ManifestVersion } from "../../../protocol/manifest.ts";
import { arbitrarySha256 } from "./announcements.ts";

export const FLEET = "fleet:0f3a-1";

const segment = fc.stringMatching(/^[a-zA-Z0-9é_-]{1,8}$/);
const arbitraryPath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/"));
const arbitraryBytes = fc.integer({ min: 1, max: 10_000_000 });
const arbitraryBase = fc.stringMatching(/^[0-9A-Za-z_-]{8}$/);

export const arbitraryVersion: fc.Arbitrary<ManifestVersion> = fc.record(
  {
    size: fc.nat(10_000_000),
    sha256: arbitrarySha256,
    version: fc.stringMatching(/^[0-9A-Za-z._-]{8,32}$/).filter((id) => id !== "null"),
    z: arbitraryBytes,
    p: fc.array(fc.tuple(arbitraryBase, arbitraryBytes), { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ["size", "sha256", "version"] },
);

const arbitraryFile: fc.Arbitrary<ManifestFile> = fc
  .tuple(
    arbitraryPath,
    arbitraryVersion,
    fc.boolean(),
    fc.record(
      {
        seq: fc.stringMatching(/^[0-9A-Za-z_-]{12}$/),
        share: fc.tuple(fc.integer({ min: 0, max: 99 }), fc.stringMatching(/^[0-9A-Za-z_-]{6}$/)),
        previous: arbitraryVersion,
      },
      { requiredKeys: [] },
    ),
  )
  .map(([path, version, isOwn, more]) => {
    const key = isOwn ? `fleets/${FLEET}/${path}` : path;
    return { path, key, ...version, ...more };
  })
  .filter(({ key }) => !/^(devices|fleets)\/(?!fleet:0f3a-1\/)/.test(key));

/** Entries come in any order. */
export const arbitraryManifest: fc.Arbitrary<Manifest> = fc.record({
  fleet: fc.constant(FLEET),
  serial: fc.integer({ min: 1, max: 2 ** 40 }),
  prune: fc.boolean(),
  files: fc.uniqueArray(arbitraryFile, { selector: ({ path }) => path, maxLength: 12 }),
});

export function fileOf(path: string, more: Partial<ManifestFile> = {}): ManifestFile {
  const key = `fleets/${FLEET}/${path}`;
  return { path, key, size: 100, sha256: "A".repeat(43), version: `v-${path}`, ...more };
}
