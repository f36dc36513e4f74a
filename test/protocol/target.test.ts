import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyRefused } from "../../protocol/key-refused.ts";
import {
  addressKey,
  formatTarget,
  isFolderMarker,
  isPrivateKey,
  parseTarget,
  pathOrKey,
  type Target,
} from "../../protocol/target.ts";
import { anyKey } from "../support/arbitrary-key.ts";
import { thrownBy } from "../support/thrown-by.ts";

const DEFAULT: Target = { kind: "fleet", fleetUid: "fleet:default" };

const deviceUid = fc.stringMatching(/^dev:[0-9A-Za-z][0-9A-Za-z:._-]{0,63}$/);
const fleetUid = fc.stringMatching(/^fleet:[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/);
const safePath = fc
  .array(fc.stringMatching(/^[0-9A-Za-z +%:é語_-]{1,12}$/), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"));

describe("the target of a key", () => {
  test("[NF-1.1] [NF-1.3] under devices/ is that device, and the rest is the path", () => {
    expect(addressKey("devices/dev:864475040000000/app/main.py", DEFAULT)).toEqual({
      target: { kind: "device", deviceUid: "dev:864475040000000" },
      path: "app/main.py",
    });
    fc.assert(
      fc.property(deviceUid, safePath, (uid, path) => {
        expect(addressKey(`devices/${uid}/${path}`, DEFAULT)).toEqual({
          target: { kind: "device", deviceUid: uid },
          path,
        });
      }),
    );
  });

  test("[NF-1.1] [NF-1.3] under fleets/ is that fleet, and the rest is the path", () => {
    fc.assert(
      fc.property(fleetUid, safePath, (uid, path) => {
        expect(addressKey(`fleets/${uid}/${path}`)).toEqual({
          target: { kind: "fleet", fleetUid: uid },
          path,
        });
      }),
    );
  });

  test.each([
    "devices/864475040000000/a",
    "devices/DEV:1/a",
    "devices/dev:/a",
    "devices/dev: 1/a",
    "devices/dev:1%2f2/a",
    "devices/dev:../a",
    "devices/dev:é/a",
    "devices/dev:1\n/a",
    `devices/dev:${"1".repeat(65)}/a`,
    "devices/fleet:1/a",
    "devices//dev:1/a",
    "devices/__proto__/a",
    "devices/",
    "fleets/dev:1/a",
    "fleets/fleet:/a",
    "fleets/fleet:1:2/a",
    "fleets/x",
  ])("[NF-1.1] of %j is refused", (key) => {
    const error = thrownBy(() => addressKey(key, DEFAULT));
    expect(error).toBeInstanceOf(KeyRefused);
    expect(error).toMatchObject({ reason: "target" });
  });

  test.each([
    "devices/dev:1",
    "devices/dev:1/",
    "fleets/fleet:1",
    "fleets/fleet:1//a",
    "devices/dev:1/../dev:2/a",
  ])("[NF-1.4] with an unsafe path below it is refused: %j", (key) => {
    expect(thrownBy(() => addressKey(key, DEFAULT))).toMatchObject({ reason: "path" });
  });

  test("[NF-1.1] of a private key is never the default one", () => {
    const privateKey = fc
      .tuple(fc.constantFrom("devices/", "fleets/"), fc.oneof(anyKey, deviceUid, fleetUid), anyKey)
      .map(([folder, second, rest]) => `${folder}${second}/${rest}`);
    fc.assert(
      fc.property(privateKey, (key) => {
        expect(isPrivateKey(key)).toBe(true);
        const error = thrownBy(() => expect(addressKey(key, DEFAULT).target).not.toBe(DEFAULT));
        expect(error === undefined || error instanceof KeyRefused).toBe(true);
      }),
    );
  });

  test.each([
    "app.py",
    "a/b/c",
    "devices",
    "Devices/dev:1/a",
    "xdevices/dev:1/a",
    "fleet/fleet:1/a",
    "__proto__",
  ])("[NF-1.2] [NF-1.3] of %j is the default one, or none, and the path is the whole key", (key) => {
    expect(addressKey(key, DEFAULT)).toEqual({ target: DEFAULT, path: key });
    expect(addressKey(key)).toEqual({ target: undefined, path: key });
    expect(isPrivateKey(key)).toBe(false);
  });

  test("is found or refused with a reason, whatever the key", () => {
    const text = fc.oneof(anyKey, fc.string({ unit: "binary" }), fc.stringMatching(/^(devices|fleets)\/.*$/));
    fc.assert(
      fc.property(text, (key) => {
        const error = thrownBy(() => addressKey(key, DEFAULT));
        return error === undefined || error instanceof KeyRefused;
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a UID", () => {
  test("prints back as it was read", () => {
    fc.assert(
      fc.property(fc.oneof(deviceUid, fleetUid), (uid) => {
        const target = parseTarget(uid);
        return target !== undefined && formatTarget(target) === uid;
      }),
    );
  });

  test.each([
    "",
    "dev:",
    "fleet:",
    "dev:1/2",
    "dev:1\n",
    " dev:1",
    "dev:1?x",
    "product:1",
    "dev:-1",
    "Fleet:1",
  ])("that is none: %j", (uid) => {
    expect(parseTarget(uid)).toBeUndefined();
  });
});

test("[NF-1.6] a key that ends in / is a folder of the console, any other is a file", () => {
  expect(["a/", "devices/", "devices/dev:1/", "/"].map(isFolderMarker)).toEqual([true, true, true, true]);
  expect(["a", "a/b", "devices/dev:1/a"].map(isFolderMarker)).toEqual([false, false, false]);
});

test("a key that a device refuses stands for itself, and hides no file of another [NF-1.4]", () => {
  expect(pathOrKey("devices/dev:1/lib/main.py")).toBe("lib/main.py");
  expect(pathOrKey("lib/main.py")).toBe("lib/main.py");
  for (const refused of ["../main.py", "devices/nobody/main.py", "devices/dev:1/../main.py"]) {
    expect(pathOrKey(refused)).toBe(refused);
  }
});
