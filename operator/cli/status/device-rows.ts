import { stateOfDevice } from "../../../protocol/known-device.ts";
import type { KnownDevice } from "../../cloud/deliveries.ts";

/** The row of a device itself, where somebody should look at it. */
export function deviceRows({ device: { device, total, check } }: Pick<KnownDevice, "device">): string[][] {
  const state = stateOfDevice({ device, check });
  if (state === undefined || total === undefined || check === undefined) return [];
  const counts = `it has ${total.count} files, not the ${check.known} that are known`;
  return [differsRow(device, total.at, counts)];
}

/** @param at milliseconds since the epoch */
export function differsRow(
  device: string,
  at: number,
  counts = "it has other files than are known",
): string[] {
  return ["differs", "", `${counts}: noteferry resend ${device}`, "", new Date(at).toISOString()];
}
