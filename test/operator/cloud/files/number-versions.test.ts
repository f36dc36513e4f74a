import fc from "fast-check";
import { expect, test } from "vitest";
import type { Version } from "../../../../operator/cloud/files/list-versions.ts";
import { KEPT_DAYS, numberVersions } from "../../../../operator/cloud/files/number-versions.ts";
import { templateOf } from "../../../support/template-under-test.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const BEGAN = Date.parse("2026-01-01T00:00:00Z");
/** Newer ones that the bucket keeps whatever their age. */
const RETAINED = 3;

const upload = fc.record({ days: fc.integer({ min: 0, max: 60 }), deletes: fc.boolean() });

/** What a bucket has left of a key's uploads, newest first, once its lifecycle has taken what it may. */
function left(all: readonly Version[], now: number): Version[] {
  return all.filter((_, index) => {
    const successor = all[index - 1];
    if (successor === undefined || index <= RETAINED) return true;
    return now - Date.parse(successor.at) < KEPT_DAYS * DAY_MS;
  });
}

test("a number means the same version whenever it is shown, whatever is uploaded, deleted or expires", () => {
  fc.assert(
    fc.property(
      fc.array(upload, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 400 }),
      (uploads, later) => {
        const all: Version[] = [];
        const meant = new Map<number, string>();
        let now = BEGAN;
        const look = () => {
          for (const { n, versionId } of numberVersions(left(all, now), now)) {
            if (n !== undefined) expect(meant.get(n) ?? versionId).toBe(versionId);
            if (n !== undefined) meant.set(n, versionId);
          }
        };
        for (const { days, deletes } of uploads) {
          now += days * DAY_MS;
          const common = { versionId: `v${all.length}`, current: false, at: new Date(now).toISOString() };
          all.unshift(
            deletes ? { ...common, deleted: true } : { ...common, deleted: false, bytes: 1, etag: "e" },
          );
          look();
        }
        now += later * DAY_MS;
        look();
      },
    ),
  );
});

test("the oldest is 1, a deletion has no number, and an old history has none at all", () => {
  const version = (versionId: string, day: number, deleted: boolean): Version => {
    const common = { versionId, current: false, at: new Date(BEGAN + day * DAY_MS).toISOString() };
    return deleted ? { ...common, deleted } : { ...common, deleted, bytes: 1, etag: "e" };
  };
  const versions = [version("c", 9, false), version("b", 5, true), version("a", 0, false)];
  const numbers = (day: number) => numberVersions(versions, BEGAN + day * DAY_MS).map(({ n }) => n);
  expect(numbers(10)).toEqual([2, undefined, 1]);
  expect(numbers(89)).toEqual([2, undefined, 1]);
  expect(numbers(90)).toEqual([undefined, undefined, undefined]);
});

test("the bucket keeps versions for as long as the numbers go by", () => {
  const [bucket] = Object.values(
    templateOf({ project: "app:1" }).findResources("AWS::S3::Bucket", {
      Properties: { VersioningConfiguration: { Status: "Enabled" } },
    }),
  );
  const days = bucket?.Properties.LifecycleConfiguration.Rules.flatMap(
    (rule: { NoncurrentVersionExpiration?: { NoncurrentDays: number } }) =>
      rule.NoncurrentVersionExpiration?.NoncurrentDays ?? [],
  );
  expect(days).toEqual([KEPT_DAYS]);
});
