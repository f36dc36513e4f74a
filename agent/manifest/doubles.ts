import type { AskedFile } from "./decide.ts";
import type { Looked } from "./examine.ts";

/**
 * Of files that by symbolic links go to one place the first counts: one after the other they would take each other's place, anew at each
 * start of the agent.
 *
 * @param ids in the order in which they count
 * @returns the others' ids
 */
export function doublesOf(
  ids: Iterable<string>,
  looked: ReadonlyMap<string, Pick<Looked, "place">>,
): Set<string> {
  const taken = new Set<string>();
  const doubles = new Set<string>();
  for (const id of ids) {
    const place = looked.get(id)?.place;
    if (place !== undefined && taken.has(place)) doubles.add(id);
    else if (place !== undefined) taken.add(place);
  }
  return doubles;
}

/** What was to go is not to take with it what is wanted in the same place. */
export function stateOfDouble(file: AskedFile | undefined, place = ""): Looked {
  if (file?.remove) return { is: "in-place", place };
  return { is: "exception", state: "refused", reason: "symbolic-link", place };
}
