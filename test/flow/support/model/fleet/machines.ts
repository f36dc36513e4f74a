import path from "node:path";
import { variableName } from "../../../../../protocol/manifest-variable.ts";
import type { Environments } from "../../../../functions/file-notifier/support/fleet-model/environments.ts";
import type { Random } from "../../../../support/seeded-random.ts";
import type { ModelBucket } from "../bucket.ts";
import { PowerCut } from "../turns.ts";
import type { FleetCloud } from "./cloud.ts";
import { createFleetDevice, type FleetDevice } from "./device.ts";
import { DEVICES, FLEETS } from "./places.ts";

/** A device, its disk, its power, and its Notecard's sessions. */
export type Machine = {
  device: FleetDevice;
  full: boolean;
  /** The Notecard is connected: it gets the Notes that wait, and the variables as they are. */
  sync(): void;
  /** The power goes, for a while. */
  cut(): void;
  /** One run of the agent after the other, until the signal aborts. */
  live(signal: AbortSignal): Promise<void>;
};

const VARIABLES = FLEETS.map((fleet) => ({ fleet, name: variableName(fleet) }));

export function createMachines(
  folder: string,
  { bucket, cloud, random }: { bucket: ModelBucket; cloud: FleetCloud; random: Random },
  environments: Environments,
  faulty: () => boolean,
): Machine[] {
  let steps = 0;
  const step = () => {
    steps += 1;
    return environments.step();
  };
  const stepWhile = (goesOn: () => boolean) => {
    steps += 1;
    return environments.stepWhile(() => {
      const on = goesOn();
      if (on) steps += 1;
      return on;
    });
  };
  return DEVICES.map((uid): Machine => {
    const variables = new Map<string, string>();
    const card = cloud.cards.get(uid);
    const ends = {
      ...{ device: uid, random, faulty, step, stepWhile, queue: card?.queue ?? [], variables, bucket },
      ...{ packed: cloud.packed, now: () => steps, piece: () => 20 + random.below(200) },
    };
    const disk = { random, step, isFull: () => faulty() && machine.full };
    const device = createFleetDevice(path.join(folder, uid.replace(":", "-")), ends, disk);
    let cutOff: (() => void) | undefined;

    const machine: Machine = {
      ...{ device, full: false },
      sync() {
        card?.sync();
        variables.clear();
        for (const { fleet, name } of VARIABLES) {
          const value = cloud.members.get(fleet)?.has(uid)
            ? cloud.variables.get(fleet)?.get(name)
            : undefined;
          if (value !== undefined) variables.set(name, value);
        }
      },
      cut() {
        if (device.mayDie()) cutOff?.();
      },
      async live(signal) {
        while (!signal.aborted) {
          const { ended, cut } = environments.plugIn(async () => {
            await step(); // one device after the other
            await device.run(signal);
          });
          cutOff = cut;
          try {
            await ended;
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            cutOff = undefined;
            const off = faulty() ? random.below(30) : 0;
            for (let left = off; left > 0; left -= 1) await environments.run(step, "immortal");
          }
        }
      },
    };
    return machine;
  });
}
