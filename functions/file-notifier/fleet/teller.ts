import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { KeyRefused } from "../../../protocol/key-refused.ts";
import type { BuiltManifest } from "./build-manifest.ts";

/** What one attempt tells a target: a manifest that is stored, and what the target may have been told before. */
export type Telling = {
  /** The target's state, with the attempt's claim. */
  claim: FleetState;
  built: BuiltManifest;
  /** Called before each request that may be heard. */
  sending: () => void;
};

/** How targets of a kind hear which manifest counts: by a variable of Notehub, or by a job of AWS IoT. */
export type Teller = {
  /** Told again, a manifest of which nobody knows whether it was told is the same word: it keeps its serial. [NF-13.2] */
  repeats: boolean;
  /** Resolves once a target may be told. @throws {RetryLater} when that is not now. */
  begin(owner: string, signal: AbortSignal): Promise<void>;
  /** Why a manifest can never be told; undefined if it can. */
  refusal(built: BuiltManifest): KeyRefused | undefined;
  /** @throws {RetryLater | Undeliverable} NoSuchTarget, at least for a manifest without files, where that is so */
  tell(telling: Telling, signal: AbortSignal): Promise<void>;
  /**
   * Whether what is on record as announced is not to be heard or, with nothing on record, something is: looked for once a day.
   *
   * @throws {RetryLater}
   */
  isLacking(state: FleetState, signal: AbortSignal): Promise<boolean>;
};

/** Undefined for what the deployment does not reach. */
export type TellerOf = (owner: string) => Teller | undefined;
