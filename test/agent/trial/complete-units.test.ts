import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createCompletion, putStaged } from "../../../agent/trial/complete-units.ts";
import { createTrialConductor } from "../../../agent/trial/conduct-trials.ts";
import { changeOf } from "../support/change-of.ts";
import { placingUnderTest } from "../support/placing-under-test.ts";

test("what a killed agent had renamed is synced before its trial ends [NF-9.10]", async () => {
  const { files, programs } = await placingUnderTest([], { "app/a": "new a", "lib/b": "new b" });
  const members = ["app/a", "lib/b"].map((place) => {
    const { announcement } = changeOf(place, `new ${place.at(-1)}`);
    return { path: place, version: { ...announcement, etag: announcement.etag ?? "" }, kept: "another" };
  });
  await files.trials.begin(members);
  const synced: string[] = [];
  const sync = async (paths: readonly string[]) => {
    if (files.trials.all().length > 0) synced.push(...paths);
  };
  const installer = { ...files.installer, sync };
  const { settle } = createTrialConductor({ ...files, installer }, { programs, rules: [] }, () => undefined);
  await settle(new AbortController().signal);
  expect([synced, files.trials.all()]).toEqual([["app/a", "lib/b"], []]);
});

test("a file that its program changed before the power went is put in its place all the same [NF-9.10]", async () => {
  const device = await placingUnderTest([], { "app/a": "old a", "app/b": "old b" });
  const { installer, previous } = device.files;
  const members = [];
  for (const place of ["app/a", "app/b"]) {
    const { announcement, content } = changeOf(place, `new ${place.at(-1)}`);
    if (content !== undefined) await installer.stage(place, content(), announcement);
    const kept = await installer.digest(place);
    await installer.lend(place, async (file) => file && previous.keep(place, file));
    members.push({
      path: place,
      version: { ...announcement, etag: announcement.etag ?? "" },
      ...(kept && { kept }),
    });
  }
  await writeFile(path.join(device.root, "saved"), "changed b");
  await rename(path.join(device.root, "saved"), path.join(device.root, "app/b"));
  await installer.putStaged("app/a");
  expect(await createCompletion(device.files).complete({ members })).toBe(true);
  expect(await device.there()).toEqual({ "app/a": "new a", "app/b": "new b" });
});

test("a rename that fails names its file, and no other of the unit is to blame", async () => {
  const { root, files } = await placingUnderTest([], { "app/a": "old a" });
  const members = [];
  for (const place of ["app/a", "app/b"]) {
    const { announcement, content } = changeOf(place, "new");
    if (content !== undefined) await files.installer.stage(place, content(), announcement);
    members.push({ path: place, version: { ...announcement, etag: announcement.etag ?? "" } });
  }
  await mkdir(path.join(root, "app/b")); // by somebody, just now
  const renames = putStaged(files.installer, members);
  await expect(renames).rejects.toMatchObject({ reason: "is-a-folder", path: "app/b" });
});
