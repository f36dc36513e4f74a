import { createHash } from "node:crypto";
import { ownKey } from "../../../../../protocol/manifest.ts";
import { pathOrKey } from "../../../../../protocol/target.ts";
import { createEnvironments } from "../../../../functions/file-notifier/support/fleet-model/environments.ts";
import type { Random } from "../../../../support/seeded-random.ts";
import { createModelBucket } from "../bucket.ts";
import { stateOf, wrongOn } from "./check.ts";
import { createFleetCloud, type FleetSettings } from "./cloud.ts";
import { createMachines } from "./machines.ts";
import { createOperations } from "./operations.ts";
import { DEVICES, FLEETS } from "./places.ts";
import type { Say } from "./should-have.ts";

const ACTS = 400;
const MOST_ROUNDS = 40_000;

/**
 * Lets everything that happens to fleets happen in an order of the seed's; then waits until all has settled.
 *
 * @returns a sentence for each thing that is not as it must be.
 */
export async function runFleetMachine(random: Random, folder: string): Promise<string[]> {
  const environments = createEnvironments(random);
  const { step } = environments;
  const bucket = createModelBucket();
  let calm = false;
  const faulty = () => !calm;
  const cloud = createFleetCloud(bucket, random, environments, faulty);
  const { clock, members, cards } = cloud;
  const operations = createOperations(bucket, cloud, random, faulty, () => settings.mode === "notes");
  const machines = createMachines(folder, { bucket, cloud, random }, environments, faulty);
  const settings: FleetSettings = { mode: "variable", prune: random.chance(0.4) };
  const stopping = new AbortController();
  let wereNotes = false;

  function land(): void {
    cloud.late.splice(random.below(cloud.late.length), 1)[0]?.carryOut();
  }

  /** To Notes once each share was taken: it would be ignored. */
  function switchTo(mode: FleetSettings["mode"]): void {
    if (mode === "notes" && operations.isSharing()) return;
    settings.mode = mode;
    wereNotes ||= mode !== "variable";
  }

  async function act(): Promise<void> {
    const machine = random.pick(machines);
    const draw = random.below(24);
    if (draw < 3) operations.change();
    else if (draw < 6) operations.raiseEvent();
    else if (draw < 12) void cloud.receive({ ...settings });
    else if (draw < 14) clock.now += random.below(10_000);
    else if (draw < 17) machine?.sync();
    else if (draw === 17 && random.chance(0.5)) environments.strike();
    else if (draw === 18 && random.chance(0.4)) machine?.cut();
    else if (draw === 19 && random.chance(0.3)) land();
    else if (draw === 20 && random.chance(0.15)) operations.move();
    else if (draw === 21 && machine && random.chance(0.3)) machine.full = !machine.full;
    else if (draw === 22 && random.chance(0.1)) cloud.packing.spoil();
    else if (draw === 23 && random.chance(0.1)) switchTo(random.pick(["variable", "notes", "both"] as const));
    else if (random.chance(0.2)) cloud.send('{"sweep":{}}');
    await step();
  }

  /** Nothing is left to do, and every device has looked for more since. */
  function createSettled(): () => boolean {
    let idle = machines.map(({ device }) => device.idle());
    return () => {
      const isWaiting = [...cards.values()].some(({ queue, pending }) => queue.length + pending.length > 0);
      if (cloud.isBusy() || isWaiting) idle = machines.map(({ device }) => device.idle());
      return machines.every(({ device }, at) => device.idle() > (idle[at] ?? 0) + 2);
    };
  }

  async function settle(): Promise<void> {
    const isSettled = createSettled();
    let rounds = 0;
    function sleepsOn(): boolean {
      rounds += 1;
      for (const machine of machines) machine.sync();
      // Where all wait for one, or for a message, it takes its time.
      clock.now += environments.isQuiet() ? 5_000 : 500;
      const hasWork = cloud.late.length + bucket.events.length > 0 || cloud.canReceive();
      return !hasWork && cloud.failure() === undefined && !isSettled() && rounds < MOST_ROUNDS;
    }
    while (rounds < MOST_ROUNDS) {
      while (cloud.late.length > 0) land();
      while (bucket.events.length > 0) operations.raiseEvent();
      void cloud.receive({ ...settings });
      await environments.stepWhile(sleepsOn);
      if (cloud.failure() !== undefined) throw cloud.failure();
      if (isSettled()) return;
    }
    const left = cloud.messages.filter(({ done }) => !done);
    const queues = [...cards.values()].map(({ queue }) => queue);
    throw new Error(`nothing settles: ${JSON.stringify({ left, queues })}`);
  }

  for (const fleet of FLEETS) members.set(fleet, new Set());
  for (const uid of DEVICES)
    for (const fleet of random.shuffle(FLEETS).slice(random.below(FLEETS.length)))
      members.get(fleet)?.add(uid);
  const lives = Promise.all(machines.map((machine) => machine.live(stopping.signal)));
  const world = environments.run(async () => {
    // Until a device has its first manifest, the last-queued Note counts at a path that its own key and its fleet's share.
    calm = true;
    for (const fleet of FLEETS) operations.put(ownKey(fleet, "b"), Buffer.from("A"));
    await settle();
    calm = false;
    switchTo(random.pick(["variable", "both"] as const));
    for (let acts = 0; acts < ACTS; acts += 1) await act();
    calm = true;
    await settle();
    cloud.send('{"sweep":{}}');
    await settle();
    stopping.abort();
  }, "immortal");
  await Promise.all([world, lives]);

  const say: Say = {
    ...{ current: bucket.current, percent: operations.percent, release: operations.release },
    previous(fleet, key) {
      const { version } = stateOf(cloud, fleet)?.files[key]?.previous ?? {};
      if (version === undefined) return undefined;
      const bytes = bucket.find(key, version);
      return bytes === undefined ? "gone" : { versionId: version, bytes };
    },
    gone(fleet, key) {
      const { sha256 } = stateOf(cloud, fleet)?.files[key]?.previous ?? {};
      const contents = [...(operations.uploaded.get(pathOrKey(key)) ?? [])].map((text) => Buffer.from(text));
      return contents.find((bytes) => createHash("sha256").update(bytes).digest("base64url") === sha256);
    },
    // Told by Notes alone, whoever joins later, or was told by the variable before, hears of nothing.
    fleetsOf: (uid) =>
      settings.mode === "notes" ? [] : FLEETS.filter((fleet) => members.get(fleet)?.has(uid)),
    isPruned: (uid, path) =>
      settings.prune &&
      !wereNotes &&
      !operations.moved.has(uid) &&
      machines.every(({ device }) => device.uid !== uid || !device.forgot()) &&
      !operations.everHad.has(`devices/${uid}/${path}`),
  };
  const wrong: string[] = [];
  for (const { device } of machines)
    wrong.push(...(await wrongOn(device, { cloud, say, uploaded: operations.uploaded })));
  return wrong;
}
