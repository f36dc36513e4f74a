import type { Trial } from "./trials.ts";

/** Starts of one version's program with which the agent died, before the version is taken for what brings the device down. */
const MAX_DEATHS = 3;

/** Starts of one version's program after which the agent was told to stop, before one more is enough. */
const MAX_STOPS = 2;

/**
 * What a trial that was not seen to the end leads to:
 * `forget` it, as the version is not in its place; `start` its program once more; `accept` the version, as there is nothing to try it by;
 * `take-back` the version.
 */
export type Verdict = "forget" | "start" | "accept" | "take-back";

/** @param hasRule whether there is still a program to try it by */
export function judgeTrial(
  { starts, condemned }: Pick<Trial, "starts" | "condemned">,
  inPlace: boolean,
  hasRule: boolean,
): Verdict {
  if (condemned) return "take-back";
  if (!inPlace) return "forget";
  if (!hasRule) return "accept";
  return starts >= MAX_DEATHS ? "take-back" : "start";
}

/**
 * Whether one more orderly stop of the agent is taken for what the program does: one that updates the agent restarts it, and must not be
 * started for ever.
 */
export function isStoppedByItself({ stops }: Pick<Trial, "stops">): boolean {
  return stops >= MAX_STOPS;
}
