import type { DeviceView } from "./device-view.ts";

/** After which a device that was told, and has not answered, is worth a sentence: one that is only asleep has been awake by then. */
export const SILENT_MS = 24 * 60 * 60 * 1000;

/** @param since when the first of them was told, in milliseconds since the epoch */
export function silenceNote({ devices, since }: { devices: number; since: number }): string {
  const who = devices === 1 ? "1 device has" : `${devices} devices have`;
  const first = `${devices === 1 ? "" : "the first "}since ${new Date(since).toISOString()}`;
  return `${who} not answered for more than a day, ${first}: look in Notehub when it was last seen`;
}

/** @param now milliseconds since the epoch */
export function silenceOf(devices: readonly DeviceView[], now: number): { devices: number; since: number } {
  const silent = devices.flatMap(({ device, files }) =>
    files
      .filter(({ state, at }) => state === "announced" && Date.parse(at) < now - SILENT_MS)
      .map(({ at }) => ({ device, at: Date.parse(at) })),
  );
  return {
    devices: new Set(silent.map(({ device }) => device)).size,
    since: silent.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY),
  };
}
