import type { PayloadPatch } from "./choose-way.ts";
import { PAYLOAD_MAX_BYTES, STEP_MAX_BYTES } from "./limits.ts";
import type { ManifestFile } from "./manifest.ts";

/** A patch for the file that stands at `index` in the new manifest, from the content whose SHA-256 begins with `base`. */
export type StepPatch = { index: number; base: string; patch: Uint8Array };

/** What leads from one manifest to the next, and from one content to the next of what changed by little. [NF-11.7] */
export type ManifestStep = { manifest: Uint8Array; patches: readonly StepPatch[] };

/** The only form that there is yet. */
const FORM = 1;

/** The first 8 characters of a SHA-256, as bytes. */
const BASE_BYTES = 6;

/**
 * The bytes of a step: 1, the patch of the manifest after its length, then for each patch of a file its index, 6 bytes of its base, its
 * length and itself. Numbers are unsigned LEB128. [NF-11.7]
 *
 * @returns undefined if the manifest's patch alone is too long. Patches are taken in their order while they fit.
 */
export function formatStep({ manifest, patches }: ManifestStep): Uint8Array | undefined {
  const parts = [Uint8Array.of(FORM), number(manifest.length), manifest];
  let length = lengthOf(parts);
  if (length > STEP_MAX_BYTES) return undefined;
  for (const { index, base, patch } of patches) {
    if (patch.length > PAYLOAD_MAX_BYTES) continue;
    const more = [number(index), Buffer.from(base, "base64url"), number(patch.length), patch];
    if (length + lengthOf(more) > STEP_MAX_BYTES) continue;
    parts.push(...more);
    length += lengthOf(more);
  }
  return Buffer.concat(parts, length);
}

/** Undefined if it is no step. Whether what it leads to is the announced manifest, its SHA-256 tells. [NF-11.7] */
export function parseStep(step: Uint8Array): ManifestStep | undefined {
  if (step.length > STEP_MAX_BYTES || step[0] !== FORM) return undefined;
  const bytes = Buffer.from(step.buffer, step.byteOffset, step.length);
  let at = 1;
  const readNumber = () => {
    let value = 0;
    for (let shift = 0; shift <= 14; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  const readBytes = (length: number | undefined) => {
    if (length === undefined || at + length > bytes.length) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  const manifest = readBytes(readNumber());
  if (manifest === undefined) return undefined;
  const patches: StepPatch[] = [];
  while (at < bytes.length) {
    const index = readNumber();
    const base = readBytes(BASE_BYTES)?.toString("base64url");
    const patch = readBytes(readNumber());
    if (index === undefined || base === undefined || patch === undefined) return undefined;
    patches.push({ index, base, patch });
  }
  return { manifest, patches };
}

/** The patches of a step as if each had come beside an announcement of its file. [NF-10.5] */
export function patchesByPath(
  patches: readonly StepPatch[],
  files: readonly ManifestFile[],
): Map<string, PayloadPatch> {
  const byPath = new Map<string, PayloadPatch>();
  for (const { index, base, patch } of patches) {
    const file = files[index];
    if (file !== undefined) byPath.set(file.path, { base, sha256: file.sha256, size: file.size, patch });
  }
  return byPath;
}

function number(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
