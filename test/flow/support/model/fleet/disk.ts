import { InstallFailed } from "../../../../../agent/install/install-failed.ts";
import type { Random } from "../../../../support/seeded-random.ts";

/** What can happen to a device whenever it writes. */
export type DiskTroubles = {
  random: Random;
  /** Others may go on, and the power may go. */
  step(): Promise<void>;
  isFull(): boolean;
  /** Told of each call that a full disk has refused. */
  refused?(name: PropertyKey): void;
};

/** How often an operation of the disk is a step of its own: all of them would take too long. */
const STEPS = 0.15;

/**
 * The same object, but before and after some of these calls the power may go, and a full disk refuses them.
 *
 * @param grows calls that need room
 * @param other calls that need none
 */
export function onTroubledDisk<Files extends object>(
  files: Files,
  { grows, other = [] }: { grows: readonly (keyof Files)[]; other?: readonly (keyof Files)[] },
  { random, step, isFull, refused }: DiskTroubles,
): Files {
  const troubled = { ...files };
  for (const name of [...grows, ...other]) {
    const method = files[name] as (...args: unknown[]) => Promise<unknown>;
    const call = async (...args: unknown[]): Promise<unknown> => {
      if (random.chance(STEPS)) await step();
      if (grows.includes(name) && isFull() && random.chance(0.5)) {
        refused?.(name);
        throw noRoom(name);
      }
      const result = await method(...args);
      if (random.chance(STEPS)) await step();
      return result;
    };
    troubled[name] = call as Files[typeof name];
  }
  return troubled;
}

function noRoom(name: PropertyKey): Error {
  if (name === "install" || name === "stage") return new InstallFailed("disk-full", "there is no room");
  return Object.assign(new Error("there is no room"), { code: "ENOSPC" });
}
