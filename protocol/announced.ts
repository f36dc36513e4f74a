import * as v from "valibot";
import { compareSeqs } from "./seq.ts";

const VERSION = { key: v.string(), versionId: v.string(), seq: v.optional(v.string()), at: v.number() };

/** What a device was told of a file. `at` is in milliseconds since the epoch. */
export const Announced = v.object({ ...VERSION, sha256: v.string(), etag: v.string(), size: v.number() });

/** A version that nobody could tell the device of, and why. Without `sha256` it was not even read. */
export const Unannounced = v.object({ ...VERSION, sha256: v.optional(v.string()), reason: v.string() });

export type Announced = v.InferOutput<typeof Announced>;
export type Unannounced = v.InferOutput<typeof Unannounced>;

/** The newest of either kind. */
type Told = { announced?: Announced | undefined; unannounced?: Unannounced | undefined };

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

type Version = Pick<Announced, "key" | "seq" | "at">;

function isNewer(version: Version, known: Version): boolean {
  return (orderOf(version, known) || version.at - known.at) > 0;
}

/** Two keys may mean one path, and their sequencers say nothing of each other: undefined, and the time decides. */
function orderOf(version: Version, known: Version): number | undefined {
  if (version.key !== known.key || version.seq === undefined || known.seq === undefined) return undefined;
  return compareSeqs(version.seq, known.seq);
}
