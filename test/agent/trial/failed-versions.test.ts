import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type FailedVersion, isCondemned, openFailedVersions } from "../../../agent/trial/failed-versions.ts";

const FAILED = { reason: "run", detail: "it ended with 1", ended: "exit 1" };
const failed = (sha256: string, more: Partial<FailedVersion> = {}): FailedVersion => ({
  ...{ sha256, removed: undefined, ...FAILED, unit: "u", forgiven: undefined },
  version: { name: "app/a", size: 1, seq: undefined, etag: "e", version: undefined, fleet: undefined },
  ...more,
});

/** Of a device where `a` and `b` failed together. */
async function pairThatFailed() {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-failed-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "failed.json");
  const failures = await openFailedVersions(file);
  await failures.setAll(
    new Map([
      ["a", failed("a1")],
      ["b", failed("b1")],
    ]),
  );
  return { failures, again: () => openFailedVersions(file) };
}

const b = new Map([["b", "b1"]]);

test("what runs with another version of one lets the rest be tried again, and what ran as it was does not [NF-9.12]", async () => {
  const { failures, again } = await pairThatFailed();
  await failures.settle(new Map([["a", "a1"]]));
  expect(failures.get("a")).toBeUndefined();
  expect(isCondemned(failures.all(), b)).toBe(true);
  const other = await pairThatFailed();
  await other.failures.settle(new Map([["a", "a2"]]));
  expect(isCondemned((await other.again()).all(), b)).toBe(false);
  expect(isCondemned((await again()).all(), b)).toBe(true);
});

test("what fails with another version of one, without the rest, lets that be tried again too [NF-9.12]", async () => {
  const { failures } = await pairThatFailed();
  await failures.setAll(new Map([["a", failed("a2", { unit: undefined })]]));
  expect(isCondemned(failures.all(), new Map([["a", "a2"]]))).toBe(true);
  expect(isCondemned(failures.all(), b)).toBe(false);
  await failures.setAll(new Map([["b", failed("b1", { unit: undefined })]]));
  expect(isCondemned(failures.all(), b)).toBe(true);
});

test("what failed is known as it was announced last, for the day that it is tried again [NF-9.12]", async () => {
  const { failures, again } = await pairThatFailed();
  const version = { name: "app/b", size: 1, seq: "Bg", version: "v2", fleet: "fleet:1" };
  await failures.renew(new Map([["b", version]]));
  // As Notes tell of it, of that key and of another one.
  const note = { name: "app/b", size: 1, seq: "Bw", etag: "e", version: undefined, fleet: undefined };
  await failures.renew(new Map([["b", note]]));
  await failures.renew(new Map([["b", { ...note, name: "other/b", seq: "CA" }]]));
  await failures.renew(new Map([["c", version]]));
  const { all } = await again();
  expect(all().get("b")).toMatchObject({ sha256: "b1", unit: "u", version: { ...version, seq: "Bw" } });
  expect([...all().keys()]).toEqual(["a", "b"]);
});
