import type { FleetState } from "../../../protocol/fleet-state.ts";
import { parseVariable, variableName } from "../../../protocol/manifest-variable.ts";
import type { Target } from "../../../protocol/target.ts";
import type { FleetMessage, Sweep as SweepAsk } from "../message/fleet-message.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { Report } from "../ports.ts";
import { differingKeys, type Extent, fleetOf, reachesInto } from "./compare-page.ts";
import { needsAnnouncing } from "./decide-announcement.ts";
import type { FleetQueue, FleetStates, Listing, Variables } from "./ports.ts";
import type { TakeTurn } from "./take-turn.ts";
import type { FleetAnnouncements } from "./tell-fleet.ts";
import type { WithdrawVariable } from "./withdraw-variable.ts";

/**
 * Compares what the bucket holds with what is known of fleets, a page at a time, and then each fleet's variable with that. It writes
 * nothing, but has looked at what differs and told what is not told: so an event that was lost costs a day at most. [NF-11.14]
 *
 * @throws {RetryLater}
 */
export type Sweep = (ask: SweepAsk, signal: AbortSignal) => Promise<void>;

export function createSweep({
  mode,
  bucket,
  listing,
  states,
  variables,
  withdrawVariable,
  takeTurn,
  queue,
  report,
  defaultTarget,
  stage,
}: {
  mode: FleetAnnouncements;
  /** The files bucket. */
  bucket: string;
  listing: Listing;
  states: FleetStates;
  variables: Variables;
  withdrawVariable: WithdrawVariable;
  takeTurn: TakeTurn;
  queue: FleetQueue;
  report: Report;
  defaultTarget: Target | undefined;
  stage: string | undefined;
}): Sweep {
  return async (ask, signal) => {
    if (ask.variableOf !== undefined) return await compareVariable(ask.variableOf, signal);
    if (mode === "notes") return await endPages(ask, signal);
    const page = await listing.page(ask.prefix, ask, signal);
    const extent: Extent = { prefix: ask.prefix, after: ask.after, last: page.next && page.last };
    const known = await readStates(page.current.keys(), extent, signal);
    const differing = differingKeys(page, known, defaultTarget, extent);
    const looks = differing.map((key) => ({ kind: "look", ask: { bucket, key } }) as const);
    report({ message: "swept", prefix: ask.prefix, keys: page.current.size, differing: looks.length });
    if (looks.length > 0) await queue.send(looks, 0, signal);
    if (page.next === undefined) return await endPages(ask, signal);
    const next = { prefix: ask.prefix, after: page.last ?? ask.after, ...page.next };
    await queue.send([{ kind: "sweep", ask: next }], 0, signal);
  };

  async function readStates(
    keys: Iterable<string>,
    extent: Extent,
    signal: AbortSignal,
  ): Promise<Map<string, FleetState>> {
    const listed = [...keys].flatMap((key) => fleetOf(key, defaultTarget) ?? []);
    const reaching = (await states.fleets(signal)).filter((fleet) =>
      reachesInto(fleet, defaultTarget, extent),
    );
    const known = new Map<string, FleetState>();
    for (const fleet of new Set([...listed, ...reaching])) {
      const { state } = await states.read(fleet, signal);
      if (state !== undefined) known.set(fleet, state);
    }
    return known;
  }

  /** Once all of the bucket is compared, the variables are. */
  async function endPages({ prefix }: SweepAsk, signal: AbortSignal): Promise<void> {
    if (prefix !== "") return;
    const fleets = await states.fleets(signal);
    const messages = fleets.map((fleet) => ({ kind: "sweep", ask: { prefix, variableOf: fleet } }) as const);
    if (messages.length > 0) await queue.send(messages, 0, signal);
  }

  async function compareVariable(fleet: string, signal: AbortSignal): Promise<void> {
    if (mode === "notes") return await withdrawVariable(fleet, signal, "look");
    const { state } = await states.read(fleet, signal);
    if (state === undefined) return;
    const message = await whatIsLacking(fleet, state, signal);
    if (message !== undefined) await queue.send([message], 0, signal);
  }

  async function whatIsLacking(
    fleet: string,
    state: FleetState,
    signal: AbortSignal,
  ): Promise<FleetMessage | undefined> {
    const { announced, revision } = state;
    if (needsAnnouncing(state) || announced === undefined)
      return { kind: "announce-fleet", ask: { fleet, revision } };
    await takeTurn(`get ${fleet}`, signal);
    const shown = await read(fleet, signal);
    if (shown === "no such fleet")
      return void report({ message: "ignored", reason: `Notehub has no ${fleet}` });
    const serial = parseVariable(shown ?? "")?.serial ?? 0;
    if (serial >= announced.serial) return undefined; // a higher one is being announced, or not ours
    return { kind: "announce-fleet", ask: { fleet, revision, lacking: announced.serial } };
  }

  async function read(fleet: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await variables.get(fleet, variableName(fleet, stage), signal);
    } catch (error) {
      if (error instanceof Undeliverable) return "no such fleet"; // whoever announced to it was told
      throw error;
    }
  }
}
