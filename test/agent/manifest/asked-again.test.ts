import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { ran, withRule } from "../support/app-rule.ts";
import { announcementOf } from "../support/fake-card.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { FLEET } from "../support/fleet-files.ts";
import { seqOf } from "../support/packed.ts";

const FILES = { "app/a": Buffer.from("a"), "app/b": Buffer.from("b"), "app/c": Buffer.from("c") };

test("an operator's retry of one of a unit that failed by a manifest has all tried, told by the manifest's receipt alone [NF-2.7] [NF-11.12]", async () => {
  const device = await deviceOfFleet();
  const { fleet, start, content, card, root, receipts } = device;
  const command: [string, ...string[]] = ["sh", "-c", "cat app/* >> ran; echo >> ran; [ -e mended ]"];
  fleet.announce(FILES);
  start({ flags: await withRule(device, { match: "app/**", command }) });
  await expect.poll(receipts).toHaveLength(1);
  expect(await content("app/b")).toBeUndefined();

  await writeFile(path.join(root, "mended"), "");
  const key = `fleets/${FLEET}/app/a`;
  card.files.set(key, FILES["app/a"]);
  card.announce({ ...announcementOf(key, FILES["app/a"]), seq: seqOf(1), again: 1 });
  await expect.poll(receipts).toHaveLength(2);
  expect(receipts()[1]).not.toHaveProperty("not");
  for (const [file, bytes] of Object.entries(FILES)) expect(await content(file)).toEqual(bytes);
  expect(await ran(device)).toEqual(["abc", "abc"]);
  expect(card.receipts).toHaveLength(2);
});
