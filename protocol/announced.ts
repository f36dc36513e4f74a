import * as v from "valibot";
import { compareSeqs } from "./seq.ts";

const VERSION = { key: v.string(), versionId: v.string(), seq: v.optional(v.string()), at: v.number() };

/** What a device, or a fleet, was told of a file. `at` is in milliseconds since the epoch. */
export const Announced = v.object({
  ...VERSION,
  sha256: v.string(),
  etag: v.string(),
  size: v.number(),
  /** Of the first of a fleet's manifests that has the version so, for the same part of the fleet. [NF-11.3] */
  serial: v.optional(v.number()),
});

/** A version that nobody could tell the device of, and why. Without `sha256` it was not even read. */
export const Unannounced = v.object({ ...VERSION, sha256: v.optional(v.string()), reason: v.string() });

/** When its key was found to hold nothing. */
export const Withdrawn = v.object({ key: v.string(), seq: v.optional(v.string()), at: v.number() });

export type Withdrawn = v.InferOutput<typeof Withdrawn>;
export type Announced = v.InferOutput<typeof Announced>;
export type Unannounced = v.InferOutput<typeof Unannounced>;

/** The newest of each kind; of what was withdrawn, of each key, since several may mean one path. */
type Told = {
  announced?: Announced | undefined;
  unannounced?: Unannounced | undefined;
  withdrawn?: readonly Withdrawn[] | undefined;
};

/** The same object where the announcement is not the newest. */
export function withAnnounced<T extends Told>(told: T, announced: Announced): T {
  const known = told.announced;
  return known !== undefined && !isNewer(announced, known) ? told : { ...told, announced };
}

/** The same object where the failure is not the newest. */
export function withUnannounced<T extends Told>(told: T, unannounced: Unannounced): T {
  const known = told.unannounced;
  return known !== undefined && !isNewer(unannounced, known) ? told : { ...told, unannounced };
}

/** The version that the device should have been told of, and was not; an announcement of it, or of a newer one, ends that. */
export function withheldIn({ announced, unannounced }: Told): Unannounced | undefined {
  if (unannounced === undefined || announced === undefined) return unannounced;
  return (orderOf(unannounced, announced) ?? unannounced.at - announced.at) > 0 ? unannounced : undefined;
}

/** The same object where the key is known to have held nothing since. */
export function withWithdrawn<T extends Told>(told: T, withdrawn: Withdrawn): T {
  const all = told.withdrawn ?? [];
  const known = all.find(({ key }) => key === withdrawn.key);
  if (known !== undefined && !isNewer(withdrawn, known)) return told;
  return { ...told, withdrawn: [...all.filter((each) => each !== known), withdrawn] };
}

/** Whether nothing is wanted of the device any more: the key of the newest version that it was, or was to be, told of holds nothing since. */
export function isWithdrawn(told: Told & { reported?: { key: string } | undefined }): boolean {
  const wanted = withheldIn(told) ?? told.announced;
  const key = wanted?.key ?? told.reported?.key;
  const since = told.withdrawn?.find((each) => each.key === key);
  return since !== undefined && (wanted === undefined || isNewer(since, wanted));
}

type Version = Pick<Announced, "key" | "seq" | "at">;

function isNewer(version: Version, known: Version): boolean {
  return (orderOf(version, known) || version.at - known.at) > 0;
}

/** Two keys may mean one path, and their sequencers say nothing of each other: undefined, and the time decides. */
function orderOf(version: Version, known: Version): number | undefined {
  if (version.key !== known.key || version.seq === undefined || known.seq === undefined) return undefined;
  return compareSeqs(version.seq, known.seq);
}
