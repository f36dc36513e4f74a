import { expect, test } from "vitest";
import { announcementOf } from "../support/fake-card.ts";
import { versionedKey } from "../support/fake-server.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { createFleet, DEVICE, FLEET } from "../support/fleet-files.ts";
import { seqOf } from "../support/packed.ts";
import { runCommand } from "../support/run-command.ts";

test("status says why each file of a manifest is what it is", async () => {
  const { fleet, start, card, state } = await deviceOfFleet();
  const own = `devices/${DEVICE}/mine`;
  const other = createFleet(card, { fleet: "fleet:zz" });
  card.files.set(own, Buffer.from("own"));
  card.announce({ ...announcementOf(own, Buffer.from("own")), seq: seqOf(1) });
  other.announce({ both: Buffer.from("theirs") });
  fleet.announce({
    mine: Buffer.from("1"),
    both: Buffer.from("2"),
    right: Buffer.from("3"),
    lost: Buffer.from("4"),
  });
  card.files.delete(versionedKey(`fleets/${FLEET}/lost`, fleet.versionOf("lost")));
  const agent = start();
  await agent.next("brought");
  await agent.next("brought");
  await agent.stop();
  const { stdout } = await runCommand("status", "--state", state, "--json");
  const { fleets } = JSON.parse(stdout) as {
    fleets: { path: string; fleet: string; why: string; reason?: string }[];
  };
  const of = (path: string, its = FLEET) => fleets.find((each) => each.path === path && each.fleet === its);
  expect(of("mine")).toMatchObject({ why: "own-key", serial: 1001 });
  expect([of("both")?.why, of("both", "fleet:zz")?.why]).toEqual(["in-place", "other-fleet"]);
  expect(of("right")?.why).toBe("in-place");
  expect(of("lost")).toMatchObject({ why: "discarded", reason: "file-not-found" });
  const text = (await runCommand("status", "--state", state)).stdout;
  expect(text).toContain(`manifest 1001 of ${FLEET}: a key of the device's own counts here`);
  expect(text).toContain("lost\n  fleet      manifest 1001");
  expect(text).toMatch(/right\n {2}installed {2}1 bytes, .*, version v/);
});
