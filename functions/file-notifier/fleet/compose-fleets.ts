import type { Target } from "../../../protocol/target.ts";
import type { AnnounceOnce } from "../announce/announce-once.ts";
import { createTellOperator } from "../announce/tell-operator.ts";
import type { FileNotifierEnv } from "../env.ts";
import type { FleetTask } from "../message/message.ts";
import type { PackVersion } from "../pack/pack-version.ts";
import type { Attempt, Deliveries, FileStore, RecordStore, Report } from "../ports.ts";
import { createAnnounceFleet } from "./announce-fleet.ts";
import { createEndPass } from "./fresh-state.ts";
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
import { createGoesByManifests, isFleet } from "./reach.ts";
import { createRendezvous } from "./rendezvous.ts";
import { createServeFleet } from "./serve-fleet.ts";
import { createSweep } from "./sweep.ts";
import { createTakeTurn } from "./take-turn.ts";
import { createTellByVariable } from "./tell-by-variable.ts";
import { createTellFleet, type TellFleet } from "./tell-fleet.ts";
import { createTellOfManifest } from "./tell-of-manifest.ts";
import type { Teller, TellerOf } from "./teller.ts";
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
  records,
  states,
  manifests,
  pace,
  listing,
  variables,
  tellByJob,
}: {
  env: Pick<
    FileNotifierEnv,
    "FILES_BUCKET" | "FLEET_ANNOUNCEMENTS" | "NOTEHUB_CALLS_PER_MINUTE" | "PRUNE" | "STAGE"
  >;
  ports: FleetPorts;
  announceOnce: AnnounceOnce;
  records: Pick<RecordStore, "read">;
  states: FleetStates;
  manifests: ManifestStore;
  pace: PaceStore;
  listing: Listing;
  variables: Variables;
  /** Tells AWS IoT's things; undefined where the deployment reaches none. */
  tellByJob?: Teller | undefined;
}): { tellFleet: TellFleet; serveFleet: (task: FleetTask, attempt: Attempt) => Promise<void> } {
  const { files, now } = ports;
  const mode = env.FLEET_ANNOUNCEMENTS;
  const settings = { stage: env.STAGE, prune: env.PRUNE === "true", bucket: env.FILES_BUCKET };
  const perMinute = Number(env.NOTEHUB_CALLS_PER_MINUTE);
  const takeTurn = createTakeTurn({ pace, perMinute, now });
  const tellByVariable = createTellByVariable({ ...ports, variables, takeTurn, stage: settings.stage });
  const tellerOf: TellerOf = (owner) => (isFleet(owner) ? tellByVariable : tellByJob);
  const goesByManifests = createGoesByManifests(mode, tellerOf);
  const hasManifests = mode !== "notes" || tellByJob !== undefined;
  const reach = { tellerOf, goesByManifests, hasManifests };
  const all = { ...ports, ...settings, ...reach, states, manifests, variables, takeTurn, listing };
  const write = createWriteLooks(all);
  const read = async (fleet: string, signal: AbortSignal) => (await states.read(fleet, signal)).state;
  const rendezvous = createRendezvous({ read, write });
  const lookAtFile = createLookAtFile({
    ...ports,
    ...{ heads: files, rendezvous, records },
    tellOperator: createTellOperator(ports),
  });
  const withdrawVariable = createWithdrawVariable(all);
  const announceFleet = createAnnounceFleet({ ...all, tellOfManifest: createTellOfManifest(ports) });
  const sweep = createSweep({ ...all, withdrawVariable, perMinute, endPass: createEndPass(all) });
  return {
    tellFleet: createTellFleet({ mode, goesByManifests, announceOnce, lookAtFile, withdrawVariable }),
    serveFleet: createServeFleet({ ...all, lookAtFile, announceFleet, withdrawVariable, sweep }),
  };
}
