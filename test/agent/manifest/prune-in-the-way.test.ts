import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { announcementOf } from "../support/fake-card.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { DEVICE } from "../support/fleet-files.ts";
import { seqOf } from "../support/packed.ts";

const SAME = Buffer.from("the same content");

/** A device from whose fleet `d/gone` leaves, after something else came in its place. */
async function leaves(meanwhile: (root: string) => Promise<void>, own?: string) {
  const device = await deviceOfFleet({ prune: true });
  const { fleet, start, root, card, content, receipts } = device;
  fleet.announce({ "d/gone": SAME, stays: SAME });
  if (own !== undefined) {
    const key = `devices/${DEVICE}/${own}`;
    card.files.set(key, SAME);
    card.announce({ ...announcementOf(key, SAME), seq: seqOf(1) });
  }
  const agent = start();
  await agent.next("brought");
  if (own !== undefined) await expect.poll(() => content(own)).toEqual(SAME);
  await meanwhile(root);
  fleet.announce({ "d/gone": undefined });
  await agent.next("brought");
  const { serial } = fleet.announce({ last: Buffer.from("x") });
  await agent.next("brought");
  await expect.poll(() => receipts().at(-1)).toMatchObject({ serial });
  return { ...device, agent };
}

const linkTo = (target: string) => async (root: string) => {
  await rm(path.join(root, "d/gone"));
  await symlink(path.join("..", target), path.join(root, "d/gone"));
};

describe("what somebody has put in the place of a file that leaves [NF-11.11]", () => {
  test.each<[string, (root: string) => Promise<void>, string]>([
    [
      "a folder",
      async (root) => {
        await rm(path.join(root, "d/gone"));
        await mkdir(path.join(root, "d/gone"));
        await writeFile(path.join(root, "d/gone/by-hand"), "x");
      },
      "d/gone/by-hand",
    ],
    [
      "a file in the place of its folder",
      async (root) => {
        await rm(path.join(root, "d"), { recursive: true });
        await writeFile(path.join(root, "d"), "x");
      },
      "d",
    ],
    [
      "a link to a file of a person",
      async (root) => {
        await writeFile(path.join(root, "by-hand"), SAME);
        await linkTo("by-hand")(root);
      },
      "by-hand",
    ],
    ["a link to another file of the fleet", linkTo("stays"), "stays"],
  ])("stays, and is no trouble: %s", async (_, meanwhile, path) => {
    const { content, receipts } = await leaves(meanwhile);
    expect(await content(path)).toBeDefined();
    for (const receipt of receipts()) expect(receipt).toMatchObject({ removed: 0 });
    for (const receipt of receipts()) expect(receipt).not.toHaveProperty("not");
  });

  test("stays where it is a link to a file of the device's own", async () => {
    const { content, receipts } = await leaves(linkTo("own/file"), "own/file");
    expect(await content("own/file")).toEqual(SAME);
    expect(receipts().at(-1)).not.toHaveProperty("not");
  });

  test("and a file that such a link led to can leave as any other", async () => {
    const { fleet, agent, content, receipts } = await leaves(linkTo("stays"));
    const { serial } = fleet.announce({ stays: undefined });
    await agent.next("brought");
    await expect.poll(() => receipts().at(-1)).toMatchObject({ serial, removed: 1 });
    expect(await content("stays")).toBeUndefined();
  });
});
