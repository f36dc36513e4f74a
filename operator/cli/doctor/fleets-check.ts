import type { FleetState, Hold } from "../../../protocol/fleet-state.ts";
import type { Fleets } from "../../cloud/fleets/open-fleets.ts";

/** More are a project of another kind; the rest is not looked at. */
const MOST_FLEETS = 200;
/** A manifest is announced a minute after the first change at the latest, and Notehub takes seven a minute. */
const PATIENCE_MS = 10 * 60_000;

/** Whether what changed for fleets was announced. @param now milliseconds since the epoch */
export async function checkFleets(fleets: Fleets, now: number): Promise<{ says: string; remedy?: string }> {
  const uids = await fleets.uids(MOST_FLEETS);
  const wrong: string[] = [];
  for (const uid of uids) {
    const state = await fleets.state(uid);
    const why = state && whyStuck(state, await fleets.hold(uid), now);
    if (why !== undefined) wrong.push(`${uid} ${why}`);
  }
  if (wrong.length === 0)
    return { says: uids.length === 0 ? "none has files" : "each was told of what changed" };
  const remedy =
    "the notifier's log says why, and noteferry redrive --dry-run if it has given up; noteferry sweep has all of them looked at again";
  return { says: wrong.join("; "), remedy };
}

function whyStuck({ changedAt }: FleetState, hold: Hold | undefined, now: number): string | undefined {
  if (changedAt === undefined || now - changedAt < PATIENCE_MS) return undefined;
  const since = `was not told of what changed at ${new Date(changedAt).toISOString()}`;
  if (hold === undefined || hold.until < now) return since;
  return `${since}: it is held by ${hold.by ?? "somebody"} until ${new Date(hold.until).toISOString()}`;
}
