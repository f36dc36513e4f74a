import path from "node:path";
import type { Flags } from "./flags.ts";
import { localDeviceUid } from "./identity.ts";

/** A device of the stack, and where its things are. */
export type DevicePlace = {
  /** From 1. */
  number: number;
  deviceUid: string;
  /** Where its files appear. */
  root: string;
  /** What its agent remembers. */
  stateDir: string;
  /** Its Notecard's flash. */
  notecardFile: string;
  /** Names its agent's lines among the stack's logs. */
  logSource: string;
};

/** The first device is where it was when there was only one; every other has a folder of its own. */
export function devicePlaces({
  dataDir,
  deviceRoot,
  devices,
}: Pick<Flags, "dataDir" | "deviceRoot" | "devices">): DevicePlace[] {
  return Array.from({ length: devices }, (_, index): DevicePlace => {
    const number = index + 1;
    const named = { number, deviceUid: localDeviceUid(number) };
    if (number === 1) {
      return {
        ...named,
        root: deviceRoot,
        stateDir: path.join(dataDir, "agent-state"),
        notecardFile: path.join(dataDir, "notecard.sqlite"),
        logSource: "agent",
      };
    }
    const folder = path.join(dataDir, `device-${number}`);
    return {
      ...named,
      root: path.join(folder, "files"),
      stateDir: path.join(folder, "agent-state"),
      notecardFile: path.join(folder, "notecard.sqlite"),
      logSource: `agent-${number}`,
    };
  });
}
