/** Manifests that are kept of fleets which the device has left: it may come back, and a step then leads on from there. */
export const MOST_LEFT = 16;

/** The same of a thing, which cannot tell whether it has left a group: it is in ten at most, and hears of one only when that changes. */
export const MOST_NOT_HEARD = 64;

/** Whether a fleet is announced now, was left, and has files that are still to be delivered or receipts that have not left. */
export type KeptFleet = { fleet: string; isHeard: boolean; left: boolean; isBusy: boolean };

/**
 * The fleets whose manifests are forgotten, so that a device which goes through hundreds of them in its life does not keep all. Their files stay.
 *
 * @param kept those that are not the device's own; the one that came first is the first
 * @param hearsAll whether a fleet that is not announced was left
 */
export function tooOld(kept: readonly KeptFleet[], hearsAll: boolean): string[] {
  const idle = kept.filter(({ isHeard, left, isBusy }) => !isHeard && (hearsAll ? left : !isBusy));
  const most = hearsAll ? MOST_LEFT : MOST_NOT_HEARD;
  return idle.slice(0, Math.max(0, idle.length - most)).map(({ fleet }) => fleet);
}
