import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobId } from "../../protocol/job-id.ts";
import { KeyRefused } from "../../protocol/key-refused.ts";
import { formatManifest, type Manifest, ownKey, parseManifest } from "../../protocol/manifest.ts";
import {
  addressKey,
  folderOf,
  formatTarget,
  isDeviceUid,
  isManifestOwner,
  isNotehubUid,
  isPrivateKey,
  isThingKey,
  manifestOwner,
  parseTarget,
} from "../../protocol/target.ts";
import { RECEIPT_THING_LEVEL, receiptTopic } from "../../protocol/thing-topics.ts";
import { thrownBy } from "../support/thrown-by.ts";

const name = fc.stringMatching(/^[0-9A-Za-z:_-]{1,128}$/);
const uid = fc.oneof(
  name.map((each) => `thing:${each}`),
  name.map((each) => `thing-group:${each}`),
);
const safePath = fc
  .array(fc.stringMatching(/^[0-9A-Za-z +%:é語_-]{1,12}$/), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"));

describe("things and their groups as targets [NF-1.1] [NF-1.3] [NF-13.1]", () => {
  test("a key in their folder is theirs, whatever the default target is", () => {
    fc.assert(
      fc.property(uid, safePath, (of, path) => {
        const target = parseTarget(of);
        if (target === undefined) throw new Error(`${of} is none`);
        const key = ownKey(of, path);
        expect(key).toBe(`${folderOf(target)}${path}`);
        expect(key).toMatch(of.startsWith("thing:") ? /^things\// : /^thing-groups\//);
        expect(addressKey(key, { kind: "device", deviceUid: "dev:1" })).toEqual({ target, path });
        expect([formatTarget(target), manifestOwner(target)]).toEqual([of, of]);
        expect([isPrivateKey(key), isThingKey(key), isManifestOwner(of), isNotehubUid(of)]).toEqual([
          ...[true, true, true, false],
        ]);
        expect(isDeviceUid(of)).toBe(of.startsWith("thing:"));
      }),
    );
  });

  test.each([
    "things//a",
    "things/",
    "things/pu mp/a",
    "things/pümp/a",
    "things/a.b/c",
    "things/$aws/a",
    "things/+/a",
    "things/#/a",
    `things/${"x".repeat(129)}/a`,
    "thing-groups/a.b/c",
    "thing-groups//c",
  ])("%j names none, and nobody else gets it", (key) => {
    const error = thrownBy(() => addressKey(key, { kind: "device", deviceUid: "dev:1" }));
    expect(error).toBeInstanceOf(KeyRefused);
    expect(error).toMatchObject({ reason: "target" });
  });

  test("no other folder is theirs", () => {
    for (const key of ["thing/pump/a", "Things/pump/a", "thing-group/pumps/a", "x/things/pump/a"])
      expect([addressKey(key).target, isThingKey(key)]).toEqual([undefined, false]);
  });
});

test("a thing's manifest is read as it was written, and none with another's key in it [NF-11.1] [NF-13.1]", () => {
  const fileOf = (key: string, path: string) => ({
    ...{ path, key, size: 1, sha256: "A".repeat(43), version: "v1", seq: undefined, share: undefined },
  });
  fc.assert(
    fc.property(uid, uid, safePath, (of, other, path) => {
      const write = (key: string): Manifest => ({
        ...{ fleet: of, serial: 7, prune: false, files: [fileOf(key, path)] },
      });
      const text = formatManifest(write(ownKey(of, path)));
      expect(text).not.toContain(JSON.stringify(ownKey(of, path))); // the default is left out
      expect(parseManifest(Buffer.from(text))).toMatchObject({
        fleet: of,
        files: [{ key: ownKey(of, path) }],
      });
      fc.pre(of !== other);
      expect(parseManifest(Buffer.from(formatManifest(write(ownKey(other, path)))))).toBeUndefined();
    }),
  );
});

test("a job's id is a hash of its target and its manifest, and one that AWS IoT takes [NF-13.2]", () => {
  const hash = createHash("sha256")
    .update(`thing:pump\n${"A".repeat(43)}`)
    .digest("base64url");
  expect(jobId("thing:pump", "A".repeat(43))).toBe(`nf-${hash.slice(0, 22)}`);
  fc.assert(
    fc.property(uid, fc.stringMatching(/^[\w-]{43}$/), uid, (of, sha256, other) => {
      expect(jobId(of, sha256)).toMatch(/^nf-[\w-]{22}$/);
      expect(jobId(of, sha256) === jobId(other, sha256)).toBe(of === other);
    }),
  );
});

test("whose receipts a topic has, its third level says, with a stage and without [NF-13.6]", () => {
  expect(receiptTopic("pump")).toBe("noteferry/things/pump/receipts");
  expect(receiptTopic("pump", "eu-1")).toBe("noteferry-eu-1/things/pump/receipts");
  fc.assert(
    fc.property(name, fc.option(fc.constantFrom("a", "eu-1"), { nil: undefined }), (thing, stage) => {
      expect(receiptTopic(thing, stage).split("/")[RECEIPT_THING_LEVEL - 1]).toBe(thing);
    }),
  );
});
