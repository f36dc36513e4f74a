import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isWithdrawn,
  withAnnounced,
  withheldIn,
  withUnannounced,
  withWithdrawn,
} from "../../protocol/announced.ts";
import type { Delivery } from "../../protocol/delivery-state.ts";
import { formatSeq } from "../../protocol/seq.ts";

/** How an attempt to announce version `version` of a key ended. */
const attempt = fc.record({ version: fc.integer({ min: 1, max: 5 }), ok: fc.boolean(), late: fc.nat(1000) });

test("a version is withheld if it is the newest that was tried, and no try of it succeeded, in whatever order this is heard", () => {
  fc.assert(
    fc.property(
      fc.array(attempt, { maxLength: 12 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat()),
      (attempts, doubled, order) => {
        const heard = [...attempts, ...(doubled ? attempts : [])]
          .map((each) => ({ each, by: order.next().value }))
          .toSorted((a, b) => a.by - b.by);
        const delivery = heard.reduce<Delivery>(
          (known, { each: { version, ok, late } }) => {
            const common = {
              ...{ key: "app", versionId: `v${version}`, seq: formatSeq(`0${version}`) },
              at: 1_700_000_000_000 + late, // clocks differ, and decide nothing
            };
            return ok
              ? withAnnounced(known, { ...common, sha256: "A".repeat(43), etag: "e", size: 1 })
              : withUnannounced(known, { ...common, reason: `no ${version}` });
          },
          { device: "dev:1", path: "app" },
        );
        const newest = Math.max(...attempts.map(({ version }) => version));
        const told = attempts.some(({ version, ok }) => version === newest && ok);
        expect(withheldIn(delivery)?.reason).toBe(attempts.length === 0 || told ? undefined : `no ${newest}`);
        expect(delivery.announced?.versionId).toBe(
          attempts.some(({ ok }) => ok)
            ? `v${Math.max(...attempts.filter(({ ok }) => ok).map(({ version }) => version))}`
            : undefined,
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test("nothing is wanted if the newest that is known of the key is that it holds nothing, in whatever order this is heard", () => {
  const kind = fc.constantFrom("announced", "unannounced", "withdrawn");
  fc.assert(
    fc.property(
      fc.array(kind, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      (kinds, order) => {
        const heard = kinds
          .map((what, index) => ({ what, version: index + 1, by: order.next().value }))
          .toSorted((a, b) => a.by - b.by);
        const delivery = heard.reduce<Delivery>(
          (known, { what, version }) => {
            const common = { key: "app", seq: formatSeq(`0${version}`), at: 1 };
            const other = withWithdrawn(known, { ...common, key: "devices/dev:1/app", seq: formatSeq("09") });
            if (what === "withdrawn") return withWithdrawn(other, common);
            const versionId = `v${version}`;
            return what === "announced"
              ? withAnnounced(other, { ...common, versionId, sha256: "A".repeat(43), etag: "e", size: 1 })
              : withUnannounced(other, { ...common, versionId, reason: "no" });
          },
          { device: "dev:1", path: "app" },
        );
        const isTold = kinds.some((what) => what !== "withdrawn");
        expect(isWithdrawn(delivery)).toBe(isTold && kinds.at(-1) === "withdrawn");
      },
    ),
    { numRuns: 1000 },
  );
});
