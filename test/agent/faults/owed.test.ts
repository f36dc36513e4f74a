import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, ran, withGoodApp } from "../support/app-rule.ts";
import { withDisk } from "../support/updated-device.ts";

test("what a full disk did not take of a record is on it once there is room, though the agent is killed then", async () => {
  const device = await startDevice();
  const { card } = device.fake;
  const flags = await withGoodApp(device);
  card.publish("app", Buffer.from(BAD));
  const first = device.start({ flags });
  await expect.poll(() => card.queue).toEqual([]);
  await first.stop();
  const full = path.join(device.folder, "full");
  await writeFile(full, "");
  const like = "^create .*/failed\\.json\\.new$";
  const second = device.spawn(withDisk([{ like, during: full, code: "ENOSPC" }], flags));
  card.publish("app", Buffer.from(`${GOOD}# another\n`));
  await second.next("installed");
  await expect.poll(() => card.queue).toEqual([]);
  await rm(full);
  card.publish("other", Buffer.from("x"));
  await second.next("installed");
  await expect.poll(() => card.queue).toEqual([]);
  await second.stop("SIGKILL");
  // Another version was installed since: what failed before it may run now.
  const starts = (await ran(device)).filter((word) => word === "bad").length;
  card.publish("app", Buffer.from(BAD));
  const third = device.start({ flags });
  await third.next("failed");
  expect((await ran(device)).filter((word) => word === "bad")).toHaveLength(starts + 1);
  expect(await app(device)).toBe(`${GOOD}# another\n`);
});
