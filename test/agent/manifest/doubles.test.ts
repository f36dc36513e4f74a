import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { runCommand } from "../support/run-command.ts";

/** A device on which `two` and `three` are symbolic links to `one`. */
async function withLinks(prune = false) {
  const device = await deviceOfFleet({ prune });
  await mkdir(path.join(device.root, "one"));
  for (const name of ["two", "three"]) await symlink("one", path.join(device.root, name));
  return device;
}

describe("of paths that symbolic links make one file", () => {
  test("the first is brought, once, and the other is told", async () => {
    const { fleet, start, content, receipts, card, state } = await withLinks();
    const { serial } = fleet.announce({ "three/x": Buffer.from("3"), "two/x": Buffer.from("2") });
    const agent = start();
    expect(await agent.next("brought")).toMatchObject({ installed: 1, exceptions: 1 });
    expect(await content("one/x")).toEqual(Buffer.from("3"));
    await expect
      .poll(receipts)
      .toMatchObject([{ serial, not: [["two/x", "refused", "symbolic-link", expect.any(String)]] }]);
    expect((await runCommand("status", "--state", state)).stdout).toContain("as it says");
    await agent.stop();
    const next = start();
    card.publish("note.txt", Buffer.from("a Note"));
    expect(await next.next("installed")).toMatchObject({ name: "note.txt" });
    expect(await content("one/x")).toEqual(Buffer.from("3"));
  });

  test("none takes the other with it as it goes", async () => {
    const { fleet, start, content } = await withLinks(true);
    fleet.announce({ "two/x": Buffer.from("same") });
    const agent = start();
    await agent.next("brought");
    fleet.announce({ "two/x": undefined, "three/x": Buffer.from("same") });
    expect(await agent.next("brought")).toMatchObject({ removed: 0, unchanged: 1 });
    expect(await content("one/x")).toEqual(Buffer.from("same"));
  });
});
