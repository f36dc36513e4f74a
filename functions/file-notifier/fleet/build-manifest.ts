import type { FleetState, StoredManifest } from "../../../protocol/fleet-state.ts";
import {
  formatManifest,
  type Manifest,
  type ManifestFile,
  manifestDigest,
  nextSerial,
} from "../../../protocol/manifest.ts";
import { formatVariable, type ManifestNotice } from "../../../protocol/manifest-variable.ts";
import { baseName } from "../../../protocol/representation.ts";
import { levelOf } from "../pack/levels.ts";
import { isWorthFetching, worthwhileBytes } from "../pack/worth.ts";
import { compress, unpacksTo } from "../pack/zstd.ts";
import { loneFileOf } from "./lone-file.ts";
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
  /** The manifest that devices were surely told of before; undefined where there is none, or it is not known. */
  before: Manifest | undefined;
  /** For readers that know no manifest, where those are told. */
  lone: ManifestFile | undefined;
};

/**
 * Makes the manifest of a fleet's state, with the next serial, and the ways to it. Nothing is stored. [NF-11.3] [NF-11.7]
 *
 * @param repeats the last manifest is made once more, where the state is as it was then and nobody knows whether that was told; and there are
 * readers that know no manifest
 */
export async function buildManifest(
  manifests: ManifestStore,
  state: FleetState,
  { prune, repeats, now }: { prune: boolean; repeats: boolean; now: number },
  signal: AbortSignal,
): Promise<BuiltManifest> {
  // The first one may lack files that the sweep of a new state is about to find, as may all until that has seen all: nothing is to be removed by these.
  const mayPrune = prune && state.announced !== undefined && state.isPartial !== true;
  const make = (serial: number) => manifestOfState(state, { serial, prune: mayPrune });
  const manifest = (repeats && once(state, make)) || make(nextSerial(state.serial, now));
  const bytes = Buffer.from(formatManifest(manifest));
  const sha256 = manifestDigest(bytes);
  const size = bytes.length;
  const zstd = await packAlone(bytes, sha256, signal);
  const base = baseOf(state, sha256);
  const made = base && (await makeStep(manifests, { bytes, sha256, manifest }, base.sha256, signal));
  const before = base?.serial === state.announced?.serial ? made?.before : undefined;
  const lone = repeats ? loneFileOf(state, manifest, before) : undefined;
  const stored: StoredManifest = {
    ...{ serial: manifest.serial, sha256, size, at: now },
    ...(base && made?.step && { step: { base: base.sha256, bytes: made.step.length } }),
    ...(zstd && { zstd: zstd.length }),
    ...(lone && { lone: lone.path }),
  };
  return { state, manifest, bytes, zstd, step: made?.step, stored, before, lone };
}

/** The manifest with the highest serial there is, if the state still makes the same and nobody knows whether it was told. */
function once(
  { serial, manifests, announcing }: FleetState,
  make: (serial: number) => Manifest,
): Manifest | undefined {
  const doubtful = [...(announcing?.manifest ? [announcing.manifest] : []), ...manifests.filter(isDoubtful)];
  const last = doubtful.find((stored) => stored.serial === serial);
  if (last === undefined) return undefined;
  const manifest = make(last.serial);
  return manifestDigest(formatManifest(manifest)) === last.sha256 ? manifest : undefined;
}

function isDoubtful(stored: StoredManifest): boolean {
  return stored.isDoubtful === true;
}

export function variableOf(stored: StoredManifest): string {
  return formatVariable(noticeOfStored(stored));
}

/** What devices are told of a manifest. [NF-11.4] */
export function noticeOfStored({ serial, sha256, size, step, zstd }: StoredManifest): ManifestNotice {
  const notice: ManifestNotice = { serial, sha256, size, zstd };
  return step === undefined ? notice : { ...notice, step: { ...step, base: baseName(step.base) } };
}

/** What most devices have: the manifest that is surely announced, or else the last that may be. */
function baseOf({ manifests, announced }: FleetState, made: string): StoredManifest | undefined {
  const others = manifests.filter(({ sha256 }) => sha256 !== made);
  return others.find(({ serial }) => serial === announced?.serial) ?? others[0];
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
