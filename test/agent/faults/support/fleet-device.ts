import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import type { RunningAgent } from "../../support/agent-under-test.ts";
import { filesBelow } from "../../support/files-below.ts";
import { deviceOfFleet } from "../../support/fleet-device.ts";
import { manifestReceipts } from "../../support/fleet-files.ts";
import { edited, sourceText } from "../../support/packed.ts";

const BASE = Array.from({ length: 4 }, (_, at) => sourceText(7000 + at, at + 1));

/** What the fleet has before and after: one file changed by a little, one anew, one added, one gone, one as it was. */
export const BEFORE: Record<string, Buffer> = {
  "app/a": BASE[0] ?? Buffer.alloc(0),
  "app/b": BASE[1] ?? Buffer.alloc(0),
  "app/gone": Buffer.from("it leaves"),
  "app/same": BASE[2] ?? Buffer.alloc(0),
};
export const AFTER: Record<string, Buffer> = {
  "app/a": edited(BASE[0] ?? Buffer.alloc(0), "a line more"),
  "app/b": sourceText(9000, 77),
  "app/new/c": BASE[3] ?? Buffer.alloc(0),
  "app/same": BASE[2] ?? Buffer.alloc(0),
};

export type FleetDevice = Awaited<ReturnType<typeof fleetDevice>>;

/** A device that has the manifest before, with the next one announced. */
export async function fleetDevice() {
  const device = await deviceOfFleet({ prune: true });
  const { fleet, start, card } = device;
  fleet.announce(BEFORE);
  const agent = start();
  await agent.next("brought");
  await expect.poll(() => manifestReceipts(card)).toHaveLength(1);
  await agent.stop();
  const { serial } = fleet.announce({ ...AFTER, "app/gone": undefined });
  card.served = 0;
  return { ...device, serial };
}

/** Each file is old or new, whatever has become of the others. */
export async function expectOldOrNew({ root }: FleetDevice, what: string): Promise<void> {
  for (const name of new Set([...Object.keys(BEFORE), ...Object.keys(AFTER)])) {
    const there = await readFile(path.join(root, name)).catch(() => undefined);
    const right = [BEFORE[name], AFTER[name]].some((each) =>
      each === undefined ? there === undefined : each.equals(there ?? Buffer.alloc(0)),
    );
    expect(right, `${what}: ${name} is neither old nor new`).toBe(true);
  }
}

/** Whoever comes next brings the newest manifest whole, and what was said of it was said once, or again under the same number. */
export async function expectFleetEnd(
  device: FleetDevice,
  what: string,
  agent: RunningAgent = device.start(),
): Promise<void> {
  const { card, serial, root, state } = device;
  const told = () =>
    manifestReceipts(card).filter((receipt) => receipt.serial === serial && receipt.not === undefined);
  await expect.poll(told, { message: what }).not.toEqual([]);
  await agent.stop();
  expect(await filesBelow(root), what).toEqual(Object.keys(AFTER).toSorted());
  for (const [name, bytes] of Object.entries(AFTER))
    expect((await readFile(path.join(root, name))).equals(bytes), `${what}: ${name}`).toBe(true);
  expect(new Set(told().map(({ n }) => n)).size, `${what}: settled receipts`).toBe(1);
  expect(await readdir(path.join(state, "manifests/partial")), what).toEqual([]);
}
