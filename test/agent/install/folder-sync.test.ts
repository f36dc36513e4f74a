import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ran, withRule } from "../support/app-rule.ts";
import { fileOf, NEW, updatedDevice, withDisk } from "../support/updated-device.ts";

const statesOf = (receipts: readonly object[]) => receipts.map((receipt) => Object(receipt).state);

describe("a file that is in its place is installed, though its file system cannot sync a folder [NF-9.2]", () => {
  const FOLDERS = "^sync .*/(?:root|root/sub|state|state/(?:partial|previous|trials))$";

  test.each(["EINVAL", "ENOTSUP", "ENOSYS"])("%s", async (code) => {
    const device = await updatedDevice();
    const { fake } = device;
    const agent = device.spawn(withDisk([{ like: FOLDERS, code }]));
    await agent.next("installed");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect((await fileOf(device)).equals(NEW)).toBe(true);
    fake.card.publish("new/folder/b", Buffer.from("b"));
    await agent.next("installed");
    await expect.poll(() => statesOf(fake.card.receipts)).toEqual(["installed", "installed", "installed"]);
    expect(agent.events.filter(({ event }) => event === "failed")).toEqual([]);
  });

  test("with a program that is tried", async () => {
    const versions: [Buffer, Buffer] = [
      Buffer.from("#!/bin/sh\n"),
      Buffer.from("#!/bin/sh\necho new >> ran\n"),
    ];
    const device = await updatedDevice(versions);
    const flags = await withRule(device, { match: "sub/*" });
    const agent = device.spawn(withDisk([{ like: FOLDERS, code: "EINVAL" }], flags));
    await agent.next("installed");
    expect(await ran(device)).toEqual(["new"]);
    await expect.poll(() => device.fake.card.queue).toEqual([]);
  });
});

test("a folder whose sync fails keeps the Note until it succeeds: a power loss may still bring the old file back", async () => {
  const device = await updatedDevice();
  const { fake, folder } = device;
  const during = path.join(folder, "sick");
  await writeFile(during, "");
  const faults = [{ like: "^sync \\S*\\Wroot\\Wsub$", code: "EIO", during }];
  const agent = device.spawn(withDisk(faults));
  for (const _ of [1, 2]) {
    const { reason, detail } = await agent.next("failed");
    expect([reason, detail]).toEqual([
      "storage",
      expect.stringMatching(/app\.bin is in its place, but .*EIO/),
    ]);
    expect((await fileOf(device)).equals(NEW)).toBe(true);
    expect(fake.card.queue).toHaveLength(1);
  }
  await rm(during);
  await agent.next("unchanged");
  await expect.poll(() => fake.card.queue).toEqual([]);
  expect(statesOf(fake.card.receipts)).toEqual(["installed", "failed", "unchanged"]);
  expect(fake.card.served).toBe(NEW.length);
});
