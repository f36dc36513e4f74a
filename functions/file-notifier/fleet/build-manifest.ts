import type { FleetState, StoredManifest } from "../../../protocol/fleet-state.ts";
import { formatManifest, type Manifest, manifestDigest, nextSerial } from "../../../protocol/manifest.ts";
import { formatVariable, type ManifestNotice } from "../../../protocol/manifest-variable.ts";
import { baseName } from "../../../protocol/representation.ts";
import { levelOf } from "../pack/levels.ts";
import { isWorthFetching, worthwhileBytes } from "../pack/worth.ts";
import { compress, unpacksTo } from "../pack/zstd.ts";
import { makeStep } from "./make-step.ts";
import { manifestOfState } from "./manifest-of-state.ts";
import type { ManifestStore } from "./ports.ts";

/** A manifest with all that leads to it, and what is to be put on record of it. */
export type BuiltManifest = {
  /** What it was made from. */
  state: FleetState;
  manifest: Manifest;
  bytes: Uint8Array;
  zstd: Uint8Array | undefined;
  step: Uint8Array | undefined;
  stored: StoredManifest;
  /** The manifest that devices were told of before; undefined where it is not known. */
  before: Manifest | undefined;
};

/** Makes the manifest of a fleet's state, with the next serial, and the ways to it. Nothing is stored. [NF-11.3] [NF-11.7] */
export async function buildManifest(
  manifests: ManifestStore,
  state: FleetState,
  { prune, now }: { prune: boolean; now: number },
  signal: AbortSignal,
): Promise<BuiltManifest> {
  // The first one may lack files that the sweep of a new state is about to find: nothing is to be removed by it.
  const mayPrune = prune && state.announced !== undefined;
  const manifest = manifestOfState(state, { serial: nextSerial(state.serial, now), prune: mayPrune });
  const bytes = Buffer.from(formatManifest(manifest));
  const sha256 = manifestDigest(bytes);
  const size = bytes.length;
  const zstd = await packAlone(bytes, sha256, signal);
  const base = baseOf(state);
  const made = base && (await makeStep(manifests, { bytes, sha256, manifest }, base.sha256, signal));
  const stored: StoredManifest = {
    ...{ serial: manifest.serial, sha256, size, at: now },
    ...(base && made?.step && { step: { base: base.sha256, bytes: made.step.length } }),
    ...(zstd && { zstd: zstd.length }),
  };
  return { state, manifest, bytes, zstd, step: made?.step, stored, before: made?.before };
}

export function variableOf({ serial, sha256, size, step, zstd }: StoredManifest): string {
  const notice: ManifestNotice = { serial, sha256, size, zstd };
  return formatVariable(
    step === undefined ? notice : { ...notice, step: { ...step, base: baseName(step.base) } },
  );
}

/** What most devices have: the manifest that is surely announced, or else the last that may be. */
function baseOf({ manifests, announced }: FleetState): StoredManifest | undefined {
  return manifests.find(({ serial }) => serial === announced?.serial) ?? manifests[0];
}

async function packAlone(
  bytes: Uint8Array,
  sha256: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const size = bytes.length;
  const packing = { size, level: levelOf(size), maxBytes: worthwhileBytes(size) };
  const frame = await compress(bytes, packing, signal);
  if (frame === undefined || !isWorthFetching(frame.length, size)) return undefined;
  return (await unpacksTo({ size, sha256 }, frame, undefined, signal)) ? frame : undefined;
}
