import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type FleetManifest, inTurn, isLater } from "../../../agent/manifest/decide.ts";
import { overtakenNotes } from "../../../agent/manifest/overtaken.ts";
import { leavingFiles } from "../../../agent/manifest/prune.ts";
import type { ManifestFile } from "../../../protocol/manifest.ts";
import { isInShare } from "../../../protocol/share.ts";
import { seqOf } from "../support/packed.ts";

const DEVICE = "dev:1";
const digest = fc.stringMatching(/^[0-9A-Za-z_-]{43}$/);
const version = fc.record({
  size: fc.nat(99),
  sha256: digest,
  version: fc.stringMatching(/^[0-9A-Za-z]{4}$/),
});
const order = fc.option(fc.integer({ min: 1, max: 5 }).map(seqOf), { nil: undefined });
const share = fc.option(fc.tuple(fc.nat(100), fc.stringMatching(/^[a-z]{3}$/)), { nil: undefined });
const paths = ["a", "b", "c/d"];

const fileOf = (fleet: string) =>
  fc.tuple(fc.constantFrom(...paths), version, order, share, fc.option(version, { nil: undefined })).map(
    ([path, its, seq, shared, previous]): ManifestFile => ({
      ...{ ...its, path, key: `fleets/${fleet}/${path}`, seq },
      ...(shared && { share: shared, previous }),
    }),
  );

const manifest = (fleet: string): fc.Arbitrary<FleetManifest> =>
  fc.record({
    manifest: fc.record({
      ...{ fleet: fc.constant(fleet), serial: fc.nat(99), prune: fc.boolean() },
      files: fc.uniqueArray(fileOf(fleet), { selector: ({ path }) => path }),
    }),
    ...{ left: fc.boolean(), withdrawn: fc.boolean() },
  });

const world = fc.record({
  manifests: fc
    .tuple(manifest("fleet:1"), manifest("fleet:2"), manifest("fleet:3"))
    .chain((all) => fc.shuffledSubarray(all)),
  own: fc.subarray(paths),
  /** Where a Note of the first fleet's key has put something. */
  byNotes: fc.subarray(paths),
  latest: fc.dictionary(fc.constantFrom(...paths.map((path) => `fleets/fleet:1/${path}`)), order),
});

type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

const wordOf = ({ own, byNotes, latest }: World) => ({
  hasOwnKey: (path: string) => own.includes(path),
  latestOf: (key: string) => (latest[key] === undefined ? undefined : { seq: latest[key] }),
  installedAt: (path: string) =>
    byNotes.includes(path) ? { name: `fleets/fleet:1/${path}`, sha256: "by a Note" } : undefined,
});

describe("what manifests ask of a device", () => {
  test("does not depend on the order in which they were read", () => {
    fc.assert(
      fc.property(world, (given) => {
        const word = wordOf(given);
        const sorted = (manifests: FleetManifest[]) => decide(manifests, DEVICE, word);
        expect(sorted(given.manifests.toReversed())).toEqual(sorted(given.manifests));
      }),
    );
  });

  test("is asked of each path by one at most, and by none where the device has a key of its own [NF-11.10]", () => {
    fc.assert(
      fc.property(world, (given) => {
        const counting = decide(given.manifests, DEVICE, wordOf(given)).filter(
          ({ authority }) => authority === "manifest",
        );
        expect(new Set(counting.map(({ path }) => path)).size).toBe(counting.length);
        expect(counting.filter(({ path }) => given.own.includes(path))).toEqual([]);
      }),
    );
  });

  test("is, of two fleets, asked by the one whose UID comes first, of those the device is in [NF-11.10]", () => {
    fc.assert(
      fc.property(world, (given) => {
        const asked = decide(given.manifests, DEVICE, wordOf(given));
        const rank = new Map(
          inTurn(given.manifests, DEVICE).map(({ manifest: { fleet } }, at) => [fleet, at]),
        );
        for (const { path, fleet, authority } of asked) {
          const before = asked.filter(
            (other) => other.path === path && (rank.get(other.fleet) ?? 0) < (rank.get(fleet) ?? 0),
          );
          expect(authority === "other-fleet").toBe(before.length > 0 && !given.own.includes(path));
        }
        const turn = inTurn(given.manifests, DEVICE).map(
          ({ left, manifest: { fleet } }) => `${left ? 1 : 0}${fleet}`,
        );
        expect(turn).toEqual(turn.toSorted());
      }),
    );
  });

  test("is the newest version in the share, the one before outside of it, and nothing where there was none [NF-11.8] [NF-11.9]", () => {
    fc.assert(
      fc.property(world, (given) => {
        const asked = decide(given.manifests, DEVICE, wordOf(given));
        for (const { manifest: its } of given.manifests)
          for (const file of its.files) {
            const found = asked.find(({ fleet, path }) => fleet === its.fleet && path === file.path);
            const isIn = file.share === undefined || isInShare(file.share, DEVICE);
            expect(found?.wanted.version).toBe(isIn ? file.version : file.previous?.version);
            expect(found?.isHeldBack ?? false).toBe(!isIn && file.previous !== undefined);
          }
      }),
    );
  });

  test("is not what a newer Note has brought another content for [NF-11.13]", () => {
    fc.assert(
      fc.property(world, (given) => {
        for (const file of decide(given.manifests, DEVICE, wordOf(given))) {
          const { key, path, authority } = file;
          const byNote = key === `fleets/fleet:1/${path}` && given.byNotes.includes(path);
          const newer = byNote && isLater(given.latest[key], file);
          if (authority === "newer") expect(newer).toBe(true);
          if (authority === "manifest") expect(newer).toBe(false);
        }
      }),
    );
  });
});

