import type { Announced } from "./announced.ts";
import { type Delivery, type Reported, withReported } from "./delivery-state.ts";
import type { KnownManifest } from "./device-manifest.ts";
import { ownKey } from "./manifest.ts";
import { exceptionsIn, type FoundException } from "./manifest-exceptions.ts";
import { endOf } from "./over.ts";
import { isSameContent } from "./placed.ts";
import type { Receipt } from "./receipt.ts";

/** What a device says of a file that failed, in the receipt of a manifest. */
export type FailedByManifest = FoundException & { sha256: string };

/** The states of a receipt that such a file would have had. For now, or for good, it failed. */
const STATES: Partial<Record<FoundException["state"], Receipt["state"]>> = {
  failed: "failed",
  refused: "refused",
  discarded: "discarded",
  waiting: "failed",
};

/** The files that the receipt of a manifest alone tells of as failed: an older agent sends a receipt of each, and no digests here. [NF-11.12] */
export function failuresIn(said: Pick<KnownManifest, "not" | "alike">): FailedByManifest[] {
  return exceptionsIn(said).flatMap(({ sha256, ...found }) =>
    sha256 === undefined || STATES[found.state] === undefined ? [] : [{ ...found, sha256 }],
  );
}

/**
 * With a failure that a manifest's receipt tells of, as if the device had sent a receipt of the file; the same object where that is nothing
 * new: what is so still is said again with each manifest.
 *
 * @param told what the fleet was told of last, which need not be on record yet
 */
export function withFailure(
  delivery: Delivery,
  { path, state, reason, sha256: short, ended }: FailedByManifest,
  { fleet, n, ahead, at }: KnownManifest,
  told: Announced | undefined,
): Delivery {
  const { reported: before, over } = delivery;
  const isIt = told !== undefined && isSameContent(told.sha256, short);
  const sha256 = isIt ? told.sha256 : short;
  const reported: Reported = {
    ...{ key: told?.key ?? ownKey(fleet, path), n, ahead, at, sha256, state: STATES[state] ?? "failed" },
    ...{ reason, ended, bytes: 0, requests: 0 },
  };
  const isKnown = before !== undefined && endOf(before, over) === undefined && isAlike(before, reported);
  return isKnown ? delivery : withReported(delivery, reported);
}

function isAlike(a: Reported, b: Reported): boolean {
  const isSame = a.state === b.state && a.reason === b.reason && a.ended === b.ended;
  return isSame && isSameContent(a.sha256, b.sha256);
}
