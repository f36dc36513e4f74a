import { mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openPasses } from "../../../agent/link/iot/passes.ts";
import { openInstalledFiles } from "../../../agent/state/installed-files.ts";
import { openLastFailures } from "../../../agent/state/last-failures.ts";
import { type FailedVersion, openFailedVersions } from "../../../agent/trial/failed-versions.ts";
import { openKeptPrograms } from "../../../agent/trial/kept-programs.ts";
import { openStoppedPrograms } from "../../../agent/trial/stopped-programs.ts";

/** A record's file, on a disk that can be made to take no write of it. */
async function onDiskThatFills() {
  const folder = await mkdtemp(path.join(tmpdir(), "noteferry-owed-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "record.json");
  return { file, fill: () => mkdir(`${file}.new`), free: () => rmdir(`${file}.new`) };
}

const version = (name: string, its: string, seq?: string) => ({
  ...{ name, size: 1, seq, etag: undefined, version: its, fleet: "fleet:1" },
});
const failed = (sha256: string, unit?: string): FailedVersion => ({
  ...{ sha256, removed: undefined, reason: "run", detail: "it ended with 1", ended: "exit 1" },
  ...{ version: version("app/a", "v1"), unit, forgiven: undefined },
});

const PAIR = new Map([
  ["a", failed("a1", "u")],
  ["b", failed("b1", "u")],
]);

type Failed = Awaited<ReturnType<typeof openFailedVersions>>;

test.each<[string, (failures: Failed) => Promise<void>, (again: Failed) => unknown, unknown]>([
  [
    "as what it was announced last",
    (failures) => failures.renew(new Map([["a", version("app/a", "v2", "Bg")]])),
    (again) => again.get("a")?.version?.version,
    "v2",
  ],
  [
    "that another one was installed",
    (failures) => failures.settle(new Map([["a", "a2"]])),
    (again) => [again.get("a"), again.get("b")?.forgiven],
    [undefined, true],
  ],
  ["that it counts no more", (failures) => failures.delete("a"), (again) => again.get("a"), undefined],
  [
    "that its key is gone",
    (failures) => failures.leave("a", "app/a"),
    (again) => again.get("b")?.forgiven,
    true,
  ],
  [
    "that a manifest asks for it no more",
    (failures) => failures.release(["a", "b"]),
    (again) => again.get("b"),
    undefined,
  ],
])(
  "of a version that failed, a disk that is full for a while is told in the end: %s",
  async (_, change, look, expected) => {
    const { file, fill, free } = await onDiskThatFills();
    const failures = await openFailedVersions(file);
    await failures.setAll(PAIR);
    await fill();
    await expect(change(failures)).rejects.toThrow();
    await failures.catchUp(); // in vain
    await free();
    await change(failures).catch(() => undefined); // it is known already, and nothing new
    await failures.catchUp();
    expect(look(await openFailedVersions(file))).toEqual(expected);
  },
);

test("what cannot be forgiven on disk is not forgiven, and asked again it is", async () => {
  const { file, fill, free } = await onDiskThatFills();
  const failures = await openFailedVersions(file);
  await failures.setAll(new Map([["a", failed("a1")]]));
  await fill();
  await expect(failures.forgive("a")).rejects.toThrow();
  expect(failures.get("a")).toMatchObject({ sha256: "a1" });
  await free();
  await failures.forgive("a");
  expect((await openFailedVersions(file)).get("a")).toBeUndefined();
});

test("programs that are kept, failures and stops that are over, and what is installed no more come to be on disk", async () => {
  const at = "2026-01-01T00:00:00.000Z";
  const disks = await Promise.all(Array.from({ length: 4 }, onDiskThatFills));
  const [first, second, third, fourth] = disks.map(({ file }) => file);
  const kept = await openKeptPrograms(first ?? "");
  const last = await openLastFailures(second ?? "");
  const stopped = await openStoppedPrograms(third ?? "");
  const installed = await openInstalledFiles(fourth ?? "");
  await last.set("app/a", { state: "failed", reason: "busy", detail: "", failedAt: at });
  const stop = { sha256: "a1", reason: "exit 1", detail: "", stoppedAt: at, stops: 1, restart: false };
  await stopped.set("a", stop);
  await installed.set("a", { name: "app/a", size: 1, sha256: "a1", etag: "e", installedAt: at });
  for (const { fill } of disks) await fill();
  await expect(kept.add("a", "a1")).rejects.toThrow();
  await expect(last.delete("app/a")).rejects.toThrow();
  await expect(stopped.delete("a")).rejects.toThrow();
  await installed.setAll(new Map([["a", undefined]])).catch(() => undefined); // a line of its journal may have room
  for (const { free } of disks) await free();
  for (const record of [kept, last, stopped, installed]) await record.catchUp();
  const again = await openKeptPrograms(first ?? "");
  expect([again.all(), again.digestOf("a")]).toEqual([["a"], "a1"]);
  expect((await openLastFailures(second ?? "")).get("app/a")).toBeUndefined();
  const stops = await openStoppedPrograms(third ?? "");
  await expect(stops.delete("a")).resolves.toBeUndefined();
  expect([...(await openInstalledFiles(fourth ?? "")).all()]).toEqual([]);
});

test("a pass that the disk did not take is on disk once it does, as long as its job is there", async () => {
  const { file, fill, free } = await onDiskThatFills();
  const passes = await openPasses(file);
  const pass = { sig: "s".repeat(22), at: "https://files.example" };
  await fill();
  await passes.keep("thing:pump", pass);
  await free();
  await passes.keep("thing:pump", pass);
  expect((await openPasses(file)).last()).toMatchObject({ for: "thing:pump", ...pass });
});
