import type { FleetState } from "../../../protocol/fleet-state.ts";
import { OperatorError } from "../operator-error.ts";
import type { NotifierMessage } from "../queues/tell-notifier.ts";

/**
 * What has the notifier tell a thing or a group once more what it should have: by a manifest with a higher serial, since a job that is there
 * already is the same job. [NF-11.3] [NF-13.2]
 *
 * @throws {OperatorError} where there is nothing to tell, or that is under way.
 */
export function tellAnew(target: string, state: FleetState | undefined): NotifierMessage {
  const { revision, announced, announcing } = state ?? {};
  if (announced === undefined || revision === undefined) {
    const is = state === undefined ? "there is no file for it" : "its first files wait to be told";
    throw new OperatorError("not-found", `${target} was told of nothing: ${is}`);
  }
  if (announced.revision !== revision || announcing !== undefined)
    throw new OperatorError(
      "usage",
      `${target} is about to be told of a change, and with that of all its files: noteferry status ${target}`,
    );
  return { announceFleet: { fleet: target, revision, lacking: announced.serial } };
}
