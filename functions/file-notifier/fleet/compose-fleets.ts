import type { Target } from "../../../protocol/target.ts";
import type { AnnounceOnce } from "../announce/announce-once.ts";
import { createTellOperator } from "../announce/tell-operator.ts";
import type { FileNotifierEnv } from "../env.ts";
import type { FleetTask } from "../message/message.ts";
import type { PackVersion } from "../pack/pack-version.ts";
import type { Attempt, Deliveries, FileStore, Report } from "../ports.ts";
import { createAnnounceFleet } from "./announce-fleet.ts";
import { createLookAtFile } from "./look-at-file.ts";
import type {
  FleetQueue,
  FleetStates,
  KeyLooks,
  Listing,
  ManifestStore,
  PaceStore,
  Variables,
} from "./ports.ts";
import { createRendezvous } from "./rendezvous.ts";
import { createServeFleet } from "./serve-fleet.ts";
import { createSweep } from "./sweep.ts";
import { createTakeTurn } from "./take-turn.ts";
import { createTellFleet, type TellFleet } from "./tell-fleet.ts";
import { createTellOfManifest } from "./tell-of-manifest.ts";
import { createWithdrawVariable } from "./withdraw-variable.ts";
import { createWriteLooks } from "./write-looks.ts";

/** What the room takes from the rest of the notifier. */
export type FleetPorts = {
  files: FileStore & KeyLooks;
  deliveries: Deliveries;
  queue: FleetQueue;
  report: Report;
  maxFileBytes: number;
  pack: PackVersion | undefined;
  defaultTarget: Target | undefined;
  now: () => number;
};

/** Joins what is done about fleets: what an event of one of their files leads to, and what messages about them ask for. */
export function composeFleets({
  env,
  ports,
  announceOnce,
  states,
  manifests,
  pace,
  listing,
  variables,
}: {
  env: Pick<
    FileNotifierEnv,
    "FILES_BUCKET" | "FLEET_ANNOUNCEMENTS" | "NOTEHUB_CALLS_PER_MINUTE" | "PRUNE" | "STAGE"
  >;
  ports: FleetPorts;
  announceOnce: AnnounceOnce;
  states: FleetStates;
  manifests: ManifestStore;
  pace: PaceStore;
  listing: Listing;
  variables: Variables;
}): { tellFleet: TellFleet; serveFleet: (task: FleetTask, attempt: Attempt) => Promise<void> } {
  const { files, now } = ports;
  const mode = env.FLEET_ANNOUNCEMENTS;
  const settings = { stage: env.STAGE, prune: env.PRUNE === "true", bucket: env.FILES_BUCKET };
  const takeTurn = createTakeTurn({ pace, perMinute: Number(env.NOTEHUB_CALLS_PER_MINUTE), now });
  const all = { ...ports, ...settings, states, manifests, variables, takeTurn, listing };
  const write = createWriteLooks(all);
  const read = async (fleet: string, signal: AbortSignal) => (await states.read(fleet, signal)).state;
  const rendezvous = createRendezvous({ read, write });
  const lookAtFile = createLookAtFile({
    ...ports,
    ...{ heads: files, rendezvous },
    tellOperator: createTellOperator(ports),
  });
  const withdrawVariable = createWithdrawVariable(all);
  const announceFleet = createAnnounceFleet({ ...all, tellOfManifest: createTellOfManifest(ports) });
  const sweep = createSweep({ ...all, withdrawVariable, mode });
  return {
    tellFleet: createTellFleet({ mode, announceOnce, lookAtFile, withdrawVariable }),
    serveFleet: createServeFleet({ ...all, mode, lookAtFile, announceFleet, withdrawVariable, sweep }),
  };
}
