import type { ReadContent } from "../announce/read-content.ts";
import type { PackedStore } from "../ports.ts";
import { LOOK_LEVEL, levelOf, OLDER_BASE_LEVEL } from "./levels.ts";
import { looksCompressed, worthwhileBytes } from "./worth.ts";
import { canBeBase, compress, unpacksTo } from "./zstd.ts";

/** Where content is read from once more; undefined if it is gone. */
type Source = (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array> | undefined>;

/** One quick look at a sample: zip, gz and images are compressed already, and nothing more is tried with them. */
export async function isCompressed({ sample }: ReadContent, signal: AbortSignal): Promise<boolean> {
  const size = sample.length;
  const looked = await compress(sample, { size, level: LOOK_LEVEL, maxBytes: size }, signal);
  return looksCompressed(size, looked?.length);
}

/** Stores a frame of the content: its bytes, or undefined if it would save too little. */
export async function makeZstd(
  packed: PackedStore,
  content: ReadContent,
  reopen: Source,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { sha256, size, whole } = content;
  const source = whole ?? (await reopen(signal));
  if (source === undefined) return undefined;
  const packing = { size, level: levelOf(size), maxBytes: worthwhileBytes(size) };
  const frame = await compress(source, packing, signal);
  if (frame === undefined) return undefined;
  await checkUnpacks(content, frame, undefined, signal);
  return await packed.add({ sha256 }, frame, signal);
}

/**
 * Stores a patch from `base`, in place of `replaced` bytes: its bytes, or undefined if it would save too little.
 *
 * @param isNewest its patch may ride in a Note, where every byte counts
 */
export async function makePatch(
  packed: PackedStore,
  content: ReadContent & { whole: Uint8Array },
  base: { sha256: string; bytes: Uint8Array },
  { isNewest, replaced }: { isNewest: boolean; replaced: number },
  signal: AbortSignal,
): Promise<number | undefined> {
  const { sha256, size, whole } = content;
  if (!canBeBase(base.bytes) || !(await isRelated(whole, base.bytes, signal))) return undefined;
  const level = isNewest ? levelOf(size) : OLDER_BASE_LEVEL;
  const packing = { size, level, base: base.bytes, maxBytes: worthwhileBytes(replaced) };
  const patch = await compress(whole, packing, signal);
  if (patch === undefined) return undefined;
  await checkUnpacks(content, patch, base.bytes, signal);
  return await packed.add({ sha256, base: base.sha256 }, patch, signal);
}

/** Whether a base helps at all, by a quick look with it and one without. */
async function isRelated(whole: Uint8Array, base: Uint8Array, signal: AbortSignal): Promise<boolean> {
  const look = { size: whole.length, level: LOOK_LEVEL, maxBytes: Number.POSITIVE_INFINITY };
  const alone = await compress(whole, look, signal);
  const most = worthwhileBytes(alone?.length ?? whole.length);
  return (await compress(whole, { ...look, base, maxBytes: most }, signal)) !== undefined;
}

/** Nothing is ever told that does not unpack. [NF-10.3] */
async function checkUnpacks(
  content: ReadContent,
  frame: Uint8Array,
  base: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!(await unpacksTo(content, frame, base, signal))) throw new Error("what was packed does not unpack");
}
