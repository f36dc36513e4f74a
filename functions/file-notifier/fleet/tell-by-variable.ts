import type { StoredManifest } from "../../../protocol/fleet-state.ts";
import type { Manifest } from "../../../protocol/manifest.ts";
import { type ManifestNotice, parseVariable, variableName } from "../../../protocol/manifest-variable.ts";
import { RetryLater } from "../outcome/retry-later.ts";
import { Undeliverable } from "../outcome/undeliverable.ts";
import type { Report } from "../ports.ts";
import { variableOf } from "./build-manifest.ts";
import { NoSuchTarget } from "./no-such-target.ts";
import type { Variables } from "./ports.ts";
import type { TakeTurn } from "./take-turn.ts";
import type { Teller } from "./teller.ts";

/** PUTs of one attempt, where an older one keeps arriving after ours. */
const MAX_PUTS = 3;

/** Tells Notehub's fleets, each by its environment variable. [NF-11.4] */
export function createTellByVariable({
  variables,
  takeTurn,
  report,
  stage,
}: {
  variables: Variables;
  takeTurn: TakeTurn;
  report: Report;
  stage: string | undefined;
}): Teller {
  return {
    repeats: false, // the variable shows one manifest: only a higher serial is surely another one
    begin: (fleet, signal) => takeTurn(`set ${fleet}`, signal),
    refusal: () => undefined,

    /**
     * One request where nothing is in doubt. Otherwise the variable is read afterwards, and set again where it shows an older manifest: a
     * request that was given up may have arrived late. One with a higher serial, which is not ours, is left. [NF-11.14]
     */
    async tell({ claim, built, sending }, signal) {
      const { fleet } = claim;
      const name = variableName(fleet, stage);
      const value = variableOf(built.stored);
      for (let puts = 0; puts < MAX_PUTS; puts += 1) {
        if (puts > 0) await takeTurn(`set ${fleet}`, signal);
        sending();
        await set(fleet, name, value, built.manifest, signal);
        if (claim.isUncertain !== true) return;
        await takeTurn(`get ${fleet}`, signal);
        const shown = parseVariable((await variables.get(fleet, name, signal)) ?? "");
        if (shown !== undefined && shown.serial >= built.stored.serial) return;
      }
      const sentence = "the fleet's variable shows an older manifest each time";
      throw new RetryLater("variable-overwritten", sentence, { fate: "uncertain" });
    },

    async isLacking({ fleet, announced, manifests }, signal) {
      await takeTurn(`get ${fleet}`, signal);
      const shown = await read(fleet, signal);
      if (shown === "no such fleet") {
        report({ message: "ignored", reason: `Notehub has no ${fleet}` });
        return false;
      }
      if (announced === undefined) return shown !== undefined; // of a request that arrived after the variable was taken away
      const notice = parseVariable(shown ?? "");
      const ours = manifests.find(({ serial }) => serial === announced.serial);
      // Of what somebody has written over it by hand, devices may have made nothing.
      if (notice?.serial === announced.serial && ours !== undefined) return !isOf(notice, ours);
      // A higher one is being announced, or not ours.
      return (notice?.serial ?? 0) < announced.serial;
    },
  };

  /** Whether there is such a fleet is asked for only where nothing is lost if there is none. */
  async function set(
    fleet: string,
    name: string,
    value: string,
    { files }: Manifest,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await variables.set(fleet, name, value, signal);
    } catch (error) {
      if (!(error instanceof Undeliverable) || files.length > 0) throw error;
      await takeTurn(`find ${fleet}`, signal);
      if (await variables.isKnown(fleet, signal)) throw error;
      throw new NoSuchTarget(`Notehub has no ${fleet}`, { cause: error });
    }
  }

  async function read(fleet: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await variables.get(fleet, variableName(fleet, stage), signal);
    } catch (error) {
      if (error instanceof Undeliverable) return "no such fleet"; // whoever announced to it was told
      throw error;
    }
  }
}

function isOf(notice: ManifestNotice, { sha256, size }: StoredManifest): boolean {
  return notice.sha256 === sha256 && notice.size === size;
}
