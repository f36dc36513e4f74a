import { DELIVERY_STATES, type Delivery, type DeliveryState } from "../../../protocol/delivery-state.ts";
import type { FileCount } from "../../cloud/file-tally.ts";
import { fleetOf, keyByManifest } from "../../cloud/fleets/key-by-manifest.ts";
import { inOneLook } from "../../cloud/fleets/open-fleets.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { SILENT_MS } from "../../cloud/silence.ts";
import type { FileLine } from "../api.ts";
import type { World } from "../world.ts";
import { byUrgency, fileLine, manifestLine, urgencyOf } from "./file-line.ts";

const LINES = 50;

/** A page of a file's devices, and how many of them are in which state. `deliveries`: what the page was made of. */
export type FileDevices = {
  states: ReadonlyMap<DeliveryState, number>;
  silent: FileCount["silent"];
  lines: FileLine[];
  deliveries: Delivery[];
  next?: string;
};

type Needed = Pick<World, "deliveries" | "pages" | "fleets" | "deployment">;
type Wanted = { key: string; state: DeliveryState | undefined; after: string | undefined };

/** What somebody should look at comes first. */
export const STATES_IN_ORDER = [...DELIVERY_STATES].sort(
  (one, other) => urgencyOf({ state: one }) - urgencyOf({ state: other }) || (one < other ? -1 : 1),
);

export async function fileDevices(world: Needed, wanted: Wanted): Promise<FileDevices> {
  return (await byManifest(world, wanted)) ?? (await inTable(world, wanted));
}

async function inTable({ deliveries, pages }: Needed, { key, state, after }: Wanted): Promise<FileDevices> {
  const { states, silent } = await deliveries.count(key, Date.now() - SILENT_MS);
  const shown = STATES_IN_ORDER.filter((each) => states.has(each) && (state === undefined || each === state));
  const page = await pages.ofFile(key, shown, LINES, after);
  const found = await deliveries.whole(page.items);
  const lines = found.map((each) => fileLine(each, undefined));
  const next = page.next === undefined ? {} : { next: page.next };
  return { states, silent, lines, deliveries: found, ...next };
}

/** Of a fleet that is told by a manifest no device has a row for what it was told: all of them are looked at, and the page is cut from that. */
async function byManifest(
  { deliveries, fleets, deployment }: Needed,
  { key, state, after }: Wanted,
): Promise<FileDevices | undefined> {
  const fleet = fleets.areTold ? fleetOf(key, deployment.outputs.DefaultTarget) : undefined;
  if (fleet === undefined) return undefined;
  const found = await keyByManifest({ deliveries, fleets: inOneLook(fleets) }, key, fleet, undefined);
  if (found === undefined) return undefined;
  const start = Number(after ?? 0);
  if (!Number.isSafeInteger(start) || start < 0)
    throw new OperatorError("usage", "there is no such page of the list: begin with the first");
  const states = new Map<DeliveryState, number>();
  const silent = { devices: 0, since: Number.POSITIVE_INFINITY };
  const all: { line: FileLine; delivery: Delivery }[] = [];
  for (const file of found.files) {
    const line = manifestLine(file, undefined);
    if (line.state === "differs") continue;
    states.set(line.state, (states.get(line.state) ?? 0) + 1);
    if (line.state === "announced" && line.at < Date.now() - SILENT_MS) {
      silent.devices += 1;
      silent.since = Math.min(silent.since, line.at);
    }
    if (state === undefined || line.state === state) all.push({ line, delivery: file.delivery });
  }
  all.sort((one, other) => byUrgency(one.line, other.line) || (one.line.device < other.line.device ? -1 : 1));
  const page = all.slice(start, start + LINES);
  return {
    ...{ states, silent },
    lines: page.map(({ line }) => line),
    deliveries: page.map(({ delivery }) => delivery),
    ...(all.length > start + LINES ? { next: String(start + LINES) } : {}),
  };
}
