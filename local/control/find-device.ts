import type { SerialFaults } from "../blues/notecard/serial/faults.ts";
import { ControlError } from "./control-error.ts";

/** A device of the stack, and what can be done to its Notecard's serial line. */
export type ControlledDevice = { deviceUid: string; serial: SerialFaults };

/**
 * Finds a device by its UID, or by its number: the first is 1, and the one that is meant unless another is named.
 *
 * @throws {ControlError} 404
 */
export function findDevice(devices: readonly ControlledDevice[], named = "1"): ControlledDevice {
  const found = devices.find(({ deviceUid }, index) => named === deviceUid || named === String(index + 1));
  if (found !== undefined) return found;
  const there = devices.length === 1 ? "there is one, 1" : `there are 1 to ${devices.length}`;
  throw new ControlError(404, "unknown-device", `no device is called ${named}; ${there}, or its UID`);
}
