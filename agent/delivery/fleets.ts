import type { Link } from "../link/link.ts";
import type { Conclusion } from "./conclude.ts";
import type { AskingNote, OlderNote } from "./plan.ts";

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
  /** Ids of what is remembered beside the queue's Notes. */
  ids(): string[];
  /**
   * Takes in how a delivery ended.
   *
   * @param path where it went, if anywhere
   * @returns true if the manifest's receipt says it [NF-11.12]
   */
  concluded(id: string, conclusion: Conclusion, path?: string): Promise<boolean>;
  /** To be called when nothing more can be delivered for now: says how far each manifest has come. */
  tell(): Promise<void>;
};

export const NO_FLEETS: Fleets = {
  look: async () => ({ asking: [], overtaken: [] }),
  ids: () => [],
  concluded: async () => false,
  tell: async () => undefined,
};
