import type { FleetState } from "../../../protocol/fleet-state.ts";
import type { KeyRefused } from "../../../protocol/key-refused.ts";
import type { Look } from "./apply-looks.ts";

/** What came of a look: the state that was there then, and why it found no room, if so. */
export type Written = { state: FleetState | undefined; refused: KeyRefused | undefined };

/** A place at a rendezvous: whoever has one must `arrive` or `leave`. */
export type Seat = {
  /** The state as it is read once for all that have a seat. */
  known(signal: AbortSignal): Promise<FleetState | undefined>;
  /** Waits for the others, and for the one write. */
  arrive(look: Look): Promise<Written>;
  /** After `arrive` it does nothing. */
  leave(): void;
};

/**
 * Brings together those who look at keys of one fleet at the same time, as the messages of a batch do, so that what they find is one write.
 * A Lambda environment works on one batch at a time, and on its messages side by side.
 */
export type Rendezvous = { join(fleet: string): Seat };

type Arrival = { look: Look; resolve: (written: Written) => void; reject: (cause: unknown) => void };

type Meeting = {
  /** Who has not arrived yet. */
  awaited: number;
  arrivals: Arrival[];
  known: Promise<FleetState | undefined> | undefined;
};

/** One that reads a file of gigabytes keeps the others waiting for no longer. */
const PATIENCE_MS = 20_000;

export function createRendezvous({
  read,
  write,
  patienceMs = PATIENCE_MS,
}: {
  read: (fleet: string, signal: AbortSignal) => Promise<FleetState | undefined>;
  /** Applies looks to what is there then. */
  write: (fleet: string, looks: readonly Look[]) => Promise<(look: Look) => Written>;
  patienceMs?: number;
}): Rendezvous {
  const meetings = new Map<string, Meeting>();

  function join(fleet: string): Seat {
    const meeting = meetings.get(fleet) ?? open(fleet);
    let seated = true;
    meeting.awaited += 1;
    const stand = () => {
      if (!seated) return;
      seated = false;
      meeting.awaited -= 1;
      if (meeting.awaited === 0) flush(fleet, meeting);
    };
    return {
      known(signal) {
        // What is known from here on is no news to whoever joins later.
        if (meetings.get(fleet) === meeting) meetings.delete(fleet);
        meeting.known ??= read(fleet, signal);
        return meeting.known;
      },
      arrive(look) {
        const { promise, resolve, reject } = Promise.withResolvers<Written>();
        meeting.arrivals.push({ look, resolve, reject });
        if (meeting.arrivals.length === 1) setTimeout(() => flush(fleet, meeting), patienceMs).unref();
        stand();
        return promise;
      },
      leave: stand,
    };
  }

  function open(fleet: string): Meeting {
    const meeting: Meeting = { awaited: 0, arrivals: [], known: undefined };
    meetings.set(fleet, meeting);
    return meeting;
  }

  function flush(fleet: string, meeting: Meeting): void {
    if (meetings.get(fleet) === meeting) meetings.delete(fleet);
    const arrivals = meeting.arrivals.splice(0);
    if (arrivals.length === 0) return;
    write(
      fleet,
      arrivals.map(({ look }) => look),
    ).then(
      (outcome) => {
        for (const { look, resolve } of arrivals) resolve(outcome(look));
      },
      (cause) => {
        for (const { reject } of arrivals) reject(cause);
      },
    );
  }

  return { join };
}
