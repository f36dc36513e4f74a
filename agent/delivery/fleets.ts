import type { Link } from "../link/link.ts";
import type { FailedVersion } from "../trial/failed-versions.ts";
import type { Conclusion } from "./conclude.ts";
import type { AskingNote, OlderNote } from "./plan.ts";

/** How the delivery of a Note, or of what stands for one, ended; `path` is where it went, if anywhere. */
export type Ended = { id: string; path?: string | undefined; conclusion: Conclusion };

/** What the manifests of this device's fleets ask for, beside the queue of Notes. */
export type Fleets = {
  /**
   * Hears, fetches and decides.
   *
   * @param queue what else asks, oldest first
   * @returns what is to be delivered, and the Notes that it overtakes
   * @throws {LinkDown} or the signal's reason
   */
  look(
    link: Link,
    queue: readonly AskingNote[],
    signal: AbortSignal,
  ): Promise<{ asking: AskingNote[]; overtaken: OlderNote[] }>;
  /** Whether the manifest of a fleet that the device is in asks for a version that failed. */
  asksFor(failed: FailedVersion): boolean;
  /** Ids of what is remembered beside the queue's Notes. */
  ids(): string[];
  /**
   * Takes in how deliveries ended.
   *
   * @returns ids of those of which the manifest's receipt says it all [NF-11.12]
   */
  concluded(ended: readonly Ended[]): Promise<ReadonlySet<string>>;
  /** To be called when nothing more can be delivered for now: says how far each manifest has come. */
  tell(): Promise<void>;
};

export const NO_FLEETS: Fleets = {
  look: async () => ({ asking: [], overtaken: [] }),
  asksFor: () => false,
  ids: () => [],
  concluded: async () => new Set(),
  tell: async () => undefined,
};
