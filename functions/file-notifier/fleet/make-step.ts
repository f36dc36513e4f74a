import { PAYLOAD_MAX_BYTES, STEP_MAX_BYTES } from "../../../protocol/limits.ts";
import { type Manifest, type ManifestFile, parseManifest } from "../../../protocol/manifest.ts";
import { formatStep, type StepPatch } from "../../../protocol/manifest-step.ts";
import { baseName } from "../../../protocol/representation.ts";
import { levelOf } from "../pack/levels.ts";
import { worthwhileBytes } from "../pack/worth.ts";
import { canBeBase, compress, unpacksTo } from "../pack/zstd.ts";
import type { ManifestStore } from "./ports.ts";

type Target = { manifest: Manifest; bytes: Uint8Array; sha256: string };

/** Patches that are looked for: more do not fit into a step, unless they are shorter than any that was seen. */
const PATCHES_MAX = 128;

/** Requests side by side. */
const READS_AT_ONCE = 16;

/**
 * Makes the step from an earlier manifest: the patch of its text, and the patches of the contents that changed where they are short. [NF-11.7]
 *
 * @returns `before`: the earlier manifest. Undefined if it is gone; no step where it would save nothing.
 */
export async function makeStep(
  manifests: ManifestStore,
  target: Target,
  base: string,
  signal: AbortSignal,
): Promise<{ step: Uint8Array | undefined; before: Manifest } | undefined> {
  const text = await manifests.find({ sha256: base, manifest: true }, signal);
  const before = text && parseManifest(text);
  if (text === undefined || before === undefined) return undefined;
  const patch = await patchManifest(target, text, signal);
  if (patch === undefined) return { step: undefined, before };
  const patches = await findPatches(manifests, before.files, target.manifest.files, signal);
  return { step: formatStep({ manifest: patch, patches }), before };
}

async function patchManifest(
  { bytes, sha256 }: Target,
  base: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const size = bytes.length;
  if (!canBeBase(base)) return undefined;
  const maxBytes = Math.min(STEP_MAX_BYTES, worthwhileBytes(size));
  const patch = await compress(bytes, { size, level: levelOf(size), base, maxBytes }, signal);
  if (patch === undefined) return undefined;
  return (await unpacksTo({ size, sha256 }, patch, base, signal)) ? patch : undefined;
}

/** The short patches between the contents of two manifests, in the order of the new one's entries. */
async function findPatches(
  manifests: ManifestStore,
  before: readonly ManifestFile[],
  after: readonly ManifestFile[],
  signal: AbortSignal,
): Promise<StepPatch[]> {
  const old = new Map(before.map(({ path, sha256 }) => [path, sha256]));
  const ordered = after.toSorted((a, b) => (a.path < b.path ? -1 : 1)); // as they stand in the text
  const wanted = ordered
    .flatMap((file, index) => {
      const base = old.get(file.path);
      return base === undefined || base === file.sha256 || !mayBeShort(file, base)
        ? []
        : [{ index, file, base }];
    })
    .slice(0, PATCHES_MAX);
  const found: StepPatch[] = [];
  const next = wanted.values(); // shared, so each is taken once
  const reader = async () => {
    for (const { index, file, base } of next) {
      const patch = await manifests.find({ sha256: file.sha256, base }, signal);
      if (patch !== undefined && patch.length <= PAYLOAD_MAX_BYTES)
        found.push({ index, base: baseName(base), patch });
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, reader));
  return found.sort((a, b) => a.index - b.index);
}

function mayBeShort({ p = [] }: ManifestFile, base: string): boolean {
  return p.some(([name, bytes]) => name === baseName(base) && bytes <= PAYLOAD_MAX_BYTES);
}
