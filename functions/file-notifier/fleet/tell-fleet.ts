import { KeyRefused } from "../../../protocol/key-refused.ts";
import { formatTarget, type Target } from "../../../protocol/target.ts";
import type { AnnounceOnce } from "../announce/announce-once.ts";
import type { KeyChange } from "../message/s3-event.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { Attempt } from "../ports.ts";
import type { LookAtFile } from "./look-at-file.ts";
import type { FleetAnnouncements, GoesByManifests } from "./reach.ts";
import type { WithdrawVariable } from "./withdraw-variable.ts";

/** What has a manifest. */
export type ManifestTarget = Exclude<Target, { kind: "device" }>;

/** Has a fleet, a thing or a group of things told of a change of a key. @throws {RetryLater | Undeliverable | KeyRefused} */
export type TellFleet = (target: ManifestTarget, change: KeyChange, attempt: Attempt) => Promise<void>;

export function createTellFleet({
  mode,
  goesByManifests,
  announceOnce,
  lookAtFile,
  withdrawVariable,
}: {
  mode: FleetAnnouncements;
  goesByManifests: GoesByManifests;
  announceOnce: AnnounceOnce;
  lookAtFile: LookAtFile;
  withdrawVariable: WithdrawVariable;
}): TellFleet {
  return async (target, change, attempt) => {
    const byManifest = () => lookAtFile(causeOf(formatTarget(target), change), attempt);
    if (target.kind !== "fleet") {
      if (!goesByManifests(formatTarget(target))) throw notReached(target);
      return await byManifest();
    }
    const byNotes = () => announceOnce(target, change, undefined, attempt);
    const withdraw = () => withdrawVariable(target.fleetUid, attempt.signal);
    const ways = { variable: [byManifest], notes: [byNotes, withdraw], both: [byManifest, byNotes] }[mode];
    await allOf(ways);
  };
}

/** Things are reached by AWS IoT alone, which this deployment does not use. [NF-13.1] */
function notReached({ kind }: ManifestTarget): KeyRefused {
  const what = kind === "thing" ? "thing" : "thing group";
  return new KeyRefused("target", `the key is for an AWS IoT ${what}, and the setting iot is off`);
}

function causeOf(fleet: string, change: KeyChange) {
  const { bucket, key, sequencer } = change;
  return { fleet, bucket, key, sequencer, expired: change.kind === "removed" && change.expired };
}

/** One way that fails stops no other. What may succeed later is tried again; only if nothing may, the rest is told. */
async function allOf(ways: readonly (() => Promise<void>)[]): Promise<void> {
  const settled = await Promise.allSettled(ways.map((way) => way()));
  const causes: unknown[] = settled.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  if (causes.length === 0) return;
  throw causes.find(mayPass) ?? causes[0];
}

function mayPass(error: unknown): boolean {
  return !(error instanceof Undeliverable || error instanceof KeyRefused);
}
