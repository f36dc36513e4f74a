import type { Trial } from "./trial-record.ts";

/** Starts during which the agent died, before the version is blamed for bringing the device down. */
const MAX_DEATHS = 3;

/** Starts that an orderly stop of the agent may cut short; with one more the version is accepted. */
const MAX_STOPS = 2;

/**
 * What to do about a trial whose end nobody saw: `forget` it, since the version is not in its place; `start` its program once
 * more; `accept` the version, since there is nothing to try it by; or `take-back` the version.
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
 * Whether one more orderly stop of the agent is the program's own doing: a program that updates the agent restarts it, and must
 * not be started for ever.
 */
export function isStoppedByItself({ stops }: Pick<Trial, "stops">): boolean {
  return stops >= MAX_STOPS;
}
