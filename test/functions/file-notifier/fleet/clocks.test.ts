import { beforeEach, describe, expect, test } from "vitest";
import { decideAnnouncement } from "../../../../functions/file-notifier/fleet/decide-announcement.ts";
import { emptyState } from "../../../../functions/file-notifier/fleet/write-looks.ts";
import { FLEET, type FleetWorld, own, startFleetWorld } from "../support/fleet-world.ts";

const YEARS_MS = 3 * 365 * 86_400_000;

/** A clock of the cloud that ran years ahead, and was put right. */
describe("after a clock that ran ahead", () => {
  let world: FleetWorld;
  beforeEach(async () => {
    world = await startFleetWorld();
    await world.put(own("a"), "1");
    await world.settle();
  });

  /** The claim of an attempt that died by that clock. */
  async function dieAhead() {
    const state = await world.state();
    const serial = (state.serial ?? 0) + YEARS_MS / 1000;
    const expires = world.clock.now + YEARS_MS;
    const at = expires - 60_000;
    const manifest = { serial, sha256: "A".repeat(43), size: 10, at };
    await world.writeState({
      ...state,
      serial,
      changedAt: at,
      announcing: { claimId: "dead", revision: state.revision, serial, at, expires, manifest },
    });
    return { serial, began: world.clock.now };
  }

  test("a dead attempt's claim holds nobody up, and serials go on from its own [NF-11.3] [NF-11.14]", async () => {
    const { serial, began } = await dieAhead();
    await world.put(own("a"), "2");
    await world.settle();
    expect(world.notice()?.serial).toBe(serial + 1);
    expect(world.clock.now - began).toBeLessThan(120_000);
    expect(world.aws.dead).toEqual([]);
  });

  test("nor does it keep the variable from being taken away", async () => {
    const { began } = await dieAhead();
    await world.put(own("a"), "2");
    await world.settle({ env: { FLEET_ANNOUNCEMENTS: "notes" } });
    expect(world.notehub.variables.get(FLEET)).toEqual({});
    expect(world.clock.now - began).toBeLessThan(120_000);
  });
});

test("what changed by a clock that ran ahead is announced whatever changes after it [NF-11.14]", () => {
  const now = 1_700_000_000_000;
  const state = { ...emptyState(FLEET), revision: 3, changedAt: now + YEARS_MS };
  expect(decideAnnouncement(state, { revision: 2 }, now)).toEqual({ do: "announce" });
});
