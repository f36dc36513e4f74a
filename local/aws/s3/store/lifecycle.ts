import * as v from "valibot";

const Days = v.pipe(v.number(), v.integer(), v.minValue(1));

/**
 * A lifecycle rule for the keys with its prefix. Days count from when an object was stored, when a version was
 * replaced, or when an upload was begun.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export const LifecycleRule = v.object({
  id: v.pipe(v.string(), v.maxLength(255)),
  enabled: v.boolean(),
  prefix: v.string(),
  expireAfterDays: v.optional(Days),
  /** Deletes delete markers that hide nothing any more. */
  expireDeleteMarkers: v.optional(v.boolean()),
  expireNoncurrentAfterDays: v.optional(Days),
  /** So many noncurrent versions of each key stay, whatever their age. */
  keepNoncurrent: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  abortUploadsAfterDays: v.optional(Days),
});
export type LifecycleRule = v.InferOutput<typeof LifecycleRule>;

/** What a rule looks at in a version. `modified` is milliseconds since 1970. */
export type Aging = { latest: boolean; deleteMarker: boolean; modified: number };

const DAY_MS = 86_400_000;

/** Whether so many days have passed, and then the rest of the day in UTC, as S3 counts. */
export function isPast(since: number, days: number, now: number): boolean {
  return since + days * DAY_MS <= Math.floor(now / DAY_MS) * DAY_MS;
}

/**
 * The versions of one key that a rule expires. The latest one of a key is expired by a delete marker where the bucket has
 * versioning; all others are deleted for good.
 *
 * @param versions of the key, newest first; delete markers too.
 */
export function expiredVersions<Version extends Aging>(
  rule: LifecycleRule,
  versions: readonly Version[],
  now: number,
): Version[] {
  const [latest, ...replaced] = versions;
  if (latest === undefined || !rule.enabled) return [];
  const isExpired = latest.deleteMarker
    ? replaced.length === 0 && expiresMarker(rule, latest, now)
    : rule.expireAfterDays !== undefined && isPast(latest.modified, rule.expireAfterDays, now);
  return [...(isExpired ? [latest] : []), ...expiredNoncurrent(rule, versions, now)];
}

/** A delete marker that stands alone expires by a rule for such markers, or by any that expires objects of its age. */
function expiresMarker(rule: LifecycleRule, { modified }: Aging, now: number): boolean {
  if (rule.expireDeleteMarkers === true) return true;
  return rule.expireAfterDays !== undefined && isPast(modified, rule.expireAfterDays, now);
}

function expiredNoncurrent<Version extends Aging>(
  { expireNoncurrentAfterDays: days, keepNoncurrent = 0 }: LifecycleRule,
  versions: readonly Version[],
  now: number,
): Version[] {
  if (days === undefined) return [];
  let kept = 0; // delete markers are not among those that are kept
  return versions.filter((version, index) => {
    const successor = versions[index - 1];
    if (successor === undefined) return false; // it is the latest
    const isSpared = kept < keepNoncurrent;
    if (!version.deleteMarker) kept++;
    return !isSpared && isPast(successor.modified, days, now);
  });
}
