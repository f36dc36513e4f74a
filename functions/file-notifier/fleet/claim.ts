import type { FleetState, StoredManifest } from "../../../protocol/fleet-state.ts";

/** How long one may take to store and announce a manifest before another may think it dead. */
export const CLAIM_MS = 60_000;

/**
 * Milliseconds that a claim still holds; 0 if there is none. One that would hold for longer than any was made by a clock that ran ahead, by years perhaps:
 * it counts as that of a dead one.
 *
 * @param now milliseconds since the epoch
 */
export function claimLeftMs({ announcing }: Pick<FleetState, "announcing">, now: number): number {
  const left = (announcing?.expires ?? 0) - now;
  return left > 0 && left <= 2 * CLAIM_MS ? left : 0;
}

/** Manifests that are kept: the one that is announced, and the four before it. [NF-11.6] */
const KEPT = 5;

/** Of manifests of which nobody knows whether devices were told of them. */
const DOUBTFUL_KEPT = 5;

/**
 * The state once an attempt to announce a manifest has begun. The manifest of an attempt that died is kept, since devices may have been
 * told of it, and what it sent may still arrive.
 */
export function claimed(
  state: FleetState,
  claimId: string,
  manifest: StoredManifest,
  now: number,
): FleetState {
  const { revision, announcing: dead } = state;
  const { serial } = manifest;
  const announcing = { claimId, revision, serial, manifest, at: now, expires: now + CLAIM_MS };
  const manifests = dead?.manifest
    ? withManifest(state, { ...dead.manifest, isDoubtful: true })
    : state.manifests;
  return {
    ...state,
    manifests,
    serial,
    announcing,
    ...((dead || state.isUncertain) && { isUncertain: true }),
  };
}

/**
 * The state once Notehub has surely accepted the manifest with this serial; the same state where that is on record.
 *
 * @returns undefined if the claim is another's by now.
 */
export function announcedIn(
  state: FleetState,
  { claimId, serial }: { claimId: string; serial: number },
  now: number,
): FleetState | undefined {
  if (state.announced?.serial === serial) return state; // the reply to our write was lost
  const { announcing, isUncertain: _, changedAt: __, ...rest } = state;
  if (announcing?.claimId !== claimId || announcing.manifest === undefined) return undefined;
  const { revision, manifest, at = now } = announcing;
  const announced = { revision, serial, at: now };
  const manifests = withManifest({ ...rest, announced }, manifest);
  // What changed meanwhile may have changed just after the claim.
  return { ...rest, announced, manifests, ...(rest.revision !== revision && { changedAt: at }) };
}

/**
 * The state once an attempt has failed. `unsent`: Notehub has surely accepted nothing, and what was stored for it is of no use.
 *
 * @returns undefined if the claim is another's by now.
 */
export function failedIn(
  state: FleetState,
  claimId: string,
  fate: "unsent" | "uncertain",
): FleetState | undefined {
  const { announcing, ...rest } = state;
  if (announcing?.claimId !== claimId || announcing.manifest === undefined) return undefined;
  if (fate === "unsent") return rest;
  const manifests = withManifest(rest, { ...announcing.manifest, isDoubtful: true });
  return { ...rest, isUncertain: true, manifests };
}

/** What was stored that no state names any more. */
export function droppedManifests(before: FleetState, after: FleetState): StoredManifest[] {
  const kept = new Set(
    [...after.manifests, ...(after.announcing?.manifest ? [after.announcing.manifest] : [])].map(
      ({ sha256 }) => sha256,
    ),
  );
  const known = [...before.manifests, ...(before.announcing?.manifest ? [before.announcing.manifest] : [])];
  return known.filter(({ sha256 }) => !kept.has(sha256));
}

/** Newest first, as many of each kind as are kept. */
function withManifest(
  { manifests, announced }: Pick<FleetState, "manifests" | "announced">,
  manifest: StoredManifest,
): StoredManifest[] {
  const all = [manifest, ...manifests.filter(({ sha256 }) => sha256 !== manifest.sha256)].sort(
    (a, b) => b.serial - a.serial,
  );
  const sure = all.filter((each) => !each.isDoubtful).slice(0, KEPT);
  const doubtful = all.filter((each) => each.isDoubtful).slice(0, DOUBTFUL_KEPT);
  const current = all.filter(({ serial }) => serial === announced?.serial);
  const kept = new Set([...sure, ...doubtful, ...current]);
  return all.filter((each) => kept.has(each));
}
