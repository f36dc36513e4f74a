import { DELIVERY_STATES, type Delivery } from "../../../protocol/delivery-state.ts";
import type { FileCount } from "../../cloud/file-tally.ts";
import { fleetOf, keyByManifest } from "../../cloud/fleets/key-by-manifest.ts";
import type { Fleets } from "../../cloud/fleets/open-fleets.ts";
import { OperatorError } from "../../cloud/operator-error.ts";
import { SILENT_MS } from "../../cloud/silence.ts";
import type { FileLine, ShownState } from "../api.ts";
import type { World } from "../world.ts";
import { byUrgency, fileLine, manifestLine, STATES_IN_ORDER } from "./file-line.ts";
import { knownMembers } from "./known-members.ts";

const LINES = 50;

/**
 * A page of a file's devices, and how many of them are in which state. `deliveries`: what the page was made of; `told`: the versions that
 * devices were told of, by ids and ETags.
 */
export type FileDevices = {
  states: ReadonlyMap<ShownState, number>;
  silent: FileCount["silent"];
  lines: FileLine[];
  deliveries: Delivery[];
  told: ReadonlySet<string>;
  notes: string[];
  next?: string;
};

type Needed = Pick<World, "deliveries" | "pages" | "members" | "deployment" | "signal">;
type Wanted = { key: string; state: ShownState | undefined; after: string | undefined };

/** @param fleets those of one look */
export async function fileDevices(world: Needed, fleets: Fleets, wanted: Wanted): Promise<FileDevices> {
  return (await byManifest(world, fleets, wanted)) ?? (await inTable(world, wanted));
}

async function inTable({ deliveries, pages }: Needed, { key, state, after }: Wanted): Promise<FileDevices> {
  const { states, silent } = await deliveries.count(key, Date.now() - SILENT_MS);
  const shown = STATES_IN_ORDER.flatMap(
    (each) => DELIVERY_STATES.find((known) => known === each) ?? [],
  ).filter((each) => states.has(each) && (state === undefined || each === state));
  const page = await pages.ofFile(key, shown, LINES, after);
  const found = await deliveries.whole(page.items);
  const lines = found.map((each) => fileLine(each, undefined));
  const next = page.next === undefined ? {} : { next: page.next };
  return { states, silent, lines, deliveries: found, told: toldOf(found), notes: [], ...next };
}

/** Of a fleet that is told by a manifest no device has a row for what it was told: all of them are looked at, and the page is cut from that. */
async function byManifest(
  world: Needed,
  fleets: Fleets,
  { key, state, after }: Wanted,
): Promise<FileDevices | undefined> {
  const { deliveries, deployment } = world;
  const fleet = fleets.areTold ? fleetOf(key, deployment.outputs.DefaultTarget) : undefined;
  if (fleet === undefined) return undefined;
  const members = await knownMembers(world, fleet);
  const found = await keyByManifest({ deliveries, fleets }, key, fleet, members.found);
  if (found === undefined) return undefined;
  const start = startOf(after);
  const states = new Map<ShownState, number>();
  const silent = { devices: 0, since: Number.POSITIVE_INFINITY };
  const all: { line: FileLine; delivery: Delivery }[] = [];
  for (const file of found.files) {
    const line = manifestLine(file, undefined);
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
    told: toldOf(found.files.map(({ delivery }) => delivery)),
    notes: [...unaskedNote(found.unasked), ...members.notes],
    ...(all.length > start + LINES ? { next: String(start + LINES) } : {}),
  };
}

/** Where a page begins that was cut from a list. @throws {OperatorError} `usage` for what no page gave */
export function startOf(after: string | undefined): number {
  const start = Number(after ?? 0);
  if (Number.isSafeInteger(start) && start >= 0) return start;
  throw new OperatorError("usage", "there is no such page of the list: begin with the first");
}

function toldOf(deliveries: readonly Delivery[]): Set<string> {
  return new Set(
    deliveries.flatMap(({ announced }) =>
      announced === undefined ? [] : [announced.versionId, announced.etag],
    ),
  );
}

function unaskedNote(unasked: number): string[] {
  if (unasked === 0) return [];
  const who = unasked === 1 ? "1 device is" : `${unasked} devices are`;
  return [`${who} not listed: outside the share, with no version before for them, they keep what they have.`];
}
