import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { Target } from "../../../protocol/target.ts";
import type { FleetMessage, FreshPass, Sweep as SweepAsk } from "../message/fleet-message.ts";
import type { Report } from "../ports.ts";
import { differingKeys, type Extent, reachesInto } from "./compare-page.ts";
import { needsAnnouncing } from "./decide-announcement.ts";
import { type EndPass, firstPass } from "./fresh-state.ts";
import type { FleetQueue, FleetStates, Listing } from "./ports.ts";
import { type GoesByManifests, isFleet, ownerOf, whereKeysAre } from "./reach.ts";
import { spreadOut } from "./spread-out.ts";
import type { TellerOf } from "./teller.ts";
import type { WithdrawVariable } from "./withdraw-variable.ts";

/**
 * Compares what the bucket holds with what is known of fleets, a page at a time, and then what each fleet is told with that. It writes
 * nothing of a file, but has looked at what differs and told what is not told: so an event that was lost costs a day at most. [NF-11.14]
 *
 * @throws {RetryLater}
 */
export type Sweep = (ask: SweepAsk, signal: AbortSignal) => Promise<void>;

export function createSweep({
  bucket,
  listing,
  states,
  hasManifests,
  goesByManifests,
  tellerOf,
  withdrawVariable,
  endPass,
  queue,
  report,
  defaultTarget,
  perMinute,
}: {
  /** The files bucket. */
  bucket: string;
  listing: Listing;
  states: FleetStates;
  /** Whether any target is told by manifests: without one no key is looked for. */
  hasManifests: boolean;
  goesByManifests: GoesByManifests;
  tellerOf: TellerOf;
  withdrawVariable: WithdrawVariable;
  endPass: EndPass;
  queue: FleetQueue;
  report: Report;
  defaultTarget: Target | undefined;
  /** Calls to Notehub that are allowed in a minute. */
  perMinute: number;
}): Sweep {
  return async (ask, signal) => {
    if (ask.variableOf !== undefined) return await compareTold(ask.variableOf, signal);
    if (ask.fleetsAfter !== undefined) return await compareFleets(ask.fleetsAfter, signal);
    if (!hasManifests) return await endPages(ask, signal);
    const page = await listing.page(ask.prefix, ask, signal);
    const extent: Extent = { prefix: ask.prefix, after: ask.after, last: page.next && page.last };
    const known = await readStates(page.current.keys(), extent, signal);
    const differing = differingKeys(page, known, defaultTarget, extent).filter(isTold);
    const looks = differing.map((key) => ({ kind: "look", ask: { bucket, key } }) as const);
    report({ message: "swept", prefix: ask.prefix, keys: page.current.size, differing: looks.length });
    const fresh = ask.fresh && withDiffering(ask.fresh, differing);
    const isFirst = fresh === undefined || fresh.pass === 1; // the looks of the first are waited for
    if (looks.length > 0 && isFirst) await queue.send(looks, 0, signal);
    if (page.next === undefined)
      return fresh === undefined ? await endPages(ask, signal) : await endPass(ask.prefix, fresh, signal);
    const next = { prefix: ask.prefix, after: page.last ?? ask.after, ...page.next, fresh };
    await queue.send([{ kind: "sweep", ask: next }], 0, signal);
  };

  async function readStates(
    keys: Iterable<string>,
    extent: Extent,
    signal: AbortSignal,
  ): Promise<Map<string, FleetState>> {
    const listed = [...keys].flatMap((key) => ownerOf(key, defaultTarget) ?? []);
    const reaching = (await states.fleets(signal)).filter((fleet) =>
      reachesInto(fleet, defaultTarget, extent),
    );
    const known = new Map<string, FleetState>();
    for (const fleet of new Set([...listed, ...reaching].filter(goesByManifests))) {
      const { state } = await states.read(fleet, signal);
      if (state !== undefined) known.set(fleet, state);
    }
    return known;
  }

  function withDiffering(fresh: FreshPass, keys: readonly string[]): FreshPass {
    const its = keys.filter((key) => ownerOf(key, defaultTarget) === fresh.fleet);
    return { ...fresh, differing: fresh.differing + its.length };
  }

  function isTold(key: string): boolean {
    const owner = ownerOf(key, defaultTarget);
    return owner !== undefined && goesByManifests(owner);
  }

  /** Once all of the bucket is compared, what is told is. */
  async function endPages({ prefix }: SweepAsk, signal: AbortSignal): Promise<void> {
    if (prefix !== "") return;
    const things = (await states.fleets(signal)).filter((owner) => !isFleet(owner));
    if (things.length > 0) await queue.send(things.map(ofOne), 0, signal);
    await compareFleets("", signal);
  }

  async function compareFleets(after: string, signal: AbortSignal): Promise<void> {
    const owners = await states.fleets(signal);
    const fleets = owners.filter((owner) => isFleet(owner) && owner > after).sort();
    const { batches, rest } = spreadOut(fleets, perMinute);
    for (const batch of batches) await queue.send(batch.fleets.map(ofOne), batch.delaySeconds, signal);
    if (rest !== undefined)
      await queue.send(
        [{ kind: "sweep", ask: { prefix: "", fleetsAfter: rest.after } }],
        rest.delaySeconds,
        signal,
      );
  }

  function ofOne(owner: string): FleetMessage {
    return { kind: "sweep", ask: { prefix: "", variableOf: owner } };
  }

  async function compareTold(fleet: string, signal: AbortSignal): Promise<void> {
    if (!goesByManifests(fleet)) return isFleet(fleet) ? withdrawVariable(fleet, signal, "look") : undefined;
    const { state } = await states.read(fleet, signal);
    if (state === undefined) return;
    const message = await whatIsLacking(state, signal);
    if (message !== undefined) await queue.send([message], 0, signal);
    if (!state.isPartial) return;
    // The message of its next pass may be lost. What differs is looked at already.
    const ask = { prefix: whereKeysAre(fleet, defaultTarget), fresh: { ...firstPass(fleet), pass: 2 } };
    await queue.send([{ kind: "sweep", ask }], 0, signal);
  }

  async function whatIsLacking(state: FleetState, signal: AbortSignal): Promise<FleetMessage | undefined> {
    const { fleet, announced, revision } = state;
    if (needsAnnouncing(state)) return { kind: "announce-fleet", ask: { fleet, revision } };
    if (!(await tellerOf(fleet)?.isLacking(state, signal))) return undefined;
    return { kind: "announce-fleet", ask: { fleet, revision, lacking: announced?.serial ?? 0 } };
  }
}
