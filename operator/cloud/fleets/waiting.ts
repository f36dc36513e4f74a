import type { FleetFile, FleetState, Hold } from "../../../protocol/fleet-state.ts";
import type { ManifestFile } from "../../../protocol/manifest.ts";
import { toldFleet } from "./fleet-facts.ts";
import type { Fleets } from "./open-fleets.ts";

/** What keeps the newest of a fleet from being announced. Times are ISO dates. */
export type Waiting = {
  since: string | undefined;
  held?: { until: string; by?: string | undefined };
  isUncertain: boolean;
};

/** Undefined if nothing waits. @param now milliseconds since the epoch */
export function waitingOf(state: FleetState, hold: Hold | undefined, now: number): Waiting | undefined {
  const { changedAt, isUncertain = false } = state;
  if (changedAt === undefined && !isUncertain) return undefined;
  const held =
    hold !== undefined && hold.until > now
      ? { held: { ...hold, until: new Date(hold.until).toISOString() } }
      : {};
  const since = changedAt === undefined ? undefined : new Date(changedAt).toISOString();
  return { since, ...held, isUncertain };
}

/**
 * What keeps the newest of one file of a fleet from being announced; undefined if that is announced, or not known.
 *
 * @param now milliseconds since the epoch
 */
export async function fileWaiting(
  fleets: Fleets,
  fleet: string,
  key: string,
  now: number,
): Promise<Waiting | undefined> {
  const state = await fleets.state(fleet);
  if (state?.changedAt === undefined) return undefined;
  const told = await toldFleet(fleets, fleet);
  if (told === undefined && state.announced !== undefined) return undefined; // the manifest cannot be read
  const shown = told?.current.files.find((file) => file.key === key);
  return isSame(shown, state.files[key]) ? undefined : waitingOf(state, await fleets.hold(fleet), now);
}

function isSame(shown: ManifestFile | undefined, file: FleetFile | undefined): boolean {
  return shown?.version === file?.version && shown?.share?.[0] === file?.share?.[0];
}

/** In a sentence's part. */
export function waitingText({ since, held, isUncertain }: Waiting): string {
  if (since === undefined)
    return "whether Notehub has the newest is not known: it is asked at the next announcement";
  const why = isUncertain ? "; whether Notehub has what was announced before is not known" : "";
  if (held === undefined) return `changed since ${since}, and not announced yet${why}`;
  const who = held.by === undefined ? "" : ` by ${held.by}`;
  return `changed since ${since}, and held${who} until ${held.until} at the latest${why}`;
}
