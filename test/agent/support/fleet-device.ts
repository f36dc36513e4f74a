import { readFile } from "node:fs/promises";
import path from "node:path";
import { startDevice } from "./agent-under-test.ts";
import { createFleet, type FleetOptions, manifestReceipts } from "./fleet-files.ts";
import { sourceText } from "./packed.ts";

/** Files of a fleet, by path: the same for a seed. */
export const filesOf = (count: number, seed = 1): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`app/file-${at}.py`, sourceText(800 + at, 100 * seed + at)]),
  );

/** A device that is in one fleet. */
export async function deviceOfFleet(options: FleetOptions = {}) {
  const device = await startDevice();
  const { card } = device.fake;
  const content = (file: string) => readFile(path.join(device.root, file)).catch(() => undefined);
  return {
    ...{ ...device, card, content, fleet: createFleet(card, options) },
    receipts: () => manifestReceipts(card),
    /** What was asked for by the file-server's requests so far, without chunks. */
    asked: () =>
      device.fake.requests
        .filter(({ req }) => req === "web.get")
        .map(({ name }) => String(name).replace(/&chunk=.*?(?=&|$)|&size=\d+/g, "")),
  };
}
