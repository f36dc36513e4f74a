import type { PayloadPatch } from "../../protocol/choose-way.ts";
import type { Manifest } from "../../protocol/manifest.ts";
import type { Cost } from "../delivery/delivery.ts";
import type { ManifestProgress } from "../state/kept-manifests.ts";

/** Patches that are kept for files which are still to be delivered: a device that cannot fetch for months must not fill its disk. */
const MAX_PATCHES = 128;

/**
 * How far a device is with a manifest that has just come: what was found out of versions that are still asked for holds on, and so do
 * patches that came before, since they lead to the new ones. [NF-10.5]
 */
export function nextProgress(
  before: ManifestProgress | undefined,
  { manifest, patches }: { manifest: Manifest; patches: ReadonlyMap<string, PayloadPatch> },
  device: string,
  sha256: string,
  { bytes, requests }: Cost,
): ManifestProgress {
  const files = new Map(manifest.files.map((file) => [file.path, file]));
  const exceptions = (before?.exceptions ?? []).filter(({ path, sha256: its }) => {
    const file = files.get(path);
    return file?.sha256 === its || file?.previous?.sha256 === its;
  });
  const came = [...patches].map(([path, { patch, ...rest }]) => ({
    path,
    ...rest,
    patch: Buffer.from(patch).toString("base64"),
  }));
  const all = [...(before?.patches ?? []), ...came].filter(({ path }) => files.has(path));
  return {
    ...{ sha256, device, bytes, requests, installed: 0, removed: 0 },
    exceptions,
    patches: all.slice(-MAX_PATCHES),
  };
}

/** Of a manifest whose progress was lost. */
export function newProgress(sha256: string, device: string): ManifestProgress {
  const nothing = { installed: 0, removed: 0, bytes: 0, requests: 0 };
  return { sha256, device, ...nothing, exceptions: [], patches: [] };
}

/** What is known of the manifest that is kept; of another one's counts nothing holds. */
export function progressOf(
  progress: ManifestProgress | undefined,
  sha256: string,
  device: string,
): ManifestProgress {
  if (progress === undefined) return newProgress(sha256, device);
  if (progress.sha256 === sha256) return progress;
  const { exceptions, patches, left } = progress;
  return { ...newProgress(sha256, device), exceptions, patches, left };
}

/** The patches of one path. */
export function patchesOf({ patches }: ManifestProgress, path: string): PayloadPatch[] {
  return patches
    .filter((patch) => patch.path === path)
    .map(({ base, sha256, size, patch }) => ({ base, sha256, size, patch: Buffer.from(patch, "base64") }));
}
