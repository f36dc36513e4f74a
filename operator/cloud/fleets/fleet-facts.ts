import type { KnownManifest } from "../../../protocol/device-manifest.ts";
import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { FleetFacts } from "./file-by-manifest.ts";
import type { Fleets } from "./open-fleets.ts";

/** Whether what the devices of a fleet should have is told, or is about to be told, by a manifest. */
export function isByManifest(state: FleetState | undefined): state is FleetState {
  return state?.announced !== undefined || state?.changedAt !== undefined;
}

/** What a fleet was told last, and a way to find out what a device of it had said. */
export type ToldFleet = Pick<FleetFacts, "current" | "announcedAt"> & {
  state: FleetState;
  factsOf(said: KnownManifest | undefined): Promise<FleetFacts>;
};

/** Undefined where no manifest is announced, or none can be read. */
export async function toldFleet(fleets: Fleets, fleet: string): Promise<ToldFleet | undefined> {
  const state = await fleets.state(fleet);
  const { announced } = state ?? {};
  if (state === undefined || announced === undefined) return undefined;
  const ofSerial = async (serial: number) => {
    const stored = state.manifests.find((each) => each.serial === serial);
    return stored && (await fleets.manifest(stored.sha256));
  };
  const current = await ofSerial(announced.serial);
  if (current === undefined) return undefined;
  const known = { current, announcedAt: announced.at };
  const theirs = new Map([[announced.serial, Promise.resolve<typeof current | undefined>(current)]]);
  return {
    ...{ ...known, state },
    async factsOf(said) {
      if (said === undefined) return { ...known, said, theirs: undefined };
      const asked = theirs.get(said.serial) ?? ofSerial(said.serial);
      theirs.set(said.serial, asked);
      return { ...known, said, theirs: await asked };
    },
  };
}
