import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { DEVICE } from "../support/fleet-files.ts";

const OWN = Buffer.from("its own");
const FLEETS = Buffer.from("the fleet's");

test.each([
  ["the key's path is a link", "link/x", "there/x"],
  ["the manifest's path is a link", "there/x", "link/x"],
])(
  "a file of the device's own is not overwritten where %s, whatever comes first [NF-11.10]",
  async (_, own, theirs) => {
    for (const ownFirst of [true, false]) {
      const { fleet, start, content, receipts, card, root, end } = await deviceOfFleet();
      await mkdir(path.join(root, "there"));
      await symlink("there", path.join(root, "link"));
      const publish = () => card.publish(`devices/${DEVICE}/${own}`, OWN);
      if (ownFirst) {
        publish();
        const agent = start();
        await agent.next("installed");
        await expect.poll(() => card.queue).toEqual([]);
        await agent.stop();
      }
      const { serial } = fleet.announce({ [theirs]: FLEETS });
      if (!ownFirst) publish();
      const agent = start();
      expect(await agent.next("brought")).toMatchObject({ serial, installed: 0, exceptions: 1 });
      expect(await content("there/x")).toEqual(OWN);
      await expect.poll(receipts).toMatchObject([{ serial, not: [[theirs, "unchanged", "own-key"]] }]);
      expect(agent.events.filter(({ event }) => event === "installed")).toHaveLength(ownFirst ? 0 : 1);
      await end();
    }
  },
);