test("a Note is overtaken or counts, never both, and one of the device's own never is [NF-11.13]", () => {
  const note = fc.record({
    name: fc.constantFrom("devices/dev:1/a", "fleets/fleet:1/a", "fleets/fleet:9/b", "a", "elsewhere"),
    ...{ sha256: digest, seq: order, again: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) },
  });
  fc.assert(
    fc.property(world, fc.array(note), (given, bodies) => {
      const theirs = decide(given.manifests, DEVICE, wordOf(given)).filter(
        ({ authority }) => authority === "manifest" || authority === "newer",
      );
      const asked = new Map(theirs.map((file) => [file.path, file]));
      const notes = bodies.map((body, at) => ({
        id: `${at}`,
        announcement: { ...body, size: 1, etag: "e" },
      }));
      const overtaken = new Set(overtakenNotes(notes, asked, wordOf(given)).map(({ id }) => id));
      for (const { id, announcement } of notes) {
        const file = asked.get(announcement.name.replace(/^(?:devices|fleets)\/[^/]+\//, ""));
        const path = announcement.name.replace(/^(?:devices|fleets)\/[^/]+\//, "");
        if (announcement.name.startsWith("devices/")) expect(overtaken.has(id)).toBe(false);
        else if (given.own.includes(path)) expect(overtaken.has(id)).toBe(true);
        else if (file === undefined) expect(overtaken.has(id)).toBe(false);
        else if (isLater(announcement.seq, file) && file.key === announcement.name)
          expect(overtaken.has(id)).toBe(false);
        else if (announcement.again === undefined) expect(overtaken.has(id)).toBe(true);
      }
    }),
  );
});

test("only what a manifest had brought is removed, where its fleet says so and nothing asks for it [NF-11.11]", () => {
  const recorded = fc.record({
    path: fc.constantFrom(...paths, "e"),
    fleet: fc.constantFrom(undefined, "fleet:1", "fleet:2", "fleet:9"),
  });
  fc.assert(
    fc.property(world, fc.uniqueArray(recorded, { selector: ({ path }) => path }), (given, there) => {
      const installed = new Map(
        there.map(({ path, fleet }) => [
          path,
          {
            name: `fleets/${fleet}/${path}`,
            size: 1,
            sha256: "x",
            etag: "",
            version: "v",
            fleet,
            installedAt: "",
          },
        ]),
      );
      const leaving = leavingFiles(given.manifests, installed, (path) => given.own.includes(path));
      for (const { path, fleet } of there) {
        const its = given.manifests.find(({ manifest: { fleet: each } }) => each === fleet);
        const named = given.manifests.some(({ manifest: { files } }) =>
          files.some((file) => file.path === path),
        );
        const goes = its?.manifest.prune === true && !its.left && !named && !given.own.includes(path);
        expect(leaving.some((each) => each.path === path)).toBe(goes);
      }
    }),
  );
});
