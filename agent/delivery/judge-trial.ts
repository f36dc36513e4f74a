import type { Trial } from "../state/trials.ts";

/** Starts of one version's program with which the agent died, before the version is taken for what brings the device down. */
const MAX_DEATHS = 3;

/**
 * Starts of one version's program after which the agent was told to stop, before that is taken for what the program does: one that
 * updates the agent restarts it.
 */
const MAX_STOPS = 2;

/**
 * What a trial that was not seen to the end leads to:
 * `forget` it, as the version is not in its place; `start` its program once more; `accept` the version, and start its program for the last
 * time; `take-back` the version.
 */
export type Verdict = "forget" | "start" | "accept" | "take-back";

/** @param hasRule whether there is still a program to try it by */
export function judgeTrial(
  { starts, stops, condemned }: Pick<Trial, "starts" | "stops" | "condemned">,
  inPlace: boolean,
  hasRule: boolean,
): Verdict {
  if (condemned) return "take-back";
  if (!inPlace) return "forget";
  if (!hasRule) return "accept";
  if (starts >= MAX_DEATHS) return "take-back";
  // Bounded on this side too: a version that has the agent stopped every time is not started for ever.
  return stops >= MAX_STOPS ? "accept" : "start";
}
