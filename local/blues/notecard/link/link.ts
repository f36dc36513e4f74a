import { type LinkClock, systemClock } from "./clock.ts";
import { createCounters, type LinkCounters } from "./counters.ts";
import type { LinkProfile } from "./profile.ts";

type LossReason = "loss" | "outage" | "deadline";

/** A message that never arrived, or not in time, or for which there was no link. */
export class LinkLost extends Error {
  override name = "LinkLost" as const;
  readonly reason: LossReason;

  constructor(reason: LossReason) {
    super(`link: ${reason}`);
    this.reason = reason;
  }
}

/** The radio between a Notecard and its Notehub. */
export type Link = {
  readonly clock: LinkClock;
  /** False in an outage. */
  available(): boolean;
  /** Finds the network, which takes as long as the profile says. */
  connect(): Promise<void>;
  /**
   * Carries one message and counts it. It takes as long as the link needs, but not past `deadline`.
   *
   * @param deadline in the link's milliseconds
   * @throws {LinkLost} when a lost message would have arrived: it was sent and counted all the same. In an outage at
   * once, without being counted.
   */
  carry(request: string, direction: "up" | "down", bytes: number, deadline?: number): Promise<void>;
  counters(): LinkCounters;
  /** Starts the count of a delivery. */
  mark(): void;
};

/** @param random from 0 to below 1; a seeded one makes the losses repeatable */
export function createLink(profile: LinkProfile, clock: LinkClock = systemClock, random = Math.random): Link {
  const counters = createCounters();
  const begin = clock.now();
  const available = () => {
    if (profile.outage === undefined) return true;
    const { every, seconds } = profile.outage;
    return ((clock.now() - begin) / 1000) % every < every - seconds;
  };
  return {
    clock,
    available,
    connect: () => clock.sleep(profile.connectMs ?? 0),
    async carry(request, direction, bytes, deadline = Number.POSITIVE_INFINITY) {
      if (!available()) throw new LinkLost("outage");
      const onLink = counters.count(request, direction, bytes);
      const rate = direction === "up" ? profile.upRate : profile.downRate;
      const duration = profile.latencyMs + (onLink / rate) * 1000;
      const allowed = deadline - clock.now();
      await clock.sleep(Math.min(duration, allowed));
      if (duration > allowed) throw new LinkLost("deadline");
      if (!available()) throw new LinkLost("outage");
      if (random() < profile.loss) throw new LinkLost("loss");
    },
    counters: counters.read,
    mark: counters.mark,
  };
}
